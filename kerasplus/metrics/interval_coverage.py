"""How many targets lie in their predicted interval."""

from typing import Any

import keras
from keras import ops

from kerasplus._alignment import mismatch
from kerasplus.metrics._mean_metric import MeanMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class IntervalCoverage(MeanMetric):
    r"""Share of the targets that lie in their predicted interval, ends included.

    For the interval :math:`[l_i, u_i]` that the last axis of the predictions holds:

    .. math:: \frac{\sum_i w_i [l_i \le y_i \le u_i]}{\sum_i w_i}

    An interval whose ends are crossed holds nothing.

    Args:
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` `(batch, ..., 1)` or `(batch, ...)`; `y_pred` `(batch, ..., 2)`, the lower end first. A last axis of
        size one is an interval of one point.
        A scalar.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = IntervalCoverage()
        >>> metric.update_state(np.array([1.0, 2.0]), np.array([[0.0, 1.0], [1.0, 3.0]]))
        >>> float(metric.result())
        1.0

    References:
        Khosravi et al., `Comprehensive review of neural network-based prediction intervals
        <https://doi.org/10.1109/TNN.2011.2162110>`_, 2011
    """

    bounds = (0.0, 1.0)

    def __init__(
        self,
        name: str = "interval_coverage",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """A column of targets for each interval."""
        if len(y_pred.shape) == 1 or tuple(y_true.shape) == tuple(y_pred.shape) or y_pred.shape[-1] == 1:
            return super().align(y_true, y_pred)
        if y_pred.shape[-1] != 2:
            raise mismatch(y_true, y_pred, self.name, "`y_pred` with two columns, the lower and the upper end")
        try:
            y_true, _ = super().align(y_true, y_pred[..., :1])
        except ValueError:
            raise mismatch(y_true, y_pred, self.name, "one target for each interval") from None
        return y_true, y_pred

    def terms(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """What each value adds to the two sums."""
        target = y_true[..., 0]
        inside = ops.cast((y_pred[..., 0] <= target) & (target <= y_pred[..., -1]), y_pred.dtype)
        return inside, ops.ones_like(inside)
