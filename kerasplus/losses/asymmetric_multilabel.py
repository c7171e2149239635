"""The asymmetric loss, for many labels of which few are true at a time."""

from typing import Any

import keras
from keras import ops

from kerasplus.losses._per_sample_loss import PerSampleLoss


@keras.saving.register_keras_serializable(package="kerasplus")
class AsymmetricMultilabel(PerSampleLoss):
    r"""Binary cross-entropy that forgives easy labels, the absent ones more than the present ones.

    For a label :math:`y`, its probability :math:`p` and :math:`p_m = \max(p - m, 0)`, averaged over
    the labels:

    .. math:: L = -y \, (1 - p)^{\gamma_+} \log p - (1 - y) \, p_m^{\gamma_-} \log (1 - p_m)

    with `gamma_positive` :math:`\gamma_+`, `gamma_negative` :math:`\gamma_-` and `margin` :math:`m`.
    Absent labels with a probability up to the margin cost nothing. With both exponents and the
    margin at 0 it is binary cross-entropy. The paper sums over labels; this is the mean, as for
    binary cross-entropy in Keras.

    Args:
        gamma_positive: The focusing exponent of present labels, 0 or more.
        gamma_negative: The focusing exponent of absent labels, 0 or more.
        margin: The probability that an absent label may have for free, from 0 to less than 1.
        from_logits: Whether `y_pred` holds logits, which is exact where probabilities round to 0 or 1.
        reduction: How the values of the samples are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch, ..., labels)`. One value per row of the last axis.

    Raises:
        ValueError: If an exponent is negative, if `margin` is not in its range, or if the shapes differ.

    Examples:
        >>> import numpy as np
        >>> loss = AsymmetricMultilabel(gamma_positive=0, gamma_negative=1, margin=0.0)
        >>> float(loss(np.array([[0.0]]), np.array([[0.5]])))  # 0.5 * log 2
        0.3465735912322998

    References:
        Ridnik et al., `Asymmetric Loss For Multi-Label Classification
        <https://arxiv.org/abs/2009.14119>`_, 2020
    """

    inputs = ("multilabel",)
    alternatives = {"gamma_positive": 0.0, "gamma_negative": 2.0, "margin": 0.0, "from_logits": True}

    def __init__(
        self,
        gamma_positive: float = 1.0,
        gamma_negative: float = 4.0,
        margin: float = 0.05,
        from_logits: bool = False,
        reduction: str | None = "sum_over_batch_size",
        name: str = "asymmetric_multilabel",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        for argument, value in (("gamma_positive", gamma_positive), ("gamma_negative", gamma_negative)):
            if not 0 <= value < float("inf"):
                raise ValueError(f"`{argument}` must be a finite number, 0 or more. Received: {argument}={value}")
        if not 0 <= margin < 1:
            raise ValueError(f"`margin` must be from 0 to less than 1. Received: margin={margin}")
        self.gamma_positive = gamma_positive
        self.gamma_negative = gamma_negative
        self.margin = margin
        self.from_logits = from_logits

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each row of labels."""
        if self.from_logits:
            log_present, log_absent = -ops.softplus(-y_pred), -ops.softplus(y_pred)
        else:
            epsilon = keras.config.epsilon()
            y_pred = ops.clip(y_pred, epsilon, 1 - epsilon)
            log_present, log_absent = ops.log(y_pred), ops.log1p(-y_pred)
        present = ops.exp(self.gamma_positive * log_absent) * log_present
        log_share, log_rest = log_present, log_absent
        if self.margin:
            shifted = ops.relu(ops.exp(log_present) - self.margin)
            above = shifted > 0
            log_share = ops.log(ops.where(above, shifted, 1.0))
            log_rest = ops.where(above, ops.log1p(-shifted), 0.0)
        absent = ops.exp(self.gamma_negative * log_share) * log_rest
        return -ops.mean(y_true * present + (1 - y_true) * absent, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "gamma_positive": self.gamma_positive,
            "gamma_negative": self.gamma_negative,
            "margin": self.margin,
            "from_logits": self.from_logits,
        }
