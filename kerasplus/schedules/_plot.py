"""The curves of schedules, drawn with matplotlib."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from kerasplus._keras_names import component_class
from kerasplus.schedules._rates import evaluate, nested
from kerasplus.schedules._steps import integer

POINTS = 500
"""Into how many parts a curve is cut."""


def plot(schedule: Any, steps: int | Sequence[int], axes: Any = None, label: str | None = None) -> Any:
    """Draws the curve of a schedule and returns the axes of matplotlib that it is in.

    Args:
        schedule: Any `LearningRateSchedule`, its configuration, or a number.
        steps: Up to which step, or a list of the steps to draw.
        axes: The axes to draw into; new ones unless given.
        label: What the curve is called in a legend; the name of the schedule unless given.

    Raises:
        ImportError: If matplotlib is not installed.
        ValueError: If an argument cannot be used.

    Examples:
        >>> axes = plot(0.1, steps=100)
        >>> axes.get_xlabel(), axes.get_ylabel()
        ('step', 'learning rate')
    """
    _matplotlib()
    curve = nested("schedule", schedule)
    at = _steps(steps)
    rates = [float(ops.convert_to_numpy(evaluate(curve, integer(step)))) for step in at]
    if axes is None:
        from matplotlib import pyplot

        _, axes = pyplot.subplots()
    axes.plot(at, rates, label=label or getattr(curve, "name", type(curve).__name__))
    axes.set_xlabel("step")
    axes.set_ylabel("learning rate")
    axes.set_ylim(bottom=0)
    return axes


def plot_by_name(name: str, file: str | Path, steps: int = 1000, **config: Any) -> None:
    """Draws an example of a schedule into a file, in the format that its ending says.

    Args:
        name: The name of a schedule, in any spelling.
        file: The path of the picture.
        steps: Up to which step.
        **config: The arguments of the schedule; those of its own example unless given.

    Raises:
        ImportError: If matplotlib is not installed.
        ValueError: If nobody has the name, or if the schedule has no example and arguments are missing.
    """
    _matplotlib()
    from matplotlib.figure import Figure

    cls = component_class(name, "schedule")
    arguments = config or dict(getattr(cls, "picture", {}))
    try:
        schedule = cls(**arguments)
    except TypeError as error:
        raise ValueError(
            f"The schedule {name!r} has no example to draw; make one and use `kerasplus.schedules.plot`: {error}"
        ) from error
    figure = Figure(figsize=(5, 2.4), layout="constrained")
    axes = plot(schedule, steps, figure.subplots())
    axes.set_title(cls.__name__)
    axes.grid(alpha=0.3)
    figure.savefig(file)


def _steps(steps: int | Sequence[int]) -> Any:
    if not isinstance(steps, int | np.integer):
        return np.asarray(steps)
    if steps < 1:
        raise ValueError(f"`steps` must be 1 or more, or a list of steps. Received: steps={steps}")
    return np.unique(np.linspace(0, steps, POINTS + 1).round().astype("int64"))


def _matplotlib() -> None:
    try:
        importlib.import_module("matplotlib")
    except ImportError as error:
        raise ImportError("Drawing schedules takes matplotlib: pip install 'kerasplus[plot]'") from error
