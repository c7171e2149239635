"""Held against `mean_pinball_loss` of scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import mean_pinball_loss

from kerasplus.metrics import PinballError


def oracle(y, p, w, quantile=0.5):
    return mean_pinball_loss(y, p, alpha=quantile, sample_weight=w)


def draw(seed):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(30, 2))
    return y, y + rng.normal(size=(30, 2)), rng.integers(1, 9, 30) / 4


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("arguments", [{}, {"quantile": 0.05}, {"quantile": 0.9}])
@pytest.mark.parametrize("seed", range(3))
def test_values(run, arguments, weighted, seed):
    """Random values in four batches, weighted or not."""
    y, p, w = draw(seed)
    w = w if weighted else None
    got = run(PinballError(**arguments), y, p, w, batches=4)
    np.testing.assert_allclose(
        got, oracle(np.float64(np.float32(y)), np.float64(np.float32(p)), w, **arguments), rtol=2e-6
    )


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(PinballError().result()) == 0


@pytest.mark.parametrize("bad", [{"quantile": 0}, {"quantile": 1.5}])
def test_bad_arguments(bad):
    """Arguments out of range are refused."""
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must be"):
        PinballError(**bad)
