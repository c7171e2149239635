"""Held against `cohen_kappa_score` of scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as sklearn

from kerasplus.metrics import CohenKappa


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("arguments", "oracle"),
    [
        ({"weights": None}, lambda y, p, w: sklearn.cohen_kappa_score(y, p, weights=None, sample_weight=w)),
        ({"weights": "linear"}, lambda y, p, w: sklearn.cohen_kappa_score(y, p, weights="linear", sample_weight=w)),
        (
            {"weights": "quadratic"},
            lambda y, p, w: sklearn.cohen_kappa_score(y, p, weights="quadratic", sample_weight=w),
        ),
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_values(run, scores, arguments, oracle, weighted, seed):
    """Random samples in three batches, weighted or not, with a class that never occurs."""
    y, s, w = scores(seed=seed, last_is_absent=seed % 2 == 1)
    w = w if weighted else None
    got = run(CohenKappa(**arguments), y, s, w, batches=3)
    np.testing.assert_allclose(got, oracle(y, s.argmax(1), w), rtol=1e-6, atol=1e-7)


def test_perfect(run, scores):
    """Predictions that are all right give 1."""
    y, _, _ = scores()
    np.testing.assert_allclose(run(CohenKappa(), y, np.eye(4)[y]), 1.0, rtol=1e-6)


def test_one_class(run):
    """With a single class in targets and predictions the result is 0."""
    assert run(CohenKappa(), np.ones(5, int), np.eye(3)[np.ones(5, int)]) == 0


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(CohenKappa().result()) == 0


def test_exact_far_out(run, scores):
    """A billion samples, entered through the weights, are right to 1e-6."""
    y, s, _ = scores()
    w = np.full(50, 2.0**25)
    np.testing.assert_allclose(run(CohenKappa(), y, s, w, batches=2), run(CohenKappa(), y, s), rtol=1e-6)


def test_labels_outside_the_classes(scores):
    """A label that is no class is refused; one that is named as ignored is left out."""
    y, s, _ = scores()
    with pytest.raises(ValueError, match="must receive class ids from 0 to 3"):
        CohenKappa().update_state(y - 1, s)
    CohenKappa(ignore_class=-1).update_state(y - 1, s)


@pytest.mark.parametrize("bad", [{"weights": "cubic"}])
def test_bad_arguments(bad):
    """Arguments out of range are refused at construction."""
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must be"):
        CohenKappa(**bad)
