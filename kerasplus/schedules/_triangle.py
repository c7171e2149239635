"""The triangle wave of the cyclical schedules."""

from __future__ import annotations

from typing import Any

from keras import ops


def cyclical(initial: float, maximal: float, step: Any, step_size: int, scale: Any = 1.0) -> Any:
    """The rate between `initial` and `maximal` when the height of the wave is scaled.

    A cycle takes `step_size` steps up and as many down; where in it a step is, is worked out in
    integers. The operators keep 64 bits where functions of `keras.ops` do not.
    """
    place = ops.cast(step % (2 * step_size), "float32") / float(step_size)
    wave = 1.0 - ops.abs(place - 1.0)
    return initial + (maximal - initial) * wave * scale


def cycle(step: Any, step_size: int) -> Any:
    """The number of cycles that are over, in float32."""
    return ops.cast(step // (2 * step_size), "float32")


def power(base: float, exponent: Any) -> Any:
    """`base` to an exponent in float32."""
    return ops.power(ops.convert_to_tensor(base, "float32"), exponent)
