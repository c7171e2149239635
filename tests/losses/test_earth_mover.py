"""The earth mover's loss against SciPy's Wasserstein distance and against loops."""

import numpy as np
import pytest
from keras import ops
from scipy.stats import wasserstein_distance

from kerasplus.losses import EarthMover


def shares(rng, rows, classes):
    values = rng.gamma(1.0, size=(rows, classes))
    return values / values.sum(axis=1, keepdims=True)


def test_power_one_is_the_work_of_moving():
    """With power 1 it is the Wasserstein distance between class indices."""
    rng = np.random.default_rng(0)
    y, p = shares(rng, 6, 5), shares(rng, 6, 5)
    expected = [wasserstein_distance(range(5), range(5), a, b) for a, b in zip(y, p, strict=True)]
    got = ops.convert_to_numpy(EarthMover(1, reduction="none")(y, p))
    np.testing.assert_allclose(got, expected, rtol=1e-4)


@pytest.mark.parametrize("power", [1.5, 2, 3])
def test_other_powers(power):
    """Each cumulative difference to that power, summed in a loop."""
    rng = np.random.default_rng(1)
    y, p = shares(rng, 4, 3), shares(rng, 4, 3)
    expected = []
    for a, b in zip(y, p, strict=True):
        total, difference = 0.0, 0.0
        for target, probability in zip(a, b, strict=True):
            difference += probability - target
            total += abs(difference) ** power
        expected.append(total)
    got = ops.convert_to_numpy(EarthMover(power, reduction="none")(y, p))
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("dtype", ["int32", "uint8", "float32"])
def test_ids_are_one_hot_rows(dtype):
    """`(n,)` and `(n, 1)` ids of any dtype are the one-hot rows."""
    rng = np.random.default_rng(2)
    ids, p = np.array([0, 2, 1, 2]), shares(rng, 4, 3)
    rows = float(EarthMover()(np.eye(3)[ids], p))
    assert float(EarthMover()(ids.astype(dtype), p)) == rows
    assert float(EarthMover()(ids[:, None].astype(dtype), p)) == rows


def test_farther_costs_more():
    """What classification losses do not see: the neighbour is better than the far end."""
    loss = EarthMover(reduction="none")
    near, far = ops.convert_to_numpy(loss(np.array([0, 0]), np.eye(3)[[1, 2]]))
    assert (near, far) == (1, 2)


@pytest.mark.parametrize("power", [1, 1.5, 2])
def test_perfect_prediction(power, gradient):
    """0 with a finite slope."""
    y = np.eye(3)
    assert float(EarthMover(power)(y, y)) == 0
    assert np.isfinite(gradient(lambda x: EarthMover(power)(y, x), y)).all()


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    rng = np.random.default_rng(3)
    check_gradient(EarthMover(), np.array([0, 2]), shares(rng, 2, 3))
    check_gradient(EarthMover(1.5), shares(rng, 2, 3), shares(rng, 2, 3))


@pytest.mark.parametrize("power", [0.5, 0, float("inf"), float("nan")])
def test_bad_power(power):
    """The power is 1 or more."""
    with pytest.raises(ValueError, match="`power` must be"):
        EarthMover(power)
