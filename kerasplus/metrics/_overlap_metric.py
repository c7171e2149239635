"""The base of the metrics of how much regions overlap, per class, over everything or per sample."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any

from keras import ops

from kerasplus import _compensated
from kerasplus._weights import leave_out
from kerasplus.metrics._class_metric import AVERAGES, ClassMetric, marginals, ratio
from kerasplus.metrics._image_metric import weights_of_samples


class OverlapMetric(ClassMetric):
    """Base of scores of the regions of classes, 1 where neither target nor prediction has a region.

    A single column of predictions is the foreground alone. See `DiceScore` for the arguments.
    """

    bounds = (0.0, 1.0)
    direction = "max"
    alternatives = {
        "num_classes": 12,
        "average": "weighted",
        "level": "sample",
        "include_background": False,
        "absent": "skip",
        "ignore_class": 1,
        "threshold": 0.25,
    }

    def __init__(
        self,
        num_classes: int | None = None,
        average: str | None = "macro",
        level: str = "global",
        include_background: bool = True,
        absent: str = "one",
        ignore_class: int | None = None,
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_classes, ignore_class, threshold, name, dtype)
        if average not in AVERAGES:
            raise ValueError(f'`average` must be "micro", "macro", "weighted" or None. Received: average={average!r}')
        if level not in ("global", "sample"):
            raise ValueError(f'`level` must be "global" or "sample". Received: level={level!r}')
        if absent not in ("one", "skip"):
            raise ValueError(f'`absent` must be "one" or "skip". Received: absent={absent!r}')
        self.average = average
        self.level = level
        self.include_background = include_background
        self.absent = absent
        self.per_sample = level == "sample"

    @abc.abstractmethod
    def overlap(self, hits: Any, targets: Any, predictions: Any) -> tuple[Any, Any]:
        """The numerator and the denominator of the score; the latter is 0 of two empty regions only."""

    def totals_for(self, columns: int) -> Mapping[str, tuple[tuple[int, ...], int]]:
        """The counts of the classes, or the sums of the scores of samples and of the weights of these."""
        if self.level == "global":
            return super().totals_for(columns)
        shape = (len(self.scored(self.classes_of(columns), columns)),) if self.average is None else ()
        return {"scores": (shape, 2), "weights": (shape, 2), "samples": ((), 2)}

    def scored(self, classes: int, columns: int) -> list[int]:
        """The classes that have a score."""
        first = 0 if self.include_background and columns > 1 else 1
        return [each for each in range(first, classes) if each != self.ignore_class]

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """The counts of a batch, or its sums over samples."""
        if not self.scored(self.classes_of(y_pred.shape[-1]), y_pred.shape[-1]):
            raise ValueError(
                f"{self.name!r} must have a class to score. Received: predictions with {y_pred.shape[-1]} columns, "
                f"ignore_class={self.ignore_class}, include_background={self.include_background}"
            )
        if self.level == "global":
            return super().statistics(y_true, y_pred, sample_weight)
        columns = y_pred.shape[-1]
        classes = self.classes_of(columns)
        ids, predicted, weights = self.decided(y_true, y_pred, sample_weight)
        weights = ops.ones_like(ids, dtype=self.dtype) if weights is None else weights
        ids, predicted, weights = (self._pixels(each) for each in (ids, predicted, weights))
        every = ops.arange(classes, dtype="int32")
        targets, predictions = (ops.equal(ops.expand_dims(each, -1), every) for each in (ids, predicted))
        hits, targets, predictions = (
            ops.sum(ops.where(each, ops.expand_dims(weights, -1), 0.0), axis=1)
            for each in (targets & predictions, targets, predictions)
        )
        scores, counted = self.scores(hits, targets, predictions, self.scored(classes, columns))
        samples = weights_of_samples(weights, weights[:, 0])
        outside = ops.any((ops.less(ids, 0) | ops.greater_equal(ids, classes)) & (weights > 0), axis=1)
        of_samples = ops.where(outside, float("nan"), samples)
        if self.average is None:
            of_samples = ops.expand_dims(of_samples, -1)
        dtype = _compensated.widest_dtype()
        counted = ops.cast(counted, dtype) * ops.cast(of_samples, dtype)
        scores = leave_out(ops.cast(scores, dtype), counted) * counted
        return {
            "scores": ops.sum(scores, axis=0),
            "weights": ops.sum(counted, axis=0),
            "samples": ops.sum(ops.cast(samples, dtype)),
        }

    def compute(self, totals: Mapping[str, Any]) -> Any:
        """The scores, combined as the arguments say; 0 where nothing was seen."""
        if self.level == "global":
            return super().compute(totals)
        values = ratio(totals["scores"], totals["weights"], 1.0)
        return self._named(values, totals["samples"], self.num_classes)

    def from_counts(self, counts: Any) -> Any:
        """The scores of the regions of all samples."""
        sizes = marginals(counts)
        classes = sizes[0].shape[0]
        values, _ = self.scores(*sizes, self.scored(classes, self._columns or 1))
        return self._named(values, ops.sum(sizes[1]), classes)

    def scores(self, hits: Any, targets: Any, predictions: Any, scored: list[int]) -> tuple[Any, Any]:
        """The score of each class, or of all together, and whether it counts in a mean over samples."""
        index = ops.convert_to_tensor(scored, dtype="int32")
        hits, targets, predictions = (ops.take(each, index, axis=-1) for each in (hits, targets, predictions))
        part, whole = self.overlap(hits, targets, predictions)
        values = ratio(part, whole, 1.0)
        counted = ops.cast(whole > 0, values.dtype) if self.absent == "skip" else ops.ones_like(values)
        if self.average is None:
            return values, counted
        if self.average == "micro":
            mean = ratio(ops.sum(part, axis=-1), ops.sum(whole, axis=-1), 1.0)
        elif self.average == "macro":
            mean = ratio(ops.sum(values * counted, axis=-1), ops.sum(counted, axis=-1), 1.0)
        else:
            empty = ops.cast(ops.equal(ops.sum(whole, axis=-1), 0), values.dtype)
            mean = ratio(ops.sum(values * targets, axis=-1), ops.sum(targets, axis=-1), empty)
        return mean, ops.cast(ops.sum(counted, axis=-1) > 0, values.dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "average": self.average,
            "level": self.level,
            "include_background": self.include_background,
            "absent": self.absent,
        }

    def _pixels(self, values: Any) -> Any:
        """The values of each sample in one row."""
        size = 1
        for each in ops.shape(values)[1:]:
            size = size * each
        return ops.reshape(values, (ops.shape(values)[0], size))

    def _named(self, values: Any, seen: Any, classes: int | None) -> Any:
        values = ops.where(ops.equal(seen, 0), 0.0, values)
        if self.average is not None:
            return values
        columns = self._columns or 1
        names = self.scored(classes or max(columns, 2), columns)
        return {f"{self.name}_{each}": values[place] for place, each in enumerate(names)}
