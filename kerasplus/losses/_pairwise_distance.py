"""Distances and similarities between all rows of a batch, with slopes that stay finite at zero."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

DISTANCES = ("euclidean", "squared_euclidean", "cosine")
"""The names of the distances."""

BLOCK = 64
"""How many columns are compared at a time."""

FARTHEST = 1e38
"""More than any distance, and still a number."""

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


def closeness_factors(rows: Any, distance: str, last: float) -> tuple[Any, Any, Any]:
    """Two factors whose product orders the distances of each row, the greater the nearer.

    Args:
        rows: The embeddings, `(n, d)`.
        distance: One of `DISTANCES`.
        last: The product in the columns after those of the samples: at least one, as many as it takes
            to fill blocks of `BLOCK`, so that no row is empty.

    Returns:
        A number for each row `(n,)`, and the factors `(n, d + 1)` and `(columns, d + 1)`. The number less
        the product is the squared distance, or the cosine one, for `distances_and_slopes`.
    """
    if distance == "cosine":
        rows = unit(rows)
        left, lengths = rows, ops.zeros_like(rows[:, :1])
        base = ops.ones_like(rows[:, 0])
    else:
        left, lengths = 2 * rows, ops.sum(ops.square(rows), axis=1, keepdims=True)
        base = lengths[:, 0]
    count = ops.shape(rows)[0]
    filled = (count // BLOCK + 1) * BLOCK
    right = ops.pad(rows, ((0, BLOCK), (0, 0)))[:filled]
    ends = ops.pad(-lengths, ((0, BLOCK), (0, 0)), constant_values=last)[:filled]
    return base, ops.concatenate([left, ops.ones_like(ends[:count])], 1), ops.concatenate([right, ends], 1)


def greatest(matrix: Any) -> Any:
    """The column of the greatest number of each row, `(n, 1)`, whose rows are whole blocks.

    First the block, then the column in it: much faster than `argmax` of whole rows.
    """
    count, blocks = ops.shape(matrix)[0], ops.shape(matrix)[1] // BLOCK
    of_blocks = ops.max(ops.reshape(matrix, (count, blocks, BLOCK)), axis=2, initial=-float("inf"))
    block = ops.cast(ops.top_k(of_blocks, 1)[1], "int32")
    place = ops.arange(count, dtype="int32") * blocks + block[:, 0]
    column = ops.top_k(ops.take(ops.reshape(matrix, (count * blocks, BLOCK)), place, axis=0), 1)[1]
    return block * BLOCK + ops.cast(column, "int32")


def distances_and_slopes(sums: Any, base: Any, distance: str) -> tuple[Any, Any]:
    """The distances, never negative, and how fast they grow with the sums; see `closeness_factors`."""
    if distance == "cosine":
        return ops.relu(sums), ops.cast(sums > 0, sums.dtype)
    apart = sums > 2 * _precision(sums) * base
    if distance == "squared_euclidean":
        return ops.where(apart, sums, 0.0), ops.cast(apart, sums.dtype)
    roots = ops.sqrt(ops.where(apart, sums, 1.0))
    return ops.where(apart, roots, 0.0), ops.where(apart, 0.5 / roots, 0.0)


def _precision(numbers: Any) -> float:
    """The rounding error of 1 in the dtype of the numbers."""
    return float(np.finfo("float64" if "float64" in str(numbers.dtype) else "float32").eps)
