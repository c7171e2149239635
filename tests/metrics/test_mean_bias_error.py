"""Held against a weighted mean in float64."""

import numpy as np
import pytest

from kerasplus.metrics import MeanBiasError


def oracle(y, p, w):
    return np.average((p - y).mean(1), weights=w)


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
    got = run(MeanBiasError(**arguments), y, p, w, batches=4)
    np.testing.assert_allclose(
        got, oracle(np.float64(np.float32(y)), np.float64(np.float32(p)), w, **arguments), rtol=2e-6
    )


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(MeanBiasError().result()) == 0
