"""Held against `hamming_loss` of scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import hamming_loss

from kerasplus.metrics import HammingDistance


def oracle(y, p, w, threshold=0.5):
    return hamming_loss(y.astype(int), (p > threshold).astype(int), sample_weight=w)


def draw(seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, (30, 3)), rng.integers(0, 17, (30, 3)) / 16, rng.integers(1, 9, 30) / 4


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("arguments", [{}, {"threshold": 0.25}])
@pytest.mark.parametrize("seed", range(3))
def test_values(run, arguments, weighted, seed):
    """Random values in four batches, weighted or not."""
    y, p, w = draw(seed)
    w = w if weighted else None
    got = run(HammingDistance(**arguments), y, p, w, batches=4)
    np.testing.assert_allclose(
        got, oracle(np.float64(np.float32(y)), np.float64(np.float32(p)), w, **arguments), rtol=2e-6
    )


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(HammingDistance().result()) == 0


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignore_class", [None, 2])
def test_classes(run, scores, weighted, ignore_class):
    """Class ids or one-hot rows against rows of scores, weighted or not, one class left out or none."""
    y, p, w = scores(seed=3)
    kept = np.ones(len(y), "bool") if ignore_class is None else y != ignore_class
    expected = hamming_loss(y[kept], p.argmax(1)[kept], sample_weight=w[kept] if weighted else None)
    for form in (y, y[:, None], np.eye(4)[y]):
        metric = HammingDistance("multiclass", ignore_class=ignore_class)
        np.testing.assert_allclose(run(metric, form, p, w if weighted else None, batches=4), expected, rtol=2e-6)


def test_binary_classes(run):
    """A single column of scores is class 1 above the threshold."""
    y, p, w = np.array([0, 1, 1, 0]), np.array([0.3, 0.3, 0.2, 0.1]), np.array([1.0, 2.0, 4.0, 8.0])
    np.testing.assert_allclose(run(HammingDistance("multiclass", threshold=0.25), y, p, w), 5 / 15, rtol=1e-6)


def test_ignored_labels(run):
    """A label whose target is the ignored value is not there."""
    y, p, w = draw(4)
    y[::3, 1] = -1
    wrong = [(a > 0.5) != (b > 0.5) for a, b in zip(y[y >= 0], p[y >= 0], strict=True)]
    weights = np.broadcast_to(w[:, None], y.shape)[y >= 0]
    np.testing.assert_allclose(run(HammingDistance(ignore_class=-1), y, p, w), np.average(wrong, weights=weights), 1e-6)


def test_masked_steps_of_classes(run, masked):
    """Classes of masked steps are not there."""
    y, p = np.array([[0, 1, 1], [1, 1, 0]]), np.eye(2)[[[0, 1, 0], [0, 0, 1]]]
    metric = HammingDistance("multiclass")
    metric.update_state(y, masked(p, np.array([[True, True, True], [True, False, False]])))
    np.testing.assert_allclose(float(metric.result()), 2 / 4, rtol=1e-6)


def test_classes_that_are_none():
    """A class id without a column is refused, unless it is the ignored one."""
    with pytest.raises(ValueError, match="must receive class ids from 0 to 2"):
        HammingDistance("multiclass").update_state(np.array([0, -1]), np.eye(3)[:2])
    HammingDistance("multiclass", ignore_class=-1).update_state(np.array([0, -1]), np.eye(3)[:2])


@pytest.mark.parametrize("bad", [{"mode": "binary"}, {"threshold": float("nan")}, {"ignore_class": 0.5}])
def test_bad_arguments(bad):
    """Arguments out of range are refused."""
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must be"):
        HammingDistance(**bad)
