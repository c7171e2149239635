"""Up on a line, down on a line: how BERT was trained."""

from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._curves import between
from kerasplus.schedules._rates import rate
from kerasplus.schedules._steps import integer, plain, progress, steps, warmth


@keras.saving.register_keras_serializable(package="kerasplus")
class WarmupLinear(LearningRateSchedule):
    r"""Linear warm-up to the full rate, then a straight line down to the minimum.

    For the step :math:`t = 0, 1, \ldots`, the full `learning_rate` :math:`\eta`, the `minimum`
    :math:`m`, :math:`W` `warmup_steps` and :math:`T` `total_steps`, the warm-up included:

    .. math::
        \eta_t = \begin{cases}
            \eta \, (t + 1) / W & t < W \\
            \eta - (\eta - m) \, (t - W) / (T - W) & W \le t < T \\
            m & t \ge T
        \end{cases}

    Args:
        learning_rate: The full rate, 0 or more.
        total_steps: The step at which the minimum is reached, more than `warmup_steps`.
        warmup_steps: The length of the warm-up, 0 for none.
        minimum: The rate at the end, from 0 to `learning_rate`.
        steps_per_epoch: If given, the numbers of steps above are in epochs, fractions allowed.
        name: The name of the schedule.

    Shapes:
        The step is an integer, or integers of any shape, as are the rates in float32.

    Raises:
        ValueError: If an argument is out of its range.

    Examples:
        >>> schedule = WarmupLinear(1.0, total_steps=10, warmup_steps=2)
        >>> [float(schedule(step)) for step in (0, 1, 2, 6, 10)]
        [0.5, 1.0, 1.0, 0.5, 0.0]

    References:
        `Devlin et al. 2019, BERT <https://arxiv.org/abs/1810.04805>`_
    """

    alternatives = {
        "learning_rate": 0.3,
        "total_steps": 40,
        "warmup_steps": 7,
        "minimum": 0.01,
        "steps_per_epoch": 3,
    }
    picture = {"learning_rate": 1.0, "total_steps": 1000, "warmup_steps": 100, "minimum": 0.05}

    def __init__(
        self,
        learning_rate: float,
        total_steps: float,
        warmup_steps: float = 0,
        minimum: float = 0.0,
        steps_per_epoch: int | None = None,
        name: str = "warmup_linear",
    ) -> None:
        self.learning_rate = rate("learning_rate", learning_rate)
        self.total_steps = plain(total_steps)
        self.warmup_steps = plain(warmup_steps)
        self.minimum = rate("minimum", minimum, most=self.learning_rate)
        self.steps_per_epoch = plain(steps_per_epoch)
        self.name = name
        self._warmup = steps("warmup_steps", warmup_steps, steps_per_epoch)
        self._decay = steps("total_steps", total_steps, steps_per_epoch, least=self._warmup + 1) - self._warmup

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        step = integer(step)
        decayed = between(self.learning_rate, self.minimum, progress(step, self._warmup, self._decay))
        return ops.where(step < self._warmup, self.learning_rate * warmth(step, self._warmup), decayed)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            "learning_rate": self.learning_rate,
            "total_steps": self.total_steps,
            "warmup_steps": self.warmup_steps,
            "minimum": self.minimum,
            "steps_per_epoch": self.steps_per_epoch,
            "name": self.name,
        }
