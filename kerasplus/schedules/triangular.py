"""A rate that goes up and down between two values, always as far."""

from typing import Any

import keras
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._rates import rate
from kerasplus.schedules._steps import integer, plain, steps
from kerasplus.schedules._triangle import cyclical


@keras.saving.register_keras_serializable(package="kerasplus")
class Triangular(LearningRateSchedule):
    r"""Triangle wave between two rates.

    For the step :math:`t = 0, 1, \ldots`, the `initial_learning_rate` :math:`a`, the
    `maximal_learning_rate` :math:`b` and the `step_size` :math:`S`, half of a cycle:

    .. math:: \eta_t = a + (b - a) \, \left(1 - \left|\frac{t \bmod 2 S}{S} - 1\right|\right)

    A good range between the two is what a range test of the rate finds.

    Args:
        initial_learning_rate: The rate at both ends of a cycle, from 0 to `maximal_learning_rate`.
        maximal_learning_rate: The rate in the middle of each cycle.
        step_size: Half the length of a cycle, 1 or more steps.
        steps_per_epoch: If given, `step_size` is in epochs, fractions allowed.
        name: The name of the schedule.

    Shapes:
        The step is an integer, or integers of any shape, as are the rates in float32.

    Raises:
        ValueError: If an argument is out of its range.

    Examples:
        >>> schedule = Triangular(0.0, 1.0, step_size=2)
        >>> [float(schedule(step)) for step in range(7)]
        [0.0, 0.5, 1.0, 0.5, 0.0, 0.5, 1.0]

    References:
        `Smith 2017, Cyclical Learning Rates for Training Neural Networks
        <https://arxiv.org/abs/1506.01186>`_
    """

    alternatives = {
        "initial_learning_rate": 0.1,
        "maximal_learning_rate": 0.3,
        "step_size": 7,
        "steps_per_epoch": 3,
    }
    picture = {"initial_learning_rate": 0.1, "maximal_learning_rate": 1.0, "step_size": 100}

    def __init__(
        self,
        initial_learning_rate: float,
        maximal_learning_rate: float,
        step_size: float,
        steps_per_epoch: int | None = None,
        name: str = "triangular",
    ) -> None:
        self.maximal_learning_rate = rate("maximal_learning_rate", maximal_learning_rate)
        self.initial_learning_rate = rate("initial_learning_rate", initial_learning_rate, maximal_learning_rate)
        self.step_size = plain(step_size)
        self.steps_per_epoch = plain(steps_per_epoch)
        self.name = name
        self._size = steps("step_size", step_size, steps_per_epoch, least=1)

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        step = integer(step)
        return cyclical(self.initial_learning_rate, self.maximal_learning_rate, step, self._size)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "maximal_learning_rate": self.maximal_learning_rate,
            "step_size": self.step_size,
            "steps_per_epoch": self.steps_per_epoch,
            "name": self.name,
        }
