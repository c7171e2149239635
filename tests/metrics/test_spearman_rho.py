"""Held against SciPy's `spearmanr`, on samples repeated by their weights."""

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from kerasplus.metrics import SpearmanRho


def draw(samples=60, outputs=1, seed=0, steps=10):
    """Targets and predictions with ties, and whole weights, some of them zero."""
    rng = np.random.default_rng(seed)
    y = rng.integers(-steps, steps, (samples, outputs)) / 8
    p = rng.integers(-steps, steps, (samples, outputs)) / 8 + y
    return y, p, rng.integers(0, 4, samples)


def oracle(y, p, w=None):
    w = np.ones(len(y), int) if w is None else w
    pairs = [spearmanr(np.repeat(a, w), np.repeat(b, w)).statistic for a, b in zip(y.T, p.T, strict=True)]
    return np.array(pairs)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("steps", [2, 10, 100_000])
@pytest.mark.parametrize("weighted", [False, True])
def test_values(run, seed, steps, weighted):
    """Few and many ties; a whole weight counts as so many samples."""
    y, p, w = draw(seed=seed, steps=steps)
    w = w if weighted else None
    np.testing.assert_allclose(run(SpearmanRho(), y, p, w, 7), oracle(y, p, w)[0], rtol=1e-6, atol=1e-7)


def test_fractional_weights(run):
    """Weights are relative: quarters of whole weights give what the whole ones give."""
    y, p, w = draw()
    np.testing.assert_allclose(run(SpearmanRho(), y, p, w / 4), oracle(y, p, w)[0], rtol=1e-6)


@pytest.mark.parametrize("bins", [{}, {"value_range": (-3, 3), "num_bins": 48}])
def test_outputs(run, bins):
    """The mean over outputs, or each by name."""
    y, p, w = draw(outputs=3)
    expected = oracle(y, p, w)
    np.testing.assert_allclose(run(SpearmanRho(**bins), y, p, w, 4), expected.mean(), rtol=1e-6)
    got = run(SpearmanRho(multioutput="raw_values", **bins), y, p, w, 4)
    assert list(got) == [f"spearman_rho_{output}" for output in range(3)]
    np.testing.assert_allclose(list(got.values()), expected, rtol=1e-6)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("num_bins", [2, 7, 64])
@pytest.mark.parametrize("power", [1, 3])
def test_cells(run, seed, num_bins, power):
    """Counts give the value of rounded numbers, and the stated bound on the error holds."""
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(400, 1)) ** power
    p = y + rng.normal(size=(400, 1)) * rng.choice([0.1, 1.0])
    metric = SpearmanRho(value_range=(-2.5, 2.5), num_bins=num_bins)
    cells = [np.clip(np.floor((np.float32(a) + 2.5) * num_bins / 5), 0, num_bins - 1) for a in (y, p)]
    got = run(metric, y, p, None, 6)
    np.testing.assert_allclose(got, oracle(*cells)[0], rtol=1e-5)
    bound = 0
    for each in cells:
        shares = np.unique(each, return_counts=True)[1] / len(each)
        variance = np.var(rankdata(each) / len(each))
        bound += np.arctan(np.sqrt((shares**3).sum() / 12 / variance))
    assert abs(got - oracle(y, p)[0]) <= bound + 1e-6


def test_cells_that_are_filled_evenly(run):
    """The error of evenly spread numbers is below two cells."""
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(20_000) / 20_000)
    p = np.clip(y + 0.2 * rng.normal(size=y.shape), 0, 1)
    p = rankdata(p) / 20_000
    metric = SpearmanRho(value_range=(0, 1), num_bins=50)
    assert abs(run(metric, y, p) - spearmanr(y, p).statistic) <= 2 / 50


@pytest.mark.parametrize(
    ("y", "p", "expected"),
    [
        ([3.0, 3.0], [1.0, 2.0], 0),
        ([0.1, 0.2, 0.3], [0.7, 0.7, 0.7], 0),
        ([5.0], [4.0], 0),
        ([1.0, 2.0, 4.0], [8.0, 2.0, -np.inf], -1),
        ([-1.0, -2.0, 0.0], [np.inf, 2.0, 1e30], 0.5),
    ],
)
def test_constants_and_infinity(run, y, p, expected):
    """Constant targets, constant predictions, a single sample; infinity is only the largest number."""
    np.testing.assert_allclose(run(SpearmanRho(), np.array(y), np.array(p)), expected, rtol=1e-6)


@pytest.mark.parametrize("bins", [{}, {"value_range": (0, 1), "num_bins": 4}])
def test_nothing_and_nan(run, number, bins):
    """Before the first batch it is 0; a NaN shows, unless it weighs nothing."""
    assert number(SpearmanRho(**bins).result()) == 0
    y, p = np.array([0.0, 0.5, 1.0]), np.array([0.1, np.nan, 0.7])
    assert np.isnan(run(SpearmanRho(**bins), y, p))
    np.testing.assert_allclose(run(SpearmanRho(**bins), y, p, np.array([1.0, 0.0, 1.0])), 1, rtol=1e-6)


def test_capacity(run):
    """It limits the samples that are held, and not those that are counted."""
    y, p, _ = draw(20)
    assert np.isnan(run(SpearmanRho(capacity=19), y, p, None, 3))
    assert np.isfinite(run(SpearmanRho(capacity=19, value_range=(-2, 2), num_bins=4), y, p, None, 3))


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"multioutput": "variance_weighted"}, "`multioutput` must be"),
        ({"num_bins": 1, "value_range": (0, 1)}, "`num_bins` must be"),
        ({"num_bins": 2.5, "value_range": (0, 1)}, "`num_bins` must be"),
        ({"num_bins": 4}, "must be given together"),
        ({"value_range": (0, 1)}, "must be given together"),
        ({"num_bins": 4, "value_range": (1, 1)}, "`value_range` must be"),
        ({"num_bins": 4, "value_range": (0, np.inf)}, "`value_range` must be"),
        ({"num_bins": 4, "value_range": (0, 1, 2)}, "`value_range` must be"),
    ],
)
def test_bad_arguments(arguments, match):
    """Each is refused by its name."""
    with pytest.raises(ValueError, match=match):
        SpearmanRho(**arguments)
