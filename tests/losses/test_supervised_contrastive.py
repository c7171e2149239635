"""The supervised contrastive loss against loops over anchors and positives."""

import math

import numpy as np
import pytest
from keras import ops

from kerasplus.losses import SupervisedContrastive


def oracle(ids, embeddings, temperature):
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    rows = embeddings / np.where(lengths == 0, 1, lengths)
    values = []
    for a in range(len(ids)):
        others = [j for j in range(len(ids)) if j != a]
        total = sum(math.exp(rows[a] @ rows[j] / temperature) for j in others)
        terms = [math.log(math.exp(rows[a] @ rows[p] / temperature) / total) for p in others if ids[p] == ids[a]]
        if terms:
            values.append(-np.mean(terms))
    return np.mean(values) if values else 0.0


@pytest.mark.parametrize("classes", [1, 3, 9])
@pytest.mark.parametrize("temperature", [0.07, 1.0])
def test_values(classes, temperature):
    """The mean over the anchors that have a positive is that of the loop."""
    rng = np.random.default_rng(classes)
    ids, embeddings = rng.integers(0, classes, 12), rng.normal(size=(12, 3))
    embeddings[0] = 0
    got = float(SupervisedContrastive(temperature)(ids, embeddings))
    np.testing.assert_allclose(got, oracle(ids, embeddings, temperature), rtol=1e-4)


def test_anchors_without_a_positive_are_left_out():
    """Their value is 0, and the mean of all is the mean over the others."""
    ids, embeddings = np.array([1, 2, 1, 3]), np.random.default_rng(0).normal(size=(4, 2))
    values = ops.convert_to_numpy(SupervisedContrastive(reduction="none")(ids, embeddings))
    np.testing.assert_array_equal(values[[1, 3]], 0)
    np.testing.assert_allclose(values.mean(), oracle(ids, embeddings, 0.1), rtol=1e-4)


@pytest.mark.parametrize("ids", [[0], [0, 1, 2]])
def test_no_positive_is_zero(ids, gradient):
    """A single sample, or no two of a class: 0 with a slope of zero."""
    embeddings = np.random.default_rng(0).normal(size=(len(ids), 2))
    loss = SupervisedContrastive()
    assert float(loss(np.array(ids), embeddings)) == 0
    np.testing.assert_array_equal(gradient(lambda x: loss(np.array(ids), x), embeddings), 0)


@pytest.mark.parametrize("value", [0.0, 0.3, 1e4])
def test_identical_embeddings(value, gradient):
    """All similarities equal: the logarithm of the number of others, and a finite slope."""
    ids, embeddings = np.array([0, 0, 1, 1]), np.full((4, 3), value)
    np.testing.assert_allclose(float(SupervisedContrastive()(ids, embeddings)), math.log(3), rtol=1e-4)
    assert np.isfinite(gradient(lambda x: SupervisedContrastive()(ids, x), embeddings)).all()


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    check_gradient(SupervisedContrastive(0.5), np.array([0, 0, 1, 1, 2]), np.random.default_rng(3).normal(size=(5, 2)))


@pytest.mark.parametrize("temperature", [0, -0.5, float("inf"), float("nan")])
def test_bad_temperature(temperature):
    """The temperature is positive and finite."""
    with pytest.raises(ValueError, match="`temperature` must be"):
        SupervisedContrastive(temperature)
