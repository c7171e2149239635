"""Cosine waves that start again, each with its warm-up and its own height."""

from typing import Any

import keras
import numpy as np
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._curves import between
from kerasplus.schedules._rates import positive, rate
from kerasplus.schedules._steps import integer, plain, steps
from kerasplus.schedules._triangle import power


@keras.saving.register_keras_serializable(package="kerasplus")
class CosineRestarts(LearningRateSchedule):
    r"""Half a cosine wave from a peak to the minimum, again and again.

    Cycle :math:`i = 0, 1, \ldots` has :math:`L_i = L \, k^i` steps, for `cycle_steps` :math:`L` and
    `cycle_factor` :math:`k`, and the peak :math:`\eta_i = \max(m, \eta \, f^i)`, for the
    `learning_rate` :math:`\eta`, the `peak_factor` :math:`f` and the `minimum` :math:`m`. At step
    :math:`u` of a cycle with :math:`W` `warmup_steps` the rate is

    .. math::
        \begin{cases}
            m + (\eta_i - m) \, (u + 1) / W & u < W \\
            m + (\eta_i - m) \, (1 + \cos(\pi \, (u - W) / (L_i - W))) / 2 & u \ge W
        \end{cases}

    Args:
        learning_rate: The peak of the first cycle, 0 or more.
        cycle_steps: The length of the first cycle, its warm-up included.
        cycle_factor: How many times longer each cycle is than the one before, a whole number.
        peak_factor: What the peak is multiplied by at each restart, above 0 and at most 1.
        warmup_steps: The length of the warm-up in each cycle, 0 for none, less than `cycle_steps`.
        minimum: The rate at the end of each cycle, from 0 to `learning_rate`.
        steps_per_epoch: If given, the numbers of steps above are in epochs, fractions allowed.
        name: The name of the schedule.

    Shapes:
        The step is an integer, or integers of any shape, as are the rates in float32.

    Raises:
        ValueError: If an argument is out of its range.

    Examples:
        >>> schedule = CosineRestarts(1.0, cycle_steps=2, cycle_factor=2, peak_factor=0.5)
        >>> [round(float(schedule(step)), 3) for step in range(7)]  # cycles of 2, 4, 8 steps
        [1.0, 0.5, 0.5, 0.427, 0.25, 0.073, 0.25]

    References:
        `Loshchilov and Hutter 2017, SGDR <https://arxiv.org/abs/1608.03983>`_
    """

    alternatives = {
        "learning_rate": 0.3,
        "cycle_steps": 12,
        "cycle_factor": 2,
        "peak_factor": 0.8,
        "warmup_steps": 3,
        "minimum": 0.01,
        "steps_per_epoch": 3,
    }
    picture = {
        "learning_rate": 1.0,
        "cycle_steps": 143,
        "cycle_factor": 2,
        "peak_factor": 0.7,
        "warmup_steps": 20,
        "minimum": 0.05,
    }

    def __init__(
        self,
        learning_rate: float,
        cycle_steps: float,
        cycle_factor: int = 1,
        peak_factor: float = 1.0,
        warmup_steps: float = 0,
        minimum: float = 0.0,
        steps_per_epoch: int | None = None,
        name: str = "cosine_restarts",
    ) -> None:
        if not isinstance(cycle_factor, int | np.integer) or cycle_factor < 1:
            raise ValueError(f"`cycle_factor` must be a whole number, 1 or more. Received: {cycle_factor=}")
        self.learning_rate = rate("learning_rate", learning_rate)
        self.cycle_steps = plain(cycle_steps)
        self.cycle_factor = int(cycle_factor)
        self.peak_factor = positive("peak_factor", peak_factor, most=1.0)
        self.warmup_steps = plain(warmup_steps)
        self.minimum = rate("minimum", minimum, most=self.learning_rate)
        self.steps_per_epoch = plain(steps_per_epoch)
        self.name = name
        self._warmup = steps("warmup_steps", warmup_steps, steps_per_epoch)
        self._length = steps("cycle_steps", cycle_steps, steps_per_epoch, least=self._warmup + 1)

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        cycle, place, length = self._place(integer(step))
        peak = ops.maximum(self.learning_rate * power(self.peak_factor, cycle), self.minimum)
        share = ops.clip((place - self._warmup) / (length - self._warmup), 0.0, 1.0)
        warm = between(self.minimum, peak, (place + 1.0) / float(max(self._warmup, 1)))
        return ops.where(place < self._warmup, warm, between(peak, self.minimum, share, "cosine"))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            "learning_rate": self.learning_rate,
            "cycle_steps": self.cycle_steps,
            "cycle_factor": self.cycle_factor,
            "peak_factor": self.peak_factor,
            "warmup_steps": self.warmup_steps,
            "minimum": self.minimum,
            "steps_per_epoch": self.steps_per_epoch,
            "name": self.name,
        }

    def _place(self, step: Any) -> tuple[Any, Any, Any]:
        """The number of the cycle, the step within it, and its length, in float32."""
        if self.cycle_factor == 1:
            cycle, place = step // self._length, step % self._length
            return ops.cast(cycle, "float32"), ops.cast(place, "float32"), float(self._length)
        starts, lengths = [0], [self._length]
        while starts[-1] + lengths[-1] < 2**31:
            starts.append(starts[-1] + lengths[-1])
            lengths.append(lengths[-1] * self.cycle_factor)
        begun = ops.expand_dims(step, -1) >= integer(np.array(starts))
        cycle = ops.sum(ops.cast(begun, "int32"), axis=-1) - 1
        place = ops.cast(step - ops.cast(ops.take(integer(np.array(starts)), cycle), step.dtype), "float32")
        return ops.cast(cycle, "float32"), place, ops.take(ops.convert_to_tensor(lengths, "float32"), cycle)
