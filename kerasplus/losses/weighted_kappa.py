"""The weighted kappa loss, for agreement on ordered classes."""

from typing import Any

import keras
from keras import ops

from kerasplus._alignment import mismatch
from kerasplus.losses._class_rows import class_rows
from kerasplus.losses._per_sample_loss import PerSampleLoss

_POWERS = {"linear": 1, "quadratic": 2}
_LEAST_EXPECTED = 1e-7
"""An expected disagreement below it is none: all targets and predictions are of one class."""


@keras.saving.register_keras_serializable(package="kerasplus")
class WeightedKappa(PerSampleLoss):
    r"""One minus Cohen's weighted kappa, of probabilities, for ordered classes.

    For target shares :math:`y_{ic}`, probabilities :math:`p_{ic}`, :math:`n` samples, :math:`C` =
    `num_classes`, and :math:`w_{ck} = (|c - k| / (C - 1))^r` with :math:`r` 1 for "linear" and 2 for
    "quadratic" `weights`:

    .. math::
        L = \frac{\frac{1}{n} \sum_i \sum_{c,k} w_{ck} \, y_{ic} \, p_{ik}}
        {\sum_{c,k} w_{ck} \, \bar{y}_c \, \bar{p}_k}

    where :math:`\bar{y}` and :math:`\bar{p}` are the means over the batch. That is the observed over the
    expected disagreement: 0 for perfect agreement, 1 for chance, at most about 2. The value of an
    anchor is its own disagreement over the expected one. TensorFlow Addons and the paper take the
    logarithm of this ratio, which has no lower bound. Where a batch expects no disagreement, since all
    targets and predictions are of one class, the loss is 0.

    Args:
        num_classes: The number of classes, 2 or more.
        weights: `"linear"` or `"quadratic"`: how disagreement grows with the distance of two classes.
        reduction: How the values of the anchors are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` probabilities `(batch, num_classes)`. `y_true` class ids `(batch,)` or `(batch, 1)`, or
        one-hot rows `(batch, num_classes)`. One value per sample.

    Raises:
        ValueError: If `num_classes` is less than 2, `weights` is unknown, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> loss = WeightedKappa(num_classes=3)
        >>> float(loss(np.array([0, 2]), np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])))  # 0.5 / 0.5
        1.0

    References:
        de la Torre, Puig and Valls, `Weighted kappa loss function for multi-class classification of
        ordinal data in deep learning <https://doi.org/10.1016/j.patrec.2017.05.018>`_, 2018
    """

    inputs = ("sparse", "one_hot")
    independent = False
    alternatives = {"num_classes": 3, "weights": "linear"}

    def __init__(
        self,
        num_classes: int,
        weights: str = "quadratic",
        reduction: str | None = "sum_over_batch_size",
        name: str = "weighted_kappa",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        if num_classes < 2:
            raise ValueError(f"`num_classes` must be 2 or more. Received: num_classes={num_classes}")
        if weights not in _POWERS:
            raise ValueError(f"`weights` must be one of {', '.join(_POWERS)}. Received: weights={weights!r}")
        self.num_classes = num_classes
        self.weights = weights

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Class ids or rows, and one probability for each class."""
        if len(y_pred.shape) != 2 or y_pred.shape[-1] != self.num_classes:
            expected = f"probabilities (batch, {self.num_classes}), one column for each of `num_classes`"
            raise mismatch(y_true, y_pred, self.name, expected)
        return super().align(y_true, y_pred)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The disagreement of each sample over the one expected in the batch."""
        shares = class_rows(y_true, y_pred, self.dtype)
        index = ops.arange(self.num_classes, dtype=self.dtype)
        apart = ops.abs(ops.expand_dims(index, 1) - ops.expand_dims(index, 0)) / (self.num_classes - 1)
        costs = ops.matmul(shares, ops.power(apart, _POWERS[self.weights]))
        observed = ops.sum(costs * y_pred, axis=-1)
        expected = ops.sum(ops.mean(costs, axis=0) * ops.mean(y_pred, axis=0))
        some = expected > _LEAST_EXPECTED
        return ops.where(some, observed / ops.where(some, expected, 1.0), 0.0)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "num_classes": self.num_classes, "weights": self.weights}
