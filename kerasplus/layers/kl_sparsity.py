"""A penalty that draws the mean activation of every unit to a small target."""

from typing import Any

import keras
from keras import ops

from kerasplus._weights import leave_out
from kerasplus.layers._loss_term_layer import LossTermLayer, finite


@keras.saving.register_keras_serializable(package="kerasplus")
class KLSparsity(LossTermLayer):
    r"""Passes activations on and makes their units fire as seldom as asked.

    For the `target` :math:`\rho`, the `rate` :math:`r`, and the mean activation
    :math:`\hat\rho_j` of each unit :math:`j` over the rows of a batch:

    .. math:: L = r \sum_j \rho \ln \frac{\rho}{\hat\rho_j} + (1 - \rho) \ln \frac{1 - \rho}{1 - \hat\rho_j}

    It is zero where every unit has the target as its mean. Activations must lie between 0 and 1, as
    those of a sigmoid; means are kept 1e-6 away from both ends. The mean is that of a batch, so
    batches should be large; replicas each take their own and average the terms. Masked steps are no rows.

    Args:
        target: The mean activation :math:`\rho` asked for, between 0 and 1, both excluded.
        rate: The weight :math:`r`, a finite number.
        **kwargs: The arguments of every layer. `name` is the name in the logs.

    Shapes:
        Input `(batch, ..., units)`; the output is the input. The loss is a scalar.

    Raises:
        ValueError: If `target` or `rate` is out of range.

    Examples:
        >>> import numpy as np
        >>> layer = KLSparsity(target=0.5)
        >>> output = layer(np.array([[0.0, 1.0], [0.5, 1.0]]))  # means 0.25 and 1
        >>> bool(layer.losses[0] > 0.14)  # 0.1438 of the first unit, and more of the second
        True

    References:
        Ng, `Sparse autoencoder <https://web.stanford.edu/class/cs294a/sparseAutoencoder.pdf>`_, 2011
    """

    input_domains = ("probabilities",)
    alternatives = {"target": 0.2, "rate": 0.5}

    def __init__(self, target: float = 0.05, rate: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 < finite(target, "target") < 1:
            raise ValueError(f"`target` must lie between 0 and 1, both excluded. Received: target={target}")
        self.target = target
        self.rate = finite(rate, "rate")

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The input, once the divergence of its means has been added to the loss."""
        values = self.wide(inputs)
        weights = self.row_weights(mask, values)
        axes = tuple(range(len(values.shape) - 1))
        count = ops.sum(ops.ones_like(values) if weights is None else weights, axis=axes)
        mean = ops.divide_no_nan(ops.sum(leave_out(values, weights), axis=axes), count)
        mean = ops.clip(mean, 1e-6, 1 - 1e-6)
        target = self.target
        divergence = target * ops.log(target / mean) + (1 - target) * ops.log((1 - target) / (1 - mean))
        self.add_term(self.rate * ops.sum(ops.where(count > 0, divergence, 0.0)), inputs)
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "target": self.target, "rate": self.rate}
