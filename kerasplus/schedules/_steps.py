"""Steps of training: as arguments of schedules, and the exact arithmetic with the current one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from keras import ops

LIMIT = 2**30
"""Arguments in steps stay below it, so that twice as many are still 32-bit integers."""


def steps(name: str, value: Any, steps_per_epoch: Any, least: int = 0) -> int:
    """A number of steps from an argument in steps, or in epochs if `steps_per_epoch` is given.

    Raises:
        ValueError: If it is no whole number of steps from `least` up to `LIMIT`, or if
            `steps_per_epoch` is no positive whole number.
    """
    if steps_per_epoch is None:
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or not least <= value < LIMIT:
            raise ValueError(
                f"`{name}` must be a whole number of steps, {least} or more and less than 2**30 (or a number of "
                f"epochs, beside `steps_per_epoch`). Received: {name}={value!r}"
            )
        return int(value)
    if not isinstance(steps_per_epoch, int | np.integer) or steps_per_epoch < 1:
        raise ValueError(
            "`steps_per_epoch` must be a whole number, 1 or more, or None. "
            f"Received: steps_per_epoch={steps_per_epoch!r}"
        )
    number = isinstance(value, int | float | np.integer | np.floating) and math.isfinite(value)
    if not number or not least <= round(value * steps_per_epoch) < LIMIT:
        raise ValueError(
            f"`{name}` must be a number of epochs that makes {least} steps or more and less than 2**30. "
            f"Received: {name}={value!r}, steps_per_epoch={steps_per_epoch}"
        )
    return round(value * int(steps_per_epoch))


def plain(value: Any) -> Any:
    """A number of the configuration as Python's own, which JSON can hold."""
    return value.item() if isinstance(value, np.generic) else value


def integer(step: Any) -> Any:
    """The step as a tensor of the widest integers: from any number, array, tensor or variable.

    A number that those integers cannot hold becomes the greatest one (JAX has 32 bits).
    """
    dtype = widest_integer()
    if isinstance(step, int | float | np.generic | np.ndarray):
        whole = np.asarray(step).astype("int64")
        return ops.convert_to_tensor(np.minimum(whole, np.iinfo(dtype).max).astype(dtype))
    return ops.cast(ops.convert_to_tensor(step), dtype)


def widest_integer() -> str:
    """`"int64"`, or `"int32"` where the backend has no more (JAX without x64)."""
    return "int64" if "int64" in str(ops.convert_to_tensor(np.zeros((), "int64")).dtype) else "int32"


def since(step: Any, start: int) -> Any:
    """How many steps an integer step is after `start`, 0 before it, in float32.

    The difference is one of integers, so that it is exact however far the training has come. It is
    taken by the operator, since functions of `keras.ops` make 32 bits of 64 on PyTorch.
    """
    return ops.maximum(ops.cast(step - start, "float32"), 0.0)


def after(step: Any, start: int) -> Any:
    """The step of what begins at `start`: the integer `step - start`, 0 before it."""
    return (step - start) * ops.cast(step > start, step.dtype)


def progress(step: Any, start: float, length: float) -> Any:
    """The part of a stretch of `length` steps from `start` on that is over: 0 before, 1 after it.

    Neither end needs to fall on a step.
    """
    whole = math.floor(start)
    return ops.clip((since(step, whole) - (start - whole)) / length, 0.0, 1.0)


def warmth(step: Any, warmup_steps: int) -> Any:
    """The part of a warm-up that is reached: 1 / warmup_steps at step 0, 1 from its last step on."""
    return ops.minimum((since(step, 0) + 1.0) / float(max(warmup_steps, 1)), 1.0)
