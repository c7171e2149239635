"""The base of the segmentation losses: which pixels count, and with which probabilities."""

from __future__ import annotations

from typing import Any

from keras import ops

from kerasplus._alignment import class_ids, labels_or_rows
from kerasplus._keras_names import keras_mask
from kerasplus._weights import left_aligned
from kerasplus.losses._class_rows import class_rows
from kerasplus.losses._per_sample_loss import PerSampleLoss

_LEFT_OUT = -1.0
"""What the target row of a pixel that is left out holds."""


class RegionLoss(PerSampleLoss):
    """Base class of losses that compare regions: all pixels of a sample give one value.

    Pixels of `ignore_class`, and steps that Keras masks, are left out: they count neither as right nor
    as wrong. Sample weights weigh whole samples.

    Args:
        from_logits: Whether `y_pred` holds logits: of a softmax, or of a sigmoid if it has one column.
        ignore_class: The class whose pixels are left out, or None. If it has a column, that one too.
        reduction: How the values of the samples are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.
    """

    inputs = ("sparse", "one_hot")
    bounds = (0.0, 1.0)

    def __init__(
        self,
        from_logits: bool,
        ignore_class: int | None,
        reduction: str | None,
        name: str,
        dtype: Any,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        self.from_logits = from_logits
        self.ignore_class = ignore_class

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The loss, weighted and reduced; a mask of steps leaves pixels out of their sample."""
        mask = keras_mask(y_pred)
        if mask is not None and len(mask.shape) > 1:
            y_true, y_pred = self.align(ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred, dtype=self.dtype))
            kept = left_aligned(mask, tuple(y_pred.shape), self.name, "a mask")
            y_true, y_pred = ops.where(kept, y_true, _LEFT_OUT), ops.where(kept, y_pred, 0.0)
        return super().__call__(y_true, y_pred, sample_weight)

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """A row of shares for each pixel; -1 all along in the rows that are left out."""
        y_true, y_pred = labels_or_rows(y_true, y_pred, self.name)
        ids = y_true if len(y_true.shape) < len(y_pred.shape) else class_ids(y_true)
        if y_pred.shape[-1] == 1:
            rows = ops.cast(ops.expand_dims(y_true, -1), self.dtype)
        else:
            rows = class_rows(y_true, y_pred, self.dtype)
        if self.ignore_class is not None:
            left_out = ops.equal(ops.cast(ids, "int32"), self.ignore_class)
            rows = ops.where(ops.expand_dims(left_out, -1), _LEFT_OUT, rows)
        return rows, y_pred

    def regions(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Shares and probabilities `(batch, pixels, classes)`, both 0 where a pixel is left out."""
        kept = y_true[..., :1] >= 0
        if self.from_logits:
            y_pred = ops.where(kept, y_pred, 0.0)
            y_pred = ops.sigmoid(y_pred) if y_pred.shape[-1] == 1 else ops.softmax(y_pred, axis=-1)
        shape = ops.shape(y_pred)
        pixels = 1
        for size in shape[1:-1]:
            pixels = pixels * size
        flat = (shape[0], pixels, shape[-1])
        return ops.reshape(ops.relu(y_true), flat), ops.reshape(ops.where(kept, y_pred, 0.0), flat)

    def counted_classes(self, num_classes: Any) -> Any:
        """1 for each column that is averaged over, 0 for that of the ignored class."""
        index = ops.arange(num_classes, dtype="int32")
        ignored = _LEFT_OUT if self.ignore_class is None else self.ignore_class
        return ops.cast(ops.not_equal(index, int(ignored)), self.dtype)
