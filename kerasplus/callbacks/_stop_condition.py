"""A condition on one value of the logs, on which a training may stop."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from kerasplus.callbacks._monitored_value import improved, lower_is_better, monitored_value

_STALLED = {"monitor", "mode", "patience", "min_delta", "baseline"}
_REACHED = {"monitor", "mode", "threshold"}


class StopCondition:
    """Holds while a value has stalled, or while it has reached a threshold.

    Args:
        declared: The dict that `CompositeEarlyStopping` documents.

    Raises:
        ValueError: If it is no such dict.
    """

    def __init__(self, declared: Any) -> None:
        given = f"Received: {declared!r}"
        if not isinstance(declared, Mapping) or not isinstance(declared.get("monitor"), str):
            raise ValueError(f"`conditions` must be dicts with the name of a value as 'monitor'. {given}")
        if ("patience" in declared) == ("threshold" in declared):
            raise ValueError(f"`conditions` must each have either 'patience' or 'threshold'. {given}")
        unknown = sorted(set(declared) - (_STALLED if "patience" in declared else _REACHED), key=str)
        if unknown:
            raise ValueError(f"`conditions` must not have {', '.join(map(repr, unknown))} in this one. {given}")
        self.declared = dict(declared)
        self.monitor: str = declared["monitor"]
        self.mode = declared.get("mode", "auto")
        self.patience: Any = declared.get("patience")
        self.min_delta = declared.get("min_delta", 0.0)
        self.baseline = declared.get("baseline")
        self.threshold = declared.get("threshold")
        if self.mode not in ("auto", "min", "max"):
            raise ValueError(f"The 'mode' in `conditions` must be 'auto', 'min' or 'max'. {given}")
        whole = isinstance(self.patience, int) and not isinstance(self.patience, bool)
        if "patience" in declared and (not whole or declared["patience"] < 1):
            raise ValueError(f"The 'patience' in `conditions` must be a number of epochs, 1 or more. {given}")
        if not _finite(self.min_delta) or self.min_delta < 0:
            raise ValueError(f"The 'min_delta' in `conditions` must be a finite number, 0 or more. {given}")
        for name in ("threshold", "baseline"):
            optional = name == "baseline" and declared.get(name) is None
            if name in declared and not optional and not _finite(declared[name]):
                raise ValueError(f"The {name!r} in `conditions` must be a finite number. {given}")
        self.best: float | None = None
        self.wait = 0
        self.seen = self.holds = False

    def start(self) -> None:
        """Forgets all values."""
        self.best, self.wait, self.seen, self.holds = None, 0, False, False

    def update(self, logs: Mapping[str, Any], model: Any) -> None:
        """Looks at the value of an epoch; without one, all stays as it is."""
        value = monitored_value(self.monitor, logs)
        if value is None:
            return
        self.seen = True
        low = self.mode == "min" or (self.mode == "auto" and lower_is_better(self.monitor, model))
        if self.threshold is not None:
            self.holds = value <= self.threshold if low else value >= self.threshold
            return
        self.wait += 1
        better = improved(value, self.best, low, self.min_delta)
        if better:
            self.best = value
            if improved(value, self.baseline, low, self.min_delta):
                self.wait = 0
        self.holds = not better and self.wait >= self.patience

    def get_state(self) -> dict[str, Any]:
        """What it knows of the values so far."""
        return {"best": self.best, "wait": self.wait, "seen": self.seen, "holds": self.holds}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on where `get_state` was taken."""
        self.best, self.wait = state["best"], state["wait"]
        self.seen, self.holds = state["seen"], state["holds"]


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
