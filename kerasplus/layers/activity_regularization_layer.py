"""The layer of the Keras guide that adds a penalty on activations to the loss."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from kerasplus._weights import leave_out, left_aligned

FUNCTIONS: dict[str, Callable[[Any], Any]] = {"sum": lambda x: x, "l1": ops.abs, "l2": ops.square}
REDUCTIONS = ("sum", "sum_over_batch_size")


@keras.saving.register_keras_serializable(package="kerasplus")
class ActivityRegularizationLayer(keras.layers.Layer):
    r"""Passes its input on and adds a penalty on it to the loss of the model.

    For the activations :math:`a` of a batch of :math:`N` samples, the `rate` :math:`r`, and
    :math:`f(a) = a`, :math:`|a|` or :math:`a^2` for the `function` `"sum"`, `"l1"` or `"l2"`:

    .. math:: L = r \sum f(a) \quad\text{or}\quad L = \frac{r}{N} \sum f(a)

    with the `reduction` `"sum"`, which is the number of the Keras guide, or `"sum_over_batch_size"`.
    The first one grows with the batch, and with more replicas each counts its own part; take the
    second one where it must not change with batch size or replicas. It is computed in float32 at
    least, so that it works under mixed precision. Masked steps add nothing.

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

    pass_through = True
    input_shape_example = (3,)
    alternatives = {"rate": 0.5, "reduction": "sum_over_batch_size", "function": "l2"}

    def __init__(self, rate: float = 0.1, reduction: str = "sum", function: str = "sum", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not float("-inf") < rate < float("inf"):
            raise ValueError(f"`rate` must be a finite number. Received: rate={rate}")
        for name, value, choices in (("reduction", reduction, REDUCTIONS), ("function", function, tuple(FUNCTIONS))):
            if value not in choices:
                raise ValueError(f"`{name}` must be one of {', '.join(map(repr, choices))}. Received: {name}={value!r}")
        self.rate = rate
        self.reduction = reduction
        self.function = function
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The input, once its penalty has been added to the loss."""
        dtype = "float64" if self.compute_dtype == "float64" else "float32"
        penalties = FUNCTIONS[self.function](ops.cast(inputs, dtype))
        if mask is not None:
            kept = left_aligned(ops.cast(mask, dtype), tuple(inputs.shape), self.name, "a mask")
            penalties = leave_out(penalties, kept)
        total = self.rate * ops.sum(penalties)
        if self.reduction == "sum_over_batch_size":
            total = ops.divide_no_nan(total, ops.cast(ops.shape(inputs)[0], dtype))
        self.add_loss(total)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "rate": self.rate,
            "reduction": self.reduction,
            "function": self.function,
        }
