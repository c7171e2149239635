"""The soft Dice loss of segmentations, per sample and class."""

from collections.abc import Sequence
from typing import Any

import keras

from kerasplus.losses._overlap_loss import OverlapLoss, ratio


@keras.saving.register_keras_serializable(package="kerasplus")
class SegmentationDice(OverlapLoss):
    r"""Soft Dice loss, for segmentation with small or thin regions.

    For each class of a sample, the target :math:`y_i` and the probability :math:`p_i` of its pixels and
    the constant `smooth` :math:`s`:

    .. math:: L = 1 - \frac{2 \sum_i p_i y_i + s}{\sum_i p_i + \sum_i y_i + s}

    The value of a sample is the mean over its classes; `keras.losses.Dice` sums over the batch instead,
    so that sample weights have no meaning. A class that is in neither target nor prediction costs 0.
    The paper squares the terms of the denominator; without squares, as here, the loss is that of the
    set overlap. Overlapping classes: give sigmoid probabilities and rows of targets.

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
        >>> loss = SegmentationDice(smooth=0.0)
        >>> float(loss(np.array([[1.0, 0.0]]), np.array([[[0.5], [0.5]]])))  # 1 - 2 * 0.5 / (1 + 1)
        0.5

    References:
        Milletari, Navab and Ahmadi, `V-Net: Fully Convolutional Neural Networks for Volumetric Medical
        Image Segmentation <https://arxiv.org/abs/1606.04797>`_, 2016
    """

    alternatives = {"from_logits": True, "ignore_class": 0, "class_weights": [0.5, 1.0, 2.0], "smooth": 0.5}

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        class_weights: Sequence[float] | None = None,
        smooth: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "segmentation_dice",
        dtype: Any = None,
    ) -> None:
        super().__init__(from_logits, ignore_class, class_weights, smooth, reduction, name, dtype)

    def distance(self, hits: Any, false_positives: Any, false_negatives: Any) -> Any:
        """One minus the Dice coefficient: the errors over the two sizes."""
        errors = false_positives + false_negatives
        return ratio(errors, 2 * hits + errors + self.smooth)
