"""Held against `f1_score` of scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from kerasplus.metrics import MulticlassF1


def oracle(y_true, y_pred, average, weights=None):
    return f1_score(y_true, y_pred, average=average, sample_weight=weights, zero_division=0)


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_averages(run, scores, average, weighted, seed):
    """Every average, weighted or not, with a class that never occurs, in three batches."""
    y, s, w = scores(seed=seed, last_is_absent=seed % 2 == 1)
    w = w if weighted else None
    expected = oracle(y, s.argmax(1), average, w)
    np.testing.assert_allclose(run(MulticlassF1(average=average), y, s, w, batches=3), expected, rtol=1e-6)


@pytest.mark.parametrize("form", [lambda y: y[:, None], lambda y: np.eye(4)[y], lambda y: y.astype("uint8")])
def test_forms_of_labels(run, scores, form):
    """Ids of shape (N, 1), one-hot rows and small integers mean the same."""
    y, s, _ = scores()
    np.testing.assert_allclose(run(MulticlassF1(), form(y), s), oracle(y, s.argmax(1), "macro"), rtol=1e-6)


def test_every_class_by_name(run, scores):
    """Without an average each class has its own named scalar."""
    y, s, _ = scores()
    got = run(MulticlassF1(average=None), y, s)
    assert list(got) == [f"multiclass_f1_{c}" for c in range(4)]
    np.testing.assert_allclose(list(got.values()), oracle(y, s.argmax(1), None), rtol=1e-6)


def test_single_column(run):
    """One column of scores is two classes, split at the threshold."""
    y, s = np.array([0, 1, 1, 0, 1]), np.array([0.1, 0.3, 0.9, 0.8, 0.6])
    got = run(MulticlassF1(threshold=0.7), y, s)
    np.testing.assert_allclose(got, oracle(y, (s > 0.7).astype(int), "macro"), rtol=1e-6)


def test_ignored_class(run, scores):
    """Samples of an ignored class are left out, and it has no value of its own."""
    y, s, _ = scores()
    padded = np.where(np.arange(50) % 5 == 0, -1, y)
    kept = padded >= 0
    got = run(MulticlassF1(ignore_class=-1), padded, s)
    np.testing.assert_allclose(got, oracle(y[kept], s[kept].argmax(1), "macro"), rtol=1e-6)
    assert "multiclass_f1_1" not in run(MulticlassF1(average=None, ignore_class=1), y, s)


def test_absent_class_as_zero(run, scores):
    """A class that never occurs is skipped, or counts as 0 on request."""
    y, s, _ = scores(last_is_absent=True)
    np.testing.assert_allclose(4 * run(MulticlassF1(absent="zero"), y, s), 3 * run(MulticlassF1(), y, s), rtol=1e-6)


def test_labels_outside_the_classes(scores):
    """A label that is no class is refused."""
    y, s, _ = scores()
    with pytest.raises(ValueError, match="must receive class ids from 0 to 3"):
        MulticlassF1().update_state(y + 1, s)


@pytest.mark.parametrize(
    "bad", [{"average": "binary"}, {"absent": "nan"}, {"num_classes": 1}, {"ignore_class": 0.5}, {"threshold": "a"}]
)
def test_bad_arguments(bad):
    """Arguments out of range are refused at construction."""
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must be"):
        MulticlassF1(**bad)


def test_too_few_classes(scores):
    """Predictions with more columns than classes are refused."""
    y, s, _ = scores()
    with pytest.raises(ValueError, match="must have `num_classes` of 4 or more"):
        MulticlassF1(num_classes=3).update_state(y, s)
