"""The base of the metrics that are made of another metric: several states of it, held apart."""

from __future__ import annotations

import abc
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from kerasplus import _compensated
from kerasplus._keras_names import get, keras_mask, keras_names
from kerasplus._weights import merged
from kerasplus.metrics._restored_state import RestoredState
from kerasplus.metrics._streaming_metric import StreamingMetric

UNROLLED = 8
"""So many states are computed one after the other; more of them in a loop, which compiles faster."""

SHAPE_DEPENDENT = frozenset({"accuracy", "acc", "crossentropy", "ce"})
"""Strings that `compile` takes for a metric that it chooses by the shapes of the data."""


class WrappedMetric(RestoredState, abc.ABC):
    """Base of metrics that keep several states of another metric, the inner one.

    The inner metric has no state of its own here: it says how a state changes with a batch and which
    result belongs to it, so an instance may be in use elsewhere too. The states lie one after the other
    in a variable for each variable of the inner metric, and are created with the first batch, as the
    inner metric may create its own then.

    What the inner metric declares, such as `inputs`, `bounds` and `direction`, the wrapper declares
    too. A subclass sets what it changes.

    Args:
        metric: The inner metric: an instance, a class, a name, a function of `y_true` and `y_pred`
            whose values are averaged, or the configuration that `keras.saving` makes of a metric.
        states: How many states there are; None if `states_for` knows with the first batch.
        name: The name in the logs.
        dtype: The dtype of what the wrapper holds itself; the inner metric has its own.
    """

    alternatives: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, metric: Any, states: int | None, name: str | None, dtype: Any) -> None:
        super().__init__(name, dtype)
        object.__setattr__(self, "metric", _resolved(metric))  # as an attribute of Keras it would be our state
        self.states = states
        self._stacks: list[Any] = []
        self._first_batch: Any = None
        for declared in ("inputs", "bounds", "scales_with_weight", "any_split", "any_order", "any_replica"):
            setattr(self, declared, getattr(self.metric, declared, getattr(StreamingMetric, declared)))
        self.nan_when_empty = getattr(self.metric, "nan_when_empty", False)
        self.per_sample = getattr(self.metric, "per_sample", False)
        towards = getattr(self.metric, "_direction", "")
        self.direction = {"up": "max", "down": "min"}.get(towards)
        if towards:
            self._direction = towards

    @abc.abstractmethod
    def add_batch(self, y_true: Any, y_pred: Any, sample_weight: Any) -> None:
        """Takes a batch of tensors into the states; the predictions may carry a mask."""

    @abc.abstractmethod
    def result(self) -> Any:
        """The value over all samples since the last reset; reading it changes nothing."""

    def states_for(self, y_pred: Any) -> int:
        """How many states there are, by the first batch."""
        return int(self.states or 1)

    def of_state(self, index: Any, y_true: Any, y_pred: Any, sample_weight: Any) -> tuple[Any, Any, Any]:
        """What one of the states sees of a batch."""
        return y_true, y_pred, sample_weight

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        y_true, y_pred = _tensor(y_true), _tensor(y_pred)
        if sample_weight is not None:
            sample_weight = ops.convert_to_tensor(sample_weight, dtype=self.dtype)
        self._build(y_true, y_pred, sample_weight)
        self.add_batch(y_true, y_pred, sample_weight)

    def updated(self, state: Sequence[Any], y_true: Any, y_pred: Any, sample_weight: Any) -> list[Any]:
        """A state of the inner metric after a batch."""
        return list(self.metric.stateless_update_state(list(state), y_true, y_pred, sample_weight))

    def empty_state(self) -> list[Any]:
        """The state of the inner metric before the first sample."""
        return [initial(each.shape, dtype=each.dtype) for each, initial in self._initial_of_inner()]

    def stacked_states(self) -> list[Any]:
        """All states, in a tensor for each variable; those of no sample before the first batch."""
        if self._first_batch is None:
            return [ops.stack([each] * int(self.states or 1)) for each in self.empty_state()]
        return [stack[...] for stack in self._stacks]

    def assign_states(self, states: Sequence[Any]) -> None:
        """Sets all states."""
        for stack, state in zip(self._stacks, states, strict=True):
            stack.assign(state)

    def values_of(self, state: Sequence[Any]) -> dict[str, Any]:
        """The numbers of a state by what follows the name in the logs: one after `""`, unless it is a dict."""
        found = self.metric.stateless_result(list(state))
        if not isinstance(found, dict):
            return {"": found}
        return {self._end(key): value for key, value in found.items()}

    def values_of_each(self, states: Sequence[Any]) -> dict[str, Any]:
        """Those numbers of all states, `(states,)`.

        Raises:
            ValueError: If the inner metric gives anything but numbers.
        """
        ends: list[str] = []

        def numbers(index: Any, *state: Any) -> list[Any]:
            found = self.values_of(state)
            for end, value in found.items():
                if len(value.shape) > 0:
                    raise ValueError(
                        f"`metric` must give a number or a dict of numbers. Received {self.metric.name!r}, which "
                        f"gives an array of shape {tuple(value.shape)}{end and f' for {end!r}'}."
                    )
            ends[:] = found
            return [ops.cast(value, _compensated.widest_dtype()) for value in found.values()]

        stacked = self.each(numbers, states)
        return dict(zip(ends, stacked, strict=True))

    def each(self, function: Callable[..., list[Any]], states: Sequence[Any]) -> list[Any]:
        """What a function of the index and the tensors of a state gives for all states, stacked."""
        number = states[0].shape[0] if states else 1
        if number <= UNROLLED:
            rows = [function(index, *(each[index] for each in states)) for index in range(number)]
            return [ops.stack(column) for column in zip(*rows, strict=True)]
        inputs = (ops.arange(number, dtype="int32"), *states)
        return list(ops.map(lambda each: tuple(function(*each)), inputs))

    def samples_taken(self, y_pred: Any, sample_weight: Any) -> Any:
        """One for each sample of which a part weighs something, zero for the others."""
        taken = ops.ones(ops.shape(y_pred)[:1], dtype="int32")
        shape = tuple(y_pred.shape[:-1]) or tuple(y_pred.shape)
        weights = merged(sample_weight, keras_mask(y_pred), shape, self.name, self.dtype)
        if weights is None:
            return taken
        some = ops.not_equal(weights, 0)
        if len(some.shape) > 1:
            some = ops.any(some, axis=tuple(range(1, len(some.shape))))
        return taken * ops.cast(some, "int32")

    def merge_state(self, metrics: Iterable[WrappedMetric]) -> None:
        """Adds what other metrics of this kind have seen, as if it had been on other replicas.

        Args:
            metrics: Metrics of the same class and configuration.

        Raises:
            ValueError: If one of them is of another kind, or if the state of the inner metric does not add up.
        """
        for metric in metrics:
            if type(metric) is not type(self) or _unnamed(metric) != _unnamed(self) or not adds_up(self.metric):
                raise ValueError(
                    f"{self.name!r} can only merge metrics of the same class and configuration, whose state adds up. "
                    f"Received {metric.name!r}, which wraps {getattr(metric, 'metric', None)!r}."
                )
            if metric._first_batch is None:
                continue
            self._build(*_zeros(metric._first_batch))
            for variable, other in zip(self.variables, metric.variables, strict=True):
                self._merge(variable, other)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments of the base."""
        return {**super().get_config(), "metric": keras.saving.serialize_keras_object(self.metric)}

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles and copies the state too, which Keras leaves out."""
        state = [ops.convert_to_numpy(variable) for variable in self.variables]
        return _restored, (type(self), self.get_config(), self._first_batch, state)

    def _build(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Creates the states, once."""
        if self._first_batch is not None:
            return
        self.states = self.states_for(y_pred)
        self.updated(self.empty_state(), *self.of_state(0, y_true, y_pred, sample_weight))
        for variable, initial in self._initial_of_inner():
            shape = (self.states, *variable.shape)
            self._stacks.append(self.add_variable(shape, initial, dtype=variable.dtype, name=variable.name))
        self._first_batch = tuple(
            (tuple(each.shape), keras.backend.standardize_dtype(each.dtype)) for each in (y_true, y_pred)
        )

    def _initial_of_inner(self) -> list[tuple[Any, Any]]:
        """The variables of the inner metric, with what they start from."""
        known = {id(each): initial for each, initial in getattr(self.metric, "_initial_values", ())}
        zeros = keras.initializers.get("zeros")
        return [(each, known.get(id(each), zeros)) for each in self.metric.variables]

    def _merge(self, variable: Any, other: Any) -> None:
        variable.assign(variable + other)

    def _end(self, key: str) -> str:
        """What follows the name of the inner metric in a key of its dict."""
        inner = self.metric.name
        return key.removeprefix(inner) if key.startswith(inner) else f"_{key}"


def adds_up(metric: Any) -> bool:
    """Whether the states of two streams, added element by element, are the state of both: no maxima, no samples."""
    if isinstance(metric, WrappedMetric):
        return bool(metric.any_split and metric.any_order and metric.any_replica) and adds_up(metric.metric)
    sums = all(getattr(variable, "aggregation", "sum") == "sum" for variable in metric.variables)
    return sums and not getattr(metric, "_maxima", None) and not getattr(metric, "holds_rows", False)


def _resolved(metric: Any) -> Any:
    """The metric that a name, a configuration, a class, an instance or a function means."""
    if isinstance(metric, str) and metric in SHAPE_DEPENDENT:
        raise ValueError(
            "`metric` must say which metric it is; `compile` chooses by the shapes what this string means. Pass "
            f"'binary_accuracy', 'sparse_categorical_accuracy' or the like. Received: metric={metric!r}"
        )
    if isinstance(metric, str):
        known = metric in keras_names("metric") or ">" in metric
        metric = get(metric, kind="metric") if known else keras.metrics.get(metric)
    elif isinstance(metric, dict):
        metric = keras.saving.deserialize_keras_object(metric)
    if inspect.isclass(metric):
        metric = metric()
    if callable(metric) and not isinstance(metric, keras.metrics.Metric):
        name = getattr(metric, "name", None) or getattr(metric, "__name__", type(metric).__name__)
        metric = keras.metrics.MeanMetricWrapper(metric, name=name)
    if not isinstance(metric, keras.metrics.Metric):
        raise ValueError(f"`metric` must be a metric, a name, a function or a configuration. Received: {metric!r}")
    return metric


def _tensor(value: Any) -> Any:
    """A tensor as it is, with its mask; anything else as a tensor."""
    return value if ops.is_tensor(value) else ops.convert_to_tensor(value)


def _unnamed(metric: WrappedMetric) -> dict[str, Any]:
    config = metric.get_config()
    return {key: value for key, value in config.items() if key != "name"}


def _zeros(batch: Any) -> list[Any]:
    """A batch of a single sample, all zeros, of the shapes and dtypes of another one."""
    return [ops.zeros((1, *(size or 1 for size in shape[1:])), dtype=dtype) for shape, dtype in batch]


def _restored(cls: type[WrappedMetric], config: dict[str, Any], batch: Any, state: list[Any]) -> WrappedMetric:
    """A metric with the configuration and the state of another one."""
    metric = cls.from_config(config)
    if batch is not None:
        metric._build(*_zeros(batch))
    for variable, value in zip(metric.variables, state, strict=True):
        variable.assign(value)
    return metric
