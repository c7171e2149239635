"""A draw from a Gaussian whose mean and variance a network predicts."""

from typing import Any

import keras
from keras import ops

from kerasplus.layers._loss_term_layer import first_mask
from kerasplus.losses._per_sample_loss import at_least_float32


@keras.saving.register_keras_serializable(package="kerasplus")
class Sampling(keras.layers.Layer):
    r"""A draw from a diagonal Gaussian, through which gradients pass.

    For the mean :math:`\mu` and the log variance :math:`v` that come in:

    .. math:: z = \mu + e^{v / 2} \varepsilon, \qquad \varepsilon \sim \mathcal{N}(0, 1)

    while training; at inference it is the mean. Put a `GaussianKL` before it for the loss of a
    variational autoencoder.

    Args:
        seed: An integer that makes draws repeatable, or None.
        **kwargs: The arguments of every layer.

    Shapes:
        Input: the pair `[mean, log_variance]` of one shape; the output has that shape.

    Raises:
        ValueError: If the input is no pair of one shape.

    Examples:
        >>> import numpy as np
        >>> pair = [np.array([[1.0, 2.0]]), np.array([[0.0, 0.0]])]
        >>> Sampling(seed=1)(pair).numpy().tolist()
        [[1.0, 2.0]]
        >>> bool(Sampling(seed=1)(pair, training=True)[0, 0] == 1.0)
        False

    References:
        Kingma & Welling, `Auto-encoding variational Bayes <https://arxiv.org/abs/1312.6114>`_, 2013
    """

    pass_through = False
    input_shape_example = [(8,), (8,)]
    input_domains = ("mean", "log_variance")
    alternatives = {"seed": 7}

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Checks the shapes of the pair."""
        gaussian_pair(input_shape, self.name)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """A draw, or the mean."""
        mean, log_variance = inputs
        if not training:
            return mean
        dtype = at_least_float32(self.dtype_policy)
        noise = keras.random.normal(ops.shape(mean), dtype=dtype, seed=self.seed_generator)
        drawn = ops.cast(mean, dtype) + ops.exp(ops.cast(log_variance, dtype) / 2) * noise
        return ops.cast(drawn, mean.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the mean."""
        return input_shape[0]

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the mean."""
        return first_mask(previous_mask)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "seed": self.seed}


def gaussian_pair(shapes: Any, name: str) -> None:
    """Checks the shapes of a mean and a log variance.

    Raises:
        ValueError: If they are not two equal shapes.
    """
    if len(shapes) != 2 or not isinstance(shapes[0], (list, tuple)) or tuple(shapes[0]) != tuple(shapes[1]):
        raise ValueError(f"{name!r} takes the pair `[mean, log_variance]` of one shape. Received shapes: {shapes}")
