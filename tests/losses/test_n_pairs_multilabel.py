"""The multi-label N-pairs loss against loops over shared labels."""

import numpy as np
import pytest
from keras import ops
from scipy.special import log_softmax

from kerasplus.losses import NPairs, NPairsMultilabel


def oracle(labels, similarities):
    values = []
    for i, row in enumerate(log_softmax(similarities, axis=1)):
        shared = [sum(a and b for a, b in zip(labels[i], other, strict=True)) for other in labels]
        total = sum(shared)
        values.append(-sum(c / total * s for c, s in zip(shared, row, strict=True)) if total else 0.0)
    return values


@pytest.mark.parametrize("dtype", ["int32", "float32", "bool"])
def test_values(dtype):
    """Each anchor has the cross-entropy with shares by the labels in common; one without labels has 0."""
    rng = np.random.default_rng(0)
    labels, similarities = rng.integers(0, 2, (7, 4)), rng.normal(size=(7, 7))
    labels[2] = 0
    got = ops.convert_to_numpy(NPairsMultilabel(reduction="none")(labels.astype(dtype), similarities))
    np.testing.assert_allclose(got, oracle(labels, similarities), rtol=1e-5, atol=1e-6)


def test_one_label_each_is_n_pairs():
    """One-hot labels give the loss of single labels."""
    rng = np.random.default_rng(1)
    ids, views = rng.integers(0, 3, 6), rng.normal(size=(6, 2, 4))
    np.testing.assert_allclose(float(NPairsMultilabel()(np.eye(3)[ids], views)), float(NPairs()(ids, views)), rtol=1e-5)


def test_no_labels_at_all_is_zero(gradient):
    """Rows of zeros name no positive: 0 with a slope of zero."""
    similarities = np.random.default_rng(2).normal(size=(3, 3))
    assert float(NPairsMultilabel()(np.zeros((3, 2)), similarities)) == 0
    np.testing.assert_array_equal(gradient(lambda x: NPairsMultilabel()(np.zeros((3, 2)), x), similarities), 0)


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    labels = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 0]])
    check_gradient(NPairsMultilabel(), labels, np.random.default_rng(3).normal(size=(3, 3)))


@pytest.mark.parametrize("shapes", [((4,), (4, 4)), ((3, 2), (4, 4)), ((4, 2), (4, 3)), ((4, 2, 2), (4, 4))])
def test_shapes_that_do_not_fit(shapes):
    """There is a row of labels for each anchor."""
    with pytest.raises(ValueError, match="'n_pairs_multilabel' received"):
        NPairsMultilabel()(np.zeros(shapes[0]), np.zeros(shapes[1]))
