"""Finds and loads the plug-ins: modules that installed packages declare by an entry point.

A declaration costs nothing until a name is asked for that Keras does not have. A plug-in that
cannot be loaded is named in listings and errors and harms nobody else.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.metadata
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType

from kerasplus._registry import KINDS, OWN, Component, Registry, nearest, snake_case, split_qualified

GROUP = "kerasplus.plugins"
"""The entry point group that a plug-in declares itself in."""

ALLOW_LIST = "KERASPLUS_PLUGINS"
"""The environment variable: `0` for our own plug-ins alone, or the names that may load."""

EntryPoint = importlib.metadata.EntryPoint


class Plugin:
    """One entry point: a module, loaded at most once."""

    def __init__(self, entry_point: EntryPoint) -> None:
        self.name = entry_point.name
        self.package = entry_point.name.partition(".")[0]
        self.module_name = entry_point.value
        distribution = entry_point.dist
        self.distribution = distribution.name if distribution else "unknown distribution"
        self.version = distribution.version if distribution else "unknown version"
        self.loaded = False
        self.error: str | None = None
        self._loading_in: set[int] = set()

    @property
    def own(self) -> bool:
        """Whether it is one of ours."""
        return self.module_name.partition(".")[0] == OWN

    def load(self, register: Callable[[Plugin, ModuleType], None]) -> None:
        """Imports the module and registers what it holds; remembers a failure instead of raising.

        No lock is held meanwhile: two threads that come at once both import, which Python
        serializes, and both register the same classes. A plug-in that asks for names while it is
        being imported does not load itself again.
        """
        thread = threading.get_ident()
        if self.loaded or self.error or thread in self._loading_in:
            return
        self._loading_in.add(thread)
        try:
            if self.package == OWN and not self.own:
                raise ValueError(
                    f"the entry point {self.name!r} uses the package name {OWN!r}, which is ours; "
                    "name it after your own package"
                )
            register(self, importlib.import_module(self.module_name))
            self.loaded = True
        except (Exception, SystemExit) as error:  # what a stranger's module raises must not reach others
            self.error = f"{type(error).__name__}: {error}"
        finally:
            self._loading_in.discard(thread)

    def describe(self) -> str:
        """Says whose it is and why it did not load."""
        return f"{self.name!r} of {self.distribution} {self.version} ({self.error})"


def scan() -> Iterable[EntryPoint]:
    """The entry points of our group, from every installed distribution."""
    return importlib.metadata.entry_points(group=GROUP)


def allowed(plugin: Plugin) -> bool:
    """Whether the environment lets this plug-in load. Ours always may."""
    value = os.environ.get(ALLOW_LIST)
    if value is None or plugin.own:
        return True
    names = {name.strip() for name in value.split(",")}
    return plugin.package in names or plugin.name in names


def public_classes(module: ModuleType) -> Iterator[type]:
    """The classes of `__all__`, or, without one, the public classes that the module itself defines."""
    names = getattr(module, "__all__", None)
    if names is None:
        root = module.__name__
        names = [
            name
            for name, value in vars(module).items()
            if not name.startswith("_") and getattr(value, "__module__", "").startswith(root)
        ]
    for name in names:
        value = getattr(module, name)
        if isinstance(value, type) and not getattr(value, "__abstractmethods__", None):
            yield value


class Plugins:
    """All plug-ins of this process and the components that they brought.

    Args:
        scan: Gives the entry points; called once, at the first name that needs it.
        bases: The Keras base class of each kind, in the order in which they are tried.
        registered_name: Keras' function from a class to its serialization name.
        reserved: Keras' own names of each kind, which no plug-in takes over.
    """

    def __init__(
        self,
        scan: Callable[[], Iterable[EntryPoint]],
        bases: Mapping[str, type],
        registered_name: Callable[[type], str],
        reserved: Callable[[str], Iterable[str]],
    ) -> None:
        self._scan = scan
        self._bases = bases
        self._registered_name = registered_name
        self._reserved = reserved
        self._plugins: list[Plugin] | None = None
        self._registry = Registry()

    @property
    def plugins(self) -> list[Plugin]:
        """Ours first, then the others in the order of their names; scanned once."""
        if self._plugins is None:
            unique = {(point.name, point.value): point for point in self._scan()}
            found = [Plugin(point) for point in unique.values()]
            self._plugins = sorted(filter(allowed, found), key=lambda p: (not p.own, p.name, p.module_name))
        return self._plugins

    @property
    def broken(self) -> list[Plugin]:
        """The plug-ins that could not be loaded, of those that were tried."""
        return [plugin for plugin in self.plugins if plugin.error]

    def find(self, identifier: object, kind: str | None = None) -> type | None:
        """The class that `identifier` means, loading no more plug-ins than it takes, or None.

        Raises:
            ValueError: If two packages claim the bare name.
        """
        if not isinstance(identifier, str):
            return None
        package, _ = split_qualified(identifier)
        if package:
            self._load(plugin for plugin in self.plugins if plugin.package == package)
            found = self._registry.find(identifier, kind)
        else:
            self._load(plugin for plugin in self.plugins if plugin.own)
            found = self._registry.find(identifier, kind)
            if found is None or found.package != OWN:
                self._load(self.plugins)
                found = self._registry.find(identifier, kind)
        return found.cls if found else None

    def components(self, kind: str | None = None) -> list[Component]:
        """Every component there is, and one record for each plug-in that did not load."""
        check_kind(kind)
        self._load(self.plugins)
        records = [self._with_state(c) for c in self._registry if kind in (None, c.kind)]
        for plugin in self.broken:
            if kind is None:
                records.append(
                    Component(
                        name=plugin.name,
                        kind="plug-in",
                        class_name="",
                        package=plugin.package,
                        plugin=plugin.name,
                        distribution=plugin.distribution,
                        version=plugin.version,
                        state=f"broken: {plugin.error}",
                    )
                )
        return records

    def explain_unknown(self, identifier: str, kind: str | None = None) -> str:
        """The message for a name that nobody has: what is near, and what could not be looked into."""
        kinds = KINDS if kind is None else (kind,)
        known = {c.name for c in self.components() if c.kind in kinds}
        known |= {c.qualified for c in self.components() if c.kind in kinds and ">" in identifier}
        known |= {name for each in kinds for name in self._reserved(each)}
        near = " or ".join(repr(name) for name in nearest(identifier, known))
        parts = [f"Unknown {kind or 'component'}: {identifier!r}."]
        parts.append(f"Did you mean {near}?" if near else "No name is near it.")
        if self.broken:
            listed = "; ".join(plugin.describe() for plugin in self.broken)
            parts.append(f"These plug-ins could not be loaded: {listed}.")
        if not any(plugin.own for plugin in self.plugins):
            parts.append("kerasplus itself is not installed here (it runs from a bare source folder): pip install it.")
        parts.append("`kerasplus list` shows every name.")
        return " ".join(parts)

    def _load(self, plugins: Iterable[Plugin]) -> None:
        for plugin in plugins:
            plugin.load(self._register)

    def _register(self, plugin: Plugin, module: ModuleType) -> None:
        for cls in public_classes(module):
            kind = next((kind for kind, base in self._bases.items() if issubclass(cls, base)), None)
            if kind is not None:
                registered, _ = split_qualified(self._registered_name(cls))
                self._registry.add(
                    Component(
                        name=snake_case(cls.__name__),
                        kind=kind,
                        class_name=cls.__name__,
                        package=registered or plugin.package,
                        plugin=plugin.name,
                        distribution=plugin.distribution,
                        version=plugin.version,
                        cls=cls,
                    )
                )

    def _with_state(self, component: Component) -> Component:
        """The same component, saying why its bare name does not lead to it, if so."""
        same_name = [c for c in self._registry if c.kind == component.kind and c.name == component.name]
        rivals = {c.package for c in same_name} - {component.package}
        declared = component.plugin.partition(".")[0]
        if not {component.name, component.class_name}.isdisjoint(self._reserved(component.kind)):
            problem = f"Keras has this name: use {component.qualified!r}"
        elif component.package == OWN:
            return component
        elif OWN in rivals:
            problem = f"kerasplus has this name: use {component.qualified!r}"
        elif rivals:
            problem = f"{', '.join(sorted(rivals))} has this name too: use {component.qualified!r}"
        elif component.package != declared:
            problem = (
                f"registered in {component.package!r}, declared as {declared!r}: a saved file finds it "
                "only if the entry point has the registered package's name"
            )
        else:
            return component
        return dataclasses.replace(component, state=problem)


def check_kind(kind: str | None) -> None:
    """Refuses a kind that does not exist."""
    if kind is not None and kind not in KINDS:
        raise ValueError(f"`kind` must be one of {', '.join(map(repr, KINDS))} or None. Received: kind={kind!r}")
