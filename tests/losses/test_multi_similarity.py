"""The multi-similarity loss against loops over mined pairs."""

import math

import numpy as np
import pytest

from kerasplus.losses import MultiSimilarity


def oracle(ids, embeddings, alpha=2.0, beta=50.0, base=0.5, epsilon=0.1):
    rows = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    total = 0.0
    for a in range(len(ids)):
        positives = [rows[a] @ rows[j] for j in range(len(ids)) if j != a and ids[j] == ids[a]]
        negatives = [rows[a] @ rows[j] for j in range(len(ids)) if ids[j] != ids[a]]
        if not positives or not negatives:
            continue
        kept = [s for s in positives if s < max(negatives) + epsilon]
        total += math.log(1 + sum(math.exp(-alpha * (s - base)) for s in kept)) / alpha
        kept = [s for s in negatives if s > min(positives) - epsilon]
        total += math.log(1 + sum(math.exp(beta * (s - base)) for s in kept)) / beta
    return total / len(ids)


@pytest.mark.parametrize("classes", [2, 4, 9])
@pytest.mark.parametrize("arguments", [(), (1.0, 10.0, 0.2, 0.5), (5.0, 2.0, -0.5, -0.1)])
def test_values(classes, arguments):
    """The mean over anchors is that of the loop."""
    rng = np.random.default_rng(classes)
    ids, embeddings = rng.integers(0, classes, 12), rng.normal(size=(12, 3))
    got = float(MultiSimilarity(*arguments)(ids, embeddings))
    np.testing.assert_allclose(got, oracle(ids, embeddings, *arguments), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("ids", [[0], [0, 1, 2], [4, 4, 4]])
def test_no_pair_is_zero(ids, gradient):
    """A single sample, no positive, no negative: 0 with a slope of zero."""
    embeddings = np.random.default_rng(0).normal(size=(len(ids), 2))
    loss = MultiSimilarity()
    assert float(loss(np.array(ids), embeddings)) == 0
    np.testing.assert_array_equal(gradient(lambda x: loss(np.array(ids), x), embeddings), 0)


@pytest.mark.parametrize("value", [0.0, 0.3, 1e4])
def test_identical_embeddings_have_a_finite_slope(value, gradient):
    """Where all similarities are equal, value and slope are finite."""
    ids, embeddings = np.array([0, 0, 1, 1]), np.full((4, 3), value)
    assert np.isfinite(float(MultiSimilarity()(ids, embeddings)))
    assert np.isfinite(gradient(lambda x: MultiSimilarity()(ids, x), embeddings)).all()


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    check_gradient(MultiSimilarity(beta=5.0), np.array([0, 0, 1, 1, 2]), np.random.default_rng(3).normal(size=(5, 2)))


@pytest.mark.parametrize("argument", ["alpha", "beta", "base", "epsilon"])
def test_bad_arguments(argument):
    """Arguments that are not finite are named."""
    with pytest.raises(ValueError, match=f"`{argument}` must be"):
        MultiSimilarity(**{argument: float("nan")})
