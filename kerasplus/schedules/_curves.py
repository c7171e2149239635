"""The forms in which a rate goes from one value to another."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from keras import ops


def cosine(share: Any) -> Any:
    """The part of the way that half a cosine wave has gone, when `share` of the time is over."""
    return 0.5 * (1.0 - ops.cos(math.pi * share))


_WAYS: dict[str, Callable[[Any], Any]] = {
    "linear": lambda share: share,
    "cosine": cosine,
    "one_minus_sqrt": ops.sqrt,
}


def between(first: Any, last: Any, share: Any, shape: str = "linear") -> Any:
    """The rate when `share` of the time from the `first` rate to the `last` one is over.

    The shapes are `"linear"`, `"cosine"`, `"one_minus_sqrt"`, which goes as the square root of the
    time, and `"exponential"`, which needs positive rates. Both ends are met exactly.
    """
    if shape == "exponential":
        way = ops.power(ops.convert_to_tensor(last / first, "float32"), share)
        return ops.where(share < 1.0, first * way, ops.convert_to_tensor(last, "float32"))
    way = _WAYS[shape](share)
    return first * (1.0 - way) + last * way
