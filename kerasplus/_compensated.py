"""Sums in several floating-point parts, so that a total never stops growing or loses its low digits.

A total is held as parts of falling size whose sum is the number. Every part but the last is cut to
half of the significand, so that adding the parts of several replicas, part by part, is exact too:
this is all that a distributed run does with the state of a metric. Two parts of float32 hold 36 bits,
three hold 48.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops


def widest_dtype() -> str:
    """`"float64"` where the backend computes in it, else `"float32"` (JAX without x64)."""
    dtype = ops.convert_to_tensor(np.zeros((), "float64")).dtype
    return "float64" if "float64" in str(dtype) else "float32"


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """The rounded sum and its rounding error, exactly (Knuth, The Art of Computer Programming, 4.2.2)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def cut(a: Any) -> tuple[Any, Any]:
    """The upper and lower half of a significand (Veltkamp 1968, as in Dekker 1971)."""
    scaled = a * (2.0**27 + 1 if "float64" in str(a.dtype) else 2.0**12 + 1)
    upper = scaled - (scaled - a)
    return upper, a - upper


def two_product(a: Any, b: Any) -> tuple[Any, Any]:
    """The rounded product and its rounding error, exactly (Dekker 1971)."""
    product = a * b
    (a_upper, a_lower), (b_upper, b_lower) = cut(a), cut(b)
    error = a_upper * b_upper - product + a_upper * b_lower + a_lower * b_upper + a_lower * b_lower
    return product, error


def pieces(number: Any, dtype: str) -> list[Any]:
    """A tensor of any numeric type as tensors of `dtype` that sum to it."""
    first = ops.cast(number, dtype)
    if str(number.dtype) == str(first.dtype):
        return [first]
    return [first, ops.cast(number - ops.cast(first, number.dtype), dtype)]


def add(parts: list[Any], numbers: list[Any]) -> list[Any]:
    """The parts of a total after the numbers have been added, cut anew."""
    for number in numbers:
        added = []
        for part in parts[:-1]:
            total, number = two_sum(part, number)
            added.append(total)
        parts = [*added, parts[-1] + number]
    upper, rest = cut(parts[0])
    result = [upper]
    for part in parts[1:-1]:
        total, error = two_sum(part, rest)
        upper, lower = cut(total)
        result.append(upper)
        rest = lower + error
    return [*result, parts[-1] + rest]


def value(parts: list[Any]) -> Any:
    """The number that the parts stand for, in the widest float the backend has."""
    dtype = widest_dtype()
    total = ops.cast(parts[-1], dtype)
    for part in reversed(parts[:-1]):
        total = total + ops.cast(part, dtype)
    return total


def sum_pieces(values: Any, axis: Any = None) -> list[Any]:
    """The sum of float32 values over `axis`, to about 48 bits, as numbers for `add`."""
    if widest_dtype() == "float64":
        return [ops.sum(ops.cast(values, "float64"), axis=axis)]
    return list(_folded(values, ops.zeros_like(values), axis))


def sum_product_pieces(a: Any, b: Any, axis: Any = None) -> list[Any]:
    """The sum of the products `a * b` over `axis`, to about 48 bits, as numbers for `add`."""
    if widest_dtype() == "float64":
        return [ops.sum(ops.cast(a, "float64") * ops.cast(b, "float64"), axis=axis)]
    return list(_folded(*two_product(a, b), axis))


def _folded(values: Any, errors: Any, axis: Any) -> tuple[Any, Any]:
    """Compensated sum by halving: needs static sizes, which the backends without float64 have."""
    rank = len(values.shape)
    axes = list(range(rank)) if axis is None else [a % rank for a in ([axis] if isinstance(axis, int) else axis)]
    kept = [a for a in range(rank) if a not in axes]
    order = [*axes, *kept]
    shape = (-1, *(values.shape[a] for a in kept))
    values = ops.reshape(ops.transpose(values, order), shape)
    errors = ops.reshape(ops.transpose(errors, order), shape)
    error = ops.sum(errors, axis=0)
    while values.shape[0] > 1:
        if values.shape[0] % 2:
            values = ops.concatenate([values, ops.zeros_like(values[:1])], axis=0)
        half = values.shape[0] // 2
        values, rounding = two_sum(values[:half], values[half:])
        error = error + ops.sum(rounding, axis=0)
    return ops.sum(values, axis=0), error


def centred_sum(count: list[Any], x: list[Any], y: list[Any], xy: list[Any]) -> Any:
    """The sum of `(x - mean of x) * (y - mean of y)` from the parts of plain sums, without losing digits.

    What is left of equal numbers, up to the precision of the sums, is exactly zero.
    """
    scale = ops.abs(value(xy))
    if widest_dtype() == "float64":
        number = value(count)
        centred = value(xy) - value(x) * value(y) / ops.where(ops.equal(number, 0), 1.0, number)
    else:
        numbers = _products(count, xy) + [-each for each in _products(x, y)]
        total = add([ops.zeros_like(numbers[0]) for _ in range(5)], numbers)
        number = value(count)
        centred = value(total) / ops.where(ops.equal(number, 0), 1.0, number)
    return ops.where(ops.abs(centred) <= scale * 2.0**-42, 0.0, centred)


def _products(a: list[Any], b: list[Any]) -> list[Any]:
    """Numbers that sum to the product of two totals."""
    return [number for left in a for right in b for number in two_product(left, right)]
