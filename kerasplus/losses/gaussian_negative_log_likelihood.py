"""The Gaussian negative log-likelihood: regression that predicts its own uncertainty."""

import math
from typing import Any

import keras
from keras import ops

from kerasplus._alignment import mismatch, same_shape
from kerasplus.losses._per_sample_loss import PerSampleLoss


@keras.saving.register_keras_serializable(package="kerasplus")
class GaussianNegativeLogLikelihood(PerSampleLoss):
    r"""Negative log-likelihood of a normal distribution whose mean and variance are predicted.

    For a target :math:`y`, a predicted mean :math:`\mu` and a predicted log variance :math:`s`, with
    :math:`\sigma^2 = \max(e^s, v)` and the `min_variance` :math:`v`, averaged over the :math:`d`
    targets:

    .. math:: L = \frac{1}{2} \left( \log \sigma^2 + \frac{(y - \mu)^2}{\sigma^2} \right)

    `full` adds the constant :math:`\frac{1}{2} \log 2 \pi`. Log variances, not variances, are
    predicted, so that any output of a dense layer is valid. The loss can be negative.

    Args:
        full: Whether the constant term is added.
        min_variance: The least variance, positive; below it the log variance has no slope.
        reduction: How the values of the samples are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` `(batch, ..., 2 * d)`: the :math:`d` means, then the :math:`d` log variances.
        `y_true` `(batch, ..., d)`, or `(batch, ...)` if :math:`d` is 1. One value per row of the last
        axis.

    Raises:
        ValueError: If `min_variance` is not positive and finite, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> loss = GaussianNegativeLogLikelihood()
        >>> float(loss(np.array([3.0]), np.array([[1.0, 0.0]])))  # mean 1, variance 1: 0.5 * (0 + 4)
        2.0

    References:
        Nix and Weigend, `Estimating the mean and variance of the target probability distribution
        <https://doi.org/10.1109/ICNN.1994.374138>`_, 1994
    """

    inputs = ("gaussian",)
    bounds = (float("-inf"), float("inf"))
    alternatives = {"full": True, "min_variance": 0.5}

    def __init__(
        self,
        full: bool = False,
        min_variance: float = 1e-6,
        reduction: str | None = "sum_over_batch_size",
        name: str = "gaussian_negative_log_likelihood",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        if not 0 < min_variance < float("inf"):
            raise ValueError(f"`min_variance` must be positive and finite. Received: min_variance={min_variance}")
        self.full = full
        self.min_variance = min_variance

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """A target for each mean of the packed predictions."""
        columns = y_pred.shape[-1] if len(y_pred.shape) > 1 else None
        if not columns or columns % 2:
            expected = "means and log variances on the last axis of `y_pred`, as many of each as targets"
            raise mismatch(y_true, y_pred, self.name, expected)
        try:
            y_true, _ = same_shape(y_true, y_pred[..., : columns // 2], self.name)
        except ValueError:
            expected = f"{columns // 2} targets for each row of `y_pred`"
            raise mismatch(y_true, y_pred, self.name, expected) from None
        return ops.cast(y_true, self.dtype), y_pred

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each row."""
        mean, log_variance = ops.split(y_pred, 2, axis=-1)
        log_variance = ops.maximum(log_variance, math.log(self.min_variance))
        values = 0.5 * (log_variance + ops.square(y_true - mean) * ops.exp(-log_variance))
        constant = 0.5 * math.log(2 * math.pi) if self.full else 0.0
        return ops.mean(values, axis=-1) + constant

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "full": self.full, "min_variance": self.min_variance}
