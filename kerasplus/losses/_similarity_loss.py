"""The base of the losses of a similarity matrix: each sample against the positive of every other one."""

from __future__ import annotations

from typing import Any

from keras import ops

from kerasplus._alignment import fits, mismatch
from kerasplus.losses._per_sample_loss import PerSampleLoss


class SimilarityLoss(PerSampleLoss):
    """Base class of losses of similarities `(batch, batch)`, or of two views `(batch, 2, d)`.

    Row :math:`i` of the matrix holds the similarities of anchor :math:`i` to the positives of all
    samples, its own on the diagonal. Of two stacked views the first are the anchors, the second their
    positives.
    """

    inputs = ("pairs",)
    independent = False

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Targets with one row per sample, and a similarity matrix."""
        shape = tuple(y_pred.shape)
        expected = "similarities (batch, batch) or two stacked views (batch, 2, d), and a target for each sample"
        error = mismatch(y_true, y_pred, self.name, expected)
        views = len(shape) == 3 and shape[1] == 2
        square = len(shape) == 2 and fits(shape[:1], shape[1:])
        if not (views or square) or len(y_true.shape) == 0 or not fits(tuple(y_true.shape[:1]), shape[:1]):
            raise error
        if views:
            y_pred = self.similarities(y_pred[:, 0], y_pred[:, 1])
        size = ops.shape(y_true)[0]
        return y_true, ops.reshape(y_pred, (size, size))

    def similarities(self, anchors: Any, positives: Any) -> Any:
        """The similarity of each anchor to each positive: their inner product."""
        return ops.matmul(anchors, ops.transpose(positives))


def cross_entropy(shares: Any, similarities: Any) -> Any:
    """The cross-entropy of each row between target shares and the softmax of the similarities."""
    return ops.logsumexp(similarities, axis=1) * ops.sum(shares, axis=1) - ops.sum(shares * similarities, axis=1)
