"""The soft Jaccard loss of segmentations, per sample and class."""

from collections.abc import Sequence
from typing import Any

import keras

from kerasplus.losses._overlap_loss import OverlapLoss, ratio


@keras.saving.register_keras_serializable(package="kerasplus")
class Jaccard(OverlapLoss):
    r"""Soft Jaccard loss, one minus the intersection over union, for segmentation.

    For each class of a sample, the target :math:`y_i` and the probability :math:`p_i` of its pixels and
    the constant `smooth` :math:`s`:

    .. math:: L = 1 - \frac{\sum_i p_i y_i + s}{\sum_i p_i + \sum_i y_i - \sum_i p_i y_i + s}

    The value of a sample is the mean over its classes. A class that is in neither target nor prediction
    costs 0. It orders predictions as `SegmentationDice` does and is steeper near a perfect one;
    `LovaszSoftmax` is its exact convex counterpart. Overlapping classes: give sigmoid probabilities and
    rows of targets.

    Args:
        from_logits: Whether `y_pred` holds logits: of a softmax, or of a sigmoid if it has one column.
        ignore_class: The class whose pixels are left out, with its column if it has one, or None.
        class_weights: The weight of each class in the mean, or None for equal weights.
        smooth: The constant :math:`s`, 0 or more.
        reduction: How the values of the samples are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` `(batch, ..., classes)`, one column for a single foreground. `y_true` class ids
        `(batch, ...)` or `(batch, ..., 1)`, or rows `(batch, ..., classes)`; with one column, the mask
        of the foreground. One value per sample.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> loss = Jaccard(smooth=0.0)
        >>> round(float(loss(np.array([[1.0, 0.0]]), np.array([[[0.5], [0.5]]]))), 4)  # 1 - 0.5 / 1.5
        0.6667

    References:
        Bertels et al., `Optimizing the Dice Score and Jaccard Index for Medical Image Segmentation: Theory
        and Practice <https://arxiv.org/abs/1911.01685>`_, 2019
    """

    alternatives = {"from_logits": True, "ignore_class": 0, "class_weights": [0.5, 1.0, 2.0], "smooth": 0.5}

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        class_weights: Sequence[float] | None = None,
        smooth: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "jaccard",
        dtype: Any = None,
    ) -> None:
        super().__init__(from_logits, ignore_class, class_weights, smooth, reduction, name, dtype)

    def distance(self, hits: Any, false_positives: Any, false_negatives: Any) -> Any:
        """One minus the Jaccard index: the errors over the union."""
        errors = false_positives + false_negatives
        return ratio(errors, hits + errors + self.smooth)
