"""Held against `multilabel_confusion_matrix` of scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import multilabel_confusion_matrix

from kerasplus.metrics import MultilabelConfusionMatrix

CELLS = ["true_negatives", "false_positives", "false_negatives", "true_positives"]


def draw(seed, samples=40):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, (samples, 3)), rng.integers(0, 17, (samples, 3)) / 16, rng.integers(1, 9, samples) / 4


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("threshold", [0.5, 0.25])
@pytest.mark.parametrize("seed", range(2))
def test_values(run, threshold, weighted, seed):
    """Every cell of every label by name, weighted or not, at any threshold."""
    y, p, w = draw(seed)
    w = w if weighted else None
    metric = MultilabelConfusionMatrix(threshold=threshold)
    got = run(metric, y, p, w, batches=4)
    expected = multilabel_confusion_matrix(y, p > threshold, sample_weight=w)
    assert list(got) == [f"multilabel_confusion_matrix_{label}_{cell}" for label in range(3) for cell in CELLS]
    np.testing.assert_allclose(list(got.values()), expected.ravel(), rtol=1e-6)
    np.testing.assert_allclose(np.asarray(metric.matrix()), expected, rtol=1e-6)


@pytest.mark.parametrize(("normalize", "axis"), [("true", 2), ("pred", 1), ("all", (1, 2))])
def test_normalized(run, normalize, axis):
    """Shares of rows, of columns, and of everything; what has no samples is 0."""
    y, p, w = draw(3)
    p[:, 0], y[:, 1] = 1, 0
    counts = multilabel_confusion_matrix(y, p > 0.5, sample_weight=w)
    expected = counts / np.maximum(counts.sum(axis=axis, keepdims=True), 1e-30)
    got = run(MultilabelConfusionMatrix(normalize=normalize), y, p, w, batches=3)
    np.testing.assert_allclose(list(got.values()), expected.ravel(), rtol=1e-6)


def test_masked_steps(run, masked):
    """Steps that are masked count in no cell, and sample weights weigh all steps of their sample."""
    y, p, _ = draw(4, 12)
    y, p, w = y.reshape(3, 4, 3), p.reshape(3, 4, 3).astype("float32"), np.array([1.0, 2.0, 0.5])
    mask = np.arange(4) < np.array([[4], [2], [1]])
    got = run(MultilabelConfusionMatrix(), y, p, np.broadcast_to(w[:, None], mask.shape) * mask)
    metric = MultilabelConfusionMatrix()
    metric.update_state(y, masked(p, mask), w)
    each = np.broadcast_to(w[:, None], mask.shape)[mask]
    expected = multilabel_confusion_matrix(y[mask], p[mask] > 0.5, sample_weight=each)
    np.testing.assert_allclose(list(got.values()), expected.ravel(), rtol=1e-6)
    np.testing.assert_allclose(np.asarray(metric.matrix()), expected, rtol=1e-6)


def test_before_the_first_batch(number):
    """The matrix is not known yet; the named cells of one label are 0."""
    metric = MultilabelConfusionMatrix()
    assert set(number(metric.result()).values()) == {0}
    with pytest.raises(ValueError, match="has seen no batch"):
        metric.matrix()


@pytest.mark.parametrize("bad", [{"threshold": float("nan")}, {"normalize": "rows"}])
def test_bad_arguments(bad):
    """Arguments out of range are refused."""
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must be"):
        MultilabelConfusionMatrix(**bad)
