"""The base of the metrics of how well scores rank the positives above the negatives."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasplus.metrics._buffered_metric import BufferedMetric
from kerasplus.metrics._class_metric import AVERAGES, ratio
from kerasplus.metrics._confusion import check_ids, counted
from kerasplus.metrics._tie_groups import arranged, sorted_groups, summed


class RankingMetric(BufferedMetric):
    """Base of metrics of the scores of positives and negatives, for each column of the predictions.

    A single column is a binary problem. Of several columns each is a problem of its own: one class
    against all others with class ids or one-hot rows, one label with rows of several labels.

    With `num_bins`, equal cells from 0 to 1 are counted instead of keeping the scores: what is in one
    cell is tied.
    """

    inputs = ("multilabel", "sparse", "one_hot")
    bounds = (0.0, 1.0)
    direction = "max"
    without_value: float = 0.0
    """The result where no column has a value."""

    def __init__(
        self,
        average: str | None = "macro",
        capacity: int = 2**16,
        num_bins: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(capacity=capacity, name=name, dtype=dtype)
        if average not in AVERAGES:
            raise ValueError(f'`average` must be "micro", "macro", "weighted" or None. Received: average={average!r}')
        if num_bins is not None and (not isinstance(num_bins, int) or isinstance(num_bins, bool) or num_bins < 1):
            raise ValueError(f"`num_bins` must be None or a positive integer. Received: num_bins={num_bins!r}")
        self.average = average
        self.num_bins = num_bins
        self.holds_rows = num_bins is None

    def width_for(self, columns: int) -> int:
        """The scores and the targets of all columns."""
        return 2 * columns

    def totals_for(self, columns: int) -> Mapping[str, tuple[tuple[int, ...], int]]:
        """The negatives and positives in each cell of each column, and last what is no number or no class."""
        return {} if self.num_bins is None else {"counts": ((2 * columns * self.num_bins + 1,), 2)}

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """As the base; predictions of shape `(batch,)` are a single column."""
        if len(y_pred.shape) == 1:
            y_pred = ops.expand_dims(y_pred, -1)
        return super().align(y_true, y_pred)

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """The rows of a batch, or its counts."""
        columns = y_pred.shape[-1]
        if len(y_true.shape) < len(y_pred.shape):
            check_ids(y_true, max(columns, 2), self.name)
            inside = (y_true >= 0) & (y_true < max(columns, 2))
            positive = ops.equal(ops.expand_dims(y_true, -1), np.arange(columns) + (columns == 1))
            positive = ops.where(ops.expand_dims(inside, -1), ops.cast(positive, self.dtype), float("nan"))
        else:
            positive = ops.cast(y_true, self.dtype)
        found = self.flat(ops.concatenate([y_pred, positive], axis=-1), sample_weight)
        if self.num_bins is None:
            return found
        scores, positive = ops.split(found["rows"], 2, axis=-1)
        known = ~(ops.isnan(scores) | ops.isnan(positive))
        cells = ops.clip(ops.floor(ops.where(known, scores, 0.0) * self.num_bins), 0, self.num_bins - 1)
        first = self.num_bins * (2 * ops.arange(columns, dtype="int32") + ops.cast(positive > 0.5, "int32"))
        unknown = 2 * columns * self.num_bins
        index = ops.where(known, first + ops.cast(cells, "int32"), unknown)
        weights = ops.broadcast_to(ops.expand_dims(found["weights"], -1), ops.shape(index))
        return {"counts": counted(index, weights, unknown + 1)}

    def compute(self, totals: Mapping[str, Any]) -> Any:
        """The values of the columns, averaged as the arguments say."""
        if self.num_bins is not None:
            counts = ops.reshape(totals["counts"][:-1], (-1, 2, self.num_bins))
            if self.average == "micro":
                counts = ops.sum(counts, axis=0, keepdims=True)
            found = self._averaged(counts[:, 1], counts[:, 0])
            unknown = totals["counts"][-1] > 0
            return keras.tree.map_structure(lambda value: ops.where(unknown, float("nan"), value), found)
        scores, positive = ops.split(ops.transpose(totals["rows"]), 2)
        weights = ops.broadcast_to(totals["weights"], scores.shape)
        if self.average == "micro":
            scores, positive, weights = (ops.reshape(each, (1, -1)) for each in (scores, positive, weights))
        order, groups = sorted_groups(scores)
        signed = arranged(ops.where(positive > 0.5, weights, -weights), order)
        return self._averaged(summed(groups, ops.relu(signed)), summed(groups, ops.relu(-signed)))

    @abc.abstractmethod
    def of_groups(self, positives: Any, negatives: Any) -> Any:
        """The value of each column that has a value.

        Args:
            positives: For each column, the weights of the positives of each score, scores rising.
            negatives: Those of the negatives.
        """

    @abc.abstractmethod
    def has_value(self, positives: Any, negatives: Any) -> Any:
        """Whether a column has a value, from the weights of all its positives and negatives."""

    def _averaged(self, positives: Any, negatives: Any) -> Any:
        weights = ops.sum(positives, axis=-1)
        known = self.has_value(weights, ops.sum(negatives, axis=-1))
        values = ops.where(known, self.of_groups(positives, negatives), 0.0)
        if self.average is None:
            values = ops.where(known, values, self.without_value)
            return {f"{self.name}_{column}": values[column] for column in range(values.shape[0])}
        shares = ops.cast(known, values.dtype) * (weights if self.average == "weighted" else 1.0)
        return ops.where(ops.any(known), ratio(ops.sum(values * shares), ops.sum(shares)), self.without_value)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "average": self.average}
