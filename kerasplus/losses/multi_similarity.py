"""The multi-similarity loss: mined pairs, weighted by how they compare with each other."""

from typing import Any

import keras
from keras import ops

from kerasplus.losses._embedding_loss import EmbeddingLoss, pairs
from kerasplus.losses._pairwise_distance import cosine_similarities


@keras.saving.register_keras_serializable(package="kerasplus")
class MultiSimilarity(EmbeddingLoss):
    r"""Multi-similarity loss with its pair mining, for learning embeddings.

    For an anchor :math:`a`, the cosine similarities :math:`s`, and its mined positives
    :math:`P_a` and negatives :math:`N_a`:

    .. math::
        L_a = \frac{1}{\alpha} \log\Bigl(1 + \sum_{p \in P_a} e^{-\alpha (s_{ap} - \lambda)}\Bigr)
        + \frac{1}{\beta} \log\Bigl(1 + \sum_{n \in N_a} e^{\beta (s_{an} - \lambda)}\Bigr)

    with `alpha` :math:`\alpha`, `beta` :math:`\beta` and `base` :math:`\lambda`. A negative is mined if
    it is more similar than the least similar positive less `epsilon`, a positive if it is less similar
    than the most similar negative plus `epsilon`. The batch's loss is the mean over all anchors; one
    without a positive or without a negative has the value 0. The authors' code differs: it drops an
    anchor for which either set is empty after mining, and positives that are nearly identical.

    Args:
        alpha: How much the weight of a positive grows with its dissimilarity, positive.
        beta: How much the weight of a negative grows with its similarity, positive.
        base: The similarity that pairs are compared with.
        epsilon: The slack of the mining; the larger, the more pairs are kept.
        reduction: How the values of the anchors are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` integer labels `(batch,)` or `(batch, 1)`, `y_pred` embeddings `(batch, d)`. One value
        per anchor.

    Raises:
        ValueError: If `alpha` or `beta` is not positive and finite, if `base` or `epsilon` is not finite, or
            if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> loss = MultiSimilarity(alpha=1.0, beta=1.0, base=1.0)
        >>> embeddings = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
        >>> round(float(loss(np.array([7, 7, 8]), embeddings)), 4)  # (2 log 2 + 2 log 2 + 0) / 3
        0.9242

    References:
        Wang et al., `Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning
        <https://arxiv.org/abs/1904.06627>`_, 2019
    """

    alternatives = {"alpha": 1.0, "beta": 10.0, "base": 0.25, "epsilon": 0.5}

    def __init__(
        self,
        alpha: float = 2.0,
        beta: float = 50.0,
        base: float = 0.5,
        epsilon: float = 0.1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "multi_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        for argument, value in (("alpha", alpha), ("beta", beta)):
            if not 0 < value < float("inf"):
                raise ValueError(f"`{argument}` must be positive and finite. Received: {argument}={value}")
        for argument, value in (("base", base), ("epsilon", epsilon)):
            if not abs(value) < float("inf"):
                raise ValueError(f"`{argument}` must be finite. Received: {argument}={value}")
        self.alpha = alpha
        self.beta = beta
        self.base = base
        self.epsilon = epsilon

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each anchor."""
        positive, negative = pairs(y_true)
        similarities = cosine_similarities(y_pred)
        far = float("inf")
        least = ops.min(ops.where(positive, similarities, far), axis=1, keepdims=True, initial=far)
        most = ops.max(ops.where(negative, similarities, -far), axis=1, keepdims=True, initial=-far)
        positive = ops.logical_and(positive, similarities < most + self.epsilon)
        negative = ops.logical_and(negative, similarities > least - self.epsilon)
        above = similarities - self.base
        near = _log_of_one_plus_sum(-self.alpha * above, positive) / self.alpha
        return near + _log_of_one_plus_sum(self.beta * above, negative) / self.beta

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "alpha": self.alpha,
            "beta": self.beta,
            "base": self.base,
            "epsilon": self.epsilon,
        }


def _log_of_one_plus_sum(exponents: Any, counted: Any) -> Any:
    """The logarithm of one plus the sum of the counted exponentials of each row."""
    return ops.softplus(ops.logsumexp(ops.where(counted, exponents, -1e30), axis=1))
