"""How fast a training is, without what does not belong to its steps."""

import math
import time
from collections.abc import Mapping
from typing import Any

import keras


@keras.saving.register_keras_serializable(package="kerasplus")
class Throughput(keras.callbacks.Callback):
    r"""At the end of each epoch, puts the speed of its batches into the logs, waiting for data included.

    `samples_per_second` is :math:`n / t` and `step_seconds` is :math:`t / s` for the :math:`n` samples and
    :math:`s` steps of the epoch and the time :math:`t` from its begin to the end of its last batch.
    Validation is no part of it, nor is what callbacks do at the end of an epoch. The first `skip`
    batches of each `fit`, in which Keras traces and compiles, do not count either; an epoch of which
    nothing is left has NaN.

    The samples are those that were really seen, a smaller last batch included: the mean of the loss
    that Keras keeps knows their number. It is read once in an epoch; no step waits for it. A model
    whose own `train_step` does not tell that mean the size of its batches needs `batch_size`: then
    each step counts as that many samples.

    The attributes `samples`, `steps` and `seconds` hold what was measured in the last epoch.

    Args:
        skip: How many batches of each `fit` do not count, 0 or more.
        batch_size: The samples of a step, or None for those that Keras has counted.

    Raises:
        ValueError: If an argument cannot be used.

    Examples:
        >>> import keras, numpy as np
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> speed = Throughput()
        >>> history = model.fit(np.ones((10, 1)), np.ones(10), batch_size=4, verbose=0, callbacks=[speed]).history
        >>> speed.steps, speed.samples, history["samples_per_second"][0] > 0  # batches of 4, 4 and 2
        (2, 6, True)

    References:
        `Keras: Model training APIs <https://keras.io/api/models/model_training_apis/>`_
    """

    alternatives = {"skip": 2, "batch_size": 4}
    async_safe = True

    def __init__(self, skip: int = 1, batch_size: int | None = None) -> None:
        super().__init__()
        if type(skip) is not int or skip < 0:
            raise ValueError(f"`skip` must be a number of batches, 0 or more. Received: skip={skip!r}")
        if batch_size is not None and (type(batch_size) is not int or batch_size < 1):
            raise ValueError(f"`batch_size` must be an integer, 1 or more. Received: batch_size={batch_size!r}")
        self.skip = skip
        self.batch_size = batch_size
        self.samples = self.steps = 0
        self.seconds = 0.0
        self._to_skip = skip
        self._started: float | None = None
        self._ends: list[float] = []
        self._before = (0, 0)
        self._seen: int | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """The first batches are to come."""
        self._to_skip = self.skip

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Starts the clock, or waits for the batch that starts it."""
        self._ends, self._before, self._seen = [], (0, 0), None
        self._started = None if self._to_skip else time.perf_counter()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Starts the clock if the batches to skip are over, when the device has finished them."""
        if self._started is None and batch >= self._to_skip:
            self._before = (batch, _samples_seen(self.model))
            self._started = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Notes the time; Keras calls this when the results are there, maybe in a thread of its own."""
        self._ends.append(time.perf_counter())

    def on_test_begin(self, logs: Any = None) -> None:
        """Counts the samples of the epoch before validation begins."""
        self._count()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Puts the speed into the logs."""
        self._count()
        done = len(self._ends) * (self.model.steps_per_execution or 1)
        done = min(done, (self.params or {}).get("steps") or done)
        before, samples_before = self._before
        self.samples, self.steps, self.seconds = 0, 0, math.nan
        if self._started is not None and done > before:
            self.steps, self.seconds = done - before, max(self._ends) - self._started
            self.samples = self.steps * self.batch_size if self.batch_size else (self._seen or 0) - samples_before
        self._to_skip = max(0, self._to_skip - done)
        if logs is not None:
            logs["samples_per_second"] = self.samples / self.seconds
            logs["step_seconds"] = self.seconds / self.steps if self.steps else math.nan

    def get_state(self) -> dict[str, Any]:
        """Nothing: each epoch stands for itself."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Nothing, likewise."""

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {"skip": self.skip, "batch_size": self.batch_size}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Throughput":
        """A callback with these arguments."""
        return cls(**config)

    def _count(self) -> None:
        if self._seen is None:
            self._seen = _samples_seen(self.model)


def _samples_seen(model: Any) -> int:
    """How many samples the mean of the loss has been told of since the epoch began."""
    for metric in model.metrics:
        if isinstance(metric, keras.metrics.Mean) and metric.name == "loss":
            return round(float(keras.ops.convert_to_numpy(metric.count)))
    return 0
