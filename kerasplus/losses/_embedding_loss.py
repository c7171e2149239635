"""The base of the losses that compare each embedding of a batch with every other one."""

from __future__ import annotations

from typing import Any

from keras import ops

from kerasplus._alignment import labels_or_rows, mismatch
from kerasplus.losses._per_sample_loss import PerSampleLoss


class EmbeddingLoss(PerSampleLoss):
    """Base class of losses of integer labels `(batch,)` and embeddings `(batch, d)`.

    A value belongs to its anchor, the sample that is compared with all others; sample weights weigh
    anchors. Nothing larger than `(batch, batch)` is held.
    """

    inputs = ("embeddings",)
    independent = False

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """One label for each row of embeddings."""
        expected = "labels (batch,) or (batch, 1), and embeddings (batch, d)"
        if len(y_pred.shape) != 2:
            raise mismatch(y_true, y_pred, self.name, expected)
        ids, y_pred = labels_or_rows(y_true, y_pred, self.name)
        if len(ids.shape) != 1:
            raise mismatch(y_true, y_pred, self.name, expected)
        return ids, y_pred


def pairs(ids: Any) -> tuple[Any, Any]:
    """Which samples are positives of an anchor, itself left out, and which are negatives: two `(n, n)`."""
    same = ops.equal(ops.expand_dims(ids, 1), ops.expand_dims(ids, 0))
    index = ops.arange(ops.shape(ids)[0])
    other = ops.not_equal(ops.expand_dims(index, 1), ops.expand_dims(index, 0))
    return ops.logical_and(same, other), ops.logical_not(same)


def classes(ids: Any) -> tuple[Any, Any, Any]:
    """The order that sorts samples by label, and for each place in it the start and the size of its class.

    All are int32 of shape `(n,)`.
    """
    order = ops.cast(ops.argsort(ids), "int32")
    sorted_ids = ops.take(ids, order)
    index = ops.arange(ops.shape(ids)[0], dtype="int32")
    starts = ops.logical_or(index == 0, ops.not_equal(sorted_ids, ops.roll(sorted_ids, 1)))
    number = ops.cumsum(ops.cast(starts, "int32")) - 1
    sizes = ops.segment_sum(ops.ones_like(number), number, num_segments=ops.shape(ids)[0] + 1)
    return order, ops.take(ops.cumsum(sizes) - sizes, number), ops.take(sizes, number)


def same_class(starts: Any, columns: Any) -> Any:
    """Whether two samples have one class, `(n, columns)`, from `classes`; columns beyond the samples have none."""
    index = ops.arange(columns, dtype="int32")
    count = ops.shape(starts)[0]
    padded = ops.where(index < count, ops.take(ops.pad(starts, ((0, 1),)), ops.minimum(index, count)), -1)
    return ops.equal(ops.expand_dims(starts, 1), ops.expand_dims(padded, 0))


def picked(rows: Any, index: Any) -> Any:
    """The rows at an index each; their slope is a whole tensor on TensorFlow too, not slices of one."""
    return ops.take(ops.reshape(rows, ops.shape(rows)), index, axis=0)


def averaged_over(values: Any, counts: Any) -> Any:
    """One value per anchor, whose mean over the batch is `sum(values) / sum(counts)`, or 0 if none counts.

    Args:
        values: The sum over what an anchor has to count, `(n,)`.
        counts: How many that are: 0 or 1 for a mean over anchors, the number of pairs for one over pairs.
    """
    size = ops.cast(ops.shape(values)[0], values.dtype)
    counts = ops.cast(counts, values.dtype)
    return ops.where(counts > 0, values, 0.0) * (size / ops.maximum(ops.sum(counts), 1.0))
