"""The InfoNCE loss: two views of a sample find each other among all others."""

from typing import Any

import keras
from keras import ops

from kerasplus.losses._pairwise_distance import unit
from kerasplus.losses._similarity_loss import SimilarityLoss


@keras.saving.register_keras_serializable(package="kerasplus")
class InfoNCE(SimilarityLoss):
    r"""InfoNCE loss of pairs, for learning from two views or two modalities without labels.

    For the similarities :math:`s_{ij}` of view :math:`i` to the other view of sample :math:`j` and the
    `temperature` :math:`t`:

    .. math::
        L_i = -\log \frac{\exp(s_{ii} / t)}{\sum_j \exp(s_{ij} / t)}

    `symmetric` averages it with the same over columns, :math:`\sum_j \exp(s_{ji} / t)`, which is the
    loss of CLIP. Other samples of the batch are negatives; views of the same side are not compared, as
    they are in SimCLR. With one sample the loss is 0.

    Args:
        temperature: The scale of the similarities, positive: the smaller, the more do near samples count.
        symmetric: Whether both views take the part of the anchor.
        reduction: How the values of the anchors are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` similarities `(batch, batch)`, or two views `(batch, 2, d)`, which are scaled to length
        one. `y_true` `(batch, ...)` is not used: any array with one row per sample. One value per
        sample.

    Raises:
        ValueError: If `temperature` is not positive and finite, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> loss = InfoNCE(temperature=1.0, symmetric=False, reduction="none")
        >>> similarities = np.log([[3.0, 1.0], [1.0, 1.0]])
        >>> [round(float(value), 4) for value in loss(np.zeros(2), similarities)]  # log 4/3, log 2
        [0.2877, 0.6931]

    References:
        van den Oord, Li and Vinyals, `Representation Learning with Contrastive Predictive Coding
        <https://arxiv.org/abs/1807.03748>`_, 2018; Chen et al., `A Simple Framework for Contrastive
        Learning of Visual Representations <https://arxiv.org/abs/2002.05709>`_, 2020
    """

    alternatives = {"temperature": 0.5, "symmetric": False}

    def __init__(
        self,
        temperature: float = 0.1,
        symmetric: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str = "info_nce",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        if not 0 < temperature < float("inf"):
            raise ValueError(f"`temperature` must be positive and finite. Received: temperature={temperature}")
        self.temperature = temperature
        self._symmetric = symmetric  # the name without underscore says whether targets and predictions may swap

    def similarities(self, anchors: Any, positives: Any) -> Any:
        """The cosine of the angle between each anchor and each positive."""
        return super().similarities(unit(anchors), unit(positives))

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each sample."""
        logits = y_pred / self.temperature
        others = ops.logsumexp(logits, axis=1)
        if self._symmetric:
            others = 0.5 * (others + ops.logsumexp(logits, axis=0))
        return others - ops.diagonal(logits)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "temperature": self.temperature, "symmetric": self._symmetric}
