"""The base of our metrics: additive totals that no batch split, order or replica count changes."""

from __future__ import annotations

import abc
import math
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from keras import ops

from kerasplus import _compensated, _replicas
from kerasplus._alignment import LABEL_DOMAINS, labels_or_rows, same_shape
from kerasplus._keras_names import keras_mask
from kerasplus._weights import leave_out, merged
from kerasplus.metrics._restored_state import RestoredState


class StreamingMetric(RestoredState, abc.ABC):
    """Base class of metrics whose state is a few sums over the samples seen.

    A subclass declares its sums with `add_total` in `__init__` (and maxima with `add_maximum`), gives
    what a batch adds to each in `statistics`, and works out the result from the sums in `compute`. The
    base does the rest:

    - totals are held in compensated parts: a count is exact far past 2**24, and any split into
      batches, any order and any number of replicas give the same result;
    - ranks are aligned and never broadcast, predictions are computed in float32 at least, and class
      ids are never rounded;
    - sample weights and Keras masks become one weight, and what weighs nothing is left out, even NaN;
    - `reset_state` restores the initial values, also of variables that do not start at zero;
    - `direction` makes `EarlyStopping(mode="auto")` and `ModelCheckpoint(mode="auto")` work.

    Attributes:
        inputs: The domains that `y_true` and `y_pred` come from, as for `PerSampleLoss`; an instance may set
            them where they depend on an argument.
        direction: `"max"` if a higher value is better, `"min"` if a lower one is, None if neither.
        bounds: The lowest and the highest value.
        scales_with_weight: True of a count, which doubles when all weights double; False of a mean, which
            stays; None of what depends on the number of samples otherwise.
        any_split: False if the result depends on where the samples are cut into batches.
        any_order: False if it depends on their order, and so on whether one comes twice.
        any_replica: False if it depends on which replica sees a sample.
        alternatives: For each constructor argument, a value that is not its default.

    Args:
        name: The name in the logs; the snake-case class name unless given, also in the second model
            of a process.
        dtype: The dtype of the computation; float32 at least.

    Examples:
        >>> from keras import ops
        >>> from kerasplus.metrics import StreamingMetric
        >>> class MeanError(StreamingMetric):
        ...     direction = "min"
        ...     def __init__(self, name="mean_error", dtype=None):
        ...         super().__init__(name=name, dtype=dtype)
        ...         self.add_total("errors")
        ...         self.add_total("count")
        ...     def statistics(self, y_true, y_pred, sample_weight):
        ...         errors = ops.mean(ops.abs(y_true - y_pred), axis=-1)
        ...         return {
        ...             "errors": self.weighted_sum(errors, sample_weight),
        ...             "count": self.weighted_sum(ops.ones_like(errors), sample_weight),
        ...         }
        ...     def compute(self, totals):
        ...         return ops.divide_no_nan(totals["errors"], totals["count"])
        >>> metric = MeanError()
        >>> metric.update_state([1.0, 2.0], [1.0, 5.0])
        >>> float(metric.result())
        1.5
    """

    inputs: tuple[str, ...] = ("regression",)
    direction: ClassVar[str | None] = None
    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    scales_with_weight: bool | None = False
    any_split: bool = True
    any_order: bool = True
    any_replica: bool = True
    alternatives: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name, dtype)
        self._totals: dict[str, Any] = {}
        self._maxima: dict[str, Any] = {}
        self._columns: int | None = None
        if self.direction is not None:
            self._direction = {"max": "up", "min": "down"}[self.direction]

    def add_total(self, name: str, shape: tuple[int, ...] = (), parts: int = 2) -> None:
        """Declares a sum over the samples.

        Args:
            name: Its key in `statistics` and `compute`.
            shape: The shape of the sum.
            parts: How many float parts hold it: 2 for counts and sums (36 bits), 3 for second moments
                whose difference is taken (48 bits).
        """
        self._totals[name] = self.add_variable((parts, *shape), "zeros", dtype=self.dtype, name=name)

    def add_maximum(self, name: str, shape: tuple[int, ...] = ()) -> None:
        """Declares a maximum over the samples, held for each replica apart; see `weighted_maximum`.

        Args:
            name: Its key in `statistics` and `compute`, where it is minus infinity before the first sample.
            shape: The shape of the maximum.
        """
        self._maxima[name] = self.add_variable((_replicas.count(), 2, *shape), "zeros", dtype=self.dtype, name=name)

    def totals_for(self, columns: int) -> Mapping[str, tuple[tuple[int, ...], int]]:
        """Totals whose shape depends on the size of the last axis of the predictions.

        They are created with the first batch, where Keras builds its metrics.

        Args:
            columns: The size of the last axis of `y_pred`.

        Returns:
            For each total its shape and its number of parts.
        """
        return {}

    @property
    def has_shapes_from_data(self) -> bool:
        """Whether some totals are created with the first batch."""
        return type(self).totals_for is not StreamingMetric.totals_for

    @abc.abstractmethod
    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """What a batch adds to each total.

        Args:
            y_true: Targets, aligned with the predictions; class ids as int32 of `y_pred.shape[:-1]`,
                or one-hot rows, if the metric declares one of the label domains.
            y_pred: Predictions, float32 at least, of rank 2 or more.
            sample_weight: None, or one weight per row, in a shape that broadcasts over the rows; it
                is the sample weight times the mask.

        Returns:
            A tensor, or a list of tensors that sum to the number, for each total.
        """

    @abc.abstractmethod
    def compute(self, totals: Mapping[str, Any]) -> Any:
        """The result, a scalar or a dict of named scalars, from the totals in the widest float."""

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Targets and predictions in the shapes that `statistics` expects, by the declared `inputs`."""
        if LABEL_DOMAINS.isdisjoint(self.inputs):
            y_true, y_pred = same_shape(y_true, y_pred, self.name)
            return ops.cast(y_true, self.dtype), y_pred
        y_true, y_pred = labels_or_rows(y_true, y_pred, self.name)
        return (ops.cast(y_true, "int32") if len(y_true.shape) < len(y_pred.shape) else y_true), y_pred

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        mask = keras_mask(y_pred)
        y_true = ops.convert_to_tensor(y_true)
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        y_true, y_pred = self.align(y_true, y_pred)
        weights = merged(sample_weight, mask, tuple(y_pred.shape[:-1]), self.name, self.dtype)
        y_true, y_pred = leave_out(y_true, weights), leave_out(y_pred, weights)
        if self.has_shapes_from_data:
            self._build(y_pred.shape[-1])
        self.accumulate(self.statistics(y_true, y_pred, weights))

    def accumulate(self, statistics: Mapping[str, Any]) -> None:
        """Takes what `statistics` gave into the state."""
        for name, added in statistics.items():
            if name in self._maxima:
                self._maxima[name].assign(_replicas.raised(self._maxima[name], ops.cast(added, self.dtype)))
                continue
            variable = self._totals[name]
            numbers = [
                piece
                for number in (added if isinstance(added, (list, tuple)) else [added])
                for piece in _compensated.pieces(number, self.dtype)
            ]
            parts = _compensated.add([variable[part] for part in range(variable.shape[0])], numbers)
            variable.assign(ops.stack(parts))

    def result(self) -> Any:
        """The value over all samples since the last reset; reading it changes nothing."""
        return self.compute(self.totals())

    def totals(self) -> dict[str, Any]:
        """Each total as one number, or array, in the widest float; zeros before they are created."""
        totals = {}
        if self.has_shapes_from_data and self._columns is None:
            dtype = _compensated.widest_dtype()
            totals = {name: ops.zeros(shape, dtype=dtype) for name, (shape, _) in self.totals_for(1).items()}
        for name, variable in self._totals.items():
            totals[name] = _compensated.value([variable[part] for part in range(variable.shape[0])])
        return totals | {name: _replicas.highest(slots) for name, slots in self._maxima.items()}

    def parts_of(self, name: str) -> list[Any]:
        """The parts of a total, for results that take differences of large sums; see `_compensated`."""
        if name not in self._totals:
            shape, parts = self.totals_for(1)[name]
            return [ops.zeros(shape, dtype=self.dtype)] * parts
        return [self._totals[name][part] for part in range(self._totals[name].shape[0])]

    def merge_state(self, metrics: Iterable[StreamingMetric]) -> None:
        """Adds what other metrics of this kind have seen.

        Args:
            metrics: Metrics of the same class and configuration.

        Raises:
            ValueError: If one of them has other totals.
        """
        for metric in metrics:
            if metric._columns is not None:
                self._build(metric._columns)
            elif metric.has_shapes_from_data and type(metric) is type(self):
                continue
            shapes = {name: tuple(total.shape) for name, total in metric._totals.items()}
            own = {name: tuple(total.shape) for name, total in self._totals.items()}
            if shapes != own:
                raise ValueError(
                    f"{self.name!r} can only merge metrics with the same totals {own}. "
                    f"Received {metric.name!r} with {shapes}."
                )
            for name, variable in self._totals.items():
                numbers = [metric._totals[name][part] for part in range(variable.shape[0])]
                parts = [variable[part] for part in range(variable.shape[0])]
                variable.assign(ops.stack(_compensated.add(parts, numbers)))
            for name, slots in self._maxima.items():
                slots.assign(_replicas.raised(slots, _replicas.highest(metric._maxima[name])))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles and copies the state too, which Keras leaves out."""
        state = [ops.convert_to_numpy(variable) for variable in self.variables]
        return _restored, (type(self), self.get_config(), self._columns, state)

    def _build(self, columns: int | None) -> None:
        """Creates the totals that depend on the data, once."""
        if columns is None:
            raise ValueError(
                f"{self.name!r} must know the size of the last axis of `y_pred` to create its state. Give the last "
                "layer a static size."
            )
        if self._columns is not None and self._totals_differ(columns):
            raise ValueError(
                f"{self.name!r} was built for predictions with a last axis of {self._columns}. "
                f"Received `y_pred` with a last axis of {columns}."
            )
        if self._columns is None:
            for name, (shape, parts) in self.totals_for(columns).items():
                self.add_total(name, shape, parts)
            self._columns = columns

    def _totals_differ(self, columns: int) -> bool:
        return columns != self._columns and self.totals_for(columns) != self.totals_for(self._columns or columns)

    def weighted_sum(self, values: Any, sample_weight: Any) -> Any:
        """The sum of values, one or more per row, each times the weight of its row, in the widest float."""
        dtype = _compensated.widest_dtype()
        values = ops.cast(values, dtype)
        if sample_weight is None:
            return ops.sum(values)
        weights = ops.cast(sample_weight, dtype)
        while 0 < len(weights.shape) < len(values.shape):
            weights = ops.expand_dims(weights, -1)
        return ops.sum(leave_out(values, weights) * weights)

    def weighted_maximum(self, values: Any, sample_weight: Any) -> Any:
        """The highest of the values, one or more per row, of the rows that weigh something."""
        return ops.max(leave_out(values, sample_weight, -math.inf), initial=-math.inf)


def _restored(
    cls: type[StreamingMetric], config: dict[str, Any], columns: int | None, state: list[Any]
) -> StreamingMetric:
    """A metric with the configuration and the state of another one."""
    metric = cls.from_config(config)
    if columns is not None:
        metric._build(columns)
    for variable, value in zip(metric.variables, state, strict=True):
        variable.assign(value)
    return metric
