"""Mean, spread and share of zeros of the activations, in the logs."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kerasplus import _compensated
from kerasplus.layers._loss_term_layer import WideLayer, shows_values
from kerasplus.metrics._streaming_metric import StreamingMetric


class ActivationMoments(StreamingMetric):
    """Sums over all activations seen, from which their statistics follow.

    Args:
        prefix: What the name of every result starts with.
    """

    def __init__(self, prefix: str, name: str = "activation_moments", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.prefix = prefix
        for total, parts in (("count", 2), ("zeros", 2), ("sum", 3), ("squares", 3)):
            self.add_total(total, parts=parts)

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """What the activations of a batch add to each sum."""
        return {
            "count": self.weighted_sum(ops.ones_like(y_pred), sample_weight),
            "zeros": self.weighted_sum(ops.cast(ops.equal(y_true, 0), self.dtype), sample_weight),
            "sum": _compensated.sum_pieces(y_pred),
            "squares": _compensated.sum_product_pieces(y_pred, y_pred),
        }

    def compute(self, totals: Mapping[str, Any]) -> dict[str, Any]:
        """The statistics; all are 0 before the first activation."""
        mean = ops.divide_no_nan(totals["sum"], totals["count"])
        variance = ops.divide_no_nan(totals["squares"], totals["count"]) - ops.square(mean)
        return {
            f"{self.prefix}_mean": mean,
            f"{self.prefix}_standard_deviation": ops.sqrt(ops.maximum(variance, 0.0)),
            f"{self.prefix}_zeros": ops.divide_no_nan(totals["zeros"], totals["count"]),
        }


@keras.saving.register_keras_serializable(package="kerasplus")
class ActivationStatistics(WideLayer):
    r"""Passes activations on and shows in the logs how they are distributed.

    Over all activations :math:`a` of an epoch, :math:`n` in number, training and validation apart:

    .. math::
        \mu = \frac{1}{n} \sum a, \qquad \sigma = \sqrt{\frac{1}{n} \sum a^2 - \mu^2}, \qquad
        z = \frac{1}{n} \sum [a = 0]

    The logs have them as `NAME_mean`, `NAME_standard_deviation` and `NAME_zeros`, where `NAME` is the
    name of the layer. After a ReLU a share of zeros near 1 means dead units. Masked steps are left
    out. Sums are compensated, so any batches and any replicas give the same numbers. Keras' training
    step on JAX gives the metrics of layers no state: there the logs do not have them.

    Args:
        **kwargs: The arguments of every layer. `name` is the start of the names in the logs.

    Shapes:
        Input `(batch, ...)`; the output is the input.

    Raises:
        ValueError: If an argument is unknown.

    Examples:
        >>> import numpy as np
        >>> layer = ActivationStatistics(name="hidden")
        >>> output = layer(np.array([[0.0, 2.0], [0.0, 2.0]]))
        >>> {name: float(value) for name, value in layer.metrics[0].result().items()}
        {'hidden_mean': 1.0, 'hidden_standard_deviation': 1.0, 'hidden_zeros': 0.5}

    References:
        Glorot & Bengio, `Understanding the difficulty of training deep feedforward neural networks
        <https://proceedings.mlr.press/v9/glorot10a.html>`_, 2010
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.moments = ActivationMoments(self.name, name=self.name) if shows_values() else None

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The input, once its statistics have been taken."""
        if self.moments is not None:
            values = ops.reshape(self.wide(inputs), (-1, 1))
            weights = self.row_weights(mask, inputs)
            self.moments.update_state(values, values, None if weights is None else ops.reshape(weights, (-1,)))
        return inputs
