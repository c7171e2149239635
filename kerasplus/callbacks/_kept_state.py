"""A model that is looked at, and is as it was afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from keras import ops


@contextlib.contextmanager
def kept_state(model: Any) -> Iterator[None]:
    """Gives a model's random states, moving averages and metrics back the values that they have now."""
    kept = [(variable, ops.copy(variable.value)) for variable in model.non_trainable_variables]
    try:
        yield
    finally:
        for variable, value in kept:
            variable.assign(value)
