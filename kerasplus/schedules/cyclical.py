"""A rate that goes up and down again and again."""

from typing import Any

import keras
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._rates import choice, positive, rate
from kerasplus.schedules._steps import integer, plain, since, steps
from kerasplus.schedules._triangle import cycle, cyclical, power

SCALES = ("constant", "halving", "exponential")


@keras.saving.register_keras_serializable(package="kerasplus")
class Cyclical(LearningRateSchedule):
    r"""Triangle wave between two rates, whose height may shrink.

    For the step :math:`t = 0, 1, \ldots`, the `initial_learning_rate` :math:`a`, the
    `maximal_learning_rate` :math:`b` and the `step_size` :math:`S`, half of a cycle:

    .. math:: \eta_t = a + (b - a) \, \left(1 - \left|\frac{t \bmod 2 S}{S} - 1\right|\right) \, g^n

    where :math:`g` is 1 for the scale `"constant"`, 1/2 for `"halving"` and `gamma` for
    `"exponential"`, and :math:`n` is the number of cycles that are over, or :math:`t` itself with
    `scale_mode="iterations"`. `Triangular`, `Triangular2` and `ExponentialCyclical` are the three
    that have names of their own.

    Args:
        initial_learning_rate: The rate at both ends of a cycle, from 0 to `maximal_learning_rate`.
        maximal_learning_rate: The rate in the middle of the first cycle.
        step_size: Half the length of a cycle, 1 or more steps.
        scale: `"constant"`, `"halving"` or `"exponential"`.
        scale_mode: `"cycle"` or `"iterations"`: what makes the height shrink.
        gamma: The factor of the scale `"exponential"`, above 0 and at most 1.
        steps_per_epoch: If given, `step_size` is in epochs, fractions allowed.
        name: The name of the schedule.

    Shapes:
        The step is an integer, or integers of any shape, as are the rates in float32.

    Raises:
        ValueError: If an argument is out of its range.

    Examples:
        >>> schedule = Cyclical(0.0, 1.0, step_size=2, scale="halving")
        >>> [float(schedule(step)) for step in range(7)]
        [0.0, 0.5, 1.0, 0.5, 0.0, 0.25, 0.5]

    References:
        `Smith 2017, Cyclical Learning Rates for Training Neural Networks
        <https://arxiv.org/abs/1506.01186>`_
    """

    alternatives = {
        "initial_learning_rate": 0.1,
        "maximal_learning_rate": 0.3,
        "step_size": 7,
        "scale": "exponential",
        "scale_mode": "iterations",
        "gamma": 0.9,
        "steps_per_epoch": 3,
    }
    picture = {
        "initial_learning_rate": 0.1,
        "maximal_learning_rate": 1.0,
        "step_size": 100,
        "scale": "exponential",
        "gamma": 0.7,
    }

    def __init__(
        self,
        initial_learning_rate: float,
        maximal_learning_rate: float,
        step_size: float,
        scale: str = "constant",
        scale_mode: str = "cycle",
        gamma: float = 1.0,
        steps_per_epoch: int | None = None,
        name: str = "cyclical",
    ) -> None:
        self.maximal_learning_rate = rate("maximal_learning_rate", maximal_learning_rate)
        self.initial_learning_rate = rate("initial_learning_rate", initial_learning_rate, maximal_learning_rate)
        self.step_size = plain(step_size)
        self.scale = choice("scale", scale, SCALES)
        self.scale_mode = choice("scale_mode", scale_mode, ("cycle", "iterations"))
        self.gamma = positive("gamma", gamma, most=1.0)
        self.steps_per_epoch = plain(steps_per_epoch)
        self.name = name
        self._size = steps("step_size", step_size, steps_per_epoch, least=1)

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        step = integer(step)
        factor = {"constant": 1.0, "halving": 0.5, "exponential": self.gamma}[self.scale]
        exponent = cycle(step, self._size) if self.scale_mode == "cycle" else since(step, 0)
        scale = power(factor, exponent)
        return cyclical(self.initial_learning_rate, self.maximal_learning_rate, step, self._size, scale)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "maximal_learning_rate": self.maximal_learning_rate,
            "step_size": self.step_size,
            "scale": self.scale,
            "scale_mode": self.scale_mode,
            "gamma": self.gamma,
            "steps_per_epoch": self.steps_per_epoch,
            "name": self.name,
        }
