"""The bases of the metrics of classes: what is counted, and how classes are averaged."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kerasplus.metrics._confusion import cell_sums, check_ids, class_sums, kept_ids, predicted_classes
from kerasplus.metrics._streaming_metric import StreamingMetric

AVERAGES = ("micro", "macro", "weighted", None)


class ClassMetric(StreamingMetric):
    """Base of the metrics that compare predicted with target classes.

    The number of classes is that of the prediction's columns, found with the first batch; a single
    column is a binary score, positive above `threshold`. A target outside the classes raises where
    its value can be looked at; in a compiled step it makes the result NaN until the next reset, and
    never counts for another class.
    """

    inputs = ("sparse", "one_hot")
    keeps_cells = False

    def __init__(
        self,
        num_classes: int | None = None,
        ignore_class: int | None = None,
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if num_classes is not None and (not isinstance(num_classes, int) or num_classes < 2):
            raise ValueError(f"`num_classes` must be None or an integer from 2. Received: num_classes={num_classes}")
        if ignore_class is not None and not isinstance(ignore_class, int):
            raise ValueError(f"`ignore_class` must be None or an integer. Received: ignore_class={ignore_class}")
        if not isinstance(threshold, (int, float)) or threshold != threshold:
            raise ValueError(f"`threshold` must be a number. Received: threshold={threshold}")
        self.num_classes = num_classes
        self.ignore_class = ignore_class
        self.threshold = threshold

    def classes_of(self, columns: int) -> int:
        """The number of classes for predictions of so many columns."""
        found = max(columns, 2)
        if self.num_classes is not None and found > self.num_classes:
            raise ValueError(
                f"{self.name!r} must have `num_classes` of {found} or more for predictions with {columns} columns. "
                f"Received: num_classes={self.num_classes}"
            )
        return self.num_classes or found

    def totals_for(self, columns: int) -> Mapping[str, tuple[tuple[int, ...], int]]:
        """The counts and, in the last place, what is outside the classes."""
        classes = self.classes_of(columns)
        return {"counts": ((classes**2 + 1 if self.keeps_cells else 3 * classes + 1,), 2)}

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """As the base; predictions of shape `(batch,)` are a single column."""
        if len(y_pred.shape) == 1:
            y_pred = ops.expand_dims(y_pred, -1)
        return super().align(y_true, y_pred)

    def decided(self, y_true: Any, y_pred: Any, sample_weight: Any) -> tuple[Any, Any, Any]:
        """Target ids, predicted ids and weights, where what is ignored has the weight 0."""
        if y_pred.shape[-1] == 1:
            predicted = ops.cast(y_pred[..., 0] > self.threshold, "int32")
        else:
            predicted = predicted_classes(y_pred)
        ids, kept = kept_ids(y_true, y_pred, self.ignore_class)
        weights = None if sample_weight is None else ops.broadcast_to(sample_weight, ops.shape(ids))
        if kept is not None:
            weights = ops.cast(kept, self.dtype) * (1.0 if weights is None else weights)
        check_ids(ids, self.classes_of(y_pred.shape[-1]), self.name)
        return ids, predicted, weights

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """The counts of a batch."""
        ids, predicted, weights = self.decided(y_true, y_pred, sample_weight)
        sums = cell_sums if self.keeps_cells else class_sums
        return {"counts": sums(ids, predicted, weights, self.classes_of(y_pred.shape[-1]))}

    def compute(self, totals: Mapping[str, Any]) -> Any:
        """The result, NaN if a compiled step met a target outside the classes."""
        counts = totals["counts"]
        outside = counts[-1] > 0
        result = self.from_counts(counts[:-1])
        return keras.tree.map_structure(lambda value: ops.where(outside, float("nan"), value), result)

    @abc.abstractmethod
    def from_counts(self, counts: Any) -> Any:
        """The result from the counts of all samples."""

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "ignore_class": self.ignore_class,
            "threshold": self.threshold,
        }


def marginals(counts: Any) -> tuple[Any, Any, Any]:
    """Hits, targets and predictions of each class."""
    hits, targets, predictions = ops.split(counts, 3)
    return hits, targets, predictions


def ratio(numerator: Any, denominator: Any, otherwise: float = 0.0) -> Any:
    """The quotient; `otherwise` where the denominator is zero."""
    empty = ops.equal(denominator, 0)
    return ops.where(empty, otherwise, numerator / ops.where(empty, 1.0, denominator))


class AveragedClassMetric(ClassMetric):
    """Base of the ratios that every class has, averaged over the classes."""

    bounds = (0.0, 1.0)
    direction = "max"
    alternatives = {"num_classes": 12, "average": "weighted", "absent": "zero", "ignore_class": 1, "threshold": 0.25}

    def __init__(
        self,
        num_classes: int | None = None,
        average: str | None = "macro",
        absent: str = "skip",
        ignore_class: int | None = None,
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_classes, ignore_class, threshold, name, dtype)
        if average not in AVERAGES:
            raise ValueError(f'`average` must be "micro", "macro", "weighted" or None. Received: average={average!r}')
        if absent not in ("skip", "zero"):
            raise ValueError(f'`absent` must be "skip" or "zero". Received: absent={absent!r}')
        self.average = average
        self.absent = absent

    @abc.abstractmethod
    def parts(self, hits: Any, targets: Any, predictions: Any) -> tuple[Any, Any]:
        """The numerator and the denominator of each class."""

    def from_counts(self, counts: Any) -> Any:
        """The average, or a dict of the values of all classes."""
        hits, targets, predictions = marginals(counts)
        numerator, denominator = self.parts(hits, targets, predictions)
        return self.averaged(numerator, denominator, targets, predictions)

    def averaged(self, numerator: Any, denominator: Any, targets: Any, predictions: Any) -> Any:
        """The ratios of the classes, averaged as the arguments say."""
        classes = numerator.shape[0]
        names = [c for c in range(classes) if c != self.ignore_class]
        ignored = self.ignore_class
        if ignored is not None and len(names) < classes:
            numerator, denominator, targets, predictions = (
                ops.concatenate([each[:ignored], each[ignored + 1 :]])
                for each in (numerator, denominator, targets, predictions)
            )
        values = ratio(numerator, denominator)
        if self.average is None:
            return {f"{self.name}_{c}": values[index] for index, c in enumerate(names)}
        present = ops.cast(targets + predictions > 0, values.dtype)
        if self.average == "micro":
            return ratio(ops.sum(numerator * present), ops.sum(denominator * present))
        if self.average == "weighted":
            return ratio(ops.sum(values * targets), ops.sum(targets))
        if self.absent == "zero":
            return ops.sum(values * present) / len(names)
        return ratio(ops.sum(values * present), ops.sum(present))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "average": self.average, "absent": self.absent}
