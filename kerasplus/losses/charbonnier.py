"""The Charbonnier penalty: an absolute error that is smooth at zero."""

from typing import Any

import keras
from keras import ops

from kerasplus.losses._per_sample_loss import PerSampleLoss


@keras.saving.register_keras_serializable(package="kerasplus")
class Charbonnier(PerSampleLoss):
    r"""Charbonnier loss, for regression and image restoration with outliers.

    For targets :math:`y`, predictions :math:`p` and the constant `epsilon` :math:`\epsilon`, over the
    last axis of size :math:`d`:

    .. math:: L = \frac{1}{d} \sum_{j=1}^{d} \sqrt{(y_j - p_j)^2 + \epsilon^2}

    Errors well above :math:`\epsilon` cost their absolute value, those well below it their square over
    :math:`2 \epsilon`. As in the paper the least value is :math:`\epsilon`, not 0.

    Args:
        epsilon: The error at which the loss turns from a square to an absolute value, positive.
        reduction: How the values of the samples are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch, ..., d)`, or `(batch,)`, which is read as `(batch, 1)`. One
        value per row of the last axis.

    Raises:
        ValueError: If `epsilon` is not positive and finite, or if the shapes differ.

    Examples:
        >>> import numpy as np
        >>> float(Charbonnier(epsilon=4.0)(np.array([3.0]), np.array([0.0])))  # sqrt(9 + 16)
        5.0

    References:
        Charbonnier, Blanc-Feraud, Aubert and Barlaud, `Two deterministic half-quadratic regularization
        algorithms for computed imaging <https://doi.org/10.1109/ICIP.1994.413553>`_, 1994
    """

    symmetric = True
    alternatives = {"epsilon": 0.5}

    def __init__(
        self,
        epsilon: float = 1e-3,
        reduction: str | None = "sum_over_batch_size",
        name: str = "charbonnier",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        if not 0 < epsilon < float("inf"):
            raise ValueError(f"`epsilon` must be positive and finite. Received: epsilon={epsilon}")
        self.epsilon = epsilon

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each row."""
        return ops.mean(ops.sqrt(ops.square(y_true - y_pred) + self.epsilon**2), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "epsilon": self.epsilon}
