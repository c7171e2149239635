"""Which negative goes with each positive pair: the nearest one beyond the positive, else the farthest.

Rows are sorted by class, so that the positives of an anchor lie side by side. What is compared is the
closeness of samples, the product of the `closeness_factors`. Both functions give places in the flattened
matrix, `(n, k)`: of positives, of their negatives, and whether the pair counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from kerasplus.losses._embedding_loss import same_class
from kerasplus.losses._pairwise_distance import FARTHEST, greatest

SLOTS = 16
"""Up to how many positives of an anchor are walked one by one; more are sorted."""


def walked(closeness: Any, base: Any, starts: Any, sizes: Any, valid: Any, most: Any) -> tuple[Any, Any, Any]:
    """One positive of each anchor at a time, each compared with all negatives: for up to `SLOTS` positives.

    Args:
        closeness: How near each column is to each row; `FARTHEST` in columns that are no samples.
        base: The number of each row from which closeness is taken off to give a distance.
        starts: The first row of the class of each row.
        sizes: The number of rows of the class of each row.
        valid: Whether a row has a positive and a negative.
        most: The largest number of positives of a valid row, as a number if it is known.
    """
    row, width, index = _rows(closeness)
    slots = ops.expand_dims(ops.arange(1, SLOTS + 1, dtype="int32"), 0)
    first, size = ops.expand_dims(starts, 1), ops.expand_dims(sizes, 1)
    positives = row + first + (index - first + slots) % size
    bounds = _beyond(ops.take(ops.reshape(closeness, (-1,)), positives), base)
    outside = ops.where(same_class(starts, width), FARTHEST, closeness)

    def step(slot: Any, nearest: Any) -> tuple[Any, Any]:
        bound = ops.take(bounds, ops.reshape(slot, (1,)), axis=1)
        column = greatest(ops.where(outside < bound, outside, -float("inf")))
        return slot + 1, ops.slice_update(nearest, (0, slot), column)

    state = ops.zeros((), dtype="int32"), ops.zeros_like(positives)
    if isinstance(most, int):
        for _ in range(most):
            state = step(*state)
    else:
        state = ops.while_loop(lambda slot, nearest: slot < most, step, state)
    found = ops.take(ops.reshape(outside, (-1,)), row + state[1]) < bounds
    counted = ops.logical_and(slots < size, ops.expand_dims(valid, 1))
    return positives, row + ops.where(found, state[1], greatest(-outside)), counted


def ordered(closeness: Any, base: Any, starts: Any, sizes: Any, valid: Any) -> tuple[Any, Any, Any]:
    """Every row sorted once: for any number of positives. The arguments are those of `walked`."""
    row, width, index = _rows(closeness)
    first, last = ops.expand_dims(starts, 1), ops.expand_dims(starts + sizes, 1)
    samples = ops.shape(closeness)[0]
    keys = ops.where(same_class(starts, width), _beyond(closeness, base), closeness)
    column = ops.expand_dims(ops.arange(width, dtype="int32"), 0)
    columns = ops.cast(ops.argsort(ops.where(column < samples, -keys, FARTHEST), axis=1), "int32")
    own = ops.logical_and(columns >= first, columns < last)
    negative = ops.logical_and(ops.logical_not(own), columns < samples)
    passed = ops.cumsum(ops.cast(negative, "int32"), axis=1)
    count = samples * width
    rank = ops.reshape(ops.where(negative, row + passed - 1, count), (-1,))
    by_rank = ops.segment_sum(ops.reshape(ops.where(negative, columns, 0), (-1,)), rank, num_segments=count + 1)
    last_one = ops.maximum(passed[:, -1:] - 1, 0)
    negatives = row + ops.take(by_rank, row + ops.minimum(passed, last_one))
    counted = ops.logical_and(ops.logical_and(own, columns != index), ops.expand_dims(valid, 1))
    return row + columns, negatives, counted


def _rows(closeness: Any) -> tuple[Any, Any, Any]:
    """The place of the first entry of each row, the number of columns, and the index of each row."""
    index = ops.expand_dims(ops.arange(ops.shape(closeness)[0], dtype="int32"), 1)
    width = ops.shape(closeness)[1]
    return index * width, width, index


def _beyond(closeness: Any, base: Any) -> Any:
    """A rounding error farther out: a negative at the very distance of a positive is not beyond it."""
    numbers = np.finfo("float64" if "float64" in str(closeness.dtype) else "float32")
    return closeness - 2 * float(numbers.eps) * (ops.expand_dims(base, 1) + ops.abs(closeness)) - float(numbers.tiny)
