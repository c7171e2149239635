"""The lifted structured loss against loops over pairs."""

import math

import numpy as np
import pytest
from keras import ops
from scipy.spatial.distance import cdist

from kerasplus.losses import LiftedStructured


def oracle(ids, embeddings, margin):
    """Half of the mean over unordered positive pairs, as in the paper."""
    distances = cdist(embeddings, embeddings)
    terms = []
    for i in range(len(ids)):
        for j in range(i + 1, len(ids)):
            if ids[i] != ids[j]:
                continue
            total = sum(math.exp(margin - distances[i, k]) for k in range(len(ids)) if ids[k] != ids[i])
            total += sum(math.exp(margin - distances[j, k]) for k in range(len(ids)) if ids[k] != ids[j])
            if total:
                terms.append(max(math.log(total) + distances[i, j], 0) ** 2)
    return np.mean(terms) / 2 if terms else 0.0


@pytest.mark.parametrize("classes", [2, 4, 9])
@pytest.mark.parametrize("margin", [0.0, 1.0, 2.5])
def test_values(classes, margin):
    """The mean over pairs is that of the loop."""
    rng = np.random.default_rng(classes)
    ids, embeddings = rng.integers(0, classes, 12), rng.normal(size=(12, 3))
    got = float(LiftedStructured(margin)(ids, embeddings))
    np.testing.assert_allclose(got, oracle(ids, embeddings, margin), rtol=1e-4)


def test_one_value_for_each_anchor():
    """A sample without a positive has the value 0."""
    values = ops.convert_to_numpy(
        LiftedStructured(reduction="none")(np.array([1, 2, 1]), np.array([[0.0], [1.0], [2.0]]))
    )
    assert values.shape == (3,)
    assert values[1] == 0
    assert values[0] == values[2] > 0


@pytest.mark.parametrize("ids", [[0], [0, 1, 2], [4, 4, 4]])
def test_no_pair_or_no_negative_is_zero(ids, gradient):
    """A single sample, no positive pair, no negative: 0 with a slope of zero."""
    embeddings = np.random.default_rng(0).normal(size=(len(ids), 2))
    loss = LiftedStructured()
    assert float(loss(np.array(ids), embeddings)) == 0
    np.testing.assert_array_equal(gradient(lambda x: loss(np.array(ids), x), embeddings), 0)


def test_extremes_are_finite(gradient):
    """Identical embeddings and far ones: value and slope are finite."""
    ids = np.array([0, 0, 1, 1])
    for embeddings in (np.zeros((4, 3)), np.full((4, 3), 0.3), 1e4 * np.eye(4)):
        assert np.isfinite(float(LiftedStructured()(ids, embeddings)))
        assert np.isfinite(gradient(lambda x: LiftedStructured()(ids, x), embeddings)).all()


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    check_gradient(LiftedStructured(), np.array([0, 0, 1, 1, 2]), np.random.default_rng(3).normal(size=(5, 2)))


@pytest.mark.parametrize("margin", [-0.5, float("inf"), float("nan")])
def test_bad_margin(margin):
    """The margin is finite, 0 or more."""
    with pytest.raises(ValueError, match="`margin` must be"):
        LiftedStructured(margin)
