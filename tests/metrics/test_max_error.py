"""Held against scikit-learn's `max_error`."""

import numpy as np
import pytest
from sklearn.metrics import max_error

from kerasplus.metrics import MaxError


@pytest.mark.parametrize("seed", range(3))
def test_values(run, seed):
    """Random values in four batches; a weight only tells who takes part."""
    rng = np.random.default_rng(seed)
    y, p = rng.normal(size=(2, 30)).astype("float32")
    w = rng.integers(0, 3, 30) / 4
    np.testing.assert_allclose(run(MaxError(), y, p, None, batches=4), max_error(y, p), rtol=1e-6)
    np.testing.assert_allclose(run(MaxError(), y, p, w, batches=4), max_error(y[w > 0], p[w > 0]), rtol=1e-6)


def test_several_outputs_are_taken_together(run):
    """The largest error of any output."""
    assert run(MaxError(), np.zeros((2, 2)), np.array([[1.0, -3.0], [2.0, 0.0]]), None, batches=2) == 3.0


def test_what_is_no_number_is_not_hidden(run):
    """A NaN or an infinite prediction shows, also when numbers follow; one that weighs nothing does not."""
    y, p = np.zeros(4), np.array([np.nan, 1.0, 2.0, 0.5])
    assert np.isnan(run(MaxError(), y, p, None, batches=4))
    assert run(MaxError(), y, p, np.array([0.0, 1.0, 1.0, 1.0]), batches=4) == 2.0
    assert run(MaxError(), y, np.array([1.0, -np.inf, 0.0, 0.0]), None, batches=4) == np.inf


def test_before_the_first_batch(number):
    """Nothing seen is 0, also if all that came weighs nothing."""
    metric = MaxError()
    assert number(metric.result()) == 0
    metric.update_state(np.ones(3), np.zeros(3), np.zeros(3))
    assert number(metric.result()) == 0
