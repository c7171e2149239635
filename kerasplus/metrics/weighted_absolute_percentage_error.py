"""The sum of the absolute errors over the sum of the absolute targets."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._mean_metric import MeanMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class WeightedAbsolutePercentageError(MeanMetric):
    r"""Sum of the absolute errors relative to the sum of the absolute targets.

    .. math:: \frac{\sum_i w_i |y_i - p_i|}{\sum_i w_i |y_i|}

    Unlike the mean percentage error it can be taken where some targets are 0. If all are, it is 0.

    Args:
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch, ..., outputs)`, or `(batch,)`, which is read as `(batch, 1)`.
        A scalar.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = WeightedAbsolutePercentageError()
        >>> metric.update_state(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
        >>> round(float(metric.result()), 4)  # 2 / 6
        0.3333

    References:
        Kolassa and Schütz, `Advantages of the MAD/Mean ratio over the MAPE
        <https://ideas.repec.org/a/for/ijafaa/y2007i6p40-43.html>`_, 2007
    """

    bounds = (0.0, float("inf"))
    direction = "min"

    def __init__(
        self,
        name: str = "weighted_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)

    def terms(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """What each value adds to the two sums."""
        return ops.abs(y_true - y_pred), ops.abs(y_true)
