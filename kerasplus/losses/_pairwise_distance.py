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
    precision = np.finfo("float64" if "float64" in str(rows.dtype) else "float32").eps
    apart = squares > float(precision) * both
    if distance == "squared_euclidean":
        return ops.where(apart, squares, 0.0)
    return ops.where(apart, ops.sqrt(ops.where(apart, squares, 1.0)), 0.0)
