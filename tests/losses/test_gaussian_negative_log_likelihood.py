"""The Gaussian negative log-likelihood against the density of SciPy."""

import numpy as np
import pytest
from keras import ops
from scipy.stats import norm

from kerasplus.losses import GaussianNegativeLogLikelihood


def packed(mean, log_variance):
    return np.concatenate([mean, log_variance], axis=-1)


@pytest.mark.parametrize("shape", [(6, 1), (5, 3), (4, 2, 3)])
def test_full_is_the_log_density(shape):
    """With the constant, it is minus the logarithm of the density, averaged over the targets of a row."""
    rng = np.random.default_rng(0)
    y, mean, log_variance = (rng.normal(size=shape) for _ in range(3))
    expected = -norm.logpdf(y, mean, np.exp(log_variance / 2)).mean(axis=-1)
    loss = GaussianNegativeLogLikelihood(full=True, reduction="none")
    np.testing.assert_allclose(ops.convert_to_numpy(loss(y, packed(mean, log_variance))), expected, rtol=1e-4)


def test_without_the_constant():
    """The default leaves half of log(2 pi) out."""
    y, p = np.array([1.0]), np.array([[0.5, 0.3]])
    full, bare = (float(GaussianNegativeLogLikelihood(full)(y, p)) for full in (True, False))
    np.testing.assert_allclose(full - bare, 0.5 * np.log(2 * np.pi), rtol=1e-5)


def test_the_least_variance():
    """Below it the variance is the least one, and the log variance has no slope."""
    loss = GaussianNegativeLogLikelihood(min_variance=0.25)
    value = float(loss(np.array([1.0]), np.array([[0.0, -50.0]])))
    np.testing.assert_allclose(value, 0.5 * (np.log(0.25) + 4), rtol=1e-5)


def test_extreme_log_variances_are_finite(gradient):
    """A huge log variance costs its half; a hugely negative one is held by the least variance."""
    y, p = np.array([1e4, 1e4]), np.array([[0.0, 1e4], [0.0, -1e4]])
    loss = GaussianNegativeLogLikelihood()
    assert np.isfinite(float(loss(y, p)))
    assert np.isfinite(gradient(lambda x: loss(y, x), p)).all()


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    rng = np.random.default_rng(1)
    check_gradient(GaussianNegativeLogLikelihood(full=True), rng.normal(size=(3, 2)), rng.normal(size=(3, 4)))


def test_flat_targets():
    """`(n,)` targets meet `(n, 2)` predictions."""
    y, p = np.array([1.0, 2.0]), np.array([[0.0, 0.0], [2.0, 0.0]])
    values = ops.convert_to_numpy(GaussianNegativeLogLikelihood(reduction="none")(y, p))
    np.testing.assert_allclose(values, [0.5, 0.0])


@pytest.mark.parametrize("shapes", [((4,), (4,)), ((4,), (4, 3)), ((4, 2), (4, 2)), ((3,), (4, 2)), ((4,), (4, 4))])
def test_shapes_that_do_not_fit(shapes):
    """There are two predictions for each target."""
    with pytest.raises(ValueError, match="'gaussian_negative_log_likelihood' received") as error:
        GaussianNegativeLogLikelihood()(np.zeros(shapes[0]), np.zeros(shapes[1]))
    assert str(shapes[0]) in str(error.value)
    assert str(shapes[1]) in str(error.value)


@pytest.mark.parametrize("min_variance", [0, -1, float("inf"), float("nan")])
def test_bad_least_variance(min_variance):
    """The least variance is positive and finite."""
    with pytest.raises(ValueError, match="`min_variance` must be positive"):
        GaussianNegativeLogLikelihood(min_variance=min_variance)
