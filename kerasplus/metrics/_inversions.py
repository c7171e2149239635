"""The weight of the pairs that are out of order, without looking at every pair."""

from __future__ import annotations

from typing import Any

from keras import ops

PAIRED = 16
"""Up to this size of a block all its pairs are compared."""


def inversions(places: Any, weights: Any) -> Any:
    """For each row, the sum of `w_i * w_j` over all `i < j` with `places[i] > places[j]`.

    Halves the numbers again and again: those of the upper half that stand before one of the lower half
    are out of order with it, and then each half is a block of its own, in the order in which it stood.

    Args:
        places: Rows that each hold the numbers from 0 to `n - 1`, `(rows, n)`.
        weights: The weights, of the same shape.
    """
    rows, given = weights.shape
    bits = max((given - 1).bit_length(), 4)
    size = 2**bits
    more = ops.broadcast_to(ops.arange(given, size, dtype="int32"), (rows, size - given))
    places = ops.concatenate([ops.cast(places, "int32"), more], axis=-1)
    weights = ops.pad(weights, ((0, 0), (0, size - given)))
    total = ops.zeros_like(weights[:, 0])
    while size > PAIRED:
        half = size // 2
        places, weights = (ops.reshape(each, (-1, size)) for each in (places, weights))
        upper = ops.cast(ops.bitwise_and(places, half) > 0, "int32")
        of_upper = weights * ops.cast(upper, weights.dtype)
        found = (weights - of_upper) * ops.cumsum(of_upper, axis=-1)
        total = total + ops.sum(ops.reshape(found, (rows, -1)), axis=-1)
        before = ops.cumsum(upper, axis=-1)
        index = ops.where(upper > 0, half + before - 1, ops.arange(size, dtype="int32") - before)
        index = index + size * ops.expand_dims(ops.arange(index.shape[0], dtype="int32"), -1)
        index = ops.reshape(index, (-1, 1))
        places, weights = (ops.scatter(index, ops.reshape(each, (-1,)), index.shape[:1]) for each in (places, weights))
        size = half
    places, weights = (ops.reshape(each, (-1, size)) for each in (places, weights))
    swapped = ops.triu(ops.cast(ops.expand_dims(places, 2) > ops.expand_dims(places, 1), weights.dtype), 1)
    found = weights * ops.sum(swapped * ops.expand_dims(weights, 1), axis=-1)
    return total + ops.sum(ops.reshape(found, (rows, -1)), axis=-1)
