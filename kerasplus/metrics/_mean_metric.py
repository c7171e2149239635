"""The base of the metrics that are one sum over another."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any

from keras import ops

from kerasplus.metrics._streaming_metric import StreamingMetric


class MeanMetric(StreamingMetric):
    """Base of metrics that are the quotient of two sums over the values, 0 where nothing was seen."""

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.add_total("numerator")
        self.add_total("denominator")

    @abc.abstractmethod
    def terms(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """What each value adds to the numerator and to the denominator."""

    def finish(self, quotient: Any) -> Any:
        """The result from the quotient of the sums; the quotient itself unless overridden."""
        return quotient

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """The two sums of a batch."""
        numerator, denominator = self.terms(y_true, y_pred)
        return {
            "numerator": self.weighted_sum(numerator, sample_weight),
            "denominator": self.weighted_sum(denominator, sample_weight),
        }

    def compute(self, totals: Mapping[str, Any]) -> Any:
        """The quotient, finished."""
        empty = ops.equal(totals["denominator"], 0)
        quotient = totals["numerator"] / ops.where(empty, 1.0, totals["denominator"])
        return ops.where(empty, 0.0, self.finish(ops.where(empty, 1.0, quotient)))
