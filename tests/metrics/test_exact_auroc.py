"""Held against scikit-learn's `roc_auc_score`, and against all pairs."""

import numpy as np
import pytest
from keras import ops
from sklearn.metrics import roc_auc_score

from kerasplus.metrics import ExactAUROC


def binary(samples=80, seed=0, steps=12):
    """Targets, scores with many ties, and weights, some of them zero."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, samples)
    p = (rng.integers(0, steps, samples) + y) / 16
    return y, p.astype("float32"), rng.integers(0, 9, samples) / 4


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("steps", [2, 12, 10_000])
@pytest.mark.parametrize("weighted", [False, True])
def test_binary(run, seed, steps, weighted):
    """Few and many ties, weighted or not, in seven batches."""
    y, p, w = binary(seed=seed, steps=steps)
    w = w if weighted else None
    np.testing.assert_allclose(run(ExactAUROC(), y, p, w, 7), roc_auc_score(y, p, sample_weight=w), rtol=1e-6)


def test_all_pairs(run):
    """By the definition: the share of pairs in order, ties one half."""
    y, p, w = binary()
    difference = np.sign(p[:, None] - p[None])[y == 1][:, y == 0]
    pairs = np.outer(w[y == 1], w[y == 0])
    np.testing.assert_allclose(
        run(ExactAUROC(), y, p, w), (pairs * (difference + 1) / 2).sum() / pairs.sum(), rtol=1e-6
    )


@pytest.mark.parametrize("average", ["macro", "weighted", "micro"])
@pytest.mark.parametrize("weighted", [False, True])
def test_several_labels(run, scores, average, weighted):
    """Each label is a problem of its own; class ids are labels of which one is set."""
    rng = np.random.default_rng(1)
    labels, p, w = scores(60)
    y = rng.integers(0, 2, p.shape)
    w = w if weighted else None
    metric = ExactAUROC(average=average)
    np.testing.assert_allclose(
        run(metric, y, p, w, 4), roc_auc_score(y, p, average=average, sample_weight=w), rtol=1e-6
    )
    metric.reset_state()
    expected = roc_auc_score(np.eye(4)[labels], p, average=average, sample_weight=w)
    np.testing.assert_allclose(run(metric, labels, p, w, 4), expected, rtol=1e-6)
    metric.reset_state()
    np.testing.assert_allclose(run(metric, labels[:, None], p, w, 4), expected, rtol=1e-6)


def test_each_class(run, scores):
    """A dict of columns; one that is never a target has no value, and an average leaves it out."""
    labels, p, w = scores(last_is_absent=True)
    got = run(ExactAUROC(average=None), labels, p, w, 3)
    expected = roc_auc_score(np.eye(4)[labels][:, :3], p[:, :3], average=None, sample_weight=w)
    assert list(got) == [f"exact_auroc_{column}" for column in range(4)]
    np.testing.assert_allclose(list(got.values()), [*expected, np.nan], rtol=1e-6)
    np.testing.assert_allclose(run(ExactAUROC(), labels, p, w, 3), expected.mean(), rtol=1e-6)


def test_scores_that_are_packed(run):
    """Scores within 2e-4 of each other, which 200 bins do not tell apart, as scores and as logits."""
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 5000)
    p = (0.9999 + 2e-4 * (rng.random(5000) + 0.3 * y - 0.5)).astype("float32")
    np.testing.assert_allclose(run(ExactAUROC(), y, p, None, 10), roc_auc_score(y, p), rtol=1e-6)
    np.testing.assert_allclose(run(ExactAUROC(), y, 1e4 * (p - 1)), roc_auc_score(y, p), rtol=1e-4)


@pytest.mark.parametrize("target", [0, 1])
def test_one_class_only_has_no_value(run, number, target):
    """All negative, all positive, nothing seen, and everything of the other class weighing nothing."""
    assert np.isnan(number(ExactAUROC().result()))
    assert np.isnan(run(ExactAUROC(), np.full(3, target), np.arange(3.0)))
    assert np.isnan(run(ExactAUROC(), np.array([target, 1 - target]), np.arange(2.0), np.array([1.0, 0.0])))


def test_infinite_scores_are_ranked(run):
    """Infinity is above all others, and one NaN spoils the result."""
    y = np.array([0, 1, 0, 1])
    assert run(ExactAUROC(), y, np.array([-np.inf, 0.0, 1.0, np.inf])) == 0.75
    assert np.isnan(run(ExactAUROC(), y, np.array([0.0, 0.0, np.nan, 1.0])))


def test_no_more_than_capacity(run):
    """One sample too many is NaN."""
    y, p, _ = binary(20)
    assert np.isfinite(run(ExactAUROC(capacity=20), y, p, None, 3))
    assert np.isnan(run(ExactAUROC(capacity=19), y, p, None, 3))


def test_targets_outside_the_classes(scores):
    """They raise where they can be looked at, unless they weigh nothing; elsewhere the result is NaN."""
    labels, p, w = scores()
    labels[3] = 4
    with pytest.raises(ValueError, match="class ids from 0 to 3"):
        ExactAUROC().update_state(labels, p)
    w[3] = 0
    ExactAUROC().update_state(labels, p, w)


def test_shapes_that_do_not_fit():
    """Three labels do not fit two columns."""
    with pytest.raises(ValueError, match="do not fit"):
        ExactAUROC().update_state(np.zeros((4, 3)), np.zeros((4, 2)))


def test_other_dtypes(run):
    """Scores in float64 are told apart where float32 does not."""
    y, p = np.array([0, 1]), np.array([0.5, 0.5 + 1e-12])
    assert run(ExactAUROC(), y, p) == 0.5
    if "float64" in str(ops.convert_to_tensor(np.zeros(1)).dtype):
        assert run(ExactAUROC(dtype="float64"), y, p) == 1


@pytest.mark.parametrize("average", ["mean", 1, "samples"])
def test_bad_average(average):
    """An unknown average is refused."""
    with pytest.raises(ValueError, match="`average` must be"):
        ExactAUROC(average=average)
