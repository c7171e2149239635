"""The squared distance between predicted probabilities and what happened."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._probability_metric import ProbabilityMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class BrierScore(ProbabilityMetric):
    r"""Mean squared distance of predicted probabilities from the one-hot target, summed over classes.

    For probabilities :math:`p_{ic}` and targets :math:`y_i`:

    .. math:: \frac{1}{n} \sum_i \sum_c (p_{ic} - [c = y_i])^2

    It is in 0 to 2, also for two columns. With a single column of probabilities it is the binary form
    :math:`(p_i - y_i)^2`, in 0 to 1, as in scikit-learn.

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
        >>> metric = BrierScore()
        >>> metric.update_state(np.array([0, 1]), np.array([[0.75, 0.25], [0.5, 0.5]]))
        >>> float(metric.result())  # (1/8 + 1/2) / 2
        0.3125

    References:
        `scikit-learn <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.brier_score_loss.html>`_
    """

    direction = "min"
    bounds = (0.0, float("inf"))

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        name: str = "brier_score",
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
            return ops.square(probabilities[..., 0] - ops.cast(ids, probabilities.dtype))
        own = ops.take_along_axis(probabilities, ops.expand_dims(ids, -1), axis=-1)[..., 0]
        return ops.sum(ops.square(probabilities), axis=-1) - 2 * own + 1
