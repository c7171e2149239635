"""The sparsemax loss against the maximum that defines it, found by SciPy's optimizer."""

import numpy as np
from keras import ops
from scipy.optimize import minimize
from scipy.special import softmax

from kerasplus.losses import Sparsemax


def projected(z):
    """The nearest point of the simplex, by bisection on the threshold."""
    low, high = z.min() - 1, z.max()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(z - middle, 0).sum() > 1 else (low, middle)
    return np.maximum(z - low, 0)


def oracle(q, z):
    """The Fenchel-Young form: the conjugate at z, which is a maximum over the simplex, less its tangent."""
    p = projected(z)
    return p @ z - p @ p / 2 + q @ q / 2 - q @ z


def test_values():
    """Ids, one-hot rows and soft targets give the loss of the definition."""
    rng = np.random.default_rng(0)
    ids, z = rng.integers(0, 4, 8), 2 * rng.normal(size=(8, 4))
    soft = softmax(rng.normal(size=(8, 4)), axis=1)
    loss = Sparsemax(reduction="none")
    for targets, rows in ((ids, np.eye(4)[ids]), (ids[:, None], np.eye(4)[ids]), (soft, soft)):
        expected = [oracle(q, row) for q, row in zip(rows, z, strict=True)]
        np.testing.assert_allclose(ops.convert_to_numpy(loss(targets, z)), expected, rtol=1e-4, atol=1e-5)


def test_the_conjugate_is_a_maximum():
    """No point of the simplex gives more than the one of the oracle, says a general optimizer."""
    z = np.array([0.3, -0.2, 0.9])
    found = minimize(
        lambda p: -(p @ z - p @ p / 2),
        np.full(3, 1 / 3),
        bounds=[(0, 1)] * 3,
        constraints={"type": "eq", "fun": lambda p: p.sum() - 1},
    )
    value = float(Sparsemax()(np.array([0]), z[None]))
    np.testing.assert_allclose(value, -found.fun + 0.5 - z[0], rtol=1e-4)


def test_zero_from_a_margin_of_one_on(gradient):
    """A class that leads by 1 or more costs exactly nothing and pulls no more."""
    z = np.array([[2.0, 1.0, -5.0], [1e4, -1e4, 0.0]])
    assert float(Sparsemax()(np.array([0, 0]), z)) == 0
    np.testing.assert_array_equal(gradient(lambda x: Sparsemax()(np.array([0, 0]), x), z), 0)


def test_a_shift_of_the_logits_changes_nothing():
    """Only differences of logits count, also far from zero."""
    z = np.array([[0.5, 0.25, -0.5]])
    near, far = (float(Sparsemax()(np.array([1]), z + shift)) for shift in (0.0, 1024.0))
    np.testing.assert_allclose(near, far, rtol=1e-4)


def test_probabilities_are_their_logarithms():
    """Softmax probabilities give what their logits give."""
    rng = np.random.default_rng(1)
    ids, z = rng.integers(0, 3, 5), rng.normal(size=(5, 3))
    from_logits, bare = float(Sparsemax()(ids, z)), float(Sparsemax(from_logits=False)(ids, softmax(z, axis=1)))
    np.testing.assert_allclose(from_logits, bare, rtol=1e-4)


def test_saturated_logits_are_finite(gradient):
    """Sure and wrong costs the difference of the logits."""
    z = np.array([[1e4, -1e4]])
    np.testing.assert_allclose(float(Sparsemax()(np.array([1]), z)), 2e4, rtol=1e-5)
    np.testing.assert_array_equal(gradient(lambda x: Sparsemax()(np.array([1]), x), z), [[1, -1]])


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    rng = np.random.default_rng(2)
    check_gradient(Sparsemax(), np.array([0, 2, 1]), rng.normal(size=(3, 3)))
