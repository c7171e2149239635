"""Distances and similarities between all rows of a batch, with slopes that stay finite at zero."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

DISTANCES = ("euclidean", "squared_euclidean", "cosine")
"""The names of the distances."""

_SMALLEST_SQUARE = 1e-12
"""A row whose squared length is below it has no direction."""


def unit(rows: Any) -> Any:
    """The rows scaled to length one; a row of zeros stays one, and has no slope."""
    squares = ops.sum(ops.square(rows), axis=-1, keepdims=True)
    long = squares > _SMALLEST_SQUARE
    return ops.where(long, rows * ops.rsqrt(ops.where(long, squares, 1.0)), 0.0)


def cosine_similarities(rows: Any) -> Any:
    """The cosine of the angle between each two rows, `(n, n)`."""
    rows = unit(rows)
    return ops.matmul(rows, ops.transpose(rows))


def pairwise_distances(rows: Any, distance: str) -> Any:
    """The distance between each two rows, `(n, n)`, never negative.

    Squares below the rounding error of the products that they come from count as zero, and there
    the Euclidean distance has no slope: identical rows are at distance 0 and pull nowhere.

    Args:
        rows: The embeddings, `(n, d)`.
        distance: One of `DISTANCES`; the cosine distance is one minus the cosine.
    """
    if distance == "cosine":
        return ops.relu(1 - cosine_similarities(rows))
    products = ops.matmul(rows, ops.transpose(rows))
    lengths = ops.sum(ops.square(rows), axis=-1)
    both = ops.expand_dims(lengths, 1) + ops.expand_dims(lengths, 0)
    squares = both - 2 * products
    apart = squares > _precision(rows) * both
    if distance == "squared_euclidean":
        return ops.where(apart, squares, 0.0)
    return ops.where(apart, ops.sqrt(ops.where(apart, squares, 1.0)), 0.0)


def distances(rows: Any, others: Any, distance: str) -> Any:
    """The distance of each row to the other at its place, `(n,)`; equal rows pull nowhere."""
    if distance == "cosine":
        return ops.relu(1 - ops.sum(unit(rows) * unit(others), axis=-1))
    squares = ops.sum(ops.square(rows - others), axis=-1)
    if distance == "squared_euclidean":
        return squares
    apart = squares > 0
    return ops.where(apart, ops.sqrt(ops.where(apart, squares, 1.0)), 0.0)


def relative_distances(rows: Any, distance: str, last: float) -> tuple[Any, Any]:
    """What orders the distances of each row, by a single product, and what they are relative to.

    Args:
        rows: The embeddings, `(n, d)`.
        distance: One of `DISTANCES`.
        last: The number in one more column, so that there is a column also in an empty batch.

    Returns:
        For each row a number `(n,)` and the relative distances `(n, n + 1)`. Their sum is the
        squared distance, or the cosine one, from which `distances_from` makes the distance.
    """
    if distance == "cosine":
        rows = unit(rows)
        left, lengths = -rows, ops.zeros_like(rows[:, :1])
        base = ops.ones_like(rows[:, 0])
    else:
        left, lengths = -2 * rows, ops.sum(ops.square(rows), axis=1, keepdims=True)
        base = lengths[:, 0]
    left = ops.concatenate([left, ops.ones_like(lengths)], axis=1)
    right = ops.pad(rows, ((0, 1), (0, 0)))
    ends = ops.pad(lengths, ((0, 1), (0, 0)), constant_values=last)
    return base, ops.matmul(left, ops.transpose(ops.concatenate([right, ends], axis=1)))


def distances_from(sums: Any, base: Any, distance: str) -> Any:
    """The distances, never negative, with slopes that stay finite at zero; see `relative_distances`."""
    if distance == "cosine":
        return ops.relu(sums)
    apart = sums > 2 * _precision(sums) * ops.stop_gradient(base)
    if distance == "squared_euclidean":
        return ops.where(apart, sums, 0.0)
    return ops.where(apart, ops.sqrt(ops.where(apart, sums, 1.0)), 0.0)


def _precision(numbers: Any) -> float:
    """The rounding error of 1 in the dtype of the numbers."""
    return float(np.finfo("float64" if "float64" in str(numbers.dtype) else "float32").eps)
