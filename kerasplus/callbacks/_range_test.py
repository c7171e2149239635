"""A range test: a rate that grows exponentially while a training is under way, and what the losses say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus.schedules._steps import integer


class RangeSchedule(LearningRateSchedule):
    """From one rate to another in so many steps after a first one.

    Args:
        minimum: The rate of the first step.
        maximum: The rate of the last one, and of all after it.
        first: The number of the first step.
        steps: How many steps later the last one is.
    """

    def __init__(self, minimum: float, maximum: float, first: int, steps: int) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.first = first
        self.steps = steps

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        part = ops.cast(ops.clip(integer(step) - self.first, 0, self.steps), "float32") / self.steps
        return ops.exp(math.log(self.minimum) + part * math.log(self.maximum / self.minimum))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {"minimum": self.minimum, "maximum": self.maximum, "first": self.first, "steps": self.steps}


def suggested(rates: Sequence[float], smoothed: Sequence[float], rule: str) -> float:
    """A rate to train with, by one of two rules; the first tenth of the test does not count.

    Raises:
        ValueError: If there is no such rule, or if the loss has not fallen.
    """
    if rule not in ("steepest", "minimum"):
        raise ValueError(f"`rule` must be 'steepest' or 'minimum'. Received: rule={rule!r}")
    start = len(smoothed) // 10
    least = start + int(np.argmin(smoothed[start:])) if smoothed else 0
    if least - start < 2:
        raise ValueError(
            "The loss did not fall in the test, so there is no rate to suggest. Look at `plot()`; try a smaller "
            f"`minimum` or more batches. Received: {len(smoothed)} losses, the least at {least}"
        )
    if rule == "minimum":
        return rates[least] / 10
    losses, logs = np.array(smoothed), np.log(rates)
    middle = np.arange(start, least + 1)
    reach = max(len(losses) // 20, 1)  # the noise of single batches is as steep, and shorter
    before, after = np.maximum(middle - reach, start), np.minimum(middle + reach, least)
    slopes = (losses[after] - losses[before]) / (logs[after] - logs[before])
    return rates[int(middle[np.argmin(slopes)])]


def drawn(rates: Sequence[float], losses: Sequence[float], smoothed: Sequence[float], ax: Any = None) -> Any:
    """The axes with the losses over the rates, and the suggestion if there is one.

    Raises:
        ImportError: If matplotlib is not installed.
    """
    if ax is None:
        try:
            from matplotlib import pyplot
        except ImportError as error:
            raise ImportError("Drawing the test takes matplotlib: pip install 'kerasplus[plot]'") from error
        _, ax = pyplot.subplots()
    ax.plot(rates, losses, alpha=0.3, label="loss")
    ax.plot(rates, smoothed, label="smoothed")
    try:
        rate = suggested(rates, smoothed, "steepest")
    except ValueError:
        pass  # a test without a suggestion is drawn, too
    else:
        ax.plot(rate, smoothed[rates.index(rate)], "o", label=f"steepest: {rate:.2g}")
    if smoothed:  # what was before the minimum is worth seeing, a divergence is not to hide it
        before = losses[: int(np.argmin(smoothed)) + 1]
        margin = 0.2 * (max(before) - min(losses)) or 1.0
        ax.set_ylim(min(losses) - margin, max(before) + margin)
    ax.set(xscale="log", xlabel="learning rate", ylabel="loss")
    ax.legend()
    return ax
