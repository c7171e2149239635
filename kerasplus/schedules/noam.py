"""The schedule of the first transformer."""

import math
from typing import Any

import keras
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._rates import positive
from kerasplus.schedules._steps import integer, plain, steps
from kerasplus.schedules.inverse_square_root import inverse_square_root


@keras.saving.register_keras_serializable(package="kerasplus")
class Noam(LearningRateSchedule):
    r"""Warm-up and inverse square root with a height that follows from the size of the model.

    For the step :math:`t = 0, 1, \ldots`, the `model_size` :math:`d`, :math:`W` `warmup_steps` and the
    `scale` :math:`k`:

    .. math:: \eta_t = \frac{k}{\sqrt{d}} \min\left(\frac{1}{\sqrt{t + 1}}, \frac{t + 1}{W^{3/2}}\right)

    It is highest at step :math:`W - 1`, with :math:`k / \sqrt{d W}`.

    Args:
        model_size: The width of the model, above 0.
        warmup_steps: The length of the warm-up, 1 or more.
        scale: What everything is multiplied by, above 0.
        steps_per_epoch: If given, `warmup_steps` is in epochs, fractions allowed.
        name: The name of the schedule.

    Shapes:
        The step is an integer, or integers of any shape, as are the rates in float32.

    Raises:
        ValueError: If an argument is out of its range.

    Examples:
        >>> schedule = Noam(model_size=4, warmup_steps=4)
        >>> [float(schedule(step)) for step in (0, 3, 15)]  # highest: 1 / sqrt(4 * 4)
        [0.0625, 0.25, 0.125]

    References:
        `Vaswani et al. 2017, Attention Is All You Need <https://arxiv.org/abs/1706.03762>`_, section 5.3
    """

    alternatives = {"model_size": 64, "warmup_steps": 7, "scale": 2.0, "steps_per_epoch": 3}
    picture = {"model_size": 512, "warmup_steps": 100}

    def __init__(
        self,
        model_size: float,
        warmup_steps: float = 4000,
        scale: float = 1.0,
        steps_per_epoch: int | None = None,
        name: str = "noam",
    ) -> None:
        positive("model_size", model_size)
        self.model_size = plain(model_size)
        self.warmup_steps = plain(warmup_steps)
        self.scale = positive("scale", scale)
        self.steps_per_epoch = plain(steps_per_epoch)
        self.name = name
        self._warmup = steps("warmup_steps", warmup_steps, steps_per_epoch, least=1)
        self._highest = self.scale / math.sqrt(self.model_size * self._warmup)

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        return self._highest * inverse_square_root(integer(step), self._warmup)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            "model_size": self.model_size,
            "warmup_steps": self.warmup_steps,
            "scale": self.scale,
            "steps_per_epoch": self.steps_per_epoch,
            "name": self.name,
        }
