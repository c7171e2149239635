"""A training that stops on several conditions."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasplus.callbacks._held_weights import assign, held
from kerasplus.callbacks._monitored_value import improved, lower_is_better, monitored_value
from kerasplus.callbacks._stop_condition import StopCondition


@keras.saving.register_keras_serializable(package="kerasplus")
class CompositeEarlyStopping(keras.callbacks.Callback):
    """At the end of each epoch, stops the training if any, or if all, of several conditions hold.

    A condition is a dict. It has the name of a value in the logs, the `"monitor"`; optionally a `"mode"`,
    `"min"` or `"max"` for what is better, `"auto"` for what the metric declares; and either

    - `"patience"`: it holds when for so many epochs, 1 or more, the value has not been better than the
      best one before by more than `"min_delta"`, 0 unless given. An improvement that does not
      exceed a `"baseline"` by as much does not start the count again. All that is as in
      `keras.callbacks.EarlyStopping`;
    - or `"threshold"`: it holds while the value is this number or better.

    An epoch whose value is NaN, or that has no validation, leaves a condition as it was: neither a wait
    nor a threshold counts it. With `combine="all"`, the conditions must hold at the end of the same
    epoch; one that held before may have ceased to, as when a value improves again after a wait.

    After the fit, `stopped_by` has the conditions that held when it stopped the training, as they were
    declared, and `stopped_epoch` the epoch, counted from 0; if it did not, they are `[]` and None.

    Args:
        conditions: The conditions, one or more.
        combine: `"any"` or `"all"`.
        restore_best_weights: The name of a value in the logs: at the end of training, stopped or not, the
            model gets the weights of the epoch with the best one, the earlier of equal ones. None
            leaves the last weights.
        restore_mode: What is better for that value, as `"mode"`.

    Raises:
        ValueError: If an argument cannot be used; at the end of an epoch, if the logs have no such
            value, or if `"auto"` does not say what is better.

    Examples:
        >>> import keras, numpy as np
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.SGD(0.1), "mse")
        >>> stopping = CompositeEarlyStopping(
        ...     [{"monitor": "loss", "patience": 5, "min_delta": 0.01}, {"monitor": "loss", "threshold": 1e-3}]
        ... )
        >>> history = model.fit(np.ones((4, 1)), np.ones(4), epochs=99, verbose=0, callbacks=[stopping])
        >>> stopping.stopped_by
        [{'monitor': 'loss', 'threshold': 0.001}]

    References:
        `Keras: EarlyStopping <https://keras.io/api/callbacks/early_stopping/>`_, which has one condition.
    """

    alternatives = {
        "conditions": [
            {"monitor": "val_loss", "patience": 3, "min_delta": 0.01, "baseline": 0.5},
            {"monitor": "val_accuracy", "mode": "max", "threshold": 0.9},
        ],
        "combine": "all",
        "restore_best_weights": "loss",
        "restore_mode": "min",
    }

    def __init__(
        self,
        conditions: Sequence[Mapping[str, Any]],
        combine: str = "any",
        restore_best_weights: str | None = None,
        restore_mode: str = "auto",
    ) -> None:
        super().__init__()
        if not isinstance(conditions, list | tuple) or not conditions:
            raise ValueError(f"`conditions` must be a list of one or more dicts. Received: conditions={conditions!r}")
        self._conditions = [StopCondition(each) for each in conditions]
        if combine not in ("any", "all"):
            raise ValueError(f"`combine` must be 'any' or 'all'. Received: combine={combine!r}")
        if restore_best_weights is not None and not isinstance(restore_best_weights, str):
            raise ValueError(
                "`restore_best_weights` must be the name of a value in the logs, or None. "
                f"Received: restore_best_weights={restore_best_weights!r}"
            )
        if restore_mode not in ("auto", "min", "max"):
            raise ValueError(f"`restore_mode` must be 'auto', 'min' or 'max'. Received: restore_mode={restore_mode!r}")
        self.combine = combine
        self.restore_best_weights = restore_best_weights
        self.restore_mode = restore_mode
        self.stopped_epoch: int | None = None
        self.best: float | None = None
        self.best_epoch: int | None = None
        self._stopped_by: list[int] = []
        self._best_weights: list[np.ndarray] = []
        self._restored = self._begun = False

    @property
    def conditions(self) -> list[dict[str, Any]]:
        """The conditions as they were declared."""
        return [dict(each.declared) for each in self._conditions]

    @property
    def stopped_by(self) -> list[dict[str, Any]]:
        """The conditions that held when it stopped the training; none if it did not."""
        return [self.conditions[index] for index in self._stopped_by]

    def on_train_begin(self, logs: Any = None) -> None:
        """Forgets the values of earlier fits, unless a state has been set."""
        self._begun = False
        if not self._restored:
            self._start()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """A state that was set is in use from here on."""
        self._begun, self._restored = True, False

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Looks at all values, keeps the weights if they are the best, and stops if it is time."""
        logs = logs or {}
        for condition in self._conditions:
            condition.update(logs, self.model)
        if self.restore_best_weights is not None:
            self._keep_the_best(epoch, monitored_value(self.restore_best_weights, logs))
        holding = [index for index, condition in enumerate(self._conditions) if condition.holds]
        if len(holding) >= (1 if self.combine == "any" else len(self._conditions)):
            self._stopped_by, self.stopped_epoch = holding, epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        """Gives the model its best weights, and says so if a value was never there."""
        self._restored = False
        if self._best_weights:
            assign(self.model.weights, self._best_weights)
        missing = {each.monitor for each in self._conditions if not (each.seen or self._stopped_by)}
        if self.restore_best_weights is not None and not self._best_weights:
            missing.add(self.restore_best_weights)
        if self._begun and missing:
            warnings.warn(
                f"`CompositeEarlyStopping` found no value of {', '.join(map(repr, sorted(missing)))} in any epoch. "
                "Does `fit` have validation data, and are the values finite?",
                stacklevel=2,
            )

    def get_state(self) -> dict[str, Any]:
        """What each condition knows, what stopped the training, and the best weights, which are arrays."""
        return {
            "conditions": [condition.get_state() for condition in self._conditions],
            "stopped_by": list(self._stopped_by),
            "stopped_epoch": self.stopped_epoch,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "best_weights": list(self._best_weights),
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on where `get_state` was taken, in the fit that follows or that has just begun."""
        for condition, known in zip(self._conditions, state["conditions"], strict=True):
            condition.set_state(known)
        self._stopped_by, self.stopped_epoch = list(state["stopped_by"]), state["stopped_epoch"]
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        self._best_weights = list(state["best_weights"])
        self._restored = True

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {name: getattr(self, name) for name in self.alternatives}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "CompositeEarlyStopping":
        """A callback with these arguments."""
        return cls(**config)

    def _start(self) -> None:
        for condition in self._conditions:
            condition.start()
        self.stopped_epoch = self.best = self.best_epoch = None
        self._stopped_by, self._best_weights = [], []

    def _keep_the_best(self, epoch: int, value: float | None) -> None:
        if value is None:
            return
        low = self.restore_mode == "min" or (
            self.restore_mode == "auto" and lower_is_better(str(self.restore_best_weights), self.model)
        )
        if improved(value, self.best, low, 0.0):
            self.best, self.best_epoch = value, epoch
            self._best_weights = held(self.model.weights)
