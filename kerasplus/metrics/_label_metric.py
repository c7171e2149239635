"""The base of the metrics of which labels, or which classes, are predicted wrong."""

from __future__ import annotations

from typing import Any

from keras import ops

from kerasplus.metrics._confusion import check_ids, kept_ids, predicted_classes
from kerasplus.metrics._mean_metric import MeanMetric


class LabelMetric(MeanMetric):
    """Base of means of what is predicted wrong, of several labels for each row or of one class.

    A target outside the classes raises where its value can be looked at; in a compiled step it is wrong.
    """

    inputs: tuple[str, ...] = ("multilabel",)
    bounds = (0.0, 1.0)
    alternatives = {"mode": "multiclass", "threshold": 0.25, "ignore_class": 1}

    def __init__(
        self,
        mode: str = "multilabel",
        threshold: float = 0.5,
        ignore_class: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if mode not in ("multilabel", "multiclass"):
            raise ValueError(f'`mode` must be "multilabel" or "multiclass". Received: mode={mode!r}')
        if not isinstance(threshold, (int, float)) or threshold != threshold:
            raise ValueError(f"`threshold` must be a number. Received: threshold={threshold}")
        if ignore_class is not None and not isinstance(ignore_class, int):
            raise ValueError(f"`ignore_class` must be None or an integer. Received: ignore_class={ignore_class}")
        self.mode = mode
        self.threshold = threshold
        self.ignore_class = ignore_class
        if mode == "multiclass":
            self.inputs = ("sparse", "one_hot")

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """As the base; predictions of classes of shape `(batch,)` are a single column."""
        if self.mode == "multiclass" and len(y_pred.shape) == 1:
            y_pred = ops.expand_dims(y_pred, -1)
        return super().align(y_true, y_pred)

    def decided(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Which labels, or which classes of rows, are wrong, and which count."""
        if self.mode == "multilabel":
            wrong = ops.not_equal(y_true > 0.5, y_pred > self.threshold)
            if self.ignore_class is None:
                return wrong, ops.ones_like(wrong)
            return wrong, ops.not_equal(y_true, self.ignore_class)
        if y_pred.shape[-1] == 1:
            predicted = ops.cast(y_pred[..., 0] > self.threshold, "int32")
        else:
            predicted = predicted_classes(y_pred)
        ids, kept = kept_ids(y_true, y_pred, self.ignore_class)
        check_ids(ids, max(y_pred.shape[-1], 2), self.name)
        return ops.not_equal(ids, predicted), ops.ones_like(ids, dtype="bool") if kept is None else kept

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "mode": self.mode,
            "threshold": self.threshold,
            "ignore_class": self.ignore_class,
        }
