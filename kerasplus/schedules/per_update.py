"""A schedule that counts updates of the weights, not batches."""

from typing import Any

import keras
import numpy as np
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._rates import configuration, evaluate, nested
from kerasplus.schedules._steps import integer


@keras.saving.register_keras_serializable(package="kerasplus")
class PerUpdate(LearningRateSchedule):
    r"""Schedule in updates of the weights, for an optimizer that accumulates gradients.

    With `gradient_accumulation_steps` :math:`k`, an optimizer of Keras changes the weights after every
    :math:`k` batches, but it asks its schedule for a rate with the number of batches. This asks the
    `schedule` :math:`s` with the number of updates:

    .. math:: \eta_t = s(\lfloor t / k \rfloor)

    Args:
        schedule: Any `LearningRateSchedule` in updates, or its configuration.
        gradient_accumulation_steps: That of the optimizer, 1 or more.
        name: The name of the schedule.

    Shapes:
        The step is an integer, or integers of any shape if the schedule takes them; the rates have
        its shape and are in float32.

    Raises:
        ValueError: If an argument is out of its range.

    Examples:
        >>> import keras
        >>> decay = keras.optimizers.schedules.InverseTimeDecay(1.0, decay_steps=1, decay_rate=1.0)
        >>> schedule = PerUpdate(decay, gradient_accumulation_steps=4)
        >>> [float(schedule(batch)) for batch in (0, 3, 4, 7)]
        [1.0, 1.0, 0.5, 0.5]
        >>> optimizer = keras.optimizers.SGD(schedule, gradient_accumulation_steps=4)

    References:
        `Keras: optimizers <https://keras.io/api/optimizers/>`_
    """

    alternatives = {
        "schedule": {"class_name": "warmup_cosine", "config": {"learning_rate": 0.5, "total_steps": 10}},
        "gradient_accumulation_steps": 4,
    }
    picture = {
        "schedule": {
            "class_name": "warmup_cosine",
            "config": {"learning_rate": 1.0, "total_steps": 20, "warmup_steps": 4},
        },
        "gradient_accumulation_steps": 50,
    }

    def __init__(self, schedule: Any, gradient_accumulation_steps: int, name: str = "per_update") -> None:
        if (
            not isinstance(gradient_accumulation_steps, int | np.integer)
            or not 1 <= gradient_accumulation_steps < 2**30
        ):
            raise ValueError(
                "`gradient_accumulation_steps` must be a whole number, 1 or more. "
                f"Received: gradient_accumulation_steps={gradient_accumulation_steps!r}"
            )
        self.schedule = nested("schedule", schedule)
        self.gradient_accumulation_steps = int(gradient_accumulation_steps)
        self.name = name

    def __call__(self, step: Any) -> Any:
        """The rate of a batch."""
        return evaluate(self.schedule, integer(step) // self.gradient_accumulation_steps)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            "schedule": configuration(self.schedule),
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
            "name": self.name,
        }
