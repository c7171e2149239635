"""The Tweedie loss, for counts and amounts that are often zero and never negative."""

from typing import Any

import keras
from keras import ops

from kerasplus.losses._per_sample_loss import PerSampleLoss

_LARGEST_EXPONENT = 50.0
"""From here on the exponential goes on as a straight line, so that neither it nor its slope overflows."""


@keras.saving.register_keras_serializable(package="kerasplus")
class Tweedie(PerSampleLoss):
    r"""Negative log-likelihood of a Tweedie distribution, for claims, rainfall, sales and counts.

    For a target :math:`y \geq 0`, a prediction :math:`s`, which is the **logarithm** of the mean, and
    the `power` :math:`r` of the variance, averaged over the last axis:

    .. math:: L = -\frac{y \, e^{(1 - r) s}}{1 - r} + \frac{e^{(2 - r) s}}{2 - r}

    At 1 it is the Poisson loss :math:`e^s - y s`, at 2 the Gamma loss :math:`y e^{-s} + s`; between
    them it allows for a share of exact zeros. What does not depend on the prediction is left out, so
    that the loss can be negative; it is least where :math:`e^s = y`. Exponents above 50 are continued
    as a straight line, which keeps the loss and its slope finite.

    Args:
        power: The power of the mean that the variance grows with, from 1 to 2.
        reduction: How the values of the samples are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch, ..., d)`, or `(batch,)`, which is read as `(batch, 1)`. One
        value per row of the last axis.

    Raises:
        ValueError: If `power` is not from 1 to 2, or if the shapes differ.

    Examples:
        >>> import numpy as np
        >>> float(Tweedie(power=1.0)(np.array([3.0]), np.array([0.0])))  # e^0 - 3 * 0
        1.0
        >>> float(Tweedie(power=1.5)(np.array([3.0]), np.array([0.0])))  # 2 * 3 + 2
        8.0

    References:
        Jorgensen, `Exponential Dispersion Models
        <https://doi.org/10.1111/j.2517-6161.1987.tb01685.x>`_, 1987
    """

    inputs = ("positive",)
    bounds = (float("-inf"), float("inf"))
    alternatives = {"power": 1.0}

    def __init__(
        self,
        power: float = 1.5,
        reduction: str | None = "sum_over_batch_size",
        name: str = "tweedie",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        if not 1 <= power <= 2:
            raise ValueError(f"`power` must be from 1 to 2. Received: power={power}")
        self.power = power

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each row."""
        if self.power == 1:
            values = _exponential(y_pred) - y_true * y_pred
        elif self.power == 2:
            values = y_true * _exponential(-y_pred) + y_pred
        else:
            first, second = 1 - self.power, 2 - self.power
            values = _exponential(second * y_pred) / second - y_true * _exponential(first * y_pred) / first
        return ops.mean(values, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "power": self.power}


def _exponential(x: Any) -> Any:
    """The exponential, continued by its tangent from a large exponent on."""
    capped = ops.minimum(x, _LARGEST_EXPONENT)
    return ops.exp(capped) * (1 + ops.relu(x - _LARGEST_EXPONENT))
