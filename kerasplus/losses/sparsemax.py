"""The sparsemax loss: classification with probabilities that can be exactly zero."""

from typing import Any

import keras
from keras import ops

from kerasplus.losses._class_rows import class_rows
from kerasplus.losses._per_sample_loss import PerSampleLoss


@keras.saving.register_keras_serializable(package="kerasplus")
class Sparsemax(PerSampleLoss):
    r"""Sparsemax loss, what softmax cross-entropy is to softmax.

    For logits :math:`z`, target shares :math:`q` and :math:`p = \operatorname{sparsemax}(z)`, the point
    of the simplex that is nearest to :math:`z`:

    .. math:: L = (p - q)^\top z - \frac{1}{2} \lVert p \rVert^2 + \frac{1}{2} \lVert q \rVert^2

    It is never negative, its slope is :math:`p - q`, and for a single class it is exactly 0 once that
    class leads every other one by 1. At inference use `keras.activations.sparsemax`.

    Args:
        from_logits: Whether `y_pred` holds logits. If not, it holds softmax probabilities, whose
            logarithms are the logits.
        reduction: How the values of the samples are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` `(batch, ..., classes)`. `y_true` class ids `(batch, ...)` or `(batch, ..., 1)`, or rows
        of shares `(batch, ..., classes)`, one-hot ones among them. One value per row of the last axis.

    Raises:
        ValueError: If the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> loss = Sparsemax(reduction="none")
        >>> loss(np.array([0, 0]), np.array([[3.0, 1.0], [0.0, 0.0]])).numpy().tolist()
        [0.0, 0.25]

    References:
        Martins and Astudillo, `From Softmax to Sparsemax <https://arxiv.org/abs/1602.02068>`_, 2016
    """

    inputs = ("sparse", "one_hot")
    alternatives = {"from_logits": False}

    def __init__(
        self,
        from_logits: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str = "sparsemax",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        self.from_logits = from_logits

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each row."""
        shares = class_rows(y_true, y_pred, self.dtype)
        if not self.from_logits:
            y_pred = ops.log(ops.maximum(y_pred, keras.config.epsilon()))
        logits = y_pred - ops.stop_gradient(ops.max(y_pred, axis=-1, keepdims=True, initial=float("-inf")))
        nearest = _sparsemax(logits)
        squares = ops.square(shares) - ops.square(nearest)
        return ops.sum((nearest - shares) * logits + squares / 2, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "from_logits": self.from_logits}


def _sparsemax(logits: Any) -> Any:
    """The projection on the simplex, a constant to the slope, as at a maximum it has no part in it."""
    falling = ops.flip(ops.sort(ops.stop_gradient(logits), axis=-1), axis=-1)
    total = ops.cumsum(falling, axis=-1)
    rank = ops.cast(ops.arange(1, ops.shape(logits)[-1] + 1), logits.dtype)
    supported = ops.cast(1 + rank * falling > total, logits.dtype)
    size = ops.sum(supported, axis=-1, keepdims=True)
    threshold = (ops.sum(falling * supported, axis=-1, keepdims=True) - 1) / size
    return ops.relu(ops.stop_gradient(logits) - threshold)
