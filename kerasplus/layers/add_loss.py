"""A term of the loss from inside the model, visible in the logs."""

import copy
from typing import Any

import keras
from keras import ops

from kerasplus._weights import leave_out
from kerasplus.layers._loss_term_layer import REDUCTIONS, LossTermLayer, choice, finite, first_mask


@keras.saving.register_keras_serializable(package="kerasplus")
class AddLoss(LossTermLayer):
    r"""Passes its input on and adds a term to the loss of the model.

    For values :math:`v`, the `rate` :math:`r`:

    .. math:: L = r \cdot \operatorname{mean}(v) \quad\text{or}\quad L = r \sum v

    with the `reduction` `"sum_over_batch_size"` or `"sum"`. Without a `loss` the values are those of the
    input; of a list of tensors the last one, so that ``x, _ = AddLoss()([x, value])`` ties a value to
    the path of the model. With a `loss` the input is a pair, and the values are
    `loss(y_true, y_pred)` of each sample. Masked values are left out. The term is computed in float32
    at least and shown in the logs under the name of the layer.

    Args:
        loss: None, or a loss: its name, an instance or its configuration.
        rate: The weight :math:`r`, a finite number.
        reduction: `"sum_over_batch_size"`, the mean over all values, or `"sum"`.
        **kwargs: The arguments of every layer.

    Shapes:
        Input: a tensor `(batch, ...)` or a list of them; the output is the input.

    Raises:
        ValueError: If `rate` is not finite, `reduction` or `loss` is unknown, or a loss gets no pair.

    Examples:
        >>> import numpy as np
        >>> layer = AddLoss(rate=0.5)
        >>> output = layer(np.array([[1.0], [3.0]]))
        >>> float(layer.losses[0])  # 0.5 * mean(1, 3)
        1.0

    References:
        `Keras: making new layers and models <https://keras.io/guides/making_new_layers_and_models_via_subclassing/>`_
    """

    input_shape_example = [(8,), (8,)]
    input_domains = ("real", "real")
    alternatives = {"loss": "mean_squared_error", "rate": 0.5, "reduction": "sum"}

    def __init__(
        self, loss: Any = None, rate: float = 1.0, reduction: str = "sum_over_batch_size", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.loss = _per_sample(loss)
        self._loss_config = None if loss is None else keras.saving.serialize_keras_object(keras.losses.get(loss))
        self.rate = finite(rate, "rate")
        self.reduction = choice(reduction, "reduction", REDUCTIONS)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The input, once its term has been added to the loss."""
        tensors = keras.tree.flatten(inputs)
        masks = [None] * len(tensors) if mask is None else keras.tree.flatten(mask)
        if self.loss is None:
            values, kept = self.wide(tensors[-1]), masks[-1]
        elif len(tensors) == 2:
            values, kept = self.wide(self.loss(tensors[0], self.wide(tensors[1]))), first_mask(masks[::-1])
        else:
            raise ValueError(
                f"{self.name!r} has a `loss`, so it takes the pair `[y_true, y_pred]`. "
                f"Received {len(tensors)} tensor(s)."
            )
        if self.reduction == "sum":
            weights = self.row_weights(kept, values)
            total = ops.sum(leave_out(values, weights))
        else:
            total = self.mean(values, kept)
        self.add_term(self.rate * total, tensors[-1], self.reduction)
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "loss": self._loss_config, "rate": self.rate, "reduction": self.reduction}


def _per_sample(identifier: Any) -> Any:
    """A loss that gives a value for each sample, or None."""
    if identifier is None:
        return None
    loss = keras.losses.get(identifier)
    if isinstance(loss, keras.losses.Loss):
        loss = copy.copy(loss)
        loss.reduction = "none"
    return loss
