"""The learning rates of the batches, at next to no cost."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus._keras_names import rate_source
from kerasplus.callbacks._learning_rate import current_rates, optimizers

AHEAD = 2048
"""How many steps of a schedule are worked out at once where that is one operation."""

AHEAD_ONE_BY_ONE = 64
"""How many where it is one operation a step."""


def rates_now(model: Any) -> dict[str, float]:
    """The rate that each optimizer would use next; none for a model without an optimizer."""
    return current_rates(model) if getattr(model, "optimizer", None) is not None else {}


class Rates:
    """The learning rate of each batch.

    A schedule is a function of the step, so its values are worked out ahead, many steps at once; a
    plain rate is read before each batch, which sees what other callbacks set.
    """

    def __init__(self) -> None:
        self._sources: dict[str, Any] = {}
        self._ahead: dict[str, tuple[Any, int, np.ndarray]] = {}
        self._last: dict[str, float] = {}

    def start(self, model: Any) -> None:
        """Takes note of the optimizers, at the start of an epoch."""
        self._last = rates_now(model)
        self._sources = optimizers(model) if self._last else {}

    def before_batch(self, step: int) -> dict[str, float]:
        """The rates of the update that follows `step` updates."""
        for name, optimizer in self._sources.items():
            source = rate_source(optimizer)
            if isinstance(source, LearningRateSchedule):
                self._last[name] = self._scheduled(name, source, step)
            else:
                self._read(name, source)
        return dict(self._last)

    def _scheduled(self, name: str, schedule: Any, step: int) -> float:
        known, first, values = self._ahead.get(name, (None, 0, np.empty(0)))
        if known is not schedule or not first <= step < first + len(values):
            first, values = step, rates_ahead(schedule, step)
            self._ahead[name] = (schedule, first, values)
        return float(values[step - first])

    def _read(self, name: str, rate: Any) -> None:
        try:
            self._last[name] = float(ops.convert_to_numpy(rate))
        except (RuntimeError, TypeError):
            # On JAX the variables are out of reach in the middle of an epoch, unless a callback has
            # touched the model since the last step. So none has, and the rate is still what it was.
            return


def rates_ahead(schedule: Any, first: int) -> np.ndarray:
    """The values of a schedule at the steps from `first` on, as many as come cheaply."""
    try:
        rates = ops.vectorized_map(schedule, _steps(np.arange(first, first + AHEAD)))
        return np.asarray(ops.convert_to_numpy(rates), "float64")
    except Exception:  # a schedule that branches on the value of the step raises whatever it likes
        return np.array([float(schedule(_steps(step))) for step in range(first, first + AHEAD_ONE_BY_ONE)])


def _steps(steps: Any) -> Any:
    return ops.convert_to_tensor(steps, "int32" if keras.config.backend() == "jax" else "int64")
