"""How often a bootstrap draws a sample: Poisson counts that are a function of numbers, not of a generator.

A generator gives numbers in the order in which it is asked, so that another split into batches would
draw other samples. A hash of the position of a sample has no such state. Its operations are those of
32-bit integers that overflow, which all backends do alike.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from keras import ops

FACTORS = (0x7FEB352D, 0x846CA68B)
"""The multipliers of the two rounds of the hash."""

LIMITS = np.cumsum([math.exp(-1) / math.factorial(count) for count in range(12)])
"""The probabilities that a count with a mean of one is at most 0, 1, ... 11."""


def hashed(number: Any) -> Any:
    """Integers of 32 bits, each mixed so that neighbours have nothing in common."""
    for factor, shift in zip(FACTORS, (16, 15), strict=True):
        number = ops.bitwise_xor(number, _shifted(number, shift))
        number = ops.multiply(number, _int32(factor))
    return ops.bitwise_xor(number, _shifted(number, 16))


def keys(seed: int, replica: Any, copies: int) -> Any:
    """A key for each copy of a metric."""
    of_replica = hashed(ops.bitwise_xor(hashed(_int32(seed + 1)), ops.cast(replica, "int32")))
    return hashed(ops.bitwise_xor(of_replica, hashed(ops.arange(copies, dtype="int32"))))


def counts(key: Any, positions: Any) -> Any:
    """How often a copy draws the samples at these positions; 1 on average, and at most 12 times."""
    drawn = hashed(ops.bitwise_xor(hashed(positions), key))
    drawn = ops.bitwise_and(drawn, _int32(0x7FFFFFFF))
    limits = ops.convert_to_tensor(np.floor(LIMITS * 2**31).astype("int32"))
    return ops.sum(ops.cast(ops.expand_dims(drawn, -1) >= limits, "int32"), axis=-1)


def _int32(number: int) -> Any:
    """A number below 2**32 as the 32-bit integer of the same bits."""
    return ops.convert_to_tensor(np.uint32(number % 2**32).astype("int32"))


def _shifted(number: Any, places: int) -> Any:
    """The bits moved to the right, zeros moved in: backends fill in the sign."""
    return ops.bitwise_and(ops.right_shift(number, places), (1 << (32 - places)) - 1)
