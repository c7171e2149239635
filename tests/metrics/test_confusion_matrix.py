"""Held against `confusion_matrix` of scikit-learn."""

import numpy as np
import pytest
from keras import ops
from sklearn.metrics import confusion_matrix

from kerasplus.metrics import ConfusionMatrix


@pytest.mark.parametrize("normalize", [None, "true", "pred", "all"])
@pytest.mark.parametrize("weighted", [False, True])
def test_cells(run, scores, normalize, weighted):
    """Every cell by name, and the matrix, weighted or not."""
    y, s, w = scores()
    w = w if weighted else None
    metric = ConfusionMatrix(normalize=normalize)
    got = run(metric, y, s, w, batches=3)
    expected = confusion_matrix(y, s.argmax(1), normalize=normalize, sample_weight=w)
    assert list(got) == [f"confusion_matrix_{t}_{p}" for t in range(4) for p in range(4)]
    np.testing.assert_allclose(list(got.values()), expected.ravel(), rtol=1e-6)
    np.testing.assert_allclose(ops.convert_to_numpy(metric.matrix()), expected, rtol=1e-6)


@pytest.mark.parametrize("classes", [100, 101, 300])
def test_many_classes(classes):
    """Dense counts and sums per segment agree on both sides of the border between them."""
    rng = np.random.default_rng(0)
    y, s = rng.integers(0, classes, 500), rng.normal(size=(500, classes))
    metric = ConfusionMatrix()
    metric.update_state(y, s)
    expected = confusion_matrix(y, s.argmax(1), labels=range(classes))
    np.testing.assert_array_equal(ops.convert_to_numpy(metric.matrix()), expected)


def test_before_the_first_batch():
    """The number of classes is not known before a batch, and the error says so."""
    with pytest.raises(ValueError, match="has seen no batch yet"):
        ConfusionMatrix().matrix()


def test_bad_normalize():
    """An unknown way to normalize is refused."""
    with pytest.raises(ValueError, match="`normalize` must be"):
        ConfusionMatrix(normalize="rows")
