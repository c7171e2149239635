"""The contrastive loss of pairs: similar ones close, others apart."""

from typing import Any

import keras
from keras import ops

from kerasplus.losses._per_sample_loss import PerSampleLoss


@keras.saving.register_keras_serializable(package="kerasplus")
class Contrastive(PerSampleLoss):
    r"""Contrastive loss of the distances of pairs, for siamese networks.

    For a label :math:`y`, which is **1 for a similar pair** and 0 for any other, the distance
    :math:`d` of the pair, which is the prediction, and the `margin` :math:`m`, averaged over the last
    axis:

    .. math:: L = y \, d^2 + (1 - y) \max(m - d, 0)^2

    The paper marks similar pairs by 0 and halves the value; this is the convention of TensorFlow
    Addons.

    Args:
        margin: The distance from which on pairs that are not similar cost nothing, positive.
        reduction: How the values of the samples are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch,)` or `(batch, ..., d)`. One value per row of the last axis.

    Raises:
        ValueError: If `margin` is not positive and finite, or if the shapes differ.

    Examples:
        >>> import numpy as np
        >>> loss = Contrastive(margin=1.0, reduction="none")
        >>> loss(np.array([1.0, 0.0, 0.0]), np.array([0.5, 0.5, 2.0])).numpy().tolist()
        [0.25, 0.25, 0.0]

    References:
        Hadsell, Chopra and LeCun, `Dimensionality Reduction by Learning an Invariant Mapping
        <https://doi.org/10.1109/CVPR.2006.100>`_, 2006
    """

    inputs = ("binary",)
    alternatives = {"margin": 0.5}

    def __init__(
        self,
        margin: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "contrastive",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        if not 0 < margin < float("inf"):
            raise ValueError(f"`margin` must be positive and finite. Received: margin={margin}")
        self.margin = margin

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each row of pairs."""
        near = y_true * ops.square(y_pred)
        far = (1 - y_true) * ops.square(ops.relu(self.margin - y_pred))
        return ops.mean(near + far, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "margin": self.margin}
