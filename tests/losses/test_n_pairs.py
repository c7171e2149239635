"""The N-pairs loss against SciPy's log-softmax, summed in loops."""

import numpy as np
import pytest
from keras import ops
from scipy.special import log_softmax

from kerasplus.losses import NPairs


def oracle(ids, similarities):
    values = []
    for i, row in enumerate(log_softmax(similarities, axis=1)):
        same = [j for j in range(len(ids)) if ids[j] == ids[i]]
        values.append(-sum(row[j] for j in same) / len(same))
    return values


@pytest.mark.parametrize("classes", [1, 3, 50])
def test_values(classes):
    """Each anchor has the cross-entropy with equal shares for its class."""
    rng = np.random.default_rng(0)
    ids, similarities = rng.integers(0, classes, 8), 3 * rng.normal(size=(8, 8))
    for labels in (ids, ids[:, None], ids.astype("float32")):
        got = ops.convert_to_numpy(NPairs(reduction="none")(labels, similarities))
        np.testing.assert_allclose(got, oracle(ids, similarities), rtol=1e-5)


def test_two_views():
    """Stacked anchors and positives give the matrix of their inner products."""
    rng = np.random.default_rng(1)
    ids, views = rng.integers(0, 3, 6), rng.normal(size=(6, 2, 4))
    got = ops.convert_to_numpy(NPairs(reduction="none")(ids, views))
    np.testing.assert_allclose(got, oracle(ids, views[:, 0] @ views[:, 1].T), rtol=1e-4)


def test_one_sample_is_zero(gradient):
    """A sample alone has nothing to be told from."""
    assert float(NPairs()(np.array([3]), np.array([[0.7]]))) == 0
    assert gradient(lambda x: NPairs()(np.array([3]), x), np.array([[0.7]])) == 0


def test_saturated_similarities_are_finite(gradient):
    """Similarities of 1e4 either way overflow nothing."""
    similarities = np.array([[1e4, -1e4], [1e4, -1e4]])
    np.testing.assert_allclose(float(NPairs()(np.array([0, 1]), similarities)), 1e4)
    assert np.isfinite(gradient(lambda x: NPairs()(np.array([0, 1]), x), similarities)).all()


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    check_gradient(NPairs(), np.array([0, 0, 1]), np.random.default_rng(2).normal(size=(3, 3)))


@pytest.mark.parametrize("shapes", [((4,), (4, 3)), ((4,), (4,)), ((3,), (4, 4)), ((4, 4), (4, 4)), ((4,), (4, 3, 5))])
def test_shapes_that_do_not_fit(shapes):
    """The matrix is square, there are two views, and one label for each anchor."""
    with pytest.raises(ValueError, match="'n_pairs' received"):
        NPairs()(np.zeros(shapes[0], "int32"), np.zeros(shapes[1]))
