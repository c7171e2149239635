"""The lifted structured loss: every positive pair against all negatives of both of its ends."""

from typing import Any

import keras
from keras import ops

from kerasplus.losses._embedding_loss import EmbeddingLoss, averaged_over, pairs
from kerasplus.losses._pairwise_distance import pairwise_distances


@keras.saving.register_keras_serializable(package="kerasplus")
class LiftedStructured(EmbeddingLoss):
    r"""Lifted structured loss, for learning embeddings.

    For a positive pair :math:`(i, j)`, the Euclidean distances :math:`D`, the `margin` :math:`m` and
    the samples :math:`N(i)` with another label than :math:`i`:

    .. math::
        J_{ij} = \log\Bigl(\sum_{k \in N(i)} e^{m - D_{ik}} + \sum_{l \in N(j)} e^{m - D_{jl}}\Bigr)
        + D_{ij}, \qquad L_i = \frac{1}{2} \sum_{j \in P(i)} \max(J_{ij}, 0)^2

    The batch's loss is the mean over the positive pairs, as in the paper and TensorFlow Addons, so
    that the values of the anchors are scaled by the batch size over the number of (ordered) pairs.
    Without a positive pair or without a negative it is 0.

    Args:
        margin: The distance up to which negatives push, 0 or more.
        reduction: How the values of the anchors are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` integer labels `(batch,)` or `(batch, 1)`, `y_pred` embeddings `(batch, d)`. One value
        per anchor.

    Raises:
        ValueError: If `margin` is negative or not finite, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> loss = LiftedStructured(margin=1.0)
        >>> embeddings = np.array([[0.0], [0.0], [1.0]])
        >>> round(float(loss(np.array([7, 7, 8]), embeddings)), 4)  # log(2)^2 / 2
        0.2402

    References:
        Song, Xiang, Jegelka and Savarese, `Deep Metric Learning via Lifted Structured Feature
        Embedding <https://arxiv.org/abs/1511.06452>`_, 2016
    """

    alternatives = {"margin": 0.5}

    def __init__(
        self,
        margin: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "lifted_structured",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        if not 0 <= margin < float("inf"):
            raise ValueError(f"`margin` must be a finite number, 0 or more. Received: margin={margin}")
        self.margin = margin

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each anchor."""
        positive, negative = pairs(y_true)
        distances = pairwise_distances(y_pred, "euclidean")
        counted = ops.logical_and(positive, ops.any(negative))
        closeness = ops.logsumexp(ops.where(negative, self.margin - distances, -1e30), axis=1)
        both = ops.logaddexp(ops.expand_dims(closeness, 1), ops.expand_dims(closeness, 0))
        lifted = ops.where(counted, both + distances, 0.0)
        values = ops.sum(ops.square(ops.relu(lifted)), axis=1) / 2
        return averaged_over(values, ops.sum(ops.cast(counted, values.dtype), axis=1))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "margin": self.margin}
