"""A value of the logs that a callback watches, and what counts as an improvement of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def monitored_value(monitor: str, logs: Mapping[str, Any]) -> float | None:
    """The value of this name; None if it is NaN or if the epoch had no validation.

    Raises:
        ValueError: If the logs have no such name, or if the value is no single number.
    """
    if monitor not in logs:
        training = monitor.removeprefix("val_")
        no_validation = training != monitor and training in logs
        if no_validation and not any(name.startswith("val_") for name in logs):
            return None
        raise ValueError(f"`monitor` must be a name in the logs: {', '.join(sorted(logs))}. Received: {monitor!r}")
    value = np.asarray(logs[monitor], "float64")
    if value.size != 1:
        raise ValueError(
            f"`monitor` must name a single number. Received: monitor={monitor!r}, whose value has "
            f"the shape {value.shape}"
        )
    return None if math.isnan(value.item()) else value.item()


def improved(value: float, best: float | None, lower_is_better: bool, min_delta: float) -> bool:
    """Whether a value is better than the best one by more than `min_delta`."""
    if best is None:
        return True
    return value < best - min_delta if lower_is_better else value > best + min_delta


def lower_is_better(monitor: str, model: Any) -> bool:
    """Whether less is better, from what the metric of this name declares; of a loss it is.

    Raises:
        ValueError: If there is no such metric or it declares no direction.
    """
    name = monitor.removeprefix("val_")
    if name == "loss" or name.endswith("_loss"):
        return True
    for metric in _metrics(model):
        if name == metric.name or name.endswith(f"_{metric.name}"):
            direction = getattr(metric, "_direction", None)
            if direction in ("up", "down"):
                return direction == "down"
    raise ValueError(
        f'Whether more or less of {monitor!r} is better is not declared. Pass `mode="min"` or `mode="max"`.'
    )


def _metrics(model: Any) -> list[Any]:
    """The metrics of a model, those of `compile` included."""
    return [each for metric in model.metrics for each in getattr(metric, "metrics", [metric])]
