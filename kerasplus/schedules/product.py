"""Several schedules multiplied."""

from collections.abc import Sequence
from typing import Any

import keras
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._rates import configuration, evaluate, nested
from kerasplus.schedules._steps import integer


@keras.saving.register_keras_serializable(package="kerasplus")
class Product(LearningRateSchedule):
    r"""Product of schedules and numbers.

    .. math:: \eta_t = \prod_i s_i(t)

    A number scales a schedule; a schedule with values around 1 shapes another one.

    Args:
        schedules: At least one of: a schedule :math:`s_i`, its configuration, or a number, 0 or more.
        name: The name of the schedule.

    Shapes:
        The step is an integer, or integers of any shape if the schedules take them; the rates have
        its shape and are in float32.

    Raises:
        ValueError: If `schedules` is empty or holds anything else.

    Examples:
        >>> import keras
        >>> schedule = Product([keras.optimizers.schedules.InverseTimeDecay(1.0, 1, 1.0), 0.5])
        >>> float(schedule(1))  # 1 / (1 + 1) * 0.5
        0.25

    References:
        `Keras: learning rate schedules
        <https://keras.io/api/optimizers/learning_rate_schedules/>`_
    """

    alternatives = {
        "schedules": [
            {"class_name": "warmup_cosine", "config": {"learning_rate": 0.5, "total_steps": 40, "warmup_steps": 7}},
            0.5,
        ]
    }
    picture = {
        "schedules": [
            {"class_name": "warmup_cosine", "config": {"learning_rate": 1.0, "total_steps": 1000, "warmup_steps": 100}},
            {
                "class_name": "exponential_decay",
                "config": {
                    "initial_learning_rate": 1.0,
                    "decay_steps": 200,
                    "decay_rate": 0.6,
                    "staircase": True,
                },
            },
        ]
    }

    def __init__(self, schedules: Sequence[Any], name: str = "product") -> None:
        if not isinstance(schedules, list | tuple) or not schedules:
            raise ValueError(
                f"`schedules` must be a list of at least one schedule or number. Received: schedules={schedules!r}"
            )
        self.schedules = [nested("schedules", schedule) for schedule in schedules]
        self.name = name

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        step = integer(step)
        product = evaluate(self.schedules[0], step)
        for schedule in self.schedules[1:]:
            product = product * evaluate(schedule, step)
        return product

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {"schedules": [configuration(schedule) for schedule in self.schedules], "name": self.name}
