"""How close targets and predictions are to the line of equality."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._moment_metric import COUNT, XX, XY, YY, MomentMetric, X, Y


@keras.saving.register_keras_serializable(package="kerasplus")
class ConcordanceR(MomentMetric):
    r"""Concordance correlation coefficient (Lin), over all samples seen.

    With the covariance :math:`s_{yp}`, the variances :math:`s_{yy}`, :math:`s_{pp}` (divided by the weights)
    and the means:

    .. math:: \rho = \frac{2 s_{yp}}{s_{yy} + s_{pp} + (\bar y - \bar p)^2}

    Constant and equal targets and predictions give 1; before the first sample it is 0.

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
        >>> metric = ConcordanceR()
        >>> metric.update_state(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
        >>> round(float(metric.result()), 4)
        0.6667

    References:
        Lin, `A concordance correlation coefficient to evaluate reproducibility
        <https://doi.org/10.2307/2532051>`_, 1989
    """

    bounds = (-1.0, 1.0)

    def __init__(
        self,
        multioutput: str = "uniform_average",
        name: str = "concordance_r",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            multioutput=multioutput,
            name=name,
            dtype=dtype,
        )

    def from_moments(self, sums: Any, centred: Any) -> Any:
        """The value of each output."""
        number = ops.where(ops.equal(sums[COUNT], 0), 1.0, sums[COUNT])
        gap = (sums[X] - sums[Y]) / number
        scale = (centred(X, X, XX) + centred(Y, Y, YY)) / number + ops.square(gap)
        same = ops.equal(scale, 0)
        value = 2 * centred(X, Y, XY) / number / ops.where(same, 1.0, scale)
        return ops.where(same, ops.cast(sums[COUNT] > 0, value.dtype), value)
