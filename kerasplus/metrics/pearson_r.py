"""The linear correlation of targets and predictions over all samples."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._moment_metric import XX, XY, YY, MomentMetric, X, Y


@keras.saving.register_keras_serializable(package="kerasplus")
class PearsonR(MomentMetric):
    r"""Linear correlation of targets and predictions, over all samples seen.

    With the covariance :math:`s_{yp}` and the variances :math:`s_{yy}` and :math:`s_{pp}`:

    .. math:: r = \frac{s_{yp}}{\sqrt{s_{yy} s_{pp}}}

    A constant target or prediction gives 0. Keras' `PearsonCorrelation` is the mean of the correlations
    within single samples.

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
        >>> metric = PearsonR()
        >>> metric.update_state(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
        >>> round(float(metric.result()), 4)
        0.9608

    References:
        `SciPy <https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.pearsonr.html>`_
    """

    bounds = (-1.0, 1.0)

    def __init__(
        self,
        multioutput: str = "uniform_average",
        name: str = "pearson_r",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            multioutput=multioutput,
            name=name,
            dtype=dtype,
        )

    def from_moments(self, sums: Any, centred: Any) -> Any:
        """The value of each output."""
        covariance, scale = centred(X, Y, XY), ops.sqrt(centred(X, X, XX)) * ops.sqrt(centred(Y, Y, YY))
        constant = ops.equal(scale, 0)
        value = ops.clip(covariance / ops.where(constant, 1.0, scale), -1.0, 1.0)
        return ops.where(constant, 0.0, value)
