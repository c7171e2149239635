"""The triplet loss of each anchor's farthest positive and nearest negative."""

from typing import Any

import keras
from keras import ops

from kerasplus.losses._embedding_loss import EmbeddingLoss, averaged_over, classes, picked, same_class
from kerasplus.losses._pairwise_distance import DISTANCES, FARTHEST, closeness_factors, distances, greatest


@keras.saving.register_keras_serializable(package="kerasplus")
class TripletHard(EmbeddingLoss):
    r"""Triplet loss with the hardest positive and negative of the batch, for learning embeddings.

    For an anchor :math:`a`, the distances :math:`D` and the `margin` :math:`m`:

    .. math:: L_a = \max\Bigl(m + \max_{p \in P(a)} D_{ap} - \min_{n \in N(a)} D_{an}, \, 0\Bigr)

    where :math:`P(a)` are the other samples with the label of :math:`a` and :math:`N(a)` those with
    another label. `soft` takes :math:`\log(1 + e^x)` of the difference instead of
    :math:`\max(m + x, 0)`. The batch's loss is the mean over the anchors that have a positive and a
    negative, so that their values are scaled by the batch size over their number; all others are 0.
    TensorFlow Addons also counts the anchors without a positive.

    Args:
        margin: By how much a negative must be farther than a positive, 0 or more; not used if `soft`.
        distance: `"euclidean"`, `"squared_euclidean"` or `"cosine"`.
        soft: Whether the margin is soft.
        reduction: How the values of the anchors are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` integer labels `(batch,)` or `(batch, 1)`, `y_pred` embeddings `(batch, d)`, for
        "squared_euclidean" usually of length one. One value per anchor.

    Raises:
        ValueError: If `margin` is negative or `distance` is unknown, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> loss = TripletHard(margin=1.0)
        >>> embeddings = np.array([[0.0], [2.0], [3.0]])
        >>> float(loss(np.array([7, 7, 8]), embeddings))  # (1 + 2 - 3) and (1 + 2 - 1), over 2 anchors
        1.0

    References:
        Hermans, Beyer and Leibe, `In Defense of the Triplet Loss for Person Re-Identification
        <https://arxiv.org/abs/1703.07737>`_, 2017
    """

    alternatives = {"margin": 0.25, "distance": "cosine", "soft": True}

    def __init__(
        self,
        margin: float = 1.0,
        distance: str = "euclidean",
        soft: bool = False,
        reduction: str | None = "sum_over_batch_size",
        name: str = "triplet_hard",
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
        rows = picked(y_pred, order)
        valid = ops.logical_and(sizes > 1, sizes < ops.shape(sizes)[0])
        positive, negative = _hardest(ops.stop_gradient(rows), starts, self.distance)
        difference = distances(rows, picked(rows, positive), self.distance)
        difference = difference - distances(rows, picked(rows, negative), self.distance)
        values = ops.softplus(difference) if self.soft else ops.relu(self.margin + difference)
        values = averaged_over(values, valid)
        return ops.take(values, ops.argsort(order))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "margin": self.margin, "distance": self.distance, "soft": self.soft}


def _hardest(rows: Any, starts: Any, distance: str) -> tuple[Any, Any]:
    """For each row of samples sorted by class the farthest of its class and the nearest of another."""
    _, left, right = closeness_factors(rows, distance, -FARTHEST)
    closeness = ops.matmul(left, ops.transpose(right))
    own = same_class(starts, ops.shape(right)[0])
    negative = greatest(ops.where(own, -float("inf"), closeness))[:, 0]
    positive = greatest(ops.where(own, -closeness, -float("inf")))[:, 0]
    return positive, ops.minimum(negative, ops.shape(rows)[0] - 1)  # without negatives it may be a column of none
