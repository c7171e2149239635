"""Sums in parts, held against exact rational arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
from keras import ops

from kerasplus import _compensated


def as_array(value):
    return ops.convert_to_numpy(value)


def exact(values):
    return sum((Fraction(float(value)) for value in np.ravel(values)), Fraction(0))


def held(parts):
    return exact([float(as_array(part)) for part in parts])


def zeros(count):
    return [ops.zeros((), "float32") for _ in range(count)]


@pytest.mark.parametrize(("a", "b"), [(1.0, 2.0**-30), (2.0**24, 1.0), (-3.5, 3.5), (1e20, -1.0)])
def test_two_sum_is_exact(a, b):
    """The rounded sum and its error add up to the true sum."""
    total, error = _compensated.two_sum(ops.convert_to_tensor(a, "float32"), ops.convert_to_tensor(b, "float32"))
    assert held([total, error]) == exact(np.float32([a, b]))


@pytest.mark.parametrize("seed", range(5))
def test_two_product_is_exact(seed):
    """The rounded product and its error add up to the true product."""
    a, b = np.random.default_rng(seed).normal(size=2).astype("float32")
    product, error = _compensated.two_product(ops.convert_to_tensor(a), ops.convert_to_tensor(b))
    assert held([product, error]) == Fraction(float(a)) * Fraction(float(b))


@pytest.mark.parametrize("start", [2**24, 2**30, 2**35])
def test_counts_go_on(start):
    """One is still counted where a float32 would stand still."""
    parts = _compensated.add(zeros(2), _compensated.pieces(ops.convert_to_tensor(float(start), "float32"), "float32"))
    for _ in range(7):
        parts = _compensated.add(parts, [ops.ones((), "float32")])
    assert held(parts) == start + 7


@pytest.mark.parametrize("number", [2**24 + 1, 2**31 - 1, -(2**30) - 7])
def test_pieces_of_integers_lose_nothing(number):
    """An integer that no float32 holds comes in two pieces."""
    assert held(_compensated.pieces(ops.convert_to_tensor(number, "int32"), "float32")) == number


def test_three_parts_hold_48_bits():
    """A long sum of numbers of all sizes is right to 2**-43 of its largest."""
    rng = np.random.default_rng(0)
    values = (rng.normal(size=400) * 2.0 ** rng.integers(-20, 20, 400)).astype("float32")
    parts = zeros(3)
    for value in values:
        parts = _compensated.add(parts, [ops.convert_to_tensor(value)])
    assert abs(held(parts) - exact(values)) < Fraction(2) ** -43 * exact(np.abs(values))


@pytest.mark.parametrize("count", [2, 3])
def test_parts_of_replicas_add_part_by_part(count):
    """Plain float32 addition of the parts of eight replicas loses nothing above the last part."""
    rng = np.random.default_rng(1)
    replicas, numbers = [], []
    for _ in range(8):
        parts = zeros(count)
        for value in rng.integers(1, 2**20, 50):
            numbers.append(int(value))
            parts = _compensated.add(parts, [ops.convert_to_tensor(float(value), "float32")])
        replicas.append([as_array(part) for part in parts])
    summed = [np.float32(0)] * count
    for parts in replicas:
        summed = [np.float32(a + b) for a, b in zip(summed, parts, strict=True)]
    assert exact(summed) == sum(numbers)


@pytest.mark.parametrize(("shape", "axis"), [((7,), None), ((6, 3), 0), ((6, 3), -1), ((4, 5, 3), (0, 1)), ((1,), 0)])
def test_sums_over_axes(shape, axis):
    """Sums and sums of products over any axes, against float64."""
    rng = np.random.default_rng(2)
    a, b = (1e4 + rng.normal(size=(2, *shape))).astype("float32")
    for pieces, expected in (
        (_compensated.sum_pieces(ops.convert_to_tensor(a), axis), np.float64(a).sum(axis)),
        (_compensated.sum_product_pieces(ops.convert_to_tensor(a), ops.convert_to_tensor(b), axis),
         (np.float64(a) * np.float64(b)).sum(axis)),
    ):  # fmt: skip
        np.testing.assert_allclose(sum(np.float64(as_array(piece)) for piece in pieces), expected, rtol=1e-13)


def test_folding_without_float64(monkeypatch):
    """Where the backend has no float64, the sums by halving are as good."""
    monkeypatch.setattr(_compensated, "widest_dtype", lambda: "float32")
    rng = np.random.default_rng(3)
    a, b = (1e4 + rng.normal(size=(2, 37, 2))).astype("float32")
    pieces = _compensated.sum_product_pieces(ops.convert_to_tensor(a), ops.convert_to_tensor(b), axis=0)
    got = sum(np.float64(as_array(piece)) for piece in pieces)
    np.testing.assert_allclose(got, (np.float64(a) * np.float64(b)).sum(0), rtol=1e-13)
    pieces = _compensated.sum_pieces(ops.convert_to_tensor(a), axis=0)
    np.testing.assert_allclose(sum(np.float64(as_array(p)) for p in pieces), np.float64(a).sum(0), rtol=1e-13)
