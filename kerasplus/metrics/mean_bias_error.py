"""The mean of the signed errors."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._mean_metric import MeanMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class MeanBiasError(MeanMetric):
    r"""Mean of predictions minus targets: above 0 where predictions are too high.

    .. math:: \frac{\sum_i w_i (p_i - y_i)}{\sum_i w_i}

    over all values.

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
        >>> metric = MeanBiasError()
        >>> metric.update_state(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
        >>> round(float(metric.result()), 4)  # (0 + 0 + 2) / 3
        0.6667

    References:
        `scikit-learn <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.mean_absolute_error.html>`_
    """

    def __init__(
        self,
        name: str = "mean_bias_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)

    def terms(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """What each value adds to the two sums."""
        errors = y_pred - y_true
        return errors, ops.ones_like(errors)
