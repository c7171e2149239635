"""The layer of the Keras guide that adds a penalty on activations to the loss."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from kerasplus._weights import leave_out
from kerasplus.layers._loss_term_layer import REDUCTIONS, LossTermLayer, choice, finite

FUNCTIONS: dict[str, Callable[[Any], Any]] = {"sum": lambda x: x, "l1": ops.abs, "l2": ops.square}


@keras.saving.register_keras_serializable(package="kerasplus")
class ActivityRegularizationLayer(LossTermLayer):
    r"""Passes its input on and adds a penalty on it to the loss of the model.

    For the activations :math:`a` of a batch of :math:`N` samples, the `rate` :math:`r`, and
    :math:`f(a) = a`, :math:`|a|` or :math:`a^2` for the `function` `"sum"`, `"l1"` or `"l2"`:

    .. math:: L = r \sum f(a) \quad\text{or}\quad L = \frac{r}{N} \sum f(a)

    with the `reduction` `"sum"`, which is the number of the Keras guide, or `"sum_over_batch_size"`.
    The first one grows with the batch, and replicas add up their parts of it; take the second one
    where it must not change with batch size or replicas. It is computed in float32 at
    least, so that it works under mixed precision. Masked steps add nothing. The logs of training and
    of validation show the penalty under the name of the layer.

    Args:
        rate: The weight :math:`r`, a finite number.
        reduction: `"sum"` or `"sum_over_batch_size"`.
        function: The penalty on one activation: `"sum"`, `"l1"` or `"l2"`.
        **kwargs: The arguments of every layer.

    Shapes:
        Input `(batch, ...)`; the output is the input. The loss is a scalar.

    Raises:
        ValueError: If `rate` is not finite, or if `reduction` or `function` is none of the above.

    Examples:
        >>> import numpy as np
        >>> layer = ActivityRegularizationLayer(rate=0.1)
        >>> output = layer(np.array([[1.0, 2.0], [3.0, 4.0]]))
        >>> round(float(layer.losses[0]), 4)  # 0.1 * 10
        1.0

    References:
        `Training & evaluation with the built-in methods
        <https://keras.io/guides/training_with_built_in_methods/>`_
    """

    alternatives = {"rate": 0.5, "reduction": "sum_over_batch_size", "function": "l2"}

    def __init__(self, rate: float = 0.1, reduction: str = "sum", function: str = "sum", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = finite(rate, "rate")
        self.reduction = choice(reduction, "reduction", REDUCTIONS)
        self.function = choice(function, "function", tuple(FUNCTIONS))

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The input, once its penalty has been added to the loss."""
        penalties = FUNCTIONS[self.function](self.wide(inputs))
        total = self.rate * ops.sum(leave_out(penalties, self.row_weights(mask, penalties)))
        if self.reduction == "sum_over_batch_size":
            total = ops.divide_no_nan(total, self.wide(ops.shape(inputs)[0]))
        self.add_term(total, inputs, self.reduction)
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "rate": self.rate,
            "reduction": self.reduction,
            "function": self.function,
        }
