"""The Charbonnier loss against complex absolute values."""

import numpy as np
import pytest
from keras import ops

from kerasplus.losses import Charbonnier


@pytest.mark.parametrize("epsilon", [1e-3, 0.5, 10.0])
def test_values(epsilon):
    """Each element is the length of the complex number with error and epsilon as its parts."""
    rng = np.random.default_rng(0)
    y, p = rng.normal(size=(7, 3)), rng.normal(size=(7, 3))
    expected = np.abs((y - p) + 1j * epsilon).mean(axis=-1)
    got = ops.convert_to_numpy(Charbonnier(epsilon, reduction="none")(y, p))
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_perfect_prediction_costs_epsilon_and_has_no_slope(gradient):
    """The least value is epsilon, and it is smooth there."""
    y = np.array([[2.0, -1.0]])
    np.testing.assert_allclose(float(Charbonnier(0.25)(y, y)), 0.25, rtol=1e-6)
    np.testing.assert_array_equal(gradient(lambda x: Charbonnier()(y, x), y), 0)


def test_large_errors_cost_their_size():
    """Far from zero it is the absolute error."""
    np.testing.assert_allclose(float(Charbonnier()(np.array([1e4]), np.array([-1e4]))), 2e4, rtol=1e-6)


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    rng = np.random.default_rng(1)
    check_gradient(Charbonnier(0.5), rng.normal(size=(3, 2)), rng.normal(size=(3, 2)))


@pytest.mark.parametrize("epsilon", [0, -1, float("inf"), float("nan")])
def test_bad_epsilon(epsilon):
    """Epsilon is positive and finite."""
    with pytest.raises(ValueError, match="`epsilon` must be positive"):
        Charbonnier(epsilon)
