"""A decay without an end, for runs of unknown length."""

from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._rates import rate
from kerasplus.schedules._steps import integer, plain, since, steps, warmth


def inverse_square_root(step: Any, warmup_steps: int) -> Any:
    """The curve of height 1: up to it in `warmup_steps`, then down as one over the square root."""
    warmup_steps = max(warmup_steps, 1)
    decay = ops.minimum(float(warmup_steps) / (since(step, 0) + 1.0), 1.0)
    return ops.minimum(warmth(step, warmup_steps), 1.0) * ops.sqrt(decay)


@keras.saving.register_keras_serializable(package="kerasplus")
class InverseSquareRoot(LearningRateSchedule):
    r"""Linear warm-up to the full rate, then a decay as one over the square root of the step.

    For the step :math:`t = 0, 1, \ldots`, the full `learning_rate` :math:`\eta` and :math:`W`
    `warmup_steps` (1 if there are none):

    .. math:: \eta_t = \eta \, \min\left(\frac{t + 1}{W}, \sqrt{\frac{W}{t + 1}}\right)

    It does not depend on how long the run will be.

    Args:
        learning_rate: The full rate, 0 or more.
        warmup_steps: The length of the warm-up, 0 for none; it also is the time scale of the decay.
        steps_per_epoch: If given, `warmup_steps` is in epochs, fractions allowed.
        name: The name of the schedule.

    Shapes:
        The step is an integer, or integers of any shape, as are the rates in float32.

    Raises:
        ValueError: If an argument is out of its range.

    Examples:
        >>> schedule = InverseSquareRoot(1.0, warmup_steps=4)
        >>> [float(schedule(step)) for step in (0, 1, 3, 15)]  # step 15: sqrt(4 / 16)
        [0.25, 0.5, 1.0, 0.5]

    References:
        `Raffel et al. 2020, T5 <https://arxiv.org/abs/1910.10683>`_
    """

    alternatives = {"learning_rate": 0.3, "warmup_steps": 7, "steps_per_epoch": 3}
    picture = {"learning_rate": 1.0, "warmup_steps": 100}

    def __init__(
        self,
        learning_rate: float,
        warmup_steps: float = 0,
        steps_per_epoch: int | None = None,
        name: str = "inverse_square_root",
    ) -> None:
        self.learning_rate = rate("learning_rate", learning_rate)
        self.warmup_steps = plain(warmup_steps)
        self.steps_per_epoch = plain(steps_per_epoch)
        self.name = name
        self._warmup = steps("warmup_steps", warmup_steps, steps_per_epoch)

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        return self.learning_rate * inverse_square_root(integer(step), self._warmup)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            "learning_rate": self.learning_rate,
            "warmup_steps": self.warmup_steps,
            "steps_per_epoch": self.steps_per_epoch,
            "name": self.name,
        }
