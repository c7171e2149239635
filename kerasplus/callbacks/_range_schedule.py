"""A learning rate that grows exponentially, from a step of a training that is under way."""

from __future__ import annotations

import math
from typing import Any

from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._steps import integer


class RangeSchedule(LearningRateSchedule):
    """From one rate to another in so many steps after a first one.

    Args:
        minimum: The rate of the first step.
        maximum: The rate of the last one, and of all after it.
        first: The number of the first step.
        steps: How many steps later the last one is.
    """

    def __init__(self, minimum: float, maximum: float, first: int, steps: int) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.first = first
        self.steps = steps

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        part = ops.cast(ops.clip(integer(step) - self.first, 0, self.steps), "float32") / self.steps
        return ops.exp(math.log(self.minimum) + part * math.log(self.maximum / self.minimum))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {"minimum": self.minimum, "maximum": self.maximum, "first": self.first, "steps": self.steps}
