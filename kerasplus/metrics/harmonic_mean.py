"""The harmonic mean of the predictions."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._mean_metric import MeanMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class HarmonicMean(MeanMetric):
    r"""Harmonic mean of positive predictions, weighted.

    For the values :math:`p_i`, which need no targets (`y_true` only aligns):

    .. math:: \frac{\sum_i w_i}{\sum_i w_i / p_i}

    A value of 0 makes it 0. Replaces `tfa.metrics.HarmonicMean`.

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
        >>> metric = HarmonicMean()
        >>> metric.update_state(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
        >>> round(float(metric.result()), 4)  # 3 / (1 + 1/2 + 1/5)
        1.7647

    References:
        `SciPy <https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.hmean.html>`_
    """

    inputs = ("positive",)
    bounds = (0.0, float("inf"))

    def __init__(
        self,
        name: str = "harmonic_mean",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)

    def terms(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """What each value adds to the two sums."""
        values = ops.where(ops.equal(y_pred, 0), 1e30, 1 / ops.where(ops.equal(y_pred, 0), 1.0, y_pred))
        return ops.ones_like(values), values
