"""A term of the loss that makes predicted distributions sharper, or flatter."""

from typing import Any

import keras
from keras import ops

from kerasplus.layers._loss_term_layer import LossTermLayer, finite


@keras.saving.register_keras_serializable(package="kerasplus")
class EntropyRegularization(LossTermLayer):
    r"""Passes predictions on and adds their mean entropy to the loss.

    For distributions :math:`p_i` over the last axis and the `rate` :math:`r`:

    .. math:: L = -\frac{r}{N} \sum_{i=1}^{N} \sum_c p_{ic} \ln p_{ic}

    A positive rate asks for certain predictions, also on samples without labels; a negative one is
    the confidence penalty, which keeps them from becoming too certain. Masked steps are left out.

    Args:
        rate: The weight :math:`r`, a finite number.
        from_logits: Whether the inputs are logits, of which the softmax is taken.
        **kwargs: The arguments of every layer. `name` is the name in the logs.

    Shapes:
        Input `(batch, ..., classes)`; the output is the input. The loss is a scalar.

    Raises:
        ValueError: If `rate` is not finite.

    Examples:
        >>> import numpy as np
        >>> layer = EntropyRegularization(rate=1.0)
        >>> output = layer(np.array([[0.5, 0.5], [1.0, 0.0]]))
        >>> round(float(layer.losses[0]), 4)  # (ln 2 + 0) / 2
        0.3466

    References:
        Grandvalet & Bengio, `Semi-supervised learning by entropy minimization
        <https://papers.nips.cc/paper/2740-semi-supervised-learning-by-entropy-minimization>`_, 2004;
        Pereyra et al., `Regularizing neural networks by penalizing confident output distributions
        <https://arxiv.org/abs/1701.06548>`_, 2017
    """

    input_domains = ("probabilities",)
    alternatives = {"rate": -0.5, "from_logits": True}

    def __init__(self, rate: float = 0.01, from_logits: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = finite(rate, "rate")
        self.from_logits = bool(from_logits)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The input, once its entropy has been added to the loss."""
        values = self.wide(inputs)
        if self.from_logits:
            entropy = -ops.sum(ops.softmax(values) * ops.log_softmax(values), axis=-1)
        else:
            positive = values > 0
            entropy = -ops.sum(ops.where(positive, values * ops.log(ops.where(positive, values, 1.0)), 0.0), axis=-1)
        self.add_term(self.rate * self.mean(entropy, mask), inputs)
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "rate": self.rate, "from_logits": self.from_logits}
