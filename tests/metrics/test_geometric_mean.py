"""Held against `gmean` of SciPy."""

import numpy as np
import pytest
from scipy.stats import gmean

from kerasplus.metrics import GeometricMean


def oracle(y, p, w):
    return gmean(p, axis=None, weights=None if w is None else np.repeat(w[:, None], 2, 1))


def draw(seed):
    rng = np.random.default_rng(seed)
    return np.ones((30, 2)), rng.random((30, 2)) + 0.1, rng.integers(1, 9, 30) / 4


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("arguments", [{}])
@pytest.mark.parametrize("seed", range(3))
def test_values(run, arguments, weighted, seed):
    """Random values in four batches, weighted or not."""
    y, p, w = draw(seed)
    w = w if weighted else None
    got = run(GeometricMean(**arguments), y, p, w, batches=4)
    np.testing.assert_allclose(
        got, oracle(np.float64(np.float32(y)), np.float64(np.float32(p)), w, **arguments), rtol=2e-6
    )


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(GeometricMean().result()) == 0


def test_a_zero(run):
    """One value of 0 makes the mean 0."""
    assert run(GeometricMean(), np.ones(2), np.array([0.0, 4.0])) == 0
