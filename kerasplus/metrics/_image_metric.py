"""The base of the means over whole images, and the weight of a whole sample."""

from __future__ import annotations

import abc
import math
from collections.abc import Mapping
from typing import Any

from keras import ops

from kerasplus.metrics._class_metric import ratio
from kerasplus.metrics._streaming_metric import StreamingMetric


def weights_of_samples(weights: Any, like: Any) -> Any:
    """One weight for each sample, from weights of its parts: the largest, 0 only where all parts are left out.

    Args:
        weights: None, or weights that broadcast over the rows, as `statistics` receives them.
        like: A tensor with one value for each sample.
    """
    if weights is None:
        return ops.ones_like(like)
    parts = tuple(range(1, len(weights.shape)))
    return ops.max(weights, axis=parts, initial=0.0) * ops.ones_like(like) if parts else weights * ops.ones_like(like)


class ImageMetric(StreamingMetric):
    """Base of means over images of a value of two images.

    Infinite values are counted by themselves, since a sum in parts cannot hold them: one of them makes
    the mean infinite.
    """

    inputs = ("images",)
    per_sample = True

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        for total in ("values", "images", "infinite"):
            self.add_total(total)

    @abc.abstractmethod
    def values(self, y_true: Any, y_pred: Any, weights: Any) -> Any:
        """The value of each image."""

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """The sum of the finite values, and the weights of all images and of those without one."""
        values = self.values(y_true, y_pred, sample_weight)
        weights = weights_of_samples(sample_weight, values)
        infinite = ops.equal(values, math.inf)
        return {
            "values": self.weighted_sum(ops.where(infinite, 0.0, values), weights),
            "images": self.weighted_sum(ops.ones_like(values), weights),
            "infinite": self.weighted_sum(ops.cast(infinite, values.dtype), weights),
        }

    def compute(self, totals: Mapping[str, Any]) -> Any:
        """The mean."""
        return ops.where(totals["infinite"] > 0, math.inf, ratio(totals["values"], totals["images"]))
