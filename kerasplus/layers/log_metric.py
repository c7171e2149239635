"""A value from inside the model, shown in the logs: what `add_metric` did before Keras 3."""

import inspect
from typing import Any

import keras

from kerasplus._weights import leave_out
from kerasplus.layers._loss_term_layer import WideLayer, first_mask, shows_values


@keras.saving.register_keras_serializable(package="kerasplus")
class LogMetric(WideLayer):
    """Passes its input on and shows a metric of it in the logs, under the name of the layer.

    A metric of plain values, such as `"mean"`, `"sum"` or an instance of `keras.metrics.Mean`, aggregates
    the values of its input; of a list of tensors it takes the last one, and the list is passed on.
    A metric of targets and predictions takes a pair and is updated as `metric(y_true, y_pred)`. The
    logs of training and of validation have the result, reset in each epoch as that of every metric.
    Keras' training step on JAX gives the metrics of layers no state: there the logs do not have it.

    Args:
        metric: The name of a metric, an instance or its configuration. An instance is copied.
        **kwargs: The arguments of every layer. `name` is the name in the logs.

    Shapes:
        Input: a tensor of the shape that the metric takes, or a list of tensors; the output is the
        input. A mask is the weight of the values.

    Raises:
        ValueError: If `metric` is no metric, or if it takes a pair and the input is none.

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

    alternatives = {"metric": "sum"}

    def __init__(self, metric: Any = "mean", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        made = _metric(metric)
        self._metric_config = keras.saving.serialize_keras_object(made)
        made.name = self.name
        self.metric = made if shows_values() else None

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The input, once the metric has seen it."""
        if self.metric is None:
            return inputs
        tensors = keras.tree.flatten(inputs)
        masks = [None] * len(tensors) if mask is None else keras.tree.flatten(mask)
        if "y_true" not in inspect.signature(self.metric.update_state).parameters:
            values = tensors[-1] if "int" in str(tensors[-1].dtype) else self.wide(tensors[-1])
            weights = self.row_weights(masks[-1], values)
            if weights is None:
                self.metric.update_state(values)
            else:
                self.metric.update_state(leave_out(values, weights), sample_weight=weights)
        elif len(tensors) != 2:
            raise ValueError(
                f"The metric of {self.name!r} compares targets and predictions, so the layer takes "
                f"`[y_true, y_pred]`. Received {len(tensors)} tensor(s). For the mean of a plain value use "
                "`metric='mean'`."
            )
        else:
            self.metric.update_state(*tensors, sample_weight=first_mask(masks[::-1]))
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "metric": self._metric_config}


def _metric(identifier: Any) -> Any:
    """A metric of its own from a name, an instance or a configuration.

    Raises:
        ValueError: If it is none of them.
    """
    if isinstance(identifier, keras.metrics.Metric):
        return type(identifier).from_config(identifier.get_config())
    if isinstance(identifier, (str, dict)):
        metric = keras.metrics.get(identifier)
        if isinstance(metric, keras.metrics.Metric):
            return metric
        if callable(metric):
            return keras.metrics.MeanMetricWrapper(metric)
    raise ValueError(
        "`metric` must be the name of a metric, an instance or its configuration. "
        f"Received: metric={identifier!r} of type {type(identifier).__name__}"
    )
