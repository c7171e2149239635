"""The N-pairs loss: each anchor picks its positive out of everybody's."""

from typing import Any

import keras
from keras import ops

from kerasplus._alignment import mismatch
from kerasplus.losses._similarity_loss import SimilarityLoss, cross_entropy


@keras.saving.register_keras_serializable(package="kerasplus")
class NPairs(SimilarityLoss):
    r"""N-pairs loss of similarities, for learning embeddings from pairs of samples of one class.

    For the similarities :math:`s_{ij}` of anchor :math:`i` to the positive of sample :math:`j`:

    .. math::
        L_i = -\frac{1}{|C_i|} \sum_{j \in C_i} \log \frac{\exp(s_{ij})}{\sum_k \exp(s_{ik})}

    where :math:`C_i` are the samples with the label of :math:`i`, itself among them. With a label for
    each pair alone this is the paper's loss. Embeddings are not scaled; to keep them short, add an L2
    activity regularizer, as the paper does.

    Args:
        reduction: How the values of the anchors are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` integer labels `(batch,)` or `(batch, 1)`, `y_pred` similarities `(batch, batch)` or
        two views `(batch, 2, d)`, anchors first, whose inner products are the similarities. One value
        per anchor.

    Raises:
        ValueError: If the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> similarities = np.log([[3.0, 1.0], [1.0, 1.0]])
        >>> loss = NPairs(reduction="none")
        >>> [round(float(value), 4) for value in loss(np.array([7, 8]), similarities)]  # log 4/3, log 2
        [0.2877, 0.6931]

    References:
        Sohn, `Improved Deep Metric Learning with Multi-class N-pair Loss Objective
        <https://papers.nips.cc/paper/6200>`_, 2016
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "n_pairs",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """One label for each anchor."""
        ids = y_true
        if len(ids.shape) == 2 and ids.shape[1] == 1:
            ids = ops.squeeze(ids, 1)
        if len(ids.shape) != 1:
            raise mismatch(y_true, y_pred, self.name, "labels (batch,) or (batch, 1)")
        return super().align(ids, y_pred)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each anchor."""
        same = ops.cast(ops.equal(ops.expand_dims(y_true, 1), ops.expand_dims(y_true, 0)), y_pred.dtype)
        return cross_entropy(same / ops.sum(same, axis=1, keepdims=True), y_pred)
