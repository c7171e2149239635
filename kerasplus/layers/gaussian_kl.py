"""The regularizer of a variational autoencoder."""

from typing import Any

import keras
from keras import ops

from kerasplus._weights import leave_out
from kerasplus.layers._loss_term_layer import LossTermLayer, finite
from kerasplus.layers.sampling import gaussian_pair


@keras.saving.register_keras_serializable(package="kerasplus")
class GaussianKL(LossTermLayer):
    r"""Passes a mean and a log variance on and adds their divergence from the standard normal.

    For means :math:`\mu_{ij}` and log variances :math:`v_{ij}` of the rows :math:`i` and the latent
    units :math:`j`, with `beta` :math:`\beta` and `free_bits` :math:`\lambda`:

    .. math::
        L = \beta \sum_j \max\Bigl(\lambda, \frac{1}{N} \sum_{i=1}^{N} k_{ij}\Bigr), \qquad
        k_{ij} = \frac{1}{2} \bigl(\mu_{ij}^2 + e^{v_{ij}} - 1 - v_{ij}\bigr)

    in nats. Free bits keep a unit from being switched off: below :math:`\lambda` it is not pulled to
    the prior any more. Masked steps are no rows. The logs show the term under the name of the layer.

    Args:
        beta: The weight :math:`\beta`, not negative. Next to a reconstruction loss that is a mean over
            :math:`d` features, :math:`1 / d` gives the bound of the paper.
        free_bits: The nats :math:`\lambda` that each unit has for free, not negative.
        **kwargs: The arguments of every layer.

    Shapes:
        Input: the pair `[mean, log_variance]`, both `(batch, ..., units)`; the output is the pair.

    Raises:
        ValueError: If an argument is negative or not finite, or if the input is no pair of one shape.

    Examples:
        >>> import numpy as np
        >>> layer = GaussianKL()
        >>> pair = layer([np.array([[2.0, 0.0]]), np.array([[0.0, 0.0]])])
        >>> float(layer.losses[0])  # 2**2 / 2
        2.0

    References:
        Higgins et al., `beta-VAE <https://openreview.net/forum?id=Sy2fzU9gl>`_, 2017; Kingma et al.,
        `Improved variational inference with inverse autoregressive flow
        <https://arxiv.org/abs/1606.04934>`_, 2016, for free bits
    """

    input_shape_example = [(8,), (8,)]
    input_domains = ("mean", "log_variance")
    alternatives = {"beta": 0.5, "free_bits": 0.25}

    def __init__(self, beta: float = 1.0, free_bits: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.beta = finite(beta, "beta")
        self.free_bits = finite(free_bits, "free_bits")
        if beta < 0 or free_bits < 0:
            raise ValueError(f"`beta` and `free_bits` must be 0 or more. Received: beta={beta}, free_bits={free_bits}")

    def build(self, input_shape: Any) -> None:
        """Checks the shapes of the pair."""
        gaussian_pair(input_shape, self.name)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The input, once its divergence has been added to the loss."""
        mean, log_variance = self.wide(inputs[0]), self.wide(inputs[1])
        divergence = (ops.square(mean) + ops.exp(log_variance) - 1 - log_variance) / 2
        weights = self.row_weights(mask, divergence)
        axes = tuple(range(len(divergence.shape) - 1))
        count = ops.sum(ops.ones_like(divergence) if weights is None else weights, axis=axes)
        means = ops.divide_no_nan(ops.sum(leave_out(divergence, weights), axis=axes), count)
        free = ops.where(count > 0, self.free_bits, ops.zeros_like(means))
        self.add_term(self.beta * ops.sum(ops.maximum(means, free)), inputs[0])
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "beta": self.beta, "free_bits": self.free_bits}
