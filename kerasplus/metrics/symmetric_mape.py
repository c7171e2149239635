"""The absolute error relative to the size of target and prediction, from 0 to 2."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._mean_metric import MeanMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class SymmetricMAPE(MeanMetric):
    r"""Mean absolute error relative to the mean size of target and prediction, from 0 to 2.

    .. math:: \frac{1}{n} \sum_i \frac{2 |y_i - p_i|}{|y_i| + |p_i|}

    Two zeros agree: they add 0. Some libraries halve it or give percents; this form is in 0 to 2.

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
        >>> metric = SymmetricMAPE()
        >>> metric.update_state(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
        >>> round(float(metric.result()), 4)  # (2 * 2 / 8) / 3
        0.1667

    References:
        Makridakis, `Accuracy measures <https://doi.org/10.1016/0169-2070(93)90079-3>`_, 1993
    """

    bounds = (0.0, 2.0)
    direction = "min"

    def __init__(
        self,
        name: str = "symmetric_mape",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)

    def terms(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """What each value adds to the two sums."""
        size = ops.abs(y_true) + ops.abs(y_pred)
        empty = ops.equal(size, 0)
        values = 2 * ops.abs(y_true - y_pred) / ops.where(empty, 1.0, size)
        return values, ops.ones_like(values)
