"""Held against SciPy on samples repeated by their weights, and against NumPy."""

import numpy as np
import pytest
from scipy.stats import pearsonr

from kerasplus import _compensated
from kerasplus.metrics import PearsonR


def oracle(y, p, w):
    if np.all(w == 1):
        return pearsonr(np.float64(y), np.float64(p)).statistic
    covariance = np.cov(np.float64(y), np.float64(p), aweights=w)
    return covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])


def draw(outputs=3, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(40, outputs)) * np.arange(1, outputs + 1)
    return y, y + rng.normal(size=y.shape), rng.integers(1, 9, 40) / 4


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("batches", [1, 7, 40])
def test_values(run, weighted, batches):
    """Every output by name, weighted or not, in batches of any size."""
    y, p, w = draw()
    got = run(PearsonR("raw_values"), y, p, w if weighted else None, batches)
    expected = [oracle(np.float32(y[:, i]), np.float32(p[:, i]), w if weighted else np.ones(40)) for i in range(3)]
    assert list(got) == [f"pearson_r_{i}" for i in range(3)]
    np.testing.assert_allclose(list(got.values()), expected, rtol=1e-6)


def test_averages(run):
    """The mean over outputs, and the mean by the variance of the targets."""
    y, p, w = draw()
    values = [oracle(np.float32(y[:, i]), np.float32(p[:, i]), w) for i in range(3)]
    np.testing.assert_allclose(run(PearsonR(), y, p, w), np.mean(values), rtol=1e-6)
    spread = [np.cov(y[:, i], aweights=w) for i in range(3)]
    np.testing.assert_allclose(
        run(PearsonR("variance_weighted"), y, p, w), np.average(values, weights=spread), rtol=1e-5
    )


@pytest.mark.parametrize("offset", [1e4, -3e5])
@pytest.mark.parametrize("without_float64", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_large_offset(run, monkeypatch, offset, without_float64, weighted):
    """Targets that vary little around a large number, also where the backend has no float64."""
    if without_float64:
        monkeypatch.setattr(_compensated, "widest_dtype", lambda: "float32")
    rng = np.random.default_rng(1)
    y = np.float32(offset + np.arange(1000) * abs(offset) * 1e-6)
    p = np.float32(y + rng.normal(size=1000) * abs(offset) * 1e-4)
    w = np.float32(rng.random(1000)) if weighted else None
    expected = oracle(np.float64(y), np.float64(p), np.ones(1000) if w is None else np.float64(w))
    np.testing.assert_allclose(run(PearsonR(), y, p, w, batches=5), expected, rtol=1e-4)


def test_replicas_add_up(run, number):
    """The states of two replicas, added element by element, give the result of the whole."""
    y, p, _ = draw()
    first, second = PearsonR(), PearsonR()
    run(first, 1e4 + y[:13], 1e4 + p[:13])
    run(second, 1e4 + y[13:], 1e4 + p[13:])
    for a, b in zip(first.variables, second.variables, strict=True):
        a.assign(a + b)
    np.testing.assert_allclose(number(first.result()), run(PearsonR(), 1e4 + y, 1e4 + p), rtol=1e-6)


@pytest.mark.parametrize(
    ("y", "p", "expected"),
    [([3.0, 3.0], [1.0, 2.0], 0), ([0.1, 0.2], [0.7, 0.7], 0), ([5.0], [4.0], 0), ([1.0, 2.0], [-1.0, -2.0], -1)],
)
def test_constants(run, y, p, expected):
    """Constant targets, constant predictions, and a single sample."""
    assert run(PearsonR(), np.array(y), np.array(p)) == pytest.approx(expected, rel=1e-6)


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(PearsonR().result()) == 0


def test_bad_multioutput():
    """An unknown way to combine outputs is refused."""
    with pytest.raises(ValueError, match="`multioutput` must be"):
        PearsonR(multioutput="mean")
