"""A rate that drops at given steps."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._rates import positive, rate
from kerasplus.schedules._steps import integer, plain, steps


@keras.saving.register_keras_serializable(package="kerasplus")
class MultiStep(LearningRateSchedule):
    r"""Rate that is multiplied by a factor at each milestone.

    For the `learning_rate` :math:`\eta`, the `factor` :math:`f` and the `milestones`
    :math:`m_1 < m_2 < \ldots`:

    .. math:: \eta_t = \eta \, f^n, \quad n = \#\{i : t \ge m_i\}

    The milestone itself has the new rate. Keras' `PiecewiseConstantDecay` changes one step later.

    Args:
        learning_rate: The rate before the first milestone, 0 or more.
        milestones: Steps, increasing, 1 or more.
        factor: What the rate is multiplied by at each of them, above 0.
        steps_per_epoch: If given, the `milestones` are in epochs, fractions allowed.
        name: The name of the schedule.

    Shapes:
        The step is an integer, or integers of any shape, as are the rates in float32.

    Raises:
        ValueError: If an argument is out of its range or the milestones do not increase.

    Examples:
        >>> schedule = MultiStep(1.0, milestones=[10, 20], factor=0.5)
        >>> [float(schedule(step)) for step in (9, 10, 19, 20)]
        [1.0, 0.5, 0.5, 0.25]

    References:
        `He et al. 2016, Deep Residual Learning <https://arxiv.org/abs/1512.03385>`_, which divides
        the rate by 10 in this way.
    """

    alternatives = {"learning_rate": 0.3, "milestones": [5, 17], "factor": 0.5, "steps_per_epoch": 3}
    picture = {"learning_rate": 1.0, "milestones": [300, 600, 800], "factor": 0.5}

    def __init__(
        self,
        learning_rate: float,
        milestones: Sequence[float],
        factor: float = 0.1,
        steps_per_epoch: int | None = None,
        name: str = "multi_step",
    ) -> None:
        if not isinstance(milestones, list | tuple):
            raise ValueError(f"`milestones` must be a list of steps. Received: milestones={milestones!r}")
        self.learning_rate = rate("learning_rate", learning_rate)
        self.milestones = [plain(milestone) for milestone in milestones]
        self.factor = positive("factor", factor)
        self.steps_per_epoch = plain(steps_per_epoch)
        self.name = name
        self._milestones: list[int] = []
        for milestone in milestones:
            least = self._milestones[-1] + 1 if self._milestones else 1
            self._milestones.append(steps("milestones", milestone, steps_per_epoch, least))

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        step = integer(step)
        current = ops.full_like(step, self.learning_rate, dtype="float32")
        for count, milestone in enumerate(self._milestones, start=1):
            dropped = ops.convert_to_tensor(self.learning_rate * self.factor**count, "float32")
            current = ops.where(step < milestone, current, dropped)
        return current

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            "learning_rate": self.learning_rate,
            "milestones": list(self.milestones),
            "factor": self.factor,
            "steps_per_epoch": self.steps_per_epoch,
            "name": self.name,
        }
