"""The geometric mean of the predictions."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._mean_metric import MeanMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class GeometricMean(MeanMetric):
    r"""Geometric mean of positive predictions, weighted.

    For the values :math:`p_i`, which need no targets (`y_true` only aligns):

    .. math:: \exp \frac{\sum_i w_i \ln p_i}{\sum_i w_i}

    A value of 0 makes it 0. Replaces `tfa.metrics.GeometricMean`.

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
        >>> metric = GeometricMean()
        >>> metric.update_state(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
        >>> round(float(metric.result()), 4)  # 10 ** (1 / 3)
        2.1544

    References:
        `SciPy <https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.gmean.html>`_
    """

    inputs = ("positive",)
    bounds = (0.0, float("inf"))

    def __init__(
        self,
        name: str = "geometric_mean",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)

    def terms(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """What each value adds to the two sums."""
        zero = ops.equal(y_pred, 0)
        values = ops.where(zero, -1e30, ops.log(ops.where(zero, 1.0, y_pred)))
        return values, ops.ones_like(values)

    def finish(self, quotient: Any) -> Any:
        """The result from the quotient of the sums."""
        return ops.exp(quotient)
