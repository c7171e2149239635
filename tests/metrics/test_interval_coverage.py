"""Held against a count in float64."""

import numpy as np
import pytest

from kerasplus.metrics import IntervalCoverage


def oracle(y, p, w):
    inside = [low <= target <= high for (target,), (low, high) in zip(y, p, strict=True)]
    return np.average(inside, weights=w)


def draw(seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(-9, 9, (30, 1))
    return y, y + rng.integers(-9, 9, (30, 2)), rng.integers(1, 9, 30) / 4


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("arguments", [{}])
@pytest.mark.parametrize("seed", range(3))
def test_values(run, arguments, weighted, seed):
    """Random values in four batches, weighted or not."""
    y, p, w = draw(seed)
    w = w if weighted else None
    got = run(IntervalCoverage(**arguments), y, p, w, batches=4)
    np.testing.assert_allclose(
        got, oracle(np.float64(np.float32(y)), np.float64(np.float32(p)), w, **arguments), rtol=2e-6
    )


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(IntervalCoverage().result()) == 0


def test_ends_and_crossed_ends(run):
    """The ends are inside; an interval whose ends are crossed holds nothing."""
    y, p = np.array([1.0, 2.0, 1.5]), np.array([[1.0, 2.0], [1.0, 2.0], [2.0, 1.0]])
    np.testing.assert_allclose(run(IntervalCoverage(), y, p), 2 / 3, rtol=1e-6)


def test_three_columns():
    """An interval has two ends."""
    with pytest.raises(ValueError, match="two columns"):
        IntervalCoverage().update_state(np.zeros(4), np.zeros((4, 3)))
