"""A metric over the last batches only."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._wrapped_metric import WrappedMetric, adds_up


@keras.saving.register_keras_serializable(package="kerasplus")
class Running(WrappedMetric):
    r"""Another metric, computed over the last batches instead of the whole epoch.

    With :math:`S_b` the sums that the metric counts over batch :math:`b` and :math:`f` its result:

    .. math:: f\Big(\sum_{b = B - w + 1}^{B} S_b\Big)

    after :math:`B` batches and with a `window` of :math:`w`. This is no mean of the results of batches:
    samples count by their weights, and a count of true positives stays a count. Every call of
    `update_state` is a batch, also one without samples. Like every metric it starts anew with each
    epoch; in a training the value at the end of an epoch is that of its last batches.

    The states of `window` batches are held. Each replica holds its shares of the same batches.

    Args:
        metric: The metric: a name, such as `"mean_squared_error"`, an instance, a function of `y_true`
            and `y_pred` whose values are averaged, or a configuration. Its state must be sums.
        window: The number of batches, at least 1.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least; the metric has its own.

    Shapes:
        `y_true` and `y_pred` as the metric takes them. A scalar, or a dict if the metric gives one.

    Raises:
        ValueError: If `window` is less than 1, if the metric is unknown, or if its state does not add
            up: those of `max_error` and of metrics that hold samples do not.

    Examples:
        >>> import numpy as np
        >>> metric = Running("mean_bias_error", window=2)
        >>> for error in [100.0, 1.0, 3.0]:
        ...     metric.update_state(np.array([[0.0]]), np.array([[error]]))
        >>> float(metric.result())  # (1 + 3) / 2
        2.0

    References:
        torchmetrics, `Running <https://lightning.ai/docs/torchmetrics/stable/wrappers/running.html>`_
    """

    alternatives = {"metric": "mean_bias_error", "window": 2}

    def __init__(self, metric: Any, window: int = 100, name: str = "running", dtype: Any = None) -> None:
        if not isinstance(window, int) or isinstance(window, bool) or window < 1:
            raise ValueError(f"`window` must be an integer, at least 1. Received: window={window!r}")
        super().__init__(metric, window, name, dtype)
        if not adds_up(self.metric):
            raise ValueError(
                "`metric` must have a state of sums, so that those of several batches can be added; a maximum, "
                f"the samples themselves or a window are none. Received: {self.metric!r}"
            )
        self.window = window
        self.any_split = False

    def add_batch(self, y_true: Any, y_pred: Any, sample_weight: Any) -> None:
        """Puts the state of the batch in front, and drops the oldest.

        All states move on by one, so that there is no position that the sum over replicas would spoil.
        """
        added = self.updated(self.empty_state(), y_true, y_pred, sample_weight)
        held = self.stacked_states()
        self.assign_states(
            [ops.concatenate([ops.expand_dims(new, 0), old[:-1]]) for new, old in zip(added, held, strict=True)]
        )

    def result(self) -> Any:
        """The value over the last batches."""
        values = self.values_of([ops.cast(ops.sum(each, axis=0), each.dtype) for each in self.stacked_states()])
        if list(values) == [""]:
            return values[""]
        return {f"{self.name}{end}": value for end, value in values.items()}

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "window": self.window}
