"""Several schedules, one after another."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._rates import configuration, evaluate, nested
from kerasplus.schedules._steps import after, integer, plain, steps


@keras.saving.register_keras_serializable(package="kerasplus")
class Join(LearningRateSchedule):
    r"""Schedules one after another, each of which begins at its own step 0.

    For the `schedules` :math:`s_0, s_1, \ldots, s_k` and the `boundaries` :math:`b_1 < \ldots < b_k`,
    with :math:`b_0 = 0`:

    .. math:: \eta_t = s_i(t - b_i), \quad b_i \le t < b_{i+1}

    Args:
        schedules: Schedules, their configurations, or numbers for constant rates; at least one.
        boundaries: The steps at which the second and each further schedule begins, increasing.
        steps_per_epoch: If given, the `boundaries` are in epochs, fractions allowed.
        name: The name of the schedule.

    Shapes:
        The step is an integer, or integers of any shape if the schedules take them; the rates have
        its shape and are in float32.

    Raises:
        ValueError: If there is not one boundary less than schedules, or if the boundaries do not
            increase.

    Examples:
        >>> import keras
        >>> decay = keras.optimizers.schedules.InverseTimeDecay(1.0, decay_steps=1, decay_rate=1.0)
        >>> schedule = Join([0.125, decay], boundaries=[10])
        >>> [float(schedule(step)) for step in (0, 9, 10, 11)]
        [0.125, 0.125, 1.0, 0.5]

    References:
        `optax: join_schedules
        <https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html>`_, which joins in this way.
    """

    alternatives = {
        "schedules": [
            0.1,
            {"class_name": "warmup_cosine", "config": {"learning_rate": 0.5, "total_steps": 10}},
            {
                "class_name": "triangular",
                "config": {"initial_learning_rate": 0.1, "maximal_learning_rate": 0.3, "step_size": 4},
            },
        ],
        "boundaries": [5, 15],
        "steps_per_epoch": 3,
    }
    picture = {
        "schedules": [
            {"class_name": "warmup_cosine", "config": {"learning_rate": 1.0, "total_steps": 400, "warmup_steps": 100}},
            0.3,
            {"class_name": "warmup_linear", "config": {"learning_rate": 0.6, "total_steps": 400, "warmup_steps": 100}},
        ],
        "boundaries": [300, 600],
    }

    def __init__(
        self,
        schedules: Sequence[Any],
        boundaries: Sequence[float],
        steps_per_epoch: int | None = None,
        name: str = "join",
    ) -> None:
        if not isinstance(schedules, list | tuple) or not schedules:
            raise ValueError(
                f"`schedules` must be a list of at least one schedule or number. Received: schedules={schedules!r}"
            )
        if not isinstance(boundaries, list | tuple) or len(boundaries) != len(schedules) - 1:
            raise ValueError(
                f"`boundaries` must be a list of one step less than there are schedules ({len(schedules)}). "
                f"Received: boundaries={boundaries!r}"
            )
        self.schedules = [nested("schedules", schedule) for schedule in schedules]
        self.boundaries = [plain(boundary) for boundary in boundaries]
        self.steps_per_epoch = plain(steps_per_epoch)
        self.name = name
        self._starts = [0]
        for boundary in boundaries:
            self._starts.append(steps("boundaries", boundary, steps_per_epoch, least=self._starts[-1] + 1))

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        step = integer(step)
        current = evaluate(self.schedules[0], step)
        for schedule, start in zip(self.schedules[1:], self._starts[1:], strict=True):
            current = ops.where(step < start, current, evaluate(schedule, after(step, start)))
        return current

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            "schedules": [configuration(schedule) for schedule in self.schedules],
            "boundaries": list(self.boundaries),
            "steps_per_epoch": self.steps_per_epoch,
            "name": self.name,
        }
