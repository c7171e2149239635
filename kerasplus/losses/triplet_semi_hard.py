"""The triplet loss of each positive pair and the nearest negative beyond it."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasplus.losses._embedding_loss import EmbeddingLoss, averaged_over, pairs
from kerasplus.losses._pairwise_distance import DISTANCES, pairwise_distances


@keras.saving.register_keras_serializable(package="kerasplus")
class TripletSemiHard(EmbeddingLoss):
    r"""Triplet loss with semi-hard negatives, for learning embeddings.

    For an anchor :math:`a`, the distances :math:`D` and the `margin` :math:`m`:

    .. math:: L_a = \frac{1}{|P(a)|} \sum_{p \in P(a)} \max(m + D_{ap} - D_{an(p)}, 0)

    where :math:`P(a)` are the other samples with the label of :math:`a`, and :math:`n(p)` is the
    nearest sample with another label that is farther away than :math:`p`, or the farthest of them if
    none is. `soft` takes :math:`\log(1 + e^x)` of the difference instead of :math:`\max(m + x, 0)`.

    The batch's loss is the mean over the anchors that have a positive and a negative, so that their
    values are scaled by the batch size over their number; all others are 0. TensorFlow Addons takes
    the mean over positive pairs: the same number where every class has as many samples. Each row of
    distances is sorted once, so that the time grows with :math:`B^2 \log B` and the memory with
    :math:`B^2`, not :math:`B^3`.

    Args:
        margin: By how much a negative must be farther than a positive, 0 or more; not used if `soft`.
        distance: `"euclidean"`, `"squared_euclidean"` or `"cosine"`.
        soft: Whether the margin is soft.
        reduction: How the values of the anchors are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` integer labels `(batch,)` or `(batch, 1)`, `y_pred` embeddings `(batch, d)`, usually
        of length one. One value per anchor.

    Raises:
        ValueError: If `margin` is negative or `distance` is unknown, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> loss = TripletSemiHard(margin=1.0)
        >>> embeddings = np.array([[0.0], [1.0], [1.5]])
        >>> float(loss(np.array([7, 7, 8]), embeddings))  # (1 + 1 - 1.5) and (1 + 1 - 0.5), over 2 anchors
        1.0

    References:
        Schroff, Kalenichenko and Philbin, `FaceNet: A Unified Embedding for Face Recognition and
        Clustering <https://arxiv.org/abs/1503.03832>`_, 2015
    """

    alternatives = {"margin": 0.25, "distance": "squared_euclidean", "soft": True}

    def __init__(
        self,
        margin: float = 1.0,
        distance: str = "euclidean",
        soft: bool = False,
        reduction: str | None = "sum_over_batch_size",
        name: str = "triplet_semi_hard",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        if not 0 <= margin < float("inf"):
            raise ValueError(f"`margin` must be a finite number, 0 or more. Received: margin={margin}")
        if distance not in DISTANCES:
            raise ValueError(f"`distance` must be one of {', '.join(DISTANCES)}. Received: distance={distance!r}")
        self.margin = margin
        self.distance = distance
        self.soft = soft

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each anchor."""
        positive, negative = pairs(y_true)
        distances = pairwise_distances(y_pred, self.distance)
        mined = _semi_hard(ops.stop_gradient(distances), positive, negative)
        difference = distances - _taken(distances, mined)
        values = ops.softplus(difference) if self.soft else ops.relu(self.margin + difference)
        values = ops.sum(ops.where(positive, values, 0.0), axis=1)
        count = ops.sum(ops.cast(positive, values.dtype), axis=1)
        valid = ops.logical_and(count > 0, ops.any(negative, axis=1))
        return averaged_over(values / ops.maximum(count, 1.0), valid)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "margin": self.margin, "distance": self.distance, "soft": self.soft}


def _semi_hard(distances: Any, positive: Any, negative: Any) -> Any:
    """For each row and each of its positives the column of the nearest negative beyond, else the farthest.

    A negative at the very distance of a positive is not beyond it: positives are sorted one rounding
    step farther out. What stands in the columns of other samples has no meaning.
    """
    step = float(np.finfo("float64" if "float64" in str(distances.dtype) else "float32").eps)
    outer = distances * (1 + step) + float(np.finfo("float32").tiny)
    keys = ops.where(positive, outer, ops.where(negative, distances, float("inf")))
    columns = ops.cast(ops.argsort(keys, axis=1), "int32")
    is_negative = _taken(ops.cast(negative, "int32"), columns)
    passed = ops.cumsum(is_negative, axis=1)
    total = passed[:, -1:]
    index = ops.expand_dims(ops.arange(ops.shape(columns)[0], dtype="int32"), 0)
    negatives_first = ops.where(is_negative > 0, passed - 1, total + index - passed)
    by_rank = _put(columns, negatives_first)
    return _put(_taken(by_rank, ops.minimum(passed, ops.maximum(total - 1, 0))), columns)


def _flat(columns: Any) -> Any:
    """The places of the columns of each row in the flattened matrix."""
    size = ops.shape(columns)[0]
    return ops.reshape(ops.expand_dims(ops.arange(size, dtype="int32") * size, 1) + columns, (-1,))


def _taken(matrix: Any, columns: Any) -> Any:
    """The entries of each row in the given columns."""
    return ops.reshape(ops.take(ops.reshape(matrix, (-1,)), _flat(columns)), ops.shape(columns))


def _put(matrix: Any, columns: Any) -> Any:
    """The entries of each row moved to the given columns, all different."""
    size = ops.shape(columns)[0]
    moved = ops.scatter(ops.expand_dims(_flat(columns), 1), ops.reshape(matrix, (-1,)), (size * size,))
    return ops.reshape(moved, (size, size))
