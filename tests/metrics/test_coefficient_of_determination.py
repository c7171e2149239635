"""Held against `r2_score` of scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import r2_score

from kerasplus import _compensated
from kerasplus.metrics import CoefficientOfDetermination


def oracle(y, p, w):
    return r2_score(np.float64(y), np.float64(p), sample_weight=w)


def draw(outputs=3, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(40, outputs)) * np.arange(1, outputs + 1)
    return y, y + rng.normal(size=y.shape), rng.integers(1, 9, 40) / 4


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("batches", [1, 7, 40])
def test_values(run, weighted, batches):
    """Every output by name, weighted or not, in batches of any size."""
    y, p, w = draw()
    got = run(CoefficientOfDetermination("raw_values"), y, p, w if weighted else None, batches)
    expected = [oracle(np.float32(y[:, i]), np.float32(p[:, i]), w if weighted else np.ones(40)) for i in range(3)]
    assert list(got) == [f"coefficient_of_determination_{i}" for i in range(3)]
    np.testing.assert_allclose(list(got.values()), expected, rtol=1e-6)


def test_averages(run):
    """The mean over outputs, and the mean by the variance of the targets."""
    y, p, w = draw()
    values = [oracle(np.float32(y[:, i]), np.float32(p[:, i]), w) for i in range(3)]
    np.testing.assert_allclose(run(CoefficientOfDetermination(), y, p, w), np.mean(values), rtol=1e-6)
    spread = [np.cov(y[:, i], aweights=w) for i in range(3)]
    np.testing.assert_allclose(
        run(CoefficientOfDetermination("variance_weighted"), y, p, w), np.average(values, weights=spread), rtol=1e-5
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
    np.testing.assert_allclose(run(CoefficientOfDetermination(), y, p, w, batches=5), expected, rtol=1e-4)


def test_replicas_add_up(run, number):
    """The states of two replicas, added element by element, give the result of the whole."""
    y, p, _ = draw()
    first, second = CoefficientOfDetermination(), CoefficientOfDetermination()
    run(first, 1e4 + y[:13], 1e4 + p[:13])
    run(second, 1e4 + y[13:], 1e4 + p[13:])
    for a, b in zip(first.variables, second.variables, strict=True):
        a.assign(a + b)
    np.testing.assert_allclose(number(first.result()), run(CoefficientOfDetermination(), 1e4 + y, 1e4 + p), rtol=1e-6)


@pytest.mark.parametrize(
    ("y", "p", "expected"), [([3.0, 3.0], [3.0, 3.0], 1), ([0.1] * 9, [0.3] * 9, 0), ([5.0], [4.0], 0)]
)
def test_constants(run, y, p, expected):
    """Constant targets, constant predictions, and a single sample."""
    assert run(CoefficientOfDetermination(), np.array(y), np.array(p)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("regressors", [1, 3, 37])
def test_adjusted(run, regressors):
    """The mean squares of errors and targets, each by its degrees of freedom; whole weights are repetitions."""
    y, p, w = draw()
    w = np.ceil(w)
    y, p = np.float64(np.float32(y)), np.float64(np.float32(p))
    for rows, weight in ((np.arange(40), None), (np.repeat(np.arange(40), w.astype(int)), w)):
        free = len(rows) - regressors - 1
        errors = ((y - p)[rows] ** 2).sum(0) / free
        expected = 1 - errors / y[rows].var(0, ddof=1)
        got = run(CoefficientOfDetermination("raw_values", regressors), y, p, weight, batches=3)
        np.testing.assert_allclose(list(got.values()), expected, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(
            run(CoefficientOfDetermination(num_regressors=regressors), y, p, weight), expected.mean(), rtol=1e-6
        )


def test_too_few_samples_to_adjust(run):
    """With no degree of freedom left it is not adjusted."""
    y, p, _ = draw()
    plain = run(CoefficientOfDetermination(), y[:4], p[:4])
    assert run(CoefficientOfDetermination(num_regressors=3), y[:4], p[:4]) == plain
    assert run(CoefficientOfDetermination(num_regressors=2), y[:4], p[:4]) < plain


@pytest.mark.parametrize("bad", [-1, 1.5])
def test_bad_num_regressors(bad):
    """A negative or broken number of inputs is refused."""
    with pytest.raises(ValueError, match="`num_regressors` must be"):
        CoefficientOfDetermination(num_regressors=bad)


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(CoefficientOfDetermination().result()) == 0


def test_bad_multioutput():
    """An unknown way to combine outputs is refused."""
    with pytest.raises(ValueError, match="`multioutput` must be"):
        CoefficientOfDetermination(multioutput="mean")
