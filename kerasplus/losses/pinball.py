"""The quantile loss: what is least where the prediction is a quantile of the target."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasplus._alignment import mismatch, same_shape
from kerasplus.losses._per_sample_loss import PerSampleLoss


@keras.saving.register_keras_serializable(package="kerasplus")
class Pinball(PerSampleLoss):
    r"""Pinball loss, for regression to quantiles.

    For a target :math:`y`, a prediction :math:`p` and one of the `quantiles` :math:`q`, averaged over
    the last axis:

    .. math:: L_q = \max\bigl(q \, (y - p), (q - 1) \, (y - p)\bigr)

    Its expected value is least where :math:`p` is the :math:`q`-quantile of :math:`y`; at 0.5 it is
    half of the absolute error. With a list, each column of the predictions is trained to a quantile of
    its own and the loss is the mean over them.

    Args:
        quantiles: One quantile, greater than 0 and less than 1, or a list of them.
        reduction: How the values of the samples are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        With one quantile `y_true` and `y_pred` `(batch, ..., d)` or `(batch,)`. With a list of
        :math:`k`, `y_pred` is `(batch, ..., k)` and `y_true` is `(batch, ...)`, `(batch, ..., 1)` or
        `(batch, ..., k)`. One value per row of the last axis.

    Raises:
        ValueError: If a quantile is not between 0 and 1, if there is none, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> float(Pinball(0.75)(np.array([4.0]), np.array([2.0])))  # too low by 2: 0.75 * 2
        1.5
        >>> float(Pinball([0.25, 0.75])(np.array([4.0]), np.array([[2.0, 6.0]])))
        0.5

    References:
        Koenker and Bassett, `Regression Quantiles <https://doi.org/10.2307/1913643>`_, 1978
    """

    zero_at_equality = True
    alternatives = {"quantiles": 0.9}

    def __init__(
        self,
        quantiles: float | Sequence[float] = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str = "pinball",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        levels = [float(quantile) for quantile in quantiles] if isinstance(quantiles, Sequence) else [float(quantiles)]
        if not levels or not all(0 < quantile < 1 for quantile in levels):
            raise ValueError(
                "`quantiles` must be a number between 0 and 1, or a list of such numbers. "
                f"Received: quantiles={quantiles}"
            )
        self.quantiles = levels if isinstance(quantiles, Sequence) else levels[0]

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """With a list of quantiles, a target for each row of predictions."""
        if isinstance(self.quantiles, float):
            return super().align(y_true, y_pred)
        count = len(self.quantiles)
        if len(y_pred.shape) < 2 or y_pred.shape[-1] != count:
            expected = f"one column of `y_pred` for each of the {count} quantiles"
            raise mismatch(y_true, y_pred, self.name, expected)
        if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == count:
            return super().align(y_true, y_pred)
        try:
            y_true, _ = same_shape(y_true, y_pred[..., :1], self.name)
        except ValueError:
            raise mismatch(y_true, y_pred, self.name, "one target for each row of `y_pred`") from None
        return ops.cast(ops.repeat(y_true, count, axis=-1), self.dtype), y_pred

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each row, averaged over quantiles or outputs."""
        quantiles = ops.convert_to_tensor(self.quantiles, dtype=y_pred.dtype)
        error = y_true - y_pred
        return ops.mean(ops.maximum(quantiles * error, (quantiles - 1) * error), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "quantiles": self.quantiles}
