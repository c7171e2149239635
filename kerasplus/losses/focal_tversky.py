"""The focal Tversky loss of segmentations: misses and false alarms weighed apart."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasplus.losses._overlap_loss import OverlapLoss, ratio


@keras.saving.register_keras_serializable(package="kerasplus")
class FocalTversky(OverlapLoss):
    r"""Focal Tversky loss, for segmentation where misses cost more than false alarms, or less.

    For each class of a sample, the target :math:`y_i` and the probability :math:`p_i` of its pixels,
    with `alpha` :math:`\alpha`, `beta` :math:`\beta`, `gamma` :math:`\gamma` and `smooth` :math:`s`:

    .. math::
        T = \frac{\sum_i p_i y_i + s}
        {\sum_i p_i y_i + \alpha \sum_i p_i (1 - y_i) + \beta \sum_i (1 - p_i) y_i + s},
        \qquad L = (1 - T)^{1 / \gamma}

    :math:`\alpha` weighs **false positives** and :math:`\beta` **false negatives**, as in Tversky's index
    and Salehi et al. (2017); the formula of the focal paper has the letters the other way round, and
    the defaults are its values, 0.7 for false negatives. With both at 0.5 and `gamma` 1 it is
    `SegmentationDice` (without `smooth`), with both at 1 `Jaccard`. The exponent is one over `gamma`, as
    in the paper: above 1 it lifts small losses, so that nearly right regions go on improving. The value
    of a sample is the mean over its classes; a class in neither target nor prediction costs 0.

    Args:
        alpha: The weight of false positives, 0 or more.
        beta: The weight of false negatives, 0 or more; not both are 0.
        gamma: The focus, positive; the paper recommends 1 to 3.
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
        >>> loss = FocalTversky(alpha=1.0, beta=0.0, gamma=1.0, smooth=0.0)
        >>> float(loss(np.array([[1.0, 0.0]]), np.array([[[0.5], [0.5]]])))  # 0.5 / (0.5 + 0.5)
        0.5

    References:
        Abraham and Khan, `A Novel Focal Tversky loss function with improved Attention U-Net for lesion
        segmentation <https://arxiv.org/abs/1810.07842>`_, 2018
    """

    alternatives = {
        "alpha": 0.5,
        "beta": 1.0,
        "gamma": 1.0,
        "from_logits": True,
        "ignore_class": 0,
        "class_weights": [0.5, 1.0, 2.0],
        "smooth": 0.5,
    }

    def __init__(
        self,
        alpha: float = 0.3,
        beta: float = 0.7,
        gamma: float = 4 / 3,
        from_logits: bool = False,
        ignore_class: int | None = None,
        class_weights: Sequence[float] | None = None,
        smooth: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "focal_tversky",
        dtype: Any = None,
    ) -> None:
        super().__init__(from_logits, ignore_class, class_weights, smooth, reduction, name, dtype)
        for argument, value in (("alpha", alpha), ("beta", beta)):
            if not 0 <= value < float("inf"):
                raise ValueError(f"`{argument}` must be a finite number, 0 or more. Received: {argument}={value}")
        if alpha + beta == 0:
            raise ValueError(f"`alpha` must be positive where `beta` is 0. Received: alpha={alpha}, beta={beta}")
        if not 0 < gamma < float("inf"):
            raise ValueError(f"`gamma` must be positive and finite. Received: gamma={gamma}")
        self.alpha = alpha
        self.beta = beta
        self.gamma = gamma

    def distance(self, hits: Any, false_positives: Any, false_negatives: Any) -> Any:
        """One minus the Tversky index, to the power of one over gamma, with no slope at 0."""
        errors = self.alpha * false_positives + self.beta * false_negatives
        values = ratio(errors, hits + errors + self.smooth)
        some = values > 0
        return ops.where(some, ops.power(ops.where(some, values, 1.0), 1 / self.gamma), 0.0)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "alpha": self.alpha, "beta": self.beta, "gamma": self.gamma}
