"""A warm-up in front of any schedule."""

from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._curves import between
from kerasplus.schedules._rates import choice, configuration, evaluate, nested, rate
from kerasplus.schedules._steps import after, integer, plain, steps, warmth

SHAPES = ("linear", "cosine", "exponential")


@keras.saving.register_keras_serializable(package="kerasplus")
class Warmup(LearningRateSchedule):
    r"""Warm-up from an initial rate to the first rate of a schedule, which then begins.

    For the step :math:`t = 0, 1, \ldots`, the `schedule` :math:`s`, :math:`W` `warmup_steps` and the
    `initial` rate :math:`\eta_0`, with :math:`x = (t + 1) / W`:

    .. math::
        \eta_t = \begin{cases}
            \eta_0 + (s(0) - \eta_0) \, g(x) & t < W \\
            s(t - W) & t \ge W
        \end{cases}

    where :math:`g(x)` is :math:`x` for the shape `"linear"` and :math:`(1 - \cos \pi x) / 2` for
    `"cosine"`. The shape `"exponential"` rises by the same factor in each step,
    :math:`\eta_0 \, (s(0) / \eta_0)^x`. The whole takes :math:`W` steps more than the schedule.

    Args:
        schedule: Any `LearningRateSchedule`, its configuration, or a number for a constant rate.
        warmup_steps: The length of the warm-up, 0 for none.
        initial: The rate that the warm-up comes from, 0 or more; the first step is above it.
        shape: `"linear"`, `"cosine"` or `"exponential"`, which needs an `initial` rate above 0.
        steps_per_epoch: If given, `warmup_steps` is in epochs, fractions allowed.
        name: The name of the schedule.

    Shapes:
        The step is an integer, or integers of any shape if the schedule takes them; the rates have
        its shape and are in float32.

    Raises:
        ValueError: If an argument is out of its range.

    Examples:
        >>> import keras
        >>> decay = keras.optimizers.schedules.InverseTimeDecay(1.0, decay_steps=1, decay_rate=1.0)
        >>> schedule = Warmup(decay, warmup_steps=4)
        >>> [float(schedule(step)) for step in (0, 1, 3, 4, 5)]
        [0.25, 0.5, 1.0, 1.0, 0.5]

    References:
        `Goyal et al. 2017, Accurate, Large Minibatch SGD <https://arxiv.org/abs/1706.02677>`_
    """

    alternatives = {
        "schedule": {"class_name": "multi_step", "config": {"learning_rate": 0.5, "milestones": [10, 20]}},
        "warmup_steps": 7,
        "initial": 0.01,
        "shape": "cosine",
        "steps_per_epoch": 3,
    }
    picture = {
        "schedule": {
            "class_name": "exponential_decay",
            "config": {"initial_learning_rate": 1.0, "decay_steps": 400, "decay_rate": 0.5},
        },
        "warmup_steps": 200,
        "initial": 0.1,
        "shape": "cosine",
    }

    def __init__(
        self,
        schedule: Any,
        warmup_steps: float,
        initial: float = 0.0,
        shape: str = "linear",
        steps_per_epoch: int | None = None,
        name: str = "warmup",
    ) -> None:
        self.schedule = nested("schedule", schedule)
        self.warmup_steps = plain(warmup_steps)
        self.initial = rate("initial", initial)
        self.shape = choice("shape", shape, SHAPES)
        self.steps_per_epoch = plain(steps_per_epoch)
        self.name = name
        self._warmup = steps("warmup_steps", warmup_steps, steps_per_epoch)
        if shape == "exponential" and initial == 0:
            raise ValueError(
                f'`initial` must be above 0 with `shape="exponential"`, which multiplies it. Received: {initial=}'
            )

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        step = integer(step)
        first = evaluate(self.schedule, integer(0))
        warm = between(self.initial, first, warmth(step, self._warmup), self.shape)
        return ops.where(step < self._warmup, warm, evaluate(self.schedule, after(step, self._warmup)))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            "schedule": configuration(self.schedule),
            "warmup_steps": self.warmup_steps,
            "initial": self.initial,
            "shape": self.shape,
            "steps_per_epoch": self.steps_per_epoch,
            "name": self.name,
        }
