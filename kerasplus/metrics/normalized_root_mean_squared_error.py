"""The root mean squared error, in units of the targets."""

import math
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kerasplus import _replicas
from kerasplus._weights import leave_out
from kerasplus.metrics._class_metric import ratio
from kerasplus.metrics._moment_metric import COUNT, XX, YY, MomentMetric, X


@keras.saving.register_keras_serializable(package="kerasplus")
class NormalizedRootMeanSquaredError(MomentMetric):
    r"""Root mean squared error, relative to the range, mean, spread or size of the targets.

    For the targets :math:`y` and predictions :math:`p` of an output:

    .. math:: \frac{1}{d} \sqrt{\frac{\sum_i w_i (y_i - p_i)^2}{\sum_i w_i}}

    where :math:`d` is, by `normalization`, the largest target minus the smallest one, whatever their
    weights; the absolute value of the mean; the standard deviation, that of a population; or, for
    `"l2"`, the root of the mean square, so that the result is the relative error
    :math:`\|y - p\|_2 / \|y\|_2`. (torchmetrics divides by :math:`\|y\|_2` itself, so that its value
    shrinks with the number of samples.) All are of the targets seen. Where :math:`d = 0` the result
    is 0 without an error, and infinite with one.

    Args:
        normalization: `"range"`, `"mean"`, `"std"` or `"l2"`.
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
        >>> metric = NormalizedRootMeanSquaredError()
        >>> metric.update_state(np.array([1.0, 2.0, 5.0]), np.array([1.0, 2.0, 2.0]))
        >>> round(float(metric.result()), 4)  # sqrt(9 / 3) / (5 - 1)
        0.433

    References:
        Shcherbakov et al., `A Survey of Forecast Error Measures
        <https://doi.org/10.5829/idosi.wasj.2013.24.itmies.80032>`_, 2013
    """

    direction = "min"
    bounds = (0.0, math.inf)
    alternatives = {"normalization": "std", "multioutput": "raw_values"}

    def __init__(
        self,
        normalization: str = "range",
        multioutput: str = "uniform_average",
        name: str = "normalized_root_mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(multioutput=multioutput, name=name, dtype=dtype)
        if normalization not in ("range", "mean", "std", "l2"):
            raise ValueError(
                f'`normalization` must be "range", "mean", "std" or "l2". Received: normalization={normalization!r}'
            )
        self.normalization = normalization

    def variables_of(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """The targets and the errors."""
        return y_true, y_true - y_pred

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """The moments of a batch, and the largest target and the largest negated one of each output."""
        moments = super().statistics(y_true, y_pred, sample_weight)
        if self.normalization != "range":
            return moments
        signed = ops.stack([y_true, -y_true], axis=-2)
        weights = None if sample_weight is None else ops.reshape(sample_weight, (*ops.shape(sample_weight), 1, 1))
        signed = ops.reshape(leave_out(signed, weights, -math.inf), (-1, 2, y_true.shape[-1]))
        return {**moments, "extremes": ops.max(signed, axis=0, initial=-math.inf)}

    def from_moments(self, sums: Any, centred: Any) -> Any:
        """The value of each output."""
        error = ops.sqrt(ratio(sums[YY], sums[COUNT]))
        unit = self._unit(sums, centred)
        alone = ops.equal(unit, 0)
        return ops.where(alone, ops.where(ops.equal(error, 0), 0.0, math.inf), error / ops.where(alone, 1.0, unit))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "normalization": self.normalization}

    def _build(self, columns: int | None) -> None:
        new = self._columns is None
        super()._build(columns)
        if new and self.normalization == "range":
            self.add_maximum("extremes", (2, self._columns or 1))

    def _unit(self, sums: Any, centred: Any) -> Any:
        """What the errors of each output are measured in."""
        if self.normalization == "mean":
            return ops.abs(ratio(sums[X], sums[COUNT]))
        if self.normalization == "std":
            return ops.sqrt(ratio(centred(X, X, XX), sums[COUNT]))
        if self.normalization == "l2":
            return ops.sqrt(ratio(sums[XX], sums[COUNT]))
        if "extremes" not in self._maxima:
            return ops.zeros_like(sums[X])
        highest = ops.cast(_replicas.highest(self._maxima["extremes"]), sums.dtype)
        return ops.where(sums[COUNT] > 0, highest[0] + highest[1], 0.0)
