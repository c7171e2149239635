"""Held against a loop in float64."""

import numpy as np
import pytest

from kerasplus.metrics import SymmetricMAPE


def oracle(y, p, w):
    rows = [
        np.mean([2 * abs(a - b) / (abs(a) + abs(b)) for a, b in zip(*row, strict=True)])
        for row in zip(y, p, strict=True)
    ]
    return np.average(rows, weights=w)


def draw(seed):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(30, 2))
    return y, y + rng.normal(size=(30, 2)), rng.integers(1, 9, 30) / 4


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("arguments", [{}])
@pytest.mark.parametrize("seed", range(3))
def test_values(run, arguments, weighted, seed):
    """Random values in four batches, weighted or not."""
    y, p, w = draw(seed)
    w = w if weighted else None
    got = run(SymmetricMAPE(**arguments), y, p, w, batches=4)
    np.testing.assert_allclose(
        got, oracle(np.float64(np.float32(y)), np.float64(np.float32(p)), w, **arguments), rtol=2e-6
    )


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(SymmetricMAPE().result()) == 0


def test_zeros(run):
    """Two zeros agree, a zero against anything else is the worst."""
    assert run(SymmetricMAPE(), np.array([0.0, 0.0]), np.array([0.0, 5.0])) == 1
