"""A long run at the full rate, with a short decay that can be added at any time."""

from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._curves import between
from kerasplus.schedules._rates import choice, rate
from kerasplus.schedules._steps import integer, plain, progress, steps, warmth

SHAPES = ("one_minus_sqrt", "linear", "cosine", "exponential")


@keras.saving.register_keras_serializable(package="kerasplus")
class WarmupStableDecay(LearningRateSchedule):
    r"""Linear warm-up, a constant rate for most of the run, and a decay at its end.

    For the step :math:`t = 0, 1, \ldots`, the full `learning_rate` :math:`\eta`, the `minimum`
    :math:`m`, :math:`W` `warmup_steps`, :math:`D` `decay_steps` and :math:`T` `total_steps`, all of
    them included, with :math:`x = (t - T + D) / D`:

    .. math::
        \eta_t = \begin{cases}
            \eta \, (t + 1) / W & t < W \\
            \eta & W \le t < T - D \\
            m + (\eta - m) \, g(x) & T - D \le t < T \\
            m & t \ge T
        \end{cases}

    where :math:`g(x)` is :math:`1 - \sqrt{x}` for the shape `"one_minus_sqrt"`, :math:`1 - x` for
    `"linear"` and :math:`(1 + \cos \pi x) / 2` for `"cosine"`. The shape `"exponential"` falls by the
    same factor in each step, :math:`\eta \, (m / \eta)^x`.

    The rate before the decay does not depend on the length of the run, which can therefore be
    prolonged from a checkpoint. A decay of 10 to 20 percent of the run serves well.

    Args:
        learning_rate: The full rate, 0 or more.
        total_steps: The step at which the minimum is reached, `warmup_steps + decay_steps` or more.
        decay_steps: The length of the decay, 1 or more.
        warmup_steps: The length of the warm-up, 0 for none.
        minimum: The rate at the end, from 0 to `learning_rate`; above 0 with `shape="exponential"`.
        shape: `"one_minus_sqrt"`, `"linear"`, `"cosine"` or `"exponential"`.
        steps_per_epoch: If given, the numbers of steps above are in epochs, fractions allowed.
        name: The name of the schedule.

    Shapes:
        The step is an integer, or integers of any shape, as are the rates in float32.

    Raises:
        ValueError: If an argument is out of its range.

    Examples:
        >>> schedule = WarmupStableDecay(1.0, total_steps=20, decay_steps=4, warmup_steps=2)
        >>> [float(schedule(step)) for step in (0, 1, 16, 17, 20)]  # step 17: 1 - sqrt(1 / 4)
        [0.5, 1.0, 1.0, 0.5, 0.0]

    References:
        `Hägele et al. 2024, Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations
        <https://arxiv.org/abs/2405.18392>`_
    """

    alternatives = {
        "learning_rate": 0.3,
        "total_steps": 40,
        "decay_steps": 12,
        "warmup_steps": 7,
        "minimum": 0.01,
        "shape": "cosine",
        "steps_per_epoch": 3,
    }
    picture = {"learning_rate": 1.0, "total_steps": 1000, "decay_steps": 200, "warmup_steps": 100}

    def __init__(
        self,
        learning_rate: float,
        total_steps: float,
        decay_steps: float,
        warmup_steps: float = 0,
        minimum: float = 0.0,
        shape: str = "one_minus_sqrt",
        steps_per_epoch: int | None = None,
        name: str = "warmup_stable_decay",
    ) -> None:
        self.learning_rate = rate("learning_rate", learning_rate)
        self.total_steps = plain(total_steps)
        self.decay_steps = plain(decay_steps)
        self.warmup_steps = plain(warmup_steps)
        self.minimum = rate("minimum", minimum, most=self.learning_rate)
        self.shape = choice("shape", shape, SHAPES)
        self.steps_per_epoch = plain(steps_per_epoch)
        self.name = name
        self._warmup = steps("warmup_steps", warmup_steps, steps_per_epoch)
        self._decay = steps("decay_steps", decay_steps, steps_per_epoch, least=1)
        self._total = steps("total_steps", total_steps, steps_per_epoch, least=self._warmup + self._decay)
        if shape == "exponential" and minimum == 0:
            raise ValueError(
                '`minimum` must be above 0 with `shape="exponential"`, which never reaches 0. '
                f"Received: minimum={minimum}"
            )

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        step = integer(step)
        share = progress(step, self._total - self._decay, self._decay)
        decayed = between(self.learning_rate, self.minimum, share, self.shape)
        return ops.where(step < self._warmup, self.learning_rate * warmth(step, self._warmup), decayed)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            "learning_rate": self.learning_rate,
            "total_steps": self.total_steps,
            "decay_steps": self.decay_steps,
            "warmup_steps": self.warmup_steps,
            "minimum": self.minimum,
            "shape": self.shape,
            "steps_per_epoch": self.steps_per_epoch,
            "name": self.name,
        }
