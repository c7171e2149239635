"""Held against the product of the recalls that scikit-learn gives."""

import numpy as np
import pytest
from sklearn import metrics as sklearn

from kerasplus.metrics import GeometricMeanScore


def geometric(y, p, w, correction):
    recalls = sklearn.recall_score(y, p, average=None, sample_weight=w, labels=sorted(set(y)), zero_division=0)
    return np.prod(np.where(recalls == 0, correction, recalls)) ** (1 / len(recalls))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("arguments", "oracle"),
    [
        ({}, lambda y, p, w: geometric(y, p, w, 0.0)),
        ({"correction": 0.001}, lambda y, p, w: geometric(y, p, w, 0.001)),
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_values(run, scores, arguments, oracle, weighted, seed):
    """Random samples in three batches, weighted or not, with a class that never occurs."""
    y, s, w = scores(seed=seed, last_is_absent=seed % 2 == 1)
    w = w if weighted else None
    got = run(GeometricMeanScore(**arguments), y, s, w, batches=3)
    np.testing.assert_allclose(got, oracle(y, s.argmax(1), w), rtol=1e-6, atol=1e-7)


def test_perfect(run, scores):
    """Predictions that are all right give 1."""
    y, _, _ = scores()
    np.testing.assert_allclose(run(GeometricMeanScore(), y, np.eye(4)[y]), 1.0, rtol=1e-6)


def test_one_class(run):
    """With a single class in targets and predictions the result is 1."""
    assert run(GeometricMeanScore(), np.ones(5, int), np.eye(3)[np.ones(5, int)]) == 1


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(GeometricMeanScore().result()) == 0


def test_exact_far_out(run, scores):
    """A billion samples, entered through the weights, are right to 1e-6."""
    y, s, _ = scores()
    w = np.full(50, 2.0**25)
    np.testing.assert_allclose(
        run(GeometricMeanScore(), y, s, w, batches=2), run(GeometricMeanScore(), y, s), rtol=1e-6
    )


def test_labels_outside_the_classes(scores):
    """A label that is no class is refused; one that is named as ignored is left out."""
    y, s, _ = scores()
    with pytest.raises(ValueError, match="must receive class ids from 0 to 3"):
        GeometricMeanScore().update_state(y - 1, s)
    GeometricMeanScore(ignore_class=-1).update_state(y - 1, s)


@pytest.mark.parametrize("bad", [{"correction": -1}, {"correction": 2.0}])
def test_bad_arguments(bad):
    """Arguments out of range are refused at construction."""
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must be"):
        GeometricMeanScore(**bad)


def test_a_class_that_is_never_found(run):
    """One recall of 0 makes the mean 0, unless a correction stands in for it."""
    y, p = np.array([0, 0, 1]), np.eye(2)[[0, 0, 0]]
    assert run(GeometricMeanScore(), y, p) == 0
    np.testing.assert_allclose(run(GeometricMeanScore(correction=0.25), y, p), 0.5, rtol=1e-6)
