"""A training that ends in time."""

import math
import time
from collections.abc import Mapping
from typing import Any

import keras


@keras.saving.register_keras_serializable(package="kerasplus")
class TimeLimit(keras.callbacks.Callback):
    """After each batch, stops the training if it has taken longer than it may.

    Keras then ends the epoch as usual: validation, checkpoints and everything else at its end still
    run, so leave time for them. A resumed training has used the time of its earlier parts.

    Args:
        seconds: How long the training may take, more than 0.

    Raises:
        ValueError: If `seconds` is not positive.

    Examples:
        >>> import keras, numpy as np
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> history = model.fit(np.ones((4, 1)), np.ones(4), epochs=1000, verbose=0, callbacks=[TimeLimit(1e-9)])
        >>> history.epoch
        [0]

    References:
        `TensorFlow Addons: TimeStopping
        <https://www.tensorflow.org/addons/api_docs/python/tfa/callbacks/TimeStopping>`_, which looks at the
        clock at the end of epochs only.
    """

    alternatives = {"seconds": 60.0}

    def __init__(self, seconds: float) -> None:
        super().__init__()
        if not 0 < seconds < math.inf:
            raise ValueError(f"`seconds` must be a finite number, more than 0. Received: seconds={seconds}")
        self.seconds = seconds
        self._used = 0.0
        self._started: float | None = None
        self._restored = False

    def on_train_begin(self, logs: Any = None) -> None:
        """Starts the clock; after `set_state`, where it stood."""
        if not self._restored:
            self._used = 0.0
        self._restored = False
        self._started = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stops if the time is over."""
        if self.used() > self.seconds:
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        """Stops the clock."""
        self._used, self._started = self.used(), None

    def used(self) -> float:
        """The seconds that the training has taken so far."""
        return self._used + (0.0 if self._started is None else time.monotonic() - self._started)

    def get_state(self) -> dict[str, Any]:
        """The time used so far."""
        return {"used": self.used()}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on where `get_state` was taken, in the fit that follows or that has just begun."""
        self._used = state["used"]
        self._restored = self._started is None
        self._started = None if self._started is None else time.monotonic()

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {"seconds": self.seconds}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "TimeLimit":
        """A callback with these arguments."""
        return cls(**config)
