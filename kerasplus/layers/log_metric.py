"""A value from inside the model, shown in the logs: what `add_metric` did before Keras 3."""

from typing import Any

import keras

from kerasplus._keras_names import component_class


@keras.saving.register_keras_serializable(package="kerasplus")
class LogMetric(keras.layers.Layer):
    """Passes its input on and shows a metric of it in the logs, under the name of the layer.

    With one tensor as input, the metric aggregates its values, as `keras.metrics.Mean` does. With a
    pair of tensors it is updated as `metric(y_true, y_pred)`. The logs of training and of
    validation have it, reset in each epoch as every metric; `predict` shows no logs.

    Args:
        metric: The name of a metric, an instance or its configuration. `"mean"` shows the mean of a
            plain value.
        **kwargs: The arguments of every layer. `name` is the name in the logs.

    Shapes:
        Input: a tensor of the shape that the metric takes, or a pair of them; the output is the
        input. A mask is the weight of the values.

    Raises:
        ValueError: If `metric` is no metric.

    Examples:
        >>> import keras
        >>> import numpy as np
        >>> model = keras.Sequential([keras.Input((2,)), LogMetric(name="mean_input"), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> logs = model.evaluate(np.array([[1.0, 2.0], [3.0, 6.0]]), np.zeros(2), return_dict=True, verbose=0)
        >>> logs["mean_input"]
        3.0

    References:
        `keras-team/keras issue 20127 <https://github.com/keras-team/keras/issues/20127>`_
    """

    pass_through = True
    input_shape_example = (3,)
    alternatives = {"metric": "sum"}

    def __init__(self, metric: Any = "mean", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metric = _metric(metric)
        self.metric.name = self.name
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The input, once the metric has seen it."""
        values = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
        weights = mask[-1] if isinstance(mask, list | tuple) else mask
        if weights is None:
            self.metric.update_state(*values)
        else:
            self.metric.update_state(*values, sample_weight=weights)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "metric": keras.saving.serialize_keras_object(self.metric)}


def _metric(identifier: Any) -> keras.metrics.Metric:
    """A metric from a name, an instance or a configuration."""
    if isinstance(identifier, str):
        return component_class(identifier, "metric")()
    metric = keras.metrics.get(identifier)
    if not isinstance(metric, keras.metrics.Metric):
        raise ValueError(
            "`metric` must be the name of a metric, an instance or its configuration. "
            f"Received: metric={identifier!r} of type {type(identifier).__name__}"
        )
    return metric
