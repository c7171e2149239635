"""Products of schedules, held against the products of their values."""

import keras
import numpy as np
import pytest

from kerasplus.schedules import Product, Triangular, WarmupCosine

DECAY = keras.optimizers.schedules.ExponentialDecay(1.0, decay_steps=5, decay_rate=0.7, staircase=True)


def test_values(curve):
    """Each step is the product of what the factors give."""
    steps = np.arange(40)
    cosine, wave = WarmupCosine(0.3, 30, 5, 0.01), Triangular(0.5, 1.0, 4)
    expected = curve(cosine, steps) * 0.25 * curve(DECAY, steps) * curve(wave, steps)
    np.testing.assert_allclose(curve(Product([cosine, 0.25, DECAY, wave]), steps), expected, rtol=1e-6)


def test_single_factors(curve):
    """One factor is itself, a zero is zero."""
    steps = np.arange(9)
    np.testing.assert_array_equal(curve(Product([DECAY]), steps), curve(DECAY, steps))
    np.testing.assert_array_equal(curve(Product([DECAY, 0]), steps), 0)
    assert float(Product([0.5, 0.5])(3)) == 0.25


@pytest.mark.parametrize("schedules", [[], DECAY, [DECAY, "half"], [DECAY, -0.5], [DECAY, float("inf")]])
def test_bad_arguments(schedules):
    """Anything but schedules and numbers is refused."""
    with pytest.raises(ValueError, match="`schedules` must be"):
        Product(schedules)
