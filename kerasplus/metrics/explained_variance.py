"""The share of the variance of the targets that is gone from the errors."""

import math
from typing import Any

import keras
from keras import ops

from kerasplus.metrics._moment_metric import COUNT, XX, YY, MomentMetric, X, Y


@keras.saving.register_keras_serializable(package="kerasplus")
class ExplainedVariance(MomentMetric):
    r"""Share of the variance of the targets that is not in the errors.

    With targets :math:`y` and errors :math:`e = y - p`:

    .. math:: 1 - \frac{\operatorname{Var}(e)}{\operatorname{Var}(y)}

    Unlike R², a constant error costs nothing. Constant targets give 1 if the errors are constant too,
    else 0.

    Args:
        multioutput: `"uniform_average"`, the mean over outputs; `"variance_weighted"`, by the variance of the
            targets; or `"raw_values"`, a dict with one value for each output.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch, ..., outputs)`, or `(batch,)`, which is read as `(batch, 1)`.
        A scalar, or a dict of `name_output`.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = ExplainedVariance()
        >>> metric.update_state(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
        >>> round(float(metric.result()), 4)  # 1 - (8/9) / (2/3)
        -0.3333

    References:
        `scikit-learn <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.explained_variance_score.html>`_
    """

    bounds = (-math.inf, 1.0)

    def __init__(
        self,
        multioutput: str = "uniform_average",
        name: str = "explained_variance",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            multioutput=multioutput,
            name=name,
            dtype=dtype,
        )

    def variables_of(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """The targets and the errors."""
        return y_true, y_true - y_pred

    def from_moments(self, sums: Any, centred: Any) -> Any:
        """The value of each output."""
        spread, left = centred(X, X, XX), centred(Y, Y, YY)
        constant = ops.equal(spread, 0)
        value = 1 - left / ops.where(constant, 1.0, spread)
        perfect = ops.equal(left, 0) & (sums[COUNT] > 0)
        return ops.where(constant, ops.cast(perfect, value.dtype), value)
