"""The base of the metrics that need all samples at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras
from keras import ops

from kerasplus import _replicas
from kerasplus.metrics._streaming_metric import StreamingMetric


class BufferedMetric(StreamingMetric):
    """Base of metrics whose state is the samples themselves, up to a number that is set beforehand.

    A subclass gives the `rows` of a batch and their `weights` in `statistics`, and works out the
    result from all rows in `compute`, where a row of weight zero is an empty place. Each replica fills
    places of its own. A result from more samples than there are places would be wrong, so it is NaN.

    Args:
        capacity: How many samples of a weight other than zero each replica can hold, at least 1.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.
    """

    def __init__(self, capacity: int = 2**16, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        if not isinstance(capacity, int) or isinstance(capacity, bool) or capacity < 1:
            raise ValueError(f"`capacity` must be an integer, at least 1. Received: capacity={capacity!r}")
        self.capacity = capacity
        self._rows: Any = None
        self._filled: Any = None

    def width_for(self, columns: int) -> int:
        """How many numbers a row has, from the size of the last axis of `y_pred`."""
        return 2

    @property
    def has_shapes_from_data(self) -> bool:
        """True: the rows are created with the first batch."""
        return True

    def accumulate(self, statistics: Mapping[str, Any]) -> None:
        """Puts the rows that weigh something into the next places."""
        rows, weights = statistics["rows"], statistics["weights"]
        replica, filled = _replicas.index(), self._filled[_replicas.index()]
        taken = ops.not_equal(weights, 0)
        place = filled + ops.cumsum(ops.cast(taken, "int32")) - 1
        fits = ops.logical_and(taken, place < self.capacity)
        place = ops.where(fits, place, self.capacity)  # one place more, which stays zero
        rows = ops.concatenate([rows, ops.expand_dims(weights, -1)], axis=-1)
        rows = ops.where(ops.expand_dims(fits, -1), ops.cast(rows, self.dtype), 0.0)
        places = ops.stack([ops.full_like(place, replica), place], axis=-1)
        self._rows.assign(ops.scatter_update(self._rows, places, rows))
        self._count(ops.sum(ops.cast(taken, "int32")))

    def totals(self) -> dict[str, Any]:
        """All rows, `(places, width)`, their weights, and whether there were more than places."""
        if self._rows is None:
            rows = ops.zeros((1, self.width_for(1) + 1), dtype=self.dtype)
            return {"rows": rows[:, :-1], "weights": rows[:, -1], "overfull": ops.convert_to_tensor(False)}
        rows = ops.reshape(self._rows, (-1, self._rows.shape[-1]))
        overfull = ops.any(ops.greater(self._filled, self.capacity))
        return {"rows": rows[:, :-1], "weights": rows[:, -1], "overfull": overfull}

    def result(self) -> Any:
        """The value over all samples since the last reset; NaN if they were more than `capacity`."""
        totals = self.totals()
        found = self.compute(totals)
        return keras.tree.map_structure(lambda value: ops.where(totals["overfull"], float("nan"), value), found)

    def merge_state(self, metrics: Iterable[StreamingMetric]) -> None:
        """Adds the samples that other metrics of this kind hold.

        Args:
            metrics: Metrics of the same class and configuration.

        Raises:
            ValueError: If one of them has rows of another width.
        """
        for metric in metrics:
            if not isinstance(metric, BufferedMetric) or metric._columns is None:
                continue
            self._build(metric._columns)
            held = metric.totals()
            self.accumulate(held)
            self._count(ops.sum(ops.maximum(metric._filled - metric.capacity, 0)))

    def flat(self, values: Any, sample_weight: Any) -> Mapping[str, Any]:
        """Rows and weights from values of `(batch, ..., width)`."""
        shape = ops.shape(values)[:-1]
        weights = ops.ones(shape, dtype=self.dtype)
        if sample_weight is not None:
            weights = weights * sample_weight
        return {"rows": ops.reshape(values, (-1, values.shape[-1])), "weights": ops.reshape(weights, (-1,))}

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "capacity": self.capacity}

    def _count(self, added: Any) -> None:
        own = ops.one_hot(_replicas.index(), self._filled.shape[0], dtype="int32")
        self._filled.assign(self._filled + own * added)

    def _build(self, columns: int | None) -> None:
        super()._build(columns)
        if self._rows is None and columns is not None:
            shape = (_replicas.count(), self.capacity + 1, self.width_for(columns) + 1)
            self._rows = self.add_variable(shape, "zeros", dtype=self.dtype, name="rows")
            self._filled = self.add_variable(shape[:1], "zeros", dtype="int32", name="filled")

    def _totals_differ(self, columns: int) -> bool:
        return self.width_for(columns) != self.width_for(self._columns or columns)
