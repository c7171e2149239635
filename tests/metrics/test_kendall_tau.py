"""Held against SciPy's `kendalltau`, on samples repeated by their weights, and against all pairs."""

import numpy as np
import pytest
from keras import ops
from scipy.stats import kendalltau

from kerasplus.metrics import KendallTau
from kerasplus.metrics._inversions import inversions


def draw(samples=60, outputs=1, seed=0, steps=10):
    """Targets and predictions with ties, and whole weights, some of them zero."""
    rng = np.random.default_rng(seed)
    y = rng.integers(-steps, steps, (samples, outputs)) / 8
    p = rng.integers(-steps, steps, (samples, outputs)) / 8 + y
    return y, p, rng.integers(0, 4, samples)


def oracle(variant, y, p, w=None):
    w = np.ones(len(y), int) if w is None else w
    pairs = zip(y.T, p.T, strict=True)
    return np.array([kendalltau(np.repeat(a, w), np.repeat(b, w), variant=variant).statistic for a, b in pairs])


@pytest.mark.parametrize("variant", ["b", "c"])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("steps", [2, 10, 100_000])
@pytest.mark.parametrize("weighted", [False, True])
def test_values(run, variant, seed, steps, weighted):
    """Few and many ties; a whole weight counts as so many samples."""
    y, p, w = draw(seed=seed, steps=steps)
    w = w if weighted else None
    got = run(KendallTau(variant), y, p, w, 7)
    np.testing.assert_allclose(got, oracle(variant, y, p, w)[0], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("variant", ["b", "c"])
def test_more_than_a_thousand(run, variant):
    """Numbers of samples beyond the first sizes, up to a few ties."""
    y, p, w = draw(3000, seed=2, steps=1000)
    got = run(KendallTau(variant), y, p, w / 4, 3)
    np.testing.assert_allclose(got, oracle(variant, y, p, w)[0], rtol=1e-5)


@pytest.mark.parametrize("size", [1, 2, 15, 16, 17, 33, 100])
def test_inversions(size):
    """All pairs out of order, in two rows at once."""
    rng = np.random.default_rng(size)
    places = np.stack([rng.permutation(size) for _ in range(2)]).astype("int32")
    weights = (rng.integers(0, 9, places.shape) / 4).astype("float32")
    swapped = np.triu(places[:, :, None] > places[:, None], 1)
    expected = (swapped * weights[:, :, None] * weights[:, None]).sum(axis=(1, 2))
    got = ops.convert_to_numpy(inversions(ops.convert_to_tensor(places), ops.convert_to_tensor(weights)))
    np.testing.assert_allclose(got, expected, rtol=1e-6)


@pytest.mark.parametrize("bins", [{}, {"value_range": (-3, 3), "num_bins": 48}])
@pytest.mark.parametrize("variant", ["b", "c"])
def test_outputs(run, bins, variant):
    """The mean over outputs, or each by name."""
    y, p, w = draw(outputs=3)
    expected = oracle(variant, y, p, w)
    np.testing.assert_allclose(run(KendallTau(variant, **bins), y, p, w, 4), expected.mean(), rtol=1e-6)
    got = run(KendallTau(variant, multioutput="raw_values", **bins), y, p, w, 4)
    assert list(got) == [f"kendall_tau_{output}" for output in range(3)]
    np.testing.assert_allclose(list(got.values()), expected, rtol=1e-6)


@pytest.mark.parametrize("variant", ["b", "c"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("num_bins", [3, 7, 64])
@pytest.mark.parametrize("power", [1, 3])
def test_cells(run, variant, seed, num_bins, power):
    """Counts give the value of rounded numbers, and the stated bound on the error holds."""
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(400, 1)) ** power
    p = y + rng.normal(size=(400, 1)) * rng.choice([0.1, 1.0])
    metric = KendallTau(variant, value_range=(-2.5, 2.5), num_bins=num_bins)
    cells = [np.clip(np.floor((np.float32(a) + 2.5) * num_bins / 5), 0, num_bins - 1) for a in (y, p)]
    got = run(metric, y, p, None, 6)
    np.testing.assert_allclose(got, oracle(variant, *cells)[0], rtol=1e-5)
    shares = [np.unique(each, return_counts=True)[1] / len(each) for each in cells]
    together = [(each**2).sum() for each in shares]
    apart = np.sqrt(np.prod([1 - q for q in together]))
    bound = sum(together) / apart + 1 - apart if variant == "b" else sum(together) + 1 / (min(map(len, shares)) - 1)
    assert abs(got - oracle(variant, y, p)[0]) <= bound + 1e-6


@pytest.mark.parametrize("variant", ["b", "c"])
@pytest.mark.parametrize(
    ("y", "p", "expected"),
    [
        ([3.0, 3.0], [1.0, 2.0], 0),
        ([0.1, 0.2, 0.3], [0.7, 0.7, 0.7], 0),
        ([5.0], [4.0], 0),
        ([1.0, 2.0, 4.0], [8.0, 2.0, -np.inf], -1),
        ([-1.0, -2.0, 0.0], [np.inf, 2.0, 1e30], 1 / 3),
    ],
)
def test_constants_and_infinity(run, variant, y, p, expected):
    """Constant targets, constant predictions, a single sample; infinity is only the largest number."""
    np.testing.assert_allclose(run(KendallTau(variant), np.array(y), np.array(p)), expected, rtol=1e-6)


@pytest.mark.parametrize("bins", [{}, {"value_range": (0, 1), "num_bins": 4}])
def test_nothing_and_nan(run, number, bins):
    """Before the first batch it is 0; a NaN shows, unless it weighs nothing."""
    assert number(KendallTau(**bins).result()) == 0
    y, p = np.array([0.0, 0.5, 1.0]), np.array([0.1, np.nan, 0.7])
    assert np.isnan(run(KendallTau(**bins), y, p))
    np.testing.assert_allclose(run(KendallTau(**bins), y, p, np.array([1.0, 0.0, 1.0])), 1, rtol=1e-6)


def test_capacity(run):
    """It limits the samples that are held."""
    y, p, _ = draw(20)
    assert np.isnan(run(KendallTau(capacity=19), y, p, None, 3))
    assert np.isfinite(run(KendallTau(capacity=20), y, p, None, 3))


def test_bad_variant():
    """The variant "a" has no place for ties."""
    with pytest.raises(ValueError, match="`variant` must be"):
        KendallTau("a")
