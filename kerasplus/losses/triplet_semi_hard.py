"""The triplet loss of each positive pair and the nearest negative beyond it."""

import operator
from typing import Any

import keras
from keras import ops

from kerasplus.losses._embedding_loss import EmbeddingLoss, averaged_over, classes, picked
from kerasplus.losses._pairwise_distance import DISTANCES, FARTHEST, closeness_factors, distances_and_slopes
from kerasplus.losses._semi_hard_negatives import SLOTS, ordered, walked


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
    the mean over positive pairs: the same number where every class has as many samples. Up to 16
    positives of an anchor are compared with all negatives one by one, of more positives each row of
    distances is sorted once: the time grows with :math:`B^2 \log B` at most and the memory with
    :math:`B^2`, not :math:`B^3`. The gradient is exact, a second derivative of it is not.

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
        if y_pred.shape[0] == 0:
            return ops.sum(y_pred, axis=1)  # JAX and PyTorch take no maximum of nothing
        order, starts, sizes = classes(y_true)
        valid = ops.logical_and(sizes > 1, sizes < ops.shape(sizes)[0])
        base, left, right = closeness_factors(picked(y_pred, order), self.distance, FARTHEST)
        closeness = ops.stop_gradient(ops.matmul(left, ops.transpose(right)))
        values, slopes = map(ops.stop_gradient, self._mined(closeness, ops.stop_gradient(base), starts, sizes, valid))
        # The slope goes through the mined distances alone, whose matrix is never differentiated.
        linear = base * ops.sum(slopes, axis=1) - ops.sum(left * ops.matmul(slopes, right), axis=1)
        return ops.take(averaged_over(values + (linear - ops.stop_gradient(linear)), valid), ops.argsort(order))

    def _mined(self, closeness: Any, base: Any, starts: Any, sizes: Any, valid: Any) -> tuple[Any, Any]:
        """The value of each anchor, and how fast it grows with each of its squared (or cosine) distances."""
        given = closeness, base, starts, sizes, valid
        most = ops.max(ops.where(valid, sizes, 1), initial=1) - 1
        known = _value_of(most)
        if known is None:
            return ops.cond(
                most <= SLOTS,
                lambda: self._of_pairs(closeness, base, sizes, *walked(*given, most)),
                lambda: self._of_pairs(closeness, base, sizes, *ordered(*given)),
            )
        return self._of_pairs(closeness, base, sizes, *(walked(*given, known) if known <= SLOTS else ordered(*given)))

    def _of_pairs(
        self, closeness: Any, base: Any, sizes: Any, positives: Any, negatives: Any, counted: Any
    ) -> tuple[Any, Any]:
        """The same for given pairs."""
        base, flat = ops.expand_dims(base, 1), ops.reshape(closeness, (-1,))
        near, slope_near = distances_and_slopes(base - ops.take(flat, positives), base, self.distance)
        far, slope_far = distances_and_slopes(base - ops.take(flat, negatives), base, self.distance)
        difference = near - far if self.soft else self.margin + near - far
        share = 1 / ops.cast(ops.expand_dims(ops.maximum(sizes - 1, 1), 1), base.dtype)
        values = ops.where(counted, (ops.softplus if self.soft else ops.relu)(difference) * share, 0.0)
        slope = ops.sigmoid(difference) if self.soft else ops.cast(difference > 0, base.dtype)
        slope = ops.where(counted, slope * share, 0.0)
        count, width = ops.shape(closeness)
        slopes = ops.segment_sum(
            ops.reshape(ops.concatenate([slope * slope_near, -slope * slope_far], axis=1), (-1,)),
            ops.reshape(ops.concatenate([positives, negatives], axis=1), (-1,)),
            num_segments=(count + 1) * width,
        )
        return ops.sum(values, axis=1), ops.reshape(slopes, (count + 1, width))[:count]

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "margin": self.margin, "distance": self.distance, "soft": self.soft}


def _value_of(count: Any) -> int | None:
    """A number that is known, as it is outside of compiled functions, where JAX would compile each call anew."""
    try:
        return operator.index(count)  # not `int`, which AutoGraph turns into a cast
    except TypeError:
        return None
