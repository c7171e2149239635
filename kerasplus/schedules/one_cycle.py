"""One rise and one long fall of the rate, for training in few epochs."""

from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._curves import between
from kerasplus.schedules._rates import choice, positive, rate
from kerasplus.schedules._steps import integer, plain, progress, steps


@keras.saving.register_keras_serializable(package="kerasplus")
class OneCycle(LearningRateSchedule):
    r"""Rise from a low rate to the full one, then a fall to a rate far below where it began.

    For the full `learning_rate` :math:`\eta`, :math:`T` `total_steps`, `pct_start` :math:`p`,
    `div_factor` :math:`d` and `final_div_factor` :math:`f`, the rate passes through these points, on
    half a cosine wave or on a line from each to the next:

    ==================  ======================  ======================
    step                two phases              three phases
    ==================  ======================  ======================
    :math:`0`           :math:`\eta / d`        :math:`\eta / d`
    :math:`p T - 1`     :math:`\eta`            :math:`\eta`
    :math:`2 p T - 2`                           :math:`\eta / d`
    :math:`T - 1`       :math:`\eta / (d f)`    :math:`\eta / (d f)`
    ==================  ======================  ======================

    These are the points of PyTorch's `OneCycleLR`, the last step of the run is the lowest. Where a
    library counts to :math:`T` instead (optax), its curve is longer by one step.

    Args:
        learning_rate: The full rate, 0 or more.
        total_steps: The length of the run; the rate stays at the last one afterwards.
        pct_start: The part of the run in which the rate rises, between 0 and 1, so that it takes more
            than one step; below 0.5 with three phases.
        div_factor: How many times lower the first rate is than the full one, 1 or more.
        final_div_factor: How many times lower the last rate is than the first one, above 0.
        shape: `"cosine"` or `"linear"`.
        phases: 2, or 3 for a fall that takes as long as the rise, and then the rest.
        steps_per_epoch: If given, `total_steps` is in epochs, fractions allowed.
        name: The name of the schedule.

    Shapes:
        The step is an integer, or integers of any shape, as are the rates in float32.

    Raises:
        ValueError: If an argument is out of its range.

    Examples:
        >>> schedule = OneCycle(1.0, total_steps=9, pct_start=1 / 3, div_factor=4.0, shape="linear")
        >>> [round(float(schedule(step)), 3) for step in (0, 1, 2, 5, 8)]
        [0.25, 0.625, 1.0, 0.5, 0.0]

    References:
        `Smith and Topin 2017, Super-Convergence <https://arxiv.org/abs/1708.07120>`_
    """

    alternatives = {
        "learning_rate": 0.3,
        "total_steps": 40,
        "pct_start": 0.2,
        "div_factor": 10.0,
        "final_div_factor": 100.0,
        "shape": "linear",
        "phases": 3,
        "steps_per_epoch": 3,
    }
    picture = {"learning_rate": 1.0, "total_steps": 1000}

    def __init__(
        self,
        learning_rate: float,
        total_steps: float,
        pct_start: float = 0.3,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        shape: str = "cosine",
        phases: int = 2,
        steps_per_epoch: int | None = None,
        name: str = "one_cycle",
    ) -> None:
        self.learning_rate = rate("learning_rate", learning_rate)
        self.total_steps = plain(total_steps)
        self.pct_start = positive("pct_start", pct_start)
        self.div_factor = positive("div_factor", div_factor)
        self.final_div_factor = positive("final_div_factor", final_div_factor)
        self.shape = choice("shape", shape, ("cosine", "linear"))
        self.phases = choice("phases", phases, (2, 3))
        self.steps_per_epoch = plain(steps_per_epoch)
        self.name = name
        if div_factor < 1:
            raise ValueError(f"`div_factor` must be 1 or more. Received: div_factor={div_factor}")
        total = steps("total_steps", total_steps, steps_per_epoch, least=3)
        rise = self.pct_start * total - 1
        if not 0 < rise < (total - 1 if phases == 2 else (total - 1) / 2):
            raise ValueError(
                "`pct_start` must give the rise more than one step and leave time for the fall: "
                f"{1 / total} < pct_start < {1 if phases == 2 else 0.5}. Received: pct_start={pct_start}"
            )
        first = self.learning_rate / self.div_factor
        self._points = [(0.0, first), (rise, self.learning_rate)]
        self._points += [(2 * rise, first)] if phases == 3 else []
        self._points += [(total - 1.0, first / self.final_div_factor)]

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        step = integer(step)
        (start, first), *points = self._points
        current = None
        for end, last in points:
            share = progress(step, start, end - start)
            way = between(first, last, share, self.shape)
            current = way if current is None else ops.where(share > 0.0, way, current)
            start, first = end, last
        return current

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            "learning_rate": self.learning_rate,
            "total_steps": self.total_steps,
            "pct_start": self.pct_start,
            "div_factor": self.div_factor,
            "final_div_factor": self.final_div_factor,
            "shape": self.shape,
            "phases": self.phases,
            "steps_per_epoch": self.steps_per_epoch,
            "name": self.name,
        }
