"""The extremes that a metric had in the course of an epoch."""

from typing import Any

import keras
from keras import ops

from kerasplus import _replicas
from kerasplus.metrics._wrapped_metric import WrappedMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class MinMax(WrappedMetric):
    r"""Another metric, with the lowest and the highest value that it had since the last reset.

    With :math:`m_b` the value over all samples up to batch :math:`b`, the results are :math:`m_B` as
    `name`, :math:`\min_b m_b` as `name_min` and :math:`\max_b m_b` as `name_max`. A wide range says
    that the metric moved much within the epoch, which its value at the end does not show.

    A batch without samples, or whose samples all weigh nothing, does not count, and neither does a
    value that is not a number. Before the first sample all three are the value without samples. Each
    replica looks at what it has seen itself; the extremes are those over all replicas.

    Args:
        metric: The metric: a name, such as `"mean_squared_error"`, an instance, a function of `y_true`
            and `y_pred` whose values are averaged, or a configuration.
        name: The name in the logs.
        dtype: The dtype of the extremes, float32 at least; the metric has its own.

    Shapes:
        `y_true` and `y_pred` as the metric takes them. A dict of three scalars; of three for each part
        if the metric gives a dict itself.

    Raises:
        ValueError: If the metric is unknown, or if it gives an array.

    Examples:
        >>> import numpy as np
        >>> metric = MinMax("mean_bias_error", name="bias")
        >>> for error in [4.0, -2.0, 1.0]:
        ...     metric.update_state(np.array([[0.0]]), np.array([[error]]))
        >>> {name: float(value) for name, value in metric.result().items()}
        {'bias': 1.0, 'bias_min': 1.0, 'bias_max': 4.0}

    References:
        torchmetrics, `MinMaxMetric <https://lightning.ai/docs/torchmetrics/stable/wrappers/min_max.html>`_
    """

    alternatives = {"metric": "coefficient_of_determination"}

    def __init__(self, metric: Any, name: str = "min_max", dtype: Any = None) -> None:
        super().__init__(metric, 1, name, dtype)
        self.any_split = False
        self.any_replica = False
        self._extremes: Any = None

    def add_batch(self, y_true: Any, y_pred: Any, sample_weight: Any) -> None:
        """Adds the batch, and compares the value after it with the extremes."""
        state = [each[0] for each in self.stacked_states()]
        after = [ops.expand_dims(each, 0) for each in self.updated(state, y_true, y_pred, sample_weight)]
        self.assign_states(after)
        values = ops.stack([ops.cast(value[0], self.dtype) for value in self.values_of_each(after).values()])
        counts = ops.any(ops.greater(self.samples_taken(y_pred, sample_weight), 0))
        counts = ops.logical_and(counts, ops.logical_not(ops.isnan(values)))
        signed = ops.where(counts, ops.stack([values, -values]), -float("inf"))  # the least is the most of the negative
        self._extremes.assign(_replicas.raised(self._extremes, signed))

    def result(self) -> Any:
        """The value over all samples, and the extremes of it."""
        values = {end: each[0] for end, each in self.values_of_each(self.stacked_states()).items()}
        shown: dict[str, Any] = {}
        for place, (end, value) in enumerate(values.items()):
            least, most = value, value
            if self._extremes is not None:
                most, negative = ops.unstack(ops.cast(_replicas.highest(self._extremes)[:, place], value.dtype))
                least = ops.where(ops.isinf(negative), value, -negative)
                most = ops.where(ops.isinf(most), value, most)
            shown |= {
                f"{self.name}{end}": value,
                f"{self.name}{end}_min": least,
                f"{self.name}{end}_max": most,
            }
        return shown

    def _build(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        super()._build(y_true, y_pred, sample_weight)
        if self._extremes is None:
            parts = len(self.values_of(self.empty_state()))
            shape = (_replicas.count(), 2, 2, parts)
            self._extremes = self.add_variable(shape, "zeros", dtype=self.dtype, name="extremes")

    def _merge(self, variable: Any, other: Any) -> None:
        if variable is self._extremes:
            variable.assign(_replicas.raised(variable, _replicas.highest(other)))
        else:
            super()._merge(variable, other)
