"""The Tweedie loss against the deviances of scikit-learn, which differ by what the prediction does not change."""

import math

import numpy as np
import pytest
from keras import ops
from sklearn.metrics import mean_tweedie_deviance

from kerasplus.losses import Tweedie


def constant(y, power):
    """What half of the unit deviance adds to the loss: its value for a prediction equal to the target."""
    if power == 1:
        return y * math.log(y) - y if y > 0 else 0.0
    if power == 2:
        return -1 - math.log(y)
    return y ** (2 - power) / ((1 - power) * (2 - power))


@pytest.mark.parametrize("power", [1, 1.2, 1.5, 1.9, 2])
def test_half_the_deviance(power):
    """Loss plus constant is half of the unit deviance, sample by sample."""
    rng = np.random.default_rng(0)
    y = rng.gamma(1.0, size=8) + (1e-3 if power == 2 else 0)
    if power < 2:
        y[:3] = 0
    p = rng.normal(size=8)
    got = ops.convert_to_numpy(Tweedie(power, reduction="none")(y, p))
    for target, score, value in zip(y, p, got, strict=True):
        deviance = mean_tweedie_deviance([target], [math.exp(score)], power=power)
        np.testing.assert_allclose(value + constant(target, power), deviance / 2, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("power", [1, 1.5, 2])
def test_extreme_scores_are_finite(power, gradient):
    """Neither the loss nor its slope overflows."""
    scores = np.array([[88.0], [-88.0], [1e4], [-1e4], [0.0]])
    y = np.array([[0.0], [1.0], [1e4], [3.0], [0.0]])
    assert np.isfinite(ops.convert_to_numpy(Tweedie(power, reduction="none")(y, scores))).all()
    assert np.isfinite(gradient(lambda x: Tweedie(power)(y, x), scores)).all()


@pytest.mark.parametrize("power", [1, 1.5, 2])
def test_least_at_the_logarithm_of_the_target(power, gradient):
    """Where the predicted mean is the target the slope is zero."""
    y = np.array([[0.25], [1.0], [7.0]])
    np.testing.assert_allclose(gradient(lambda x: Tweedie(power)(y, x), np.log(y)), 0, atol=1e-5)


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    rng = np.random.default_rng(1)
    for power in (1, 1.3, 2):
        check_gradient(Tweedie(power), rng.gamma(1.0, size=(3, 2)), rng.normal(size=(3, 2)))


@pytest.mark.parametrize("power", [0, 0.99, 2.01, float("nan")])
def test_bad_power(power):
    """The power is from 1 to 2."""
    with pytest.raises(ValueError, match="`power` must be from 1 to 2"):
        Tweedie(power)
