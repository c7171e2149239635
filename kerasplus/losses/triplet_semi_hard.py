"""The triplet loss of each positive pair and the nearest negative beyond it."""

from typing import Any

import keras
from keras import ops

from kerasplus.losses._embedding_loss import EmbeddingLoss, averaged_over, classes, picked
from kerasplus.losses._pairwise_distance import DISTANCES, distances_from, relative_distances
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
        order, starts, sizes = classes(y_true)
        valid = ops.logical_and(sizes > 1, sizes < ops.shape(sizes)[0])
        base, relative = relative_distances(picked(y_pred, order), self.distance, -float("inf"))
        compared = ops.stop_gradient(relative), ops.stop_gradient(base), starts, sizes, valid

        def total(mined: Any) -> Any:
            """The sum over the positives of each anchor: the slope goes through the mined distances alone."""
            positives, negatives, counted = map(ops.stop_gradient, mined)
            flat, own = ops.reshape(relative, (-1,)), ops.expand_dims(base, 1)
            near, far = (distances_from(ops.take(flat, at) + own, own, self.distance) for at in (positives, negatives))
            values = ops.softplus(near - far) if self.soft else ops.relu(self.margin + near - far)
            return ops.sum(ops.where(counted, values, 0.0), axis=1)

        most = ops.max(ops.where(valid, sizes, 1), initial=1) - 1
        known = _value_of(most)
        if known is None:
            values = ops.cond(most <= SLOTS, lambda: total(walked(*compared, most)), lambda: total(ordered(*compared)))
        else:
            values = total(walked(*compared, known) if known <= SLOTS else ordered(*compared))
        values = values / ops.cast(ops.maximum(sizes - 1, 1), values.dtype)
        return ops.take(averaged_over(values, valid), ops.argsort(order))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "margin": self.margin, "distance": self.distance, "soft": self.soft}


def _value_of(count: Any) -> int | None:
    """A number that is known, as it is outside of compiled functions, where JAX would compile each call anew."""
    try:
        return int(count)
    except TypeError:
        return None
