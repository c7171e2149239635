"""What a component is and what it is called. Knows nothing of Keras or of plug-ins."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterable, Iterator

KINDS = ("loss", "metric", "layer", "schedule", "callback")
"""The kinds of component, as `kerasplus.get` and the command line spell them."""

OWN = "kerasplus"
"""The serialization package of our own components, which win over other plug-ins."""


def snake_case(class_name: str) -> str:
    """The string name of a class, by the rule that Keras uses: `CustomMSE` is `custom_mse`."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", class_name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def split_qualified(identifier: str) -> tuple[str, str]:
    """`"acme>Name"` as `("acme", "Name")`; a bare name has the package `""`."""
    package, separator, bare = identifier.partition(">")
    return (package, bare) if separator else ("", identifier)


@dataclasses.dataclass(frozen=True)
class Component:
    """One class that a plug-in offers.

    Attributes:
        name: The bare string name, in snake case.
        kind: One of `KINDS`; `"plug-in"` in a record that stands for a plug-in that did not load.
        class_name: The name of the class.
        package: The serialization package: the part before `>` in a saved file.
        plugin: The name of the entry point that brought it.
        distribution: The installed distribution that declares the entry point.
        version: The version of that distribution.
        cls: The class.
        state: `"ready"`, or why the bare name does not lead here.
    """

    name: str
    kind: str
    class_name: str
    package: str
    plugin: str
    distribution: str
    version: str
    cls: type | None = dataclasses.field(default=None, repr=False)
    state: str = "ready"

    @property
    def qualified(self) -> str:
        """The spelling that always works, `"package>ClassName"`."""
        return f"{self.package}>{self.class_name}"

    @property
    def origin(self) -> str:
        """Where it came from, for messages: `"acme-keras 1.2: 'acme>Name'"`."""
        return f"{self.distribution} {self.version}: {self.qualified!r}"

    def spelled(self, bare: str) -> bool:
        """Whether the bare name `bare` means this class."""
        return bare in (self.name, self.class_name)


class Registry:
    """The components known so far, found by kind and by any of their spellings."""

    def __init__(self) -> None:
        self._components: dict[tuple[str, str], Component] = {}

    def __iter__(self) -> Iterator[Component]:
        return iter(sorted(self._components.values(), key=lambda c: (c.kind, c.name, c.package)))

    def add(self, component: Component) -> None:
        """Takes a component in; the same class again changes nothing.

        Raises:
            ValueError: If the package has another class of that name already.
        """
        key = (component.package, component.class_name)
        known = self._components.setdefault(key, component)
        if known.cls is not component.cls:
            raise ValueError(
                f"Two classes are called {component.qualified!r}: one of the plug-in "
                f"{known.plugin!r} ({known.distribution} {known.version}), one of "
                f"{component.plugin!r} ({component.distribution} {component.version}). "
                "Within one package a class name must be unique; rename one of them."
            )

    def find(self, identifier: str, kind: str | None = None) -> Component | None:
        """The component that `identifier` means, or None.

        A qualified name means one class. A bare name means ours if we have one of that name, else
        the one that other packages have.

        Raises:
            ValueError: If several components claim the bare name.
        """
        package, bare = split_qualified(identifier)
        found = [
            component
            for component in self
            if component.spelled(bare) and kind in (None, component.kind) and package in ("", component.package)
        ]
        own = [component for component in found if component.package == OWN]
        candidates = own or found
        if len(candidates) > 1:
            raise ValueError(ambiguous_message(identifier, candidates))
        return candidates[0] if candidates else None


def ambiguous_message(identifier: str, candidates: Iterable[Component]) -> str:
    """Says who claims a name, and how to name each of them."""
    claims = ", and ".join(f"{c.kind} of {c.origin}" for c in candidates)
    return (
        f"The name {identifier!r} is claimed by more than one component: {claims}. "
        "Use one of these qualified spellings instead."
    )


def nearest(identifier: str, names: Iterable[str]) -> list[str]:
    """The names that look most like `identifier`, best first, at most three."""
    by_lower = {name.lower(): name for name in names}
    matches = difflib.get_close_matches(identifier.lower(), by_lower, n=3, cutoff=0.6)
    return [by_lower[match] for match in matches]
