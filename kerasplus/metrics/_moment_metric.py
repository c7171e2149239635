"""The base of the metrics of variance and covariance, from sums that add and do not cancel."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any

from keras import ops

from kerasplus import _compensated
from kerasplus._weights import leave_out
from kerasplus.metrics._streaming_metric import StreamingMetric

COUNT, X, Y, XX, YY, XY = range(6)
MULTIOUTPUT = ("uniform_average", "variance_weighted", "raw_values")


class MomentMetric(StreamingMetric):
    """Base of metrics made from the first and second moments of two variables, for each output.

    The sums hold 48 bits, products included, and their differences are taken before they are rounded:
    targets that vary little around a large number keep their variance.
    """

    direction = "max"
    alternatives = {"multioutput": "raw_values"}

    def __init__(self, multioutput: str = "uniform_average", name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        if multioutput not in MULTIOUTPUT:
            raise ValueError(f"`multioutput` must be one of {list(MULTIOUTPUT)}. Received: multioutput={multioutput!r}")
        self.multioutput = multioutput

    def totals_for(self, columns: int) -> Mapping[str, tuple[tuple[int, ...], int]]:
        """Six sums for each output."""
        return {"moments": ((6, columns), 3)}

    def variables_of(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """The two variables whose moments are kept; targets and predictions unless overridden."""
        return y_true, y_pred

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """The moments of a batch."""
        x, y = self.variables_of(y_true, y_pred)
        rows = ops.ones_like(x)
        if sample_weight is not None:
            weights = sample_weight
            while 0 < len(weights.shape) < len(x.shape):
                weights = ops.expand_dims(weights, -1)
            rows = rows * weights
        x, y, rows = (ops.reshape(each, (-1, x.shape[-1])) for each in (x, y, rows))
        sums = [
            _compensated.sum_pieces(rows, 0),
            *(self._sum_of(rows, each) for each in (x, y)),
            *(self._sum_of(rows, a, b) for a, b in ((x, x), (y, y), (x, y))),
        ]
        longest = max(len(pieces) for pieces in sums)
        zero = ops.zeros_like(sums[0][0])
        filled = [[*pieces, *[zero] * (longest - len(pieces))] for pieces in sums]
        return {"moments": [ops.stack(level) for level in zip(*filled, strict=True)]}

    def compute(self, totals: Mapping[str, Any]) -> Any:
        """The values of the outputs, averaged or by name."""
        moments = self.parts_of("moments")
        plain = totals["moments"]
        values = self.from_moments(plain, lambda a, b, ab: self._centred(moments, a, b, ab))
        if self.multioutput == "raw_values":
            return {f"{self.name}_{output}": values[output] for output in range(values.shape[0])}
        if self.multioutput == "uniform_average":
            return ops.mean(values)
        spread = self._centred(moments, X, X, XX)
        alone = ops.all(ops.equal(spread, 0))
        weights = ops.where(alone, 1.0, spread)
        values = leave_out(values, weights)  # what does not vary may be infinite
        return ops.sum(values * weights) / ops.sum(weights)

    @abc.abstractmethod
    def from_moments(self, sums: Any, centred: Any) -> Any:
        """The value of each output, from the sums and from a function that gives centred ones."""

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "multioutput": self.multioutput}

    def _sum_of(self, rows: Any, a: Any, b: Any = None) -> list[Any]:
        if b is None:
            return _compensated.sum_product_pieces(rows, a, 0)
        if _compensated.widest_dtype() == "float64":
            return [ops.sum(ops.cast(rows, "float64") * ops.cast(a, "float64") * ops.cast(b, "float64"), axis=0)]
        upper, lower = _compensated.two_product(rows, a)
        return [*_compensated.sum_product_pieces(upper, b, 0), ops.sum(lower * b, axis=0)]

    def _centred(self, moments: list[Any], a: int, b: int, ab: int) -> Any:
        def of(index: int) -> list[Any]:
            return [part[index] for part in moments]

        return _compensated.centred_sum(of(COUNT), of(a), of(b), of(ab))
