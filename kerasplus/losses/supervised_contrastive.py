"""The supervised contrastive loss: samples of one class attract each other among all others."""

from typing import Any

import keras
from keras import ops

from kerasplus.losses._embedding_loss import EmbeddingLoss, averaged_over, pairs
from kerasplus.losses._pairwise_distance import cosine_similarities


@keras.saving.register_keras_serializable(package="kerasplus")
class SupervisedContrastive(EmbeddingLoss):
    r"""Supervised contrastive loss, for learning embeddings from labels.

    For an anchor :math:`a`, the cosine similarities :math:`s` and the `temperature` :math:`t`:

    .. math::
        L_a = -\frac{1}{|P(a)|} \sum_{p \in P(a)} \log
        \frac{\exp(s_{ap} / t)}{\sum_{j \neq a} \exp(s_{aj} / t)}

    where :math:`P(a)` are the other samples with the label of :math:`a`. The mean over positives
    stands outside of the logarithm, the form that the paper prefers. The batch's loss is the mean over
    the anchors that have a positive, so that their values are scaled by the batch size over their
    number; all others are 0. Embeddings are scaled to length one.

    Args:
        temperature: The scale of the similarities, positive: the smaller, the more do near samples count.
        reduction: How the values of the anchors are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` integer labels `(batch,)` or `(batch, 1)`, `y_pred` embeddings `(batch, d)`. One value
        per anchor.

    Raises:
        ValueError: If `temperature` is not positive and finite, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> loss = SupervisedContrastive(temperature=1.0)
        >>> embeddings = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
        >>> round(float(loss(np.array([7, 7, 8]), embeddings)), 4)  # log((e + 1) / e)
        0.3133

    References:
        Khosla et al., `Supervised Contrastive Learning <https://arxiv.org/abs/2004.11362>`_, 2020
    """

    alternatives = {"temperature": 0.5}

    def __init__(
        self,
        temperature: float = 0.1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "supervised_contrastive",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        if not 0 < temperature < float("inf"):
            raise ValueError(f"`temperature` must be positive and finite. Received: temperature={temperature}")
        self.temperature = temperature

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each anchor."""
        positive, negative = pairs(y_true)
        logits = cosine_similarities(y_pred) / self.temperature
        others = ops.logsumexp(ops.where(ops.logical_or(positive, negative), logits, -1e30), axis=1)
        count = ops.sum(ops.cast(positive, logits.dtype), axis=1)
        similarity = ops.sum(ops.where(positive, logits, 0.0), axis=1) / ops.maximum(count, 1.0)
        return averaged_over(others - similarity, count > 0)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "temperature": self.temperature}
