"""Held against `accuracy_score` of scikit-learn on rows of labels."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from kerasplus.metrics import ExactMatch


def oracle(y, p, w, threshold=0.5):
    return accuracy_score(y.astype(int), (p > threshold).astype(int), sample_weight=w)


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
    got = run(ExactMatch(**arguments), y, p, w, batches=4)
    np.testing.assert_allclose(
        got, oracle(np.float64(np.float32(y)), np.float64(np.float32(p)), w, **arguments), rtol=2e-6
    )


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(ExactMatch().result()) == 0


@pytest.mark.parametrize("weighted", [False, True])
def test_classes(run, scores, weighted):
    """With one class for each sample it is the accuracy."""
    y, p, w = scores(seed=3)
    expected = accuracy_score(y, p.argmax(1), sample_weight=w if weighted else None)
    for form in (y, y[:, None], np.eye(4)[y]):
        np.testing.assert_allclose(
            run(ExactMatch("multiclass"), form, p, w if weighted else None, batches=4), expected, rtol=2e-6
        )


def sequences(seed):
    rng = np.random.default_rng(seed)
    y, w = rng.integers(0, 3, (40, 4)), rng.integers(1, 9, 40) / 4
    swapped = rng.random(y.shape) < 0.2
    decided = np.where(swapped, rng.integers(0, 3, y.shape), y)
    return y, decided, w, np.arange(4) < rng.integers(0, 5, 40)[:, None]


def test_sequences(run):
    """A sequence is right where all its steps are, as rows of one label that names them all."""
    y, decided, w, _ = sequences(5)
    names, named = (np.array(["".join(map(str, row)) for row in of]) for of in (y, decided))
    expected = accuracy_score(names, named, sample_weight=w)
    assert 0.2 < expected < 0.8
    np.testing.assert_allclose(run(ExactMatch("multiclass"), y, np.eye(3)[decided], w, batches=3), expected, rtol=2e-6)


def test_steps_that_are_left_out(masked):
    """Masked, ignored and weightless steps are not looked at; without a step a sequence is not there."""
    y, decided, w, mask = sequences(6)
    right = [all(a == b for a, b, m in zip(*row, strict=True) if m) for row in zip(y, decided, mask, strict=True)]
    some = mask.any(1)
    assert not some.all()
    expected = np.average(np.array(right)[some], weights=w[some])
    p = np.eye(3)[decided]
    for y_true, y_pred, weight, ignored in (
        (y, masked(p, mask), w, None),
        (y, np.where(mask[..., None], p, np.nan), w[:, None] * mask, None),
        (np.where(mask, y, -1), p, w, -1),
    ):
        metric = ExactMatch("multiclass", ignore_class=ignored)
        metric.update_state(y_true, y_pred, weight)
        np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-6)


def test_ignored_labels(run):
    """Labels whose target is the ignored value are not looked at; a row of nothing else is not there."""
    y = np.array([[0, 1, -1], [1, -1, 0], [-1, -1, -1], [1, 1, 1]])
    p = np.array([[0, 1, 1], [0, 0, 0], [1, 0, 1], [1, 1, 1]])
    np.testing.assert_allclose(run(ExactMatch(ignore_class=-1), y, p), 2 / 3, rtol=1e-6)
