"""A rate that goes up and down, a little less far in each step."""

from typing import Any

import keras
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._rates import positive, rate
from kerasplus.schedules._steps import integer, plain, since, steps
from kerasplus.schedules._triangle import cyclical, power


@keras.saving.register_keras_serializable(package="kerasplus")
class ExponentialCyclical(LearningRateSchedule):
    r"""Triangle wave between two rates, whose height shrinks by a factor in each step.

    For the step :math:`t = 0, 1, \ldots`, the `initial_learning_rate` :math:`a`, the
    `maximal_learning_rate` :math:`b` and the `step_size` :math:`S`, half of a cycle:

    .. math:: \eta_t = a + (b - a) \, \left(1 - \left|\frac{t \bmod 2 S}{S} - 1\right|\right) \, \gamma^t

    The lower rate stays; only the upper one comes nearer to it.

    Args:
        initial_learning_rate: The rate at both ends of a cycle, from 0 to `maximal_learning_rate`.
        maximal_learning_rate: The rate in the middle of a cycle, if it were not scaled.
        step_size: Half the length of a cycle, 1 or more steps.
        gamma: The factor of the height in each step, above 0 and at most 1.
        steps_per_epoch: If given, `step_size` is in epochs, fractions allowed.
        name: The name of the schedule.

    Shapes:
        The step is an integer, or integers of any shape, as are the rates in float32.

    Raises:
        ValueError: If an argument is out of its range.

    Examples:
        >>> schedule = ExponentialCyclical(0.0, 1.0, step_size=2, gamma=0.5)
        >>> [float(schedule(step)) for step in range(7)]
        [0.0, 0.25, 0.25, 0.0625, 0.0, 0.015625, 0.015625]

    References:
        `Smith 2017, Cyclical Learning Rates for Training Neural Networks
        <https://arxiv.org/abs/1506.01186>`_
    """

    alternatives = {
        "initial_learning_rate": 0.1,
        "maximal_learning_rate": 0.3,
        "step_size": 7,
        "gamma": 0.9,
        "steps_per_epoch": 3,
    }
    picture = {"initial_learning_rate": 0.1, "maximal_learning_rate": 1.0, "step_size": 100, "gamma": 0.998}

    def __init__(
        self,
        initial_learning_rate: float,
        maximal_learning_rate: float,
        step_size: float,
        gamma: float = 1.0,
        steps_per_epoch: int | None = None,
        name: str = "exponential_cyclical",
    ) -> None:
        self.maximal_learning_rate = rate("maximal_learning_rate", maximal_learning_rate)
        self.initial_learning_rate = rate("initial_learning_rate", initial_learning_rate, maximal_learning_rate)
        self.step_size = plain(step_size)
        self.gamma = positive("gamma", gamma, most=1.0)
        self.steps_per_epoch = plain(steps_per_epoch)
        self.name = name
        self._size = steps("step_size", step_size, steps_per_epoch, least=1)

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        step = integer(step)
        return cyclical(
            self.initial_learning_rate, self.maximal_learning_rate, step, self._size, power(self.gamma, since(step, 0))
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "maximal_learning_rate": self.maximal_learning_rate,
            "step_size": self.step_size,
            "gamma": self.gamma,
            "steps_per_epoch": self.steps_per_epoch,
            "name": self.name,
        }
