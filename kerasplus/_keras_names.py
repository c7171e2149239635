"""The one door to Keras' internals: string names in `compile` and in saved files, tensors' masks, schedules.

Keras looks a string up in one module-level dict per kind, and a saved class in the dict of registered
objects. Each of them is replaced by a dict that asks our plug-ins for a key that it does not hold.
Keras' own entries stay first, and copies or iterations of the dict load nothing.
"""

from __future__ import annotations

import collections
import functools
import inspect
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import keras
from keras.src.backend import get_keras_mask
from keras.src.trainers.compile_utils import CompileMetrics

from kerasplus._plugins import Plugins, check_kind, scan
from kerasplus._registry import snake_case, split_qualified

BASES: dict[str, type] = {
    "loss": keras.losses.Loss,
    "metric": keras.metrics.Metric,
    "layer": keras.layers.Layer,
    "schedule": keras.optimizers.schedules.LearningRateSchedule,
    "callback": keras.callbacks.Callback,
}
_HOMES = {
    "loss": keras.losses,
    "metric": keras.metrics,
    "layer": keras.layers,
    "schedule": keras.optimizers.schedules,
    "callback": keras.callbacks,
}
_STRING_TABLES = {
    "loss": ("keras.src.losses", "ALL_OBJECTS_DICT"),
    "metric": ("keras.src.metrics", "ALL_OBJECTS_DICT"),
}
_SAVED_TABLE = ("keras.src.saving.object_registration", "GLOBAL_CUSTOM_OBJECTS")


def keras_mask(tensor: Any) -> Any:
    """The mask that Keras attached to a tensor, or None."""
    return get_keras_mask(tensor)


def rate_source(optimizer: Any) -> Any:
    """What an optimizer takes its learning rate from: a variable, a schedule or a function.

    Its public attribute `learning_rate` gives the current value only.
    """
    return optimizer._learning_rate


def loss_arguments(loss: Any) -> dict[str, Any]:
    """The arguments that a loss of Keras computes with, by name; its attributes, if it has any, are only shown."""
    return getattr(loss, "_fn_kwargs", {})


def all_layers(model: Any) -> list[Any]:
    """The layers inside of a model, those inside of other layers included, each once."""
    return model._flatten_layers(include_self=False)


def start_at_epoch(model: Any, epoch: int | None) -> None:
    """Makes the fit whose `on_train_begin` runs start at an epoch; None for where its caller says."""
    model._initial_epoch = epoch


def named_apart(results: Mapping[str, Any]) -> dict[str, Any]:
    """The results of the metrics of a model, where no key of a dict is taken twice.

    Keras puts an output before the name of its metric, but not before the keys of a result that is a
    dict: of two outputs with one such metric only the last would be seen. Those keys get what stands
    before, or after, the metric's name; keys that nobody else has stay.
    """
    parts = {name: tuple(value) if isinstance(value, dict) else (name,) for name, value in results.items()}
    taken = collections.Counter(key for keys in parts.values() for key in keys)
    return {
        name: {(_joined(name, key) if taken[key] > 1 else key): each for key, each in value.items()}
        if isinstance(value, dict)
        else value
        for name, value in results.items()
    }


def _joined(name: str, key: str) -> str:
    """`"left_report"` and `"report_accuracy"` as `"left_report_accuracy"`."""
    plain = re.sub(r"_\d+$", "", name)  # the second metric of a name has a number
    ends = [each[start:] for each in (name, plain) for start in range(len(each)) if f"_{each}"[start] == "_"]
    shared = next((end for end in ends if key == end or key.startswith(f"{end}_")), "")
    return name + key.removeprefix(shared) if shared else f"{name}_{key}"


@functools.cache
def keras_names(kind: str) -> dict[str, type]:
    """Keras' own classes of a kind, by class name and by snake case."""
    found: dict[str, type] = {}
    for name, value in inspect.getmembers(_HOMES[kind], inspect.isclass):
        if issubclass(value, BASES[kind]) and value is not BASES[kind]:
            found[name] = value
            found[snake_case(name)] = value
    return found


class LazyNames(dict[Any, Any]):
    """A dict that asks `find` for a key it does not hold.

    Args:
        held: The dict that it stands in for.
        find: Gives the object of a key, or None.
        explain: Gives the message of the error that `get` raises for an unknown string; without it,
            `get` answers like that of any dict.
    """

    def __init__(
        self,
        held: dict[Any, Any],
        find: Callable[[object], Any],
        explain: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__(held)
        self.held = held
        self._find = find
        self._explain = explain

    def __missing__(self, key: object) -> Any:
        found = self._find(key)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or self._find(key) is not None

    def get(self, key: object, default: Any = None) -> Any:
        """The value of `key`; for a string that nobody knows, an error with the nearest names."""
        if key in self:
            return self[key]
        if default is None and self._explain is not None and isinstance(key, str):
            raise ValueError(self._explain(key))
        return default


def _apart(result: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(result)
    def apart(self: Any) -> Any:
        return named_apart(result(self))

    return apart


class Bridge:
    """Connects plug-ins to Keras' tables, and disconnects them again."""

    def __init__(self, plugins: Plugins) -> None:
        self.plugins = plugins

    def install(self) -> None:
        """Replaces Keras' tables by lazy ones; a second call changes nothing."""
        for kind, place in _STRING_TABLES.items():
            self._replace(
                place,
                functools.partial(self.plugins.find, kind=kind),
                functools.partial(self.plugins.explain_unknown, kind=kind),
            )
        self._replace(_SAVED_TABLE, self._find_saved)
        if not hasattr(CompileMetrics.result, "__wrapped__"):
            CompileMetrics.result = _apart(CompileMetrics.result)

    def uninstall(self) -> None:
        """Puts plain dicts back, with everything that was registered meanwhile."""
        for module_name, attribute in (*_STRING_TABLES.values(), _SAVED_TABLE):
            module = sys.modules.get(module_name)
            table = getattr(module, attribute, None)
            if isinstance(table, LazyNames):
                table.held.clear()
                table.held.update(table)
                setattr(module, attribute, table.held)
        CompileMetrics.result = inspect.unwrap(CompileMetrics.result)

    def _find_saved(self, key: object) -> type | None:
        """The class of a qualified name. Never a bare one: Keras would put it in place of any equal
        string of a config.
        """
        if isinstance(key, str) and split_qualified(key)[0]:
            return self.plugins.find(key)
        return None

    def _replace(
        self,
        place: tuple[str, str],
        find: Callable[[object], Any],
        explain: Callable[[str], str] | None = None,
    ) -> None:
        module_name, attribute = place
        module = sys.modules.get(module_name)
        table = getattr(module, attribute, None)
        if isinstance(table, LazyNames):
            return
        if type(table) is dict:
            setattr(module, attribute, LazyNames(table, find, explain))
        else:
            self._inject(place, table)

    def _inject(self, place: tuple[str, str], table: Any) -> None:
        """The way out where Keras keeps its names otherwise: load all plug-ins and enter them by hand."""
        components = self.plugins.components()
        if place != _SAVED_TABLE and hasattr(table, "update"):
            kind = next(kind for kind, each in _STRING_TABLES.items() if each == place)
            for component in components:
                if component.kind == kind and component.state == "ready":
                    for name in (component.name, component.class_name, component.qualified):
                        table.setdefault(name, component.cls)
        warnings.warn(
            f"Keras {keras.__version__} keeps no dict {'.'.join(place)}. kerasplus entered its names "
            "by hand where it could; if a string is not found in `compile`, pass "
            "`kerasplus.get(name)` instead.",
            stacklevel=4,
        )


plugins = Plugins(scan, BASES, keras.saving.get_registered_name, keras_names)
"""The plug-ins of this process."""

bridge = Bridge(plugins)
"""The connection that `import kerasplus` makes."""


def get(identifier: str, kind: str | None = None, **config: Any) -> Any:
    """An instance of the component that a name means, of any kind, Keras' own included.

    Schedules, layers and callbacks, which Keras takes no strings for, are built here too.

    Args:
        identifier: `"warmup_cosine"`, `"WarmupCosine"` or `"kerasplus>WarmupCosine"`; for a plug-in
            `acme` likewise `"acme>Name"`.
        kind: `"loss"`, `"metric"`, `"layer"`, `"schedule"`, `"callback"`, or None for any of them.
        **config: The arguments of its constructor.

    Raises:
        ValueError: If no component has the name, if several have it, or if `kind` is no kind.

    Examples:
        >>> import kerasplus
        >>> loss = kerasplus.get("custom_mse", regularization_factor=0.5)
        >>> loss.name, loss.regularization_factor
        ('custom_mse', 0.5)
    """
    check_kind(kind)
    if not isinstance(identifier, str):
        raise ValueError(
            f"`kerasplus.get` takes the name of a component as a string. Received: {identifier!r} "
            f"of type {type(identifier).__name__}"
        )
    return component_class(identifier, kind)(**config)


def component_class(identifier: str, kind: str | None = None) -> Any:
    """The class that a name means; Keras' own names win, as they do in `compile`.

    Raises:
        ValueError: As `get`.
    """
    kinds = BASES if kind is None else (kind,)
    of_keras = next((keras_names(each)[identifier] for each in kinds if identifier in keras_names(each)), None)
    cls = of_keras or plugins.find(identifier, kind)
    if cls is None:
        raise ValueError(plugins.explain_unknown(identifier, kind))
    return cls


def names(kind: str | None = None) -> Iterable[Any]:
    """Every component of every plug-in, as records, sorted by kind and name.

    A record has `name`, `kind`, `class_name`, `qualified`, `plugin`, `distribution`, `version` and
    `state`, which is `"ready"` or says why the bare name does not lead to the component. A plug-in
    that could not be loaded has one record of kind `"plug-in"`, whose state gives the cause.

    Args:
        kind: `"loss"`, `"metric"`, `"layer"`, `"schedule"`, `"callback"`, or None for all.

    Raises:
        ValueError: If `kind` is no kind.

    Examples:
        >>> import kerasplus
        >>> "custom_mse" in [component.name for component in kerasplus.names("loss")]
        True
    """
    return plugins.components(kind)
