"""The mean squared error of the Keras guide, with its pull of predictions towards one half."""

from typing import Any

import keras
from keras import ops

from kerasplus.losses._per_sample_loss import PerSampleLoss


@keras.saving.register_keras_serializable(package="kerasplus")
class CustomMSE(PerSampleLoss):
    r"""Mean squared error that also draws predictions towards 0.5.

    For targets :math:`y`, predictions :math:`p` and the `regularization_factor` :math:`f`, over the
    last axis of size :math:`d`:

    .. math:: L = \frac{1}{d} \sum_{j=1}^{d} (y_j - p_j)^2 + \frac{f}{d} \sum_{j=1}^{d} (0.5 - p_j)^2

    The Keras guide returns one number for a whole batch, so that sample weights and masks do not act
    on it. This one returns a value per sample; without weights the mean is the guide's number.

    Args:
        regularization_factor: The weight :math:`f` of the second term, not negative.
        reduction: How the values of the samples are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch, ..., d)`, or `(batch,)`, which is read as `(batch, 1)`. One
        value per row of the last axis.

    Raises:
        ValueError: If `regularization_factor` is negative or not finite, or if the shapes differ.

    Examples:
        >>> import numpy as np
        >>> loss = CustomMSE(regularization_factor=0.1)
        >>> float(loss(np.array([[1.0]]), np.array([[0.0]])))  # 1 + 0.1 * 0.25
        1.024999976158142

    References:
        `Training & evaluation with the built-in methods
        <https://keras.io/guides/training_with_built_in_methods/>`_
    """

    alternatives = {"regularization_factor": 0.5}

    def __init__(
        self,
        regularization_factor: float = 0.1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "custom_mse",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        if not 0 <= regularization_factor < float("inf"):
            raise ValueError(
                "`regularization_factor` must be a finite number, 0 or more. "
                f"Received: regularization_factor={regularization_factor}"
            )
        self.regularization_factor = regularization_factor

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each row."""
        error = ops.mean(ops.square(y_true - y_pred), axis=-1)
        pull = ops.mean(ops.square(0.5 - y_pred), axis=-1)
        return error + self.regularization_factor * pull

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "regularization_factor": self.regularization_factor}
