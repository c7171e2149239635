"""A smaller learning rate when training stalls, whatever the rate comes from."""

import math
import warnings
from collections.abc import Mapping
from typing import Any

import keras

from kerasplus.callbacks._learning_rate import (
    current_rate,
    current_rates,
    decay_of,
    decay_schedule,
    has_schedule,
    optimizers,
)
from kerasplus.callbacks._monitored_value import improved, lower_is_better, monitored_value


@keras.saving.register_keras_serializable(package="kerasplus")
class PlateauDecay(keras.callbacks.Callback):
    r"""At the end of each epoch, multiplies the learning rate by a factor if a monitored value has stalled.

    The rate may be a number or any schedule, Keras' or a custom one, and the optimizer may be inside
    of a `LossScaleOptimizer` or be a `MultiOptimizer`. A schedule :math:`s` goes on as
    :math:`f \, s(t)`, where :math:`f` starts at 1 and is multiplied by `factor` after `patience`
    epochs without an improvement of more than `min_delta`. The optimizer then has the `Product` of
    the schedule and :math:`f`, which is saved with the model; a later `PlateauDecay` goes on from
    it. The training step is compiled again at each such change.

    The current rate is put into the logs, so that `History` has it: that of the epoch, before a
    change at its end. An epoch whose value is NaN, or that has no validation, changes nothing.

    Args:
        monitor: The name of the value in the logs.
        factor: What the rate is multiplied by, between 0 and 1.
        patience: How many epochs without an improvement make a plateau, 1 or more.
        mode: `"min"` or `"max"`, what is better; `"auto"` for what the metric declares.
        min_delta: What an improvement has to exceed, 0 or more.
        cooldown: For how many epochs after a change none is counted, 0 or more.
        minimum_factor: Below this part of the undecayed rate it does not go, from 0 to 1. A plain
            number is undecayed when the fit starts.

    Raises:
        ValueError: If an argument is out of its range; at the end of an epoch, if the logs have no
            such value, or if `mode="auto"` does not say what is better.

    Examples:
        >>> import keras
        >>> import numpy as np
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.SGD(0.125), loss="mse")
        >>> decay = PlateauDecay("loss", factor=0.5, patience=2, min_delta=100.0)
        >>> history = model.fit(np.ones((4, 1)), np.ones(4), epochs=5, verbose=0, callbacks=[decay])
        >>> history.history["learning_rate"]  # epochs 2 and 3 are not better than epoch 1 by 100
        [0.125, 0.125, 0.125, 0.0625, 0.0625]

    References:
        `Keras: ReduceLROnPlateau <https://keras.io/api/callbacks/reduce_lr_on_plateau/>`_, which
        takes numbers only.
    """

    alternatives = {
        "monitor": "loss",
        "factor": 0.5,
        "patience": 1,
        "mode": "max",
        "min_delta": 0.01,
        "cooldown": 1,
        "minimum_factor": 0.2,
    }

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        minimum_factor: float = 0.0,
    ) -> None:
        super().__init__()
        if not 0 < factor < 1:
            raise ValueError(f"`factor` must be between 0 and 1. Received: factor={factor}")
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"`mode` must be 'auto', 'min' or 'max'. Received: mode={mode!r}")
        if not 0 <= min_delta < math.inf:
            raise ValueError(f"`min_delta` must be a finite number, 0 or more. Received: min_delta={min_delta}")
        for name, epochs, least in (("patience", patience, 1), ("cooldown", cooldown, 0)):
            if not isinstance(epochs, int) or epochs < least:
                raise ValueError(f"`{name}` must be a number of epochs, {least} or more. Received: {name}={epochs!r}")
        if not 0 <= minimum_factor <= 1:
            raise ValueError(f"`minimum_factor` must be from 0 to 1. Received: minimum_factor={minimum_factor}")
        self.monitor = monitor
        self.factor = factor
        self.patience = patience
        self.mode = mode
        self.min_delta = min_delta
        self.cooldown = cooldown
        self.minimum_factor = minimum_factor
        self.best: float | None = None
        self.wait = self.cooldown_left = 0
        self.factors: dict[str, float] = {}
        self._restored = False

    def on_train_begin(self, logs: Any = None) -> None:
        """Starts to count, unless a state has been set."""
        if not self._restored:
            self.best, self.wait, self.cooldown_left, self.factors = None, 0, 0, {}

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Brings schedules to the state that has been set, or takes over how far they are decayed."""
        model = self.model
        for name, optimizer in optimizers(model).items():
            if has_schedule(optimizer):
                factor = self.factors.get(name, 1.0) if self._restored else decay_of(optimizer)
                if factor != decay_of(optimizer):
                    decay_schedule(model, optimizer, factor)
                self.factors[name] = factor
            self.factors.setdefault(name, 1.0)
        self._restored = False

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Shows the rate, looks at the value, and multiplies the rate when its time has come."""
        logs = {} if logs is None else logs
        for name, rate in current_rates(self.model).items():
            logs.setdefault(name, rate)
        value = monitored_value(self.monitor, logs)
        if value is None:
            return
        in_cooldown = self.cooldown_left > 0
        self.cooldown_left = max(self.cooldown_left - 1, 0)
        low = self.mode == "min" or (self.mode == "auto" and lower_is_better(self.monitor, self.model))
        if improved(value, self.best, low, self.min_delta):
            self.best, self.wait = value, 0
        elif in_cooldown:
            self.wait = 0
        else:
            self.wait += 1
            if self.wait >= self.patience and self._decay():
                self.wait, self.cooldown_left = 0, self.cooldown

    def on_train_end(self, logs: Any = None) -> None:
        """Says so if the value was never there."""
        if self.best is None and self.factors:
            warnings.warn(
                f"`PlateauDecay` found no value of {self.monitor!r} in any epoch, so the rate was never decayed. "
                "Does `fit` have validation data, and are the values finite?",
                stacklevel=2,
            )

    def get_state(self) -> dict[str, Any]:
        """The best value, the counters, and how far each rate has been decayed."""
        return {
            "best": self.best,
            "wait": self.wait,
            "cooldown_left": self.cooldown_left,
            "factors": dict(self.factors),
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on where `get_state` was taken, in the fit that follows or that has just begun."""
        self.best = state["best"]
        self.wait = state["wait"]
        self.cooldown_left = state["cooldown_left"]
        self.factors = dict(state["factors"])
        self._restored = True

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {name: getattr(self, name) for name in self.alternatives}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "PlateauDecay":
        """A callback with these arguments."""
        return cls(**config)

    def _decay(self) -> bool:
        """Multiplies every rate that is not at its minimum yet; whether there was one."""
        model, changed = self.model, False
        for name, optimizer in optimizers(model).items():
            before = self.factors[name]
            after = max(before * self.factor, self.minimum_factor)
            if after < before:
                if has_schedule(optimizer):
                    decay_schedule(model, optimizer, after)
                else:
                    optimizer.learning_rate = current_rate(optimizer) * (after / before)
                self.factors[name], changed = after, True
        return changed
