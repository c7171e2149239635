"""The number of equally likely classes that would be as uncertain."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._probability_metric import ProbabilityMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class Perplexity(ProbabilityMetric):
    r"""Exponential of the mean negative log probability of the targets.

    For the probability :math:`p_{i, y_i}` of each target:

    .. math:: \exp \Bigl( - \frac{1}{n} \sum_i \ln p_{i, y_i} \Bigr)

    The mean is over all tokens that are neither masked nor of `ignore_class`, whatever the batches.
    Probabilities below 1e-7 count as 1e-7; logits are exact at any size.

    Args:
        from_logits: Whether predictions are logits; probabilities unless set.
        ignore_class: A target whose samples are left out.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` `(batch, ..., classes)`. `y_true` class ids `(batch, ...)` or `(batch, ..., 1)`, or one-hot rows.
        A scalar.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = Perplexity()
        >>> metric.update_state(np.array([0, 1]), np.array([[0.75, 0.25], [0.5, 0.5]]))
        >>> round(float(metric.result()), 4)  # (3/4 * 1/2) ** (-1/2)
        1.633

    References:
        Jelinek et al., `Perplexity, a measure of the difficulty of speech recognition tasks
        <https://doi.org/10.1121/1.2016299>`_, 1977
    """

    direction = "min"
    bounds = (0.0, float("inf"))
    keeps_logits = True

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        name: str = "perplexity",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            from_logits=from_logits,
            ignore_class=ignore_class,
            name=name,
            dtype=dtype,
        )

    def values(self, ids: Any, probabilities: Any) -> Any:
        """The value of each sample."""
        if probabilities.shape[-1] == 1:
            positive = probabilities[..., 0]
            own = ops.where(ops.equal(ids, 1), positive, 1 - positive)
            return -ops.log(ops.maximum(own, 1e-7))
        if self.from_logits:
            logits = probabilities
            own = ops.take_along_axis(logits, ops.expand_dims(ids, -1), axis=-1)[..., 0]
            return ops.logsumexp(logits, axis=-1) - own
        own = ops.take_along_axis(probabilities, ops.expand_dims(ids, -1), axis=-1)[..., 0]
        return -ops.log(ops.maximum(own, 1e-7))

    def finish(self, quotient: Any) -> Any:
        """The result from the mean."""
        return ops.exp(quotient)
