"""The N-pairs loss of samples that carry several labels."""

from typing import Any

import keras
from keras import ops

from kerasplus._alignment import mismatch
from kerasplus.losses._similarity_loss import SimilarityLoss, cross_entropy


@keras.saving.register_keras_serializable(package="kerasplus")
class NPairsMultilabel(SimilarityLoss):
    r"""N-pairs loss for multi-hot labels: the more labels two samples share, the closer they should be.

    For the similarities :math:`s_{ij}` of anchor :math:`i` to the positive of sample :math:`j`, and the
    numbers :math:`c_{ij}` of labels that the samples share:

    .. math:: L_i = -\sum_j \frac{c_{ij}}{\sum_k c_{ik}} \log \frac{\exp(s_{ij})}{\sum_k \exp(s_{ik})}

    With one label per sample this is `NPairs`. A sample without any label has the value 0.

    Args:
        reduction: How the values of the anchors are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` multi-hot labels `(batch, labels)`, `y_pred` similarities `(batch, batch)` or two views
        `(batch, 2, d)`, anchors first, whose inner products are the similarities. One value per anchor.

    Raises:
        ValueError: If the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> loss = NPairsMultilabel(reduction="none")
        >>> similarities = np.log([[3.0, 1.0], [1.0, 1.0]])
        >>> values = loss(np.array([[1, 0], [0, 1]]), similarities)
        >>> [round(float(value), 4) for value in values]  # log 4/3, log 2
        [0.2877, 0.6931]

    References:
        Sohn, `Improved Deep Metric Learning with Multi-class N-pair Loss Objective
        <https://papers.nips.cc/paper/6200>`_, 2016
    """

    inputs = ("multilabel_pairs",)

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "n_pairs_multilabel",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """A row of labels for each anchor."""
        if len(y_true.shape) != 2:
            raise mismatch(y_true, y_pred, self.name, "multi-hot labels (batch, labels)")
        y_true, y_pred = super().align(y_true, y_pred)
        return ops.cast(y_true, self.dtype), y_pred

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each anchor."""
        shared = ops.matmul(y_true, ops.transpose(y_true))
        total = ops.sum(shared, axis=1, keepdims=True)
        return cross_entropy(shared / ops.where(total > 0, total, 1.0), y_pred)
