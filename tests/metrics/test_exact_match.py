"""Held against `accuracy_score` of scikit-learn on rows of labels."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from kerasplus.metrics import ExactMatch


def oracle(y, p, w, threshold=0.5):
    return accuracy_score(y.astype(int), (p > threshold).astype(int), sample_weight=w)


def draw(seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, (30, 3)), rng.integers(0, 17, (30, 3)) / 16, rng.integers(1, 9, 30) / 4


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("arguments", [{}, {"threshold": 0.25}])
@pytest.mark.parametrize("seed", range(3))
def test_values(run, arguments, weighted, seed):
    """Random values in four batches, weighted or not."""
    y, p, w = draw(seed)
    w = w if weighted else None
    got = run(ExactMatch(**arguments), y, p, w, batches=4)
    np.testing.assert_allclose(
        got, oracle(np.float64(np.float32(y)), np.float64(np.float32(p)), w, **arguments), rtol=2e-6
    )


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(ExactMatch().result()) == 0
