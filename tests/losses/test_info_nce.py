"""The InfoNCE loss against loops over samples."""

import math

import numpy as np
import pytest
from keras import ops

from kerasplus.losses import InfoNCE


def oracle(similarities, temperature, symmetric):
    exponentials = np.exp(similarities / temperature)
    values = []
    for i in range(len(similarities)):
        value = -math.log(exponentials[i, i] / sum(exponentials[i, j] for j in range(len(similarities))))
        if symmetric:
            value -= math.log(exponentials[i, i] / sum(exponentials[j, i] for j in range(len(similarities))))
            value /= 2
        values.append(value)
    return values


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0])
def test_similarities(symmetric, temperature):
    """Each sample has the value of the loop."""
    similarities = np.random.default_rng(0).uniform(-1, 1, (6, 6))
    got = ops.convert_to_numpy(InfoNCE(temperature, symmetric, reduction="none")(np.zeros(6), similarities))
    np.testing.assert_allclose(got, oracle(similarities, temperature, symmetric), rtol=1e-4)


def test_two_views():
    """Views are scaled to length one; targets may be any rows."""
    views = np.random.default_rng(1).normal(size=(5, 2, 3))
    first, second = (view / np.linalg.norm(view, axis=1, keepdims=True) for view in (views[:, 0], views[:, 1]))
    expected = oracle(first @ second.T, 0.1, True)
    for y_true in (np.zeros(5), np.zeros((5, 1)), np.zeros((5, 2, 3))):
        got = ops.convert_to_numpy(InfoNCE(reduction="none")(y_true, views))
        np.testing.assert_allclose(got, expected, rtol=1e-4)


def test_symmetric_does_not_mind_the_order_of_the_views():
    """Both views take the part of the anchor."""
    views = np.random.default_rng(2).normal(size=(5, 2, 3))
    one, other = (float(InfoNCE()(np.zeros(5), each)) for each in (views, views[:, ::-1]))
    np.testing.assert_allclose(one, other, rtol=1e-5)


def test_one_sample_is_zero(gradient):
    """A sample alone has nothing to be told from."""
    views = np.random.default_rng(3).normal(size=(1, 2, 3))
    np.testing.assert_allclose(float(InfoNCE()(np.zeros(1), views)), 0, atol=1e-6)
    np.testing.assert_allclose(gradient(lambda x: InfoNCE()(np.zeros(1), x), views), 0, atol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.3, 1e4])
def test_identical_views(value, gradient):
    """All similarities equal: the logarithm of the batch size, and a finite slope, at zero vectors too."""
    views = np.full((4, 2, 3), value)
    np.testing.assert_allclose(float(InfoNCE()(np.zeros(4), views)), math.log(4), rtol=1e-4)
    assert np.isfinite(gradient(lambda x: InfoNCE()(np.zeros(4), x), views)).all()


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    check_gradient(InfoNCE(0.5), np.zeros(3), np.random.default_rng(4).normal(size=(3, 3)))
    check_gradient(InfoNCE(0.5), np.zeros(3), np.random.default_rng(4).normal(size=(3, 2, 2)))


@pytest.mark.parametrize("shapes", [((4,), (4, 3)), ((4,), (4,)), ((3,), (4, 4)), ((4,), (4, 3, 5))])
def test_shapes_that_do_not_fit(shapes):
    """The matrix is square, or there are two views, and a target for each sample."""
    with pytest.raises(ValueError, match="'info_nce' received"):
        InfoNCE()(np.zeros(shapes[0]), np.zeros(shapes[1]))


@pytest.mark.parametrize("temperature", [0, -0.5, float("inf"), float("nan")])
def test_bad_temperature(temperature):
    """The temperature is positive and finite."""
    with pytest.raises(ValueError, match="`temperature` must be"):
        InfoNCE(temperature)
