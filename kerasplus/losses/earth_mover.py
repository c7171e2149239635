"""The earth mover's distance between distributions over ordered classes."""

from typing import Any

import keras
from keras import ops

from kerasplus.losses._class_rows import class_rows
from kerasplus.losses._per_sample_loss import PerSampleLoss


@keras.saving.register_keras_serializable(package="kerasplus")
class EarthMover(PerSampleLoss):
    r"""Earth mover's loss, for classes in an order: ages, grades, ratings.

    For the shares :math:`y_c` of the classes in the target, the predicted probabilities :math:`p_c`
    and the `power` :math:`r`:

    .. math:: L = \sum_{c} \Bigl| \sum_{k \leq c} (p_k - y_k) \Bigr|^r

    At 1 it is the work of moving the predicted distribution onto the target, in steps between
    neighbouring classes; at 2, the paper's choice for training, far moves count more. As in its
    training loss there is no root and no division by the number of classes.

    Args:
        power: The power of the differences between the cumulative distributions, 1 or more.
        reduction: How the values of the samples are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` probabilities `(batch, ..., classes)`. `y_true` class ids `(batch, ...)` or
        `(batch, ..., 1)`, or distributions `(batch, ..., classes)`, one-hot ones among them. One value
        per row of the last axis.

    Raises:
        ValueError: If `power` is less than 1 or not finite, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> probabilities = np.array([[0.0, 0.0, 1.0]])
        >>> float(EarthMover(power=1)(np.array([0]), probabilities))  # two classes away
        2.0

    References:
        Hou, Yu and Samaras, `Squared Earth Mover's Distance-based Loss for Training Deep Neural Networks
        <https://arxiv.org/abs/1611.05916>`_, 2016
    """

    inputs = ("sparse", "one_hot", "probabilities")
    alternatives = {"power": 1.0}

    def __init__(
        self,
        power: float = 2.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "earth_mover",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        if not 1 <= power < float("inf"):
            raise ValueError(f"`power` must be a finite number, 1 or more. Received: power={power}")
        self.power = power

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each row."""
        difference = ops.cumsum(y_pred - class_rows(y_true, y_pred, self.dtype), axis=-1)
        return ops.sum(ops.power(ops.abs(difference), self.power), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "power": self.power}
