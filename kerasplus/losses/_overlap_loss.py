"""The base of the losses made of true positives, false positives and false negatives of a region."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any

from keras import ops

from kerasplus._alignment import mismatch
from kerasplus.losses._region_loss import RegionLoss


class OverlapLoss(RegionLoss):
    """Base class of losses that are a distance between two soft regions, averaged over classes.

    A class that occurs neither in the target nor in the prediction is at distance 0.

    Args:
        class_weights: The weight of each class in the mean over classes, or None for equal ones.
        smooth: What is added to numerator and denominator of the overlap.
        from_logits: As in `RegionLoss`, like the arguments after it.
        ignore_class: As there.
        reduction: As there.
        name: As there.
        dtype: As there.
    """

    def __init__(
        self,
        from_logits: bool,
        ignore_class: int | None,
        class_weights: Sequence[float] | None,
        smooth: float,
        reduction: str | None,
        name: str,
        dtype: Any,
    ) -> None:
        super().__init__(from_logits, ignore_class, reduction, name, dtype)
        if class_weights is not None:
            class_weights = [float(weight) for weight in class_weights]
            if not (all(0 <= weight < float("inf") for weight in class_weights) and sum(class_weights) > 0):
                raise ValueError(
                    "`class_weights` must be finite numbers, 0 or more and not all 0, one for each class. "
                    f"Received: class_weights={class_weights}"
                )
        if not 0 <= smooth < float("inf"):
            raise ValueError(f"`smooth` must be a finite number, 0 or more. Received: smooth={smooth}")
        self.class_weights = class_weights
        self.num_classes = None if class_weights is None else len(class_weights)
        self.smooth = smooth

    @abc.abstractmethod
    def distance(self, hits: Any, false_positives: Any, false_negatives: Any) -> Any:
        """The distance of each sample and class, 0 where there is neither target nor prediction."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each sample, averaged over classes."""
        if self.class_weights is not None and y_pred.shape[-1] != len(self.class_weights):
            raise mismatch(y_true, y_pred, self.name, f"{len(self.class_weights)} classes, as in `class_weights`")
        truth, predicted = self.regions(y_true, y_pred)
        values = self.distance(
            ops.sum(truth * predicted, axis=1),
            ops.sum((1 - truth) * predicted, axis=1),
            ops.sum(truth * (1 - predicted), axis=1),
        )
        weights = self.counted_classes(ops.shape(predicted)[-1])
        if self.class_weights is not None:
            weights = weights * ops.convert_to_tensor(self.class_weights, dtype=self.dtype)
        return ratio(ops.sum(values * weights, axis=-1), ops.sum(weights))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "from_logits": self.from_logits,
            "ignore_class": self.ignore_class,
            "class_weights": self.class_weights,
            "smooth": self.smooth,
        }


def ratio(part: Any, whole: Any) -> Any:
    """The part of the whole; of nothing, nothing, with no slope."""
    some = whole > 0
    return ops.where(some, part / ops.where(some, whole, 1.0), 0.0)
