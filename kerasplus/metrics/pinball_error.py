"""The mean pinball loss of predicted quantiles."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._mean_metric import MeanMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class PinballError(MeanMetric):
    r"""Mean error of a predicted quantile.

    For the quantile :math:`q` and the error :math:`e = y - p`:

    .. math:: \frac{1}{n} \sum_i \max(q e_i, (q - 1) e_i)

    At 0.5 it is half of the mean absolute error.

    Args:
        quantile: The quantile :math:`0 < q < 1` that is predicted.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch, ..., outputs)`, or `(batch,)`, which is read as `(batch, 1)`.
        A scalar.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = PinballError()
        >>> metric.update_state(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
        >>> round(float(metric.result()), 4)  # 0.5 * 2 / 3
        0.3333

    References:
        `scikit-learn <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.mean_pinball_loss.html>`_
    """

    bounds = (0.0, float("inf"))
    direction = "min"
    alternatives = {"quantile": 0.9}

    def __init__(
        self,
        quantile: float = 0.5,
        name: str = "pinball_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if not 0 < quantile < 1:
            raise ValueError(f"`quantile` must be between 0 and 1. Received: quantile={quantile}")
        self.quantile = quantile

    def terms(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """What each value adds to the two sums."""
        errors = y_true - y_pred
        values = ops.maximum(self.quantile * errors, (self.quantile - 1) * errors)
        return values, ops.ones_like(values)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "quantile": self.quantile,
        }
