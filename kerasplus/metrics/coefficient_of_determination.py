"""The share of the variance of the targets that the predictions explain, R²."""

import math
from typing import Any

import keras
from keras import ops

from kerasplus.metrics._moment_metric import COUNT, XX, YY, MomentMetric, X


@keras.saving.register_keras_serializable(package="kerasplus")
class CoefficientOfDetermination(MomentMetric):
    r"""Coefficient of determination, R².

    With targets :math:`y`, predictions :math:`p` and the weighted mean :math:`\bar y` of all targets seen:

    .. math:: R^2 = 1 - \frac{\sum_i w_i (y_i - p_i)^2}{\sum_i w_i (y_i - \bar y)^2}

    With `num_regressors` :math:`r` it is adjusted for them, where :math:`n = \sum_i w_i`, so that a weight
    counts as so many samples:

    .. math:: 1 - (1 - R^2) \frac{n - 1}{n - r - 1}

    With no more than :math:`r + 1` samples there is nothing to adjust by, and it stays :math:`R^2`.
    Constant targets give 1 if every prediction is right, else 0, as in scikit-learn; so does a single
    sample. Replaces `tfa.metrics.RSquare`. Keras' `R2Score` subtracts large float32 sums, and is above 1
    for targets around 10,000 that vary by 10.

    Args:
        multioutput: `"uniform_average"`, the mean over outputs; `"variance_weighted"`, by the variance of the
            targets; or `"raw_values"`, a dict with one value for each output.
        num_regressors: How many inputs the predictions were fitted to; 0 for no adjustment.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch, ..., outputs)`, or `(batch,)`, which is read as `(batch, 1)`.
        A scalar, or a dict of `name_output`.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = CoefficientOfDetermination()
        >>> metric.update_state(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
        >>> float(metric.result())  # 1 - 4 / 2
        -1.0

    References:
        `scikit-learn <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.r2_score.html>`_
    """

    bounds = (-math.inf, 1.0)
    alternatives = {"multioutput": "raw_values", "num_regressors": 1}

    def __init__(
        self,
        multioutput: str = "uniform_average",
        num_regressors: int = 0,
        name: str = "coefficient_of_determination",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            multioutput=multioutput,
            name=name,
            dtype=dtype,
        )
        if not isinstance(num_regressors, int) or num_regressors < 0:
            raise ValueError(
                f"`num_regressors` must be an integer, 0 or more. Received: num_regressors={num_regressors}"
            )
        self.num_regressors = num_regressors
        self.scales_with_weight = None if num_regressors else False

    def variables_of(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """The targets and the errors."""
        return y_true, y_true - y_pred

    def from_moments(self, sums: Any, centred: Any) -> Any:
        """The value of each output."""
        spread = centred(X, X, XX)
        constant = ops.equal(spread, 0)
        value = 1 - sums[YY] / ops.where(constant, 1.0, spread)
        perfect = ops.equal(sums[YY], 0) & (sums[COUNT] > 0)
        value = ops.where(constant, ops.cast(perfect, value.dtype), value)
        if not self.num_regressors:
            return value
        left = sums[COUNT] - self.num_regressors - 1
        adjusted = 1 - (1 - value) * (sums[COUNT] - 1) / ops.where(left > 0, left, 1.0)
        return ops.where(left > 0, adjusted, value)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "num_regressors": self.num_regressors}
