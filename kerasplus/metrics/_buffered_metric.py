"""The base of the metrics that need all samples at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras
from keras import ops

from kerasplus import _replicas
from kerasplus.metrics._streaming_metric import StreamingMetric

SIZES = (2**10, 2**13, 2**16, 2**19)
"""The result is computed over the first so many places if no more of them are filled."""


class BufferedMetric(StreamingMetric):
    """Base of metrics whose state is the samples themselves, up to a number that is set beforehand.

    A subclass gives the `rows` of a batch and their `weights` in `statistics`, and works out the
    result from all rows in `compute`, where a row of weight zero is an empty place. Each replica fills
    places of its own. A result from more samples than there are places would be wrong, so it is NaN,
    as it is if a row or a weight is NaN.

    Where `holds_rows` is False, the metric is a plain `StreamingMetric` of additive totals.

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
        self.holds_rows = True
        self._rows: Any = None
        self._filled: Any = None

    def width_for(self, columns: int) -> int:
        """How many numbers a row has, from the size of the last axis of `y_pred`."""
        return 2

    @property
    def has_shapes_from_data(self) -> bool:
        """Whether some of the state is created with the first batch, as rows are."""
        return self.holds_rows or super().has_shapes_from_data

    def accumulate(self, statistics: Mapping[str, Any]) -> None:
        """Puts the rows that weigh something into the next places."""
        if not self.holds_rows:
            super().accumulate(statistics)
            return
        rows, weights = statistics["rows"], ops.cast(statistics["weights"], self.dtype)
        replica = _replicas.index()
        taken = ops.not_equal(weights, 0)
        place = self._filled[replica] + ops.cumsum(ops.cast(taken, "int32")) - 1
        fits = ops.logical_and(taken, place < self.capacity)
        place = ops.where(fits, place, self.capacity)  # one place more, which stays zero
        rows = ops.concatenate([ops.cast(rows, self.dtype), ops.expand_dims(weights, -1)], axis=-1)
        rows = ops.where(ops.expand_dims(fits, -1), rows, 0.0)
        places = ops.stack([ops.zeros_like(place) + replica, place], axis=-1)
        self._rows.assign(ops.scatter_update(self._rows, places, rows))
        self._count(ops.sum(ops.cast(taken, "int32")))

    def totals(self) -> dict[str, Any]:
        """All rows, `(places, width)`, their weights, and whether there were more than places."""
        if not self.holds_rows:
            return super().totals()
        return self._first(self.capacity)

    def result(self) -> Any:
        """The value over all samples since the last reset; NaN if they were more than `capacity`."""
        if not self.holds_rows:
            return super().result()
        if self._rows is None:
            return self._result_of_first(1)
        sizes = [size for size in SIZES if size < self.capacity]
        filled = ops.max(ops.convert_to_tensor(self._filled))
        try:
            known = int(ops.convert_to_numpy(filled))
        except Exception:  # a tensor of a compiled step has no value yet, which each backend says otherwise
            return self._result_of_first_filled(filled, sizes)
        return self._result_of_first(next((size for size in sizes if known <= size), self.capacity))

    def merge_state(self, metrics: Iterable[StreamingMetric]) -> None:
        """Adds the samples that other metrics of this kind hold.

        Args:
            metrics: Metrics of the same class and configuration.

        Raises:
            ValueError: If one of them has another state.
        """
        if not self.holds_rows:
            super().merge_state(metrics)
            return
        for metric in metrics:
            if not isinstance(metric, BufferedMetric) or not metric.holds_rows:
                raise ValueError(
                    f"{self.name!r} can only merge metrics that hold their samples. Received {metric.name!r}."
                )
            if metric._columns is None:
                continue
            self._build(metric._columns)
            self.accumulate(metric.totals())
            lost = ops.any(ops.greater(ops.convert_to_tensor(metric._filled), metric.capacity))
            self._count(ops.where(lost, self.capacity + 1, 0))

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

    def _first(self, places: int) -> dict[str, Any]:
        """The rows in the first places of each replica; all rows if no more are filled."""
        if self._rows is None:
            width = self.width_for(self._columns or 1) + 1
            rows, filled = ops.zeros((1, width), dtype=self.dtype), ops.zeros((1,), dtype="int32")
        else:
            rows = ops.reshape(self._rows[:, :places], (-1, self._rows.shape[-1]))
            filled = ops.convert_to_tensor(self._filled)
        return {
            "rows": rows[:, :-1],
            "weights": rows[:, -1],
            "overfull": ops.any(ops.greater(filled, self.capacity)),
        }

    def _result_of_first(self, places: int) -> Any:
        totals = self._first(places)
        unusable = totals["overfull"] | ops.any(ops.isnan(totals["rows"])) | ops.any(ops.isnan(totals["weights"]))
        found = self.compute(totals)
        return keras.tree.map_structure(lambda value: ops.where(unusable, float("nan"), value), found)

    def _result_of_first_filled(self, filled: Any, sizes: list[int]) -> Any:
        """The result over as few places as are filled, since it is asked for in every step of a training."""
        if not sizes:
            return self._result_of_first(self.capacity)
        return ops.cond(
            filled <= sizes[0],
            lambda: self._result_of_first(sizes[0]),
            lambda: self._result_of_first_filled(filled, sizes[1:]),
        )

    def _count(self, added: Any) -> None:
        """Counts samples of this replica, up to the first that has no place."""
        own = ops.one_hot(_replicas.index(), self._filled.shape[0], dtype="int32")
        self._filled.assign(ops.minimum(self._filled + own * added, self.capacity + 1))

    def _build(self, columns: int | None) -> None:
        super()._build(columns)
        if self.holds_rows and self._rows is None and columns is not None:
            shape = (_replicas.count(), self.capacity + 1, self.width_for(columns) + 1)
            self._rows = self.add_variable(shape, "zeros", dtype=self.dtype, name="rows")
            self._filled = self.add_variable(shape[:1], "zeros", dtype="int32", name="filled")

    def _totals_differ(self, columns: int) -> bool:
        if not self.holds_rows:
            return super()._totals_differ(columns)
        return self.width_for(columns) != self.width_for(self._columns or columns)
