"""The largest error."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kerasplus.metrics._streaming_metric import StreamingMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class MaxError(StreamingMetric):
    r"""Largest absolute difference of a prediction from its target.

    .. math:: \max_{i: w_i \ne 0} |y_i - p_i|

    over all values. A sample weight leaves a sample out if it is 0, and changes nothing otherwise.
    Without a sample it is 0.

    Args:
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch, ..., outputs)`, or `(batch,)`, which is read as `(batch, 1)`.
        A scalar.

    Raises:
        ValueError: If the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = MaxError()
        >>> metric.update_state(np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 2.5]))
        >>> float(metric.result())
        2.0

    References:
        `scikit-learn: max_error
        <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.max_error.html>`_
    """

    direction = "min"
    bounds = (0.0, float("inf"))

    def __init__(self, name: str = "max_error", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.add_maximum("error")

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """The largest error of a batch."""
        return {"error": self.weighted_maximum(ops.abs(y_true - y_pred), sample_weight)}

    def compute(self, totals: Mapping[str, Any]) -> Any:
        """The largest error, 0 where nothing was seen."""
        return ops.where(ops.equal(totals["error"], -float("inf")), 0.0, totals["error"])
