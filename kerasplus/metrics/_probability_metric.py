"""The bases of the metrics of what a sample's predicted probabilities are worth."""

from __future__ import annotations

import abc
from typing import Any

from keras import ops

from kerasplus.metrics._confusion import check_ids, kept_ids
from kerasplus.metrics._mean_metric import MeanMetric
from kerasplus.metrics._streaming_metric import StreamingMetric


class ProbabilityRows(StreamingMetric):
    """Base of metrics of a target class and the predicted probabilities of all classes.

    A target outside the classes raises where its value can be looked at; in a compiled step it makes
    the result NaN until the next reset.
    """

    inputs = ("sparse", "one_hot")
    keeps_logits = False
    alternatives = {"from_logits": True, "ignore_class": 1}

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if ignore_class is not None and not isinstance(ignore_class, int):
            raise ValueError(f"`ignore_class` must be None or an integer. Received: ignore_class={ignore_class}")
        self.from_logits = from_logits
        self.ignore_class = ignore_class

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """As the base; predictions of shape `(batch,)` are a single column."""
        if len(y_pred.shape) == 1:
            y_pred = ops.expand_dims(y_pred, -1)
        return super().align(y_true, y_pred)

    def rows(self, y_true: Any, y_pred: Any) -> tuple[Any, Any, Any, Any]:
        """For each sample its target, its probabilities, whether it counts, and whether it is of no class."""
        ids, kept = kept_ids(y_true, y_pred, self.ignore_class)
        kept = ops.ones_like(ids, dtype="bool") if kept is None else kept
        classes = max(y_pred.shape[-1], 2)
        check_ids(ids, classes, self.name)
        outside = ops.less(ids, 0) | ops.greater_equal(ids, classes)
        if self.from_logits and not (self.keeps_logits and y_pred.shape[-1] > 1):
            y_pred = ops.sigmoid(y_pred) if y_pred.shape[-1] == 1 else ops.softmax(y_pred, axis=-1)
        return ops.where(outside, 0, ids), y_pred, kept, outside

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "from_logits": self.from_logits, "ignore_class": self.ignore_class}


class ProbabilityMetric(ProbabilityRows, MeanMetric):
    """Base of means over samples of a value of the target and of the predicted probabilities."""

    @abc.abstractmethod
    def values(self, ids: Any, probabilities: Any) -> Any:
        """The value of each sample."""

    def terms(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """The value of each sample, and one for each."""
        ids, probabilities, kept, outside = self.rows(y_true, y_pred)
        values = ops.where(outside, float("nan"), self.values(ids, probabilities))
        return ops.where(kept, values, 0.0), ops.cast(kept, values.dtype)
