"""What a law looks at: a component, how to build it again and otherwise, and where its inputs come from."""

from __future__ import annotations

import copy
import functools
import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kerasplus._keras_names import BASES
from kerasplus._registry import snake_case, split_qualified
from kerasplus.testing import strategies
from kerasplus.testing._law import NotSubject

FRAME = {"name", "dtype", "reduction", "self", "args", "kwargs"}
"""The arguments that every component has, which are no hyperparameters of its own."""

LAYOUT = {"axis", "sparse_y_true", "sparse_y_pred", "num_classes", "num_labels", "multi_label", "num_regressors"}
"""Arguments that say what the inputs look like, so that another value asks for other inputs."""


class Subject:
    """A component as laws see it.

    Args:
        component: An instance, a class that needs no arguments, or a plain function of
            `(y_true, y_pred)`, which is a loss.
        inputs: The name of a domain, or a strategy of `(y_true, y_pred)`; what the component declares
            unless given.

    Raises:
        ValueError: If it is no component, or if there is no such domain.
    """

    def __init__(self, component: Any, inputs: Any = None) -> None:
        self.function = component if inspect.isfunction(component) or inspect.isbuiltin(component) else None
        if self.function is not None:
            component = _of_function(self.function)
        self.component = build(component) if inspect.isclass(component) else component
        self.cls = type(self.component)
        self.kind = kind_of(self.component)
        declared = getattr(self.component, "inputs", None) or ("regression",)
        self._strategy = inputs if isinstance(inputs, SearchStrategy) else None
        self.domains = (inputs,) if isinstance(inputs, str) else tuple(declared)
        if self._strategy is None and self.kind in ("loss", "metric"):
            for domain in self.domains:
                strategies.targets_and_predictions(domain)

    @staticmethod
    def of(component: Any, inputs: Any = None) -> Subject:
        """The subject of a component; the same one again, so that laws share what it has built."""
        if isinstance(component, Subject):
            return component
        key = (id(component), inputs if isinstance(inputs, str) else id(inputs))
        held = _subjects.get(key)
        if held is None or held[0] is not component:
            _subjects.clear()
            held = _subjects[key] = (component, Subject(component, inputs))
        return held[1]

    def declared(self, name: str, default: Any) -> Any:
        """What the component declares, or the default."""
        return getattr(self.component, name, default)

    @property
    def name(self) -> str:
        """The name of its class, or of the function."""
        return self.function.__name__ if self.function is not None else self.cls.__name__

    @property
    def registered(self) -> str:
        """Its serialization name, `package>Name`.

        Raises:
            NotSubject: If it has none.
        """
        name = keras.saving.get_registered_name(self.cls)
        if self.function is not None or not split_qualified(name)[0]:
            raise NotSubject("it is not registered with keras.saving.register_keras_serializable")
        return str(name)

    @functools.cached_property
    def variants(self) -> list[tuple[str, Callable[[], Any]]]:
        """The component as given and with every argument changed, each with a function that builds it."""
        given = ("as given", self.again)
        changed = self.alternatives
        if not changed:
            return [given]
        together = functools.partial(self._with, changed)
        if _builds(together) if self.declared("alternatives", None) is not None else self._works(together):
            return [given, (f"with {_shown(changed)}", together)]
        single = [(f"with {_shown({k: v})}", functools.partial(self._with, {k: v})) for k, v in changed.items()]
        return [given, *(each for each in single if _builds(each[1]))]

    @functools.cached_property
    def alternatives(self) -> dict[str, Any]:
        """For each argument of its own, a value that is not the one it has."""
        if self.function is not None:
            return {}
        declared = self.declared("alternatives", None)
        if declared is not None:
            return dict(declared)
        derived = {name: _other(value) for name, value in self._arguments().items() if name not in LAYOUT}
        return {
            name: value
            for name, value in derived.items()
            if value is not None and self._works(functools.partial(self._with, {name: value}))
        }

    @property
    def without_alternative(self) -> list[str]:
        """The arguments of its own for which no other value is known."""
        if self.function is not None:
            return []
        return [name for name in self._arguments() if name not in self.alternatives]

    def again(self) -> Any:
        """The component, built anew from its configuration."""
        if self.function is not None:
            return _of_function(self.function)
        return self.cls.from_config(copy.deepcopy(self.component.get_config()))

    def pairs(self, samples: SearchStrategy[int] = strategies.SAMPLES) -> SearchStrategy[Any]:
        """Targets and predictions, of any of its domains."""
        if self._strategy is not None:
            return self._strategy
        return st.one_of([strategies.targets_and_predictions(domain, samples) for domain in self.domains])

    @property
    def directed(self) -> list[Any]:
        """The directed cases of its domains."""
        if self._strategy is not None:
            return []
        return [pair for domain in self.domains for pair in strategies.directed(domain)]

    def batch(self, samples: int = 12) -> Any:
        """A batch of this size that is the same each time, varied, of its first domain."""
        return _varied(self, samples)

    def with_copies(self, **arguments: Any) -> Iterator[tuple[str, Any]]:
        """Each variant, built anew, with arguments of the frame such as `reduction` changed."""
        for label, make in self.variants:
            instance = make()
            if arguments:
                config = {**instance.get_config(), **arguments}
                instance = type(instance).from_config(config)
            yield label, instance

    def given(self) -> dict[str, Any]:
        """The plain values of its arguments, its name among them."""
        named = {"name": self.component.name} if isinstance(getattr(self.component, "name", None), str) else {}
        plain = {name: value for name, value in self._arguments().items() if _plain(value)}
        return {**(named if "name" in inspect.signature(self.cls.__init__).parameters else {}), **plain}

    def _works(self, make: Callable[[], Any]) -> bool:
        """Whether what is built takes the same inputs, and a loss still gives a value for each sample."""
        if self.kind not in ("loss", "metric"):
            return _builds(make)
        try:
            made, given = make(), self.again()
            if self.kind == "loss":
                made.reduction = given.reduction = "none"
            return bool(made(*self.batch(5)).shape == given(*self.batch(5)).shape)
        except Exception:  # whatever it raises, a value that was only guessed is not valid
            return False

    def _with(self, changed: Mapping[str, Any]) -> Any:
        if self.declared("alternatives", None) is None:
            return self.cls(**{**self.given(), **changed})
        required = {k: v for k, v in dict(self.declared("alternatives", {})).items() if k in _required(self.cls)}
        return self.cls(**{**required, **copy.deepcopy(dict(changed))})

    def _arguments(self) -> dict[str, Any]:
        parameters = inspect.signature(self.cls.__init__).parameters.values()
        config = self.component.get_config() if hasattr(self.component, "get_config") else {}
        return {
            p.name: config.get(p.name, p.default)
            for p in parameters
            if p.name not in FRAME and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        }


_subjects: dict[Any, tuple[Any, Subject]] = {}


def build(cls: type) -> Any:
    """An instance with the default arguments; those without a default come from its `alternatives`.

    Raises:
        ValueError: If it needs arguments that it declares no value of.
    """
    required = _required(cls)
    declared = getattr(cls, "alternatives", {})
    missing = [name for name in required if name not in declared]
    if missing:
        raise ValueError(
            f"{cls.__name__} cannot be built without {', '.join(missing)}. Pass an instance, "
            "or declare a value of each in its class attribute `alternatives`."
        )
    return cls(**{name: copy.deepcopy(declared[name]) for name in required})


def kind_of(component: Any) -> str:
    """The kind of a component.

    Raises:
        ValueError: If it is none.
    """
    for kind, base in BASES.items():
        if isinstance(component, base):
            return kind
    raise ValueError(
        "A component is a Loss, Metric, Layer, LearningRateSchedule or Callback of Keras, or a function of "
        f"(y_true, y_pred). Received: {component!r} of type {type(component).__name__}"
    )


def _required(cls: type) -> list[str]:
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]  # type: ignore[misc]  # of a class
    return [p.name for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]


def _of_function(function: Callable[..., Any]) -> keras.losses.Loss:
    """A loss of a function, as `compile` makes one."""

    class FunctionLoss(keras.losses.Loss):
        def __init__(self, reduction: Any = "sum_over_batch_size", name: Any = None, dtype: Any = None) -> None:
            super().__init__(reduction=reduction, name=name or function.__name__, dtype=dtype)

        def call(self, y_true: Any, y_pred: Any) -> Any:
            return function(y_true, y_pred)

    return FunctionLoss()


def _other(value: Any) -> Any:
    """Another value of the same type that is probably valid, or None."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float) and math.isfinite(value):
        return value / 2 if value else 0.25
    return None


def _plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_plain, value))
    return value is None or isinstance(value, (bool, int, float, str))


def _builds(make: Callable[[], Any]) -> bool:
    try:
        make()
    except Exception:  # whatever a constructor raises, the value is not valid
        return False
    return True


def _shown(arguments: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items())


def _varied(subject: Subject, samples: int) -> Any:
    from kerasplus.testing._batches import varied

    return varied(subject, samples)


def default_name(cls: type) -> str:
    """The name that a class should have by default."""
    return snake_case(cls.__name__)
