"""Held against scikit-learn's `average_precision_score`."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from kerasplus.metrics import AveragePrecision


def binary(samples=80, seed=0, steps=12):
    """Targets, scores with many ties, and weights, some of them zero."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, samples)
    p = (rng.integers(0, steps, samples) + y) / (steps + 1)
    return y, p.astype("float32"), rng.integers(0, 9, samples) / 4


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("steps", [2, 12, 10_000])
@pytest.mark.parametrize("weighted", [False, True])
def test_binary(run, seed, steps, weighted):
    """Few and many ties, weighted or not, in seven batches."""
    y, p, w = binary(seed=seed, steps=steps)
    w = w if weighted else None
    expected = average_precision_score(y, p, sample_weight=w)
    np.testing.assert_allclose(run(AveragePrecision(), y, p, w, 7), expected, rtol=1e-6)


@pytest.mark.parametrize("average", ["macro", "weighted", "micro"])
@pytest.mark.parametrize("num_bins", [None, 16])
@pytest.mark.parametrize("weighted", [False, True])
def test_several_labels(run, scores, average, num_bins, weighted):
    """Each label is a problem of its own; scores on the edges of cells are exact in cells too."""
    rng = np.random.default_rng(1)
    labels, p, w = scores(60)
    y = rng.integers(0, 2, p.shape)
    w = w if weighted else None
    for targets, rows in ((y, y), (labels, np.eye(4)[labels])):
        expected = average_precision_score(rows, p, average=average, sample_weight=w)
        got = run(AveragePrecision(average=average, num_bins=num_bins), targets, p, w, 4)
        np.testing.assert_allclose(got, expected, rtol=1e-6)


@pytest.mark.parametrize("num_bins", [None, 16])
def test_each_class(run, scores, number, num_bins):
    """A dict of columns; one that is never a target is 0, and an average leaves it out."""
    labels, p, w = scores(last_is_absent=True)
    got = run(AveragePrecision(average=None, num_bins=num_bins), labels, p, w, 3)
    expected = average_precision_score(np.eye(4)[labels][:, :3], p[:, :3], average=None, sample_weight=w)
    assert list(got) == [f"average_precision_{column}" for column in range(4)]
    np.testing.assert_allclose(list(got.values()), [*expected, 0], rtol=1e-6)
    np.testing.assert_allclose(run(AveragePrecision(num_bins=num_bins), labels, p, w, 3), expected.mean(), rtol=1e-6)
    assert number(AveragePrecision(num_bins=num_bins).result()) == 0
    assert run(AveragePrecision(num_bins=num_bins), np.zeros(3), np.ones(3)) == 0


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("num_bins", [1, 4, 32, 256])
@pytest.mark.parametrize("shape", [1.0, 4.0, 0.05])
def test_cells(run, seed, num_bins, shape):
    """Counts give the value of rounded scores, and the stated bound on the error holds."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 300)
    p = (rng.random(300) ** shape * 0.8 + 0.2 * y * rng.random(300)).astype("float32")
    w = rng.integers(1, 9, 300) / 4
    got = run(AveragePrecision(num_bins=num_bins), y, p, w, 5)
    rounded = np.minimum(np.floor(p * num_bins), num_bins - 1)
    np.testing.assert_allclose(got, average_precision_score(y, rounded, sample_weight=w), rtol=1e-6)
    cell = (w * (rounded[:, None] == rounded)).sum(axis=1)
    above = (w * (rounded[:, None] <= rounded)).sum(axis=1)
    bound = np.average((cell / above)[y == 1], weights=w[y == 1])
    assert abs(got - average_precision_score(y, p, sample_weight=w)) <= bound + 1e-6


def test_cells_that_are_filled_evenly(run):
    """The bound for evenly spread scores, which the error is far below."""
    rng = np.random.default_rng(5)
    p = rng.permutation(np.arange(20_000) / 20_000).astype("float32")
    y = (rng.random(20_000) < p).astype("int32")
    error = abs(run(AveragePrecision(num_bins=100), y, p) - average_precision_score(y, p))
    assert 0 < error < 0.1 * np.log(100) / 100


@pytest.mark.parametrize("num_bins", [None, 8])
def test_what_is_no_number_shows(run, num_bins):
    """A NaN spoils the result, unless it weighs nothing; scores outside 0 to 1 are in the outer cells."""
    y, p = np.array([0, 1, 0, 1]), np.array([0.0, 0.5, np.nan, 1.0])
    assert np.isnan(run(AveragePrecision(num_bins=num_bins), y, p))
    assert run(AveragePrecision(num_bins=num_bins), y, p, np.array([1.0, 1.0, 0.0, 1.0])) == 1
    assert run(AveragePrecision(num_bins=num_bins), y, np.array([-np.inf, 0.5, -3.0, np.inf])) == 1


def test_capacity(run):
    """It limits the samples that are held, and not those that are counted."""
    y, p, _ = binary(20)
    assert np.isnan(run(AveragePrecision(capacity=19), y, p, None, 3))
    assert np.isfinite(run(AveragePrecision(capacity=19, num_bins=8), y, p, None, 3))


@pytest.mark.parametrize("num_bins", [0, -1, 2.5, True, "8"])
def test_bad_bins(num_bins):
    """A number of cells is a positive integer."""
    with pytest.raises(ValueError, match="`num_bins` must be"):
        AveragePrecision(num_bins=num_bins)
