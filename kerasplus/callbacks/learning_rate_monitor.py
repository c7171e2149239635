"""The learning rate in the logs, whatever it comes from."""

from collections.abc import Mapping
from typing import Any

import keras

from kerasplus.callbacks._learning_rate import current_rates, optimizers, updates


@keras.saving.register_keras_serializable(package="kerasplus")
class LearningRateMonitor(keras.callbacks.Callback):
    """Puts the current learning rate into the logs at the end of each epoch, so that `History` has it.

    The name is `learning_rate`; with a `MultiOptimizer` each optimizer has its own,
    `learning_rate_` and its name. The value is the rate after the last update of the epoch: a
    schedule at the number of updates made so far. Callbacks after it in the list see it too.

    With `per_batch`, the rates that the batches were trained with are kept in `rates`, with the
    number of updates before each of them under `"step"`, and are in the logs of the batches. This
    evaluates the schedule once more for each batch, outside of the compiled step.

    Args:
        per_batch: Whether to keep the rate of each batch.

    Raises:
        ValueError: If `per_batch` is neither True nor False.

    Examples:
        >>> import keras
        >>> import numpy as np
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> decay = keras.optimizers.schedules.InverseTimeDecay(1.0, decay_steps=1, decay_rate=1.0)
        >>> model.compile(keras.optimizers.SGD(decay), loss="mse")
        >>> monitor = LearningRateMonitor(per_batch=True)
        >>> history = model.fit(np.ones((3, 1)), np.ones(3), batch_size=1, verbose=0, callbacks=[monitor])
        >>> history.history["learning_rate"], monitor.rates["learning_rate"][:2]  # 1 / (1 + step)
        ([0.25], [1.0, 0.5])

    References:
        `Keras: learning rate schedules
        <https://keras.io/api/optimizers/learning_rate_schedules/>`_
    """

    alternatives = {"per_batch": True}

    def __init__(self, per_batch: bool = False) -> None:
        super().__init__()
        if not isinstance(per_batch, bool):
            raise ValueError(f"`per_batch` must be True or False. Received: per_batch={per_batch!r}")
        self.per_batch = per_batch
        self.rates: dict[str, list[float]] = {}
        self._restored = False

    def on_train_begin(self, logs: Any = None) -> None:
        """Forgets the rates of an earlier fit."""
        if not self._restored:
            self.rates = {}

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """From here on the state is that of this fit."""
        self._restored = False

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Notes the rates that the batch is trained with."""
        if self.per_batch:
            model = self.model
            first = next(iter(optimizers(model).values()))
            self.rates.setdefault("step", []).append(updates(first))
            for name, value in current_rates(model).items():
                self.rates.setdefault(name, []).append(value)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Shows them in the logs of the batch."""
        if self.per_batch and logs is not None:
            for name, values in self.rates.items():
                if name != "step":
                    logs.setdefault(name, values[-1])

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Puts the rates after the last update into the logs, unless they are there already."""
        if logs is not None:
            for name, value in current_rates(self.model).items():
                logs.setdefault(name, value)

    def get_state(self) -> dict[str, Any]:
        """The rates of the batches so far."""
        return {"rates": {name: list(values) for name, values in self.rates.items()}}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on where `get_state` was taken, in the fit that follows or that has just begun."""
        self.rates = {name: list(values) for name, values in state["rates"].items()}
        self._restored = True

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {"per_batch": self.per_batch}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "LearningRateMonitor":
        """A monitor with these arguments."""
        return cls(**config)
