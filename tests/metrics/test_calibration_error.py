"""Held against bins filled one sample after the other, in float64, and against scikit-learn's `calibration_curve`."""

import math

import numpy as np
import pytest
from keras import ops
from sklearn.calibration import calibration_curve

from kerasplus.metrics import CalibrationError


def norm_of(gaps, weights, norm):
    if norm == "max":
        return max(gaps)
    if norm == "l1":
        return np.average(gaps, weights=weights)
    return math.sqrt(np.average(np.square(gaps), weights=weights))


def oracle(confidence, right, w, bins, norm, strategy="uniform"):
    """Sorts the samples into lists by their bin."""
    order = np.argsort(confidence, kind="stable")
    members = [[] for _ in range(bins)]
    before = 0.0
    for i in order:
        if strategy == "quantile":
            first = next(j for j in order if confidence[j] == confidence[i])
            before = sum(w[j] for j in order[: list(order).index(first)])
            place = int(before * bins / w.sum())
        else:
            place = next((b for b in range(bins) if confidence[i] < np.float32((b + 1) / bins)), bins - 1)
        members[place].append(i)
    members = [bin_ for bin_ in members if bin_]
    gaps = [abs(np.average(right[m], weights=w[m]) - np.average(confidence[m], weights=w[m])) for m in members]
    return norm_of(gaps, [w[m].sum() for m in members], norm)


def draw(seed, samples=60, classes=4):
    rng = np.random.default_rng(seed)
    p = np.float32(rng.dirichlet(np.ones(classes), samples))
    return rng.integers(0, classes, samples), p, rng.integers(1, 9, samples) / 4


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
@pytest.mark.parametrize("bins", [1, 7, 15])
@pytest.mark.parametrize("weighted", [False, True])
def test_values(run, bins, norm, strategy, weighted):
    """Random rows in four batches, weighted or not, for every norm and strategy."""
    y, p, w = draw(0)
    w = w if weighted else np.ones(60)
    assert len(np.unique(np.floor(p.max(1) * 4096))) == 60, "no two samples share a cell, so that quantiles are exact"
    got = run(CalibrationError(bins, norm, strategy), y, p, w if weighted else None, batches=4)
    expected = oracle(np.float64(p.max(1)), p.argmax(1) == y, w, bins, norm, strategy)
    np.testing.assert_allclose(got, expected, rtol=2e-6)


@pytest.mark.parametrize("bins", [10, 15, 49])
def test_edges(run, bins):
    """A confidence on an edge belongs to the bin above; the last bin holds 1."""
    edges = np.float32(np.arange(bins + 1) / bins)
    p = np.concatenate([edges, np.nextafter(edges[1:], np.float32(0))])
    y = np.arange(len(p)) % 2
    got = run(CalibrationError(bins), y, p[:, None])
    np.testing.assert_allclose(got, oracle(np.float64(p), y, np.ones(len(p)), bins, "l1"), rtol=2e-6)


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_a_column_is_the_probability_of_class_one(run, strategy):
    """The bins of scikit-learn's curve of the positive class, quantiles included."""
    rng = np.random.default_rng(5)
    p = np.float32(rng.random(200))
    y = (rng.random(200) < p**2).astype(int)
    shares, means = calibration_curve(y, np.float64(p), n_bins=5, strategy=strategy)
    edges = np.quantile(p, np.linspace(0, 1, 6)) if strategy == "quantile" else np.linspace(0, 1, 6)
    sizes = np.histogram(p, edges)[0]
    got = run(CalibrationError(5, strategy=strategy), y, p, batches=3)
    np.testing.assert_allclose(got, norm_of(abs(shares - means), sizes, "l1"), rtol=1e-5)


def test_quantiles_of_crowded_cells(run):
    """Where cells hold many samples, the bins are those of the confidences rounded down to their cells."""
    rng = np.random.default_rng(6)
    p = np.float32(0.5 + rng.random(800) / 256)
    y = rng.integers(0, 2, 800)
    cells = np.floor(p * 4096)
    below = np.array([(cells < cell).mean() for cell in cells])
    bins = np.floor(below * 4)
    gaps = [abs(y[bins == b].mean() - np.float64(p)[bins == b].mean()) for b in range(4)]
    expected = norm_of(gaps, [(bins == b).sum() for b in range(4)], "l1")
    np.testing.assert_allclose(run(CalibrationError(4, strategy="quantile"), y, p), expected, rtol=1e-5)


def test_perfect_and_worst(run):
    """Sure and right is 0, sure and wrong is 1."""
    y = np.array([0, 1, 2])
    for norm in ("l1", "l2", "max"):
        assert run(CalibrationError(norm=norm), y, np.eye(3)[y]) == 0
        assert run(CalibrationError(norm=norm), y, np.eye(3)[(y + 1) % 3]) == 1


def test_one_hot_logits_and_ignored(run):
    """One-hot rows mean the same as ids, logits the same as their softmax, and an ignored id is not there."""
    y, p, w = draw(1)
    expected = run(CalibrationError(), y, p, w)
    np.testing.assert_allclose(run(CalibrationError(), np.eye(4)[y], p, w), expected, rtol=1e-6)
    np.testing.assert_allclose(run(CalibrationError(from_logits=True), y, np.log(p) + 3, w), expected, rtol=1e-5)
    kept = y != 2
    np.testing.assert_allclose(
        run(CalibrationError(ignore_class=2), y, p, w), run(CalibrationError(), y[kept], p[kept], w[kept]), rtol=1e-6
    )


def test_labels_outside_the_classes():
    """A label that is no class is refused, unless it is named as ignored."""
    y, p, _ = draw(2)
    with pytest.raises(ValueError, match="must receive class ids from 0 to 3"):
        CalibrationError().update_state(y - 1, p)
    CalibrationError(ignore_class=-1).update_state(y - 1, p)


def test_a_prediction_that_is_no_number(run):
    """NaN is shown, not hidden in a bin."""
    assert math.isnan(run(CalibrationError(), np.array([0, 1]), np.array([[0.5, 0.5], [np.nan, np.nan]])))


def test_many_samples(number):
    """A hundred million samples in one bin and a few in another."""
    metric = CalibrationError(2)
    metric.update_state(np.array([1, 1]), ops.convert_to_tensor([[0.75], [0.25]]), np.array([1e8, 3.0]))
    np.testing.assert_allclose(number(metric.result()), (0.25e8 + 0.75 * 3) / (1e8 + 3), rtol=1e-7)


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    for norm in ("l1", "l2", "max"):
        assert number(CalibrationError(norm=norm).result()) == 0


@pytest.mark.parametrize(
    "bad", [{"bins": 0}, {"bins": 1.5}, {"norm": "l3"}, {"strategy": "equal"}, {"ignore_class": 1.5}]
)
def test_bad_arguments(bad):
    """Arguments out of range are refused."""
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must be"):
        CalibrationError(**bad)
