"""The weighted kappa loss against scikit-learn's kappa on sure predictions, and against loops on soft ones."""

import numpy as np
import pytest
from keras import ops
from scipy.special import softmax
from sklearn.metrics import cohen_kappa_score

from kerasplus.losses import WeightedKappa


@pytest.mark.parametrize("weights", ["linear", "quadratic"])
@pytest.mark.parametrize("classes", [2, 5])
def test_sure_predictions_give_one_minus_kappa(weights, classes):
    """Where all probability is on one class the loss is one minus scikit-learn's kappa."""
    rng = np.random.default_rng(classes)
    y, p = rng.integers(0, classes, 20), rng.integers(0, classes, 20)
    expected = 1 - cohen_kappa_score(y, p, weights=weights)
    loss = WeightedKappa(classes, weights)
    for targets in (y, y[:, None], y.astype("float32"), np.eye(classes)[y]):
        np.testing.assert_allclose(float(loss(targets, np.eye(classes)[p])), expected, rtol=1e-5)


@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_soft_predictions(weights):
    """Observed over expected disagreement, summed over all pairs of samples."""
    rng = np.random.default_rng(1)
    y, p = rng.integers(0, 4, 7), softmax(rng.normal(size=(7, 4)), axis=1)
    power = {"linear": 1, "quadratic": 2}[weights]
    costs = [[(abs(a - b) / 3) ** power for b in range(4)] for a in range(4)]
    observed = [sum(costs[y[i]][c] * p[i, c] for c in range(4)) for i in range(7)]
    expected = np.mean([[sum(costs[y[i]][c] * p[j, c] for c in range(4)) for j in range(7)] for i in range(7)])
    got = ops.convert_to_numpy(WeightedKappa(4, weights, reduction="none")(y, p))
    np.testing.assert_allclose(got, np.array(observed) / expected, rtol=1e-4)


def test_perfect_agreement_is_zero():
    """Every sample sure and right."""
    assert float(WeightedKappa(3)(np.array([0, 1, 2]), np.eye(3))) == 0


def test_one_class_is_zero(gradient):
    """A batch that expects no disagreement costs nothing and has no slope."""
    loss = WeightedKappa(3)
    p = np.eye(3)[[1, 1]]
    assert float(loss(np.array([1, 1]), p)) == 0
    np.testing.assert_array_equal(gradient(lambda x: loss(np.array([1, 1]), x), p), 0)


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    rng = np.random.default_rng(2)
    check_gradient(WeightedKappa(3), np.array([0, 2, 1, 1]), softmax(rng.normal(size=(4, 3)), axis=1))


def test_predictions_have_a_column_for_each_class():
    """Another number of columns is refused, and so are sequences."""
    for shape in ((4, 2), (4, 5, 3), (4,)):
        with pytest.raises(ValueError, match="'weighted_kappa' received"):
            WeightedKappa(3)(np.zeros(4, "int32"), np.zeros(shape))


@pytest.mark.parametrize("arguments", [{"num_classes": 1}, {"num_classes": 3, "weights": "cubic"}])
def test_bad_arguments(arguments):
    """Arguments out of range are named."""
    with pytest.raises(ValueError, match=f"`{list(arguments)[-1]}` must be"):
        WeightedKappa(**arguments)
