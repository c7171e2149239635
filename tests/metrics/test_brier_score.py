"""Held against `brier_score_loss` of scikit-learn, and against squares of differences."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from kerasplus.metrics import BrierScore


def oracle(y, p, w):
    return np.average(((p - np.eye(4)[y.astype(int)]) ** 2).sum(1), weights=w)


def draw(seed):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(4), 30)
    return rng.integers(0, 4, 30), p, rng.integers(1, 9, 30) / 4


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("arguments", [{}])
@pytest.mark.parametrize("seed", range(3))
def test_values(run, arguments, weighted, seed):
    """Random values in four batches, weighted or not."""
    y, p, w = draw(seed)
    w = w if weighted else None
    got = run(BrierScore(**arguments), y, p, w, batches=4)
    np.testing.assert_allclose(
        got, oracle(np.float64(np.float32(y)), np.float64(np.float32(p)), w, **arguments), rtol=2e-6
    )


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(BrierScore().result()) == 0


@pytest.mark.parametrize("bad", [{"ignore_class": 1.5}])
def test_bad_arguments(bad):
    """Arguments out of range are refused."""
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must be"):
        BrierScore(**bad)


def test_labels_outside_the_classes():
    """A label that is no class is refused, unless it is named as ignored."""
    y, p, _ = draw(0)
    with pytest.raises(ValueError, match="must receive class ids from 0 to 3"):
        BrierScore().update_state(y - 1, p)
    BrierScore(ignore_class=-1).update_state(y - 1, p)


def test_one_hot_and_logits(run):
    """One-hot rows mean the same as ids, and logits the same as their softmax."""
    y, p, w = draw(1)
    expected = run(BrierScore(), y, p, w)
    np.testing.assert_allclose(run(BrierScore(), np.eye(4)[y], p, w), expected, rtol=1e-6)
    np.testing.assert_allclose(run(BrierScore(from_logits=True), y[:, None], np.log(p) + 3, w), expected, rtol=1e-5)


def test_binary(run):
    """A single column of probabilities gives the binary score of scikit-learn."""
    rng = np.random.default_rng(2)
    y, p = rng.integers(0, 2, 30), np.float32(rng.random(30))
    np.testing.assert_allclose(run(BrierScore(), y, p), brier_score_loss(y, p), rtol=1e-6)
