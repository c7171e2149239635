"""Held against `root_mean_squared_error` of scikit-learn over NumPy's statistics of the targets."""

import keras
import numpy as np
import pytest
from keras import ops
from sklearn.metrics import root_mean_squared_error

from kerasplus.metrics import NormalizedRootMeanSquaredError


def oracle(y, p, w, normalization):
    """The value of one output."""
    w = np.ones(len(y)) if w is None else w
    seen = y[w > 0]
    unit = {
        "range": lambda: np.ptp(seen),
        "mean": lambda: abs(np.average(y, weights=w)),
        "std": lambda: np.sqrt(np.cov(y, aweights=w, ddof=0)),
        "l2": lambda: np.linalg.norm(np.sqrt(w / w.sum()) * y),
    }[normalization]()
    return root_mean_squared_error(y, p, sample_weight=w) / unit


def draw(seed=0, offset=0.0):
    rng = np.random.default_rng(seed)
    y = np.float32(offset + rng.normal(size=(40, 3)) * [1, 2, 3] - [1, 2, 30])
    p = np.float32(y + rng.normal(size=y.shape))
    return np.float64(y), np.float64(p), rng.integers(0, 5, 40) / 2


NORMALIZATIONS = ["range", "mean", "std", "l2"]


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("batches", [1, 7, 40])
def test_values(run, normalization, weighted, batches):
    """Every output by name, and their mean, weighted with zeros or not, in batches of any size."""
    y, p, w = draw()
    w = w if weighted else None
    expected = [oracle(y[:, i], p[:, i], w, normalization) for i in range(3)]
    got = run(NormalizedRootMeanSquaredError(normalization, "raw_values"), y, p, w, batches)
    assert list(got) == [f"normalized_root_mean_squared_error_{i}" for i in range(3)]
    np.testing.assert_allclose(list(got.values()), expected, rtol=1e-6)
    mean = run(NormalizedRootMeanSquaredError(normalization), y, p, w, batches)
    np.testing.assert_allclose(mean, np.mean(expected), rtol=1e-6)


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_a_large_offset(run, normalization):
    """Targets that vary around a large number."""
    y, p, w = draw(1, 1e4)
    expected = np.mean([oracle(y[:, i], p[:, i], w, normalization) for i in range(3)])
    np.testing.assert_allclose(run(NormalizedRootMeanSquaredError(normalization), y, p, w, 3), expected, rtol=1e-5)


def test_the_range_of_weightless_samples(run):
    """A sample of weight 0 does not widen the range, even if it is no number; any other weight does."""
    y, p = np.array([0.0, 1.0, 100.0, np.nan]), np.array([1.0, 1.0, 100.0, 0.0])
    metric = NormalizedRootMeanSquaredError()
    np.testing.assert_allclose(run(metric, y, p, np.array([1.0, 1.0, 0.0, 0.0])), np.sqrt(0.5), rtol=1e-6)
    metric.reset_state()
    np.testing.assert_allclose(run(metric, y, p, np.array([1.0, 1.0, 2.0, 0.0])), 0.5 / 100, rtol=1e-6)


def test_masked_steps(masked):
    """Masked steps count neither for the error nor for the range."""
    y, p = np.array([[[0.0], [2.0], [9.0]], [[4.0], [9.0], [9.0]]]), np.array([[[1.0], [2], [5]], [[4], [5], [5]]])
    metric = NormalizedRootMeanSquaredError()
    metric.update_state(y, masked(p, np.array([[True, True, False], [True, False, False]])))
    np.testing.assert_allclose(float(metric.result()), np.sqrt(1 / 3) / 4, rtol=1e-6)


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_nothing_to_divide_by(run, normalization):
    """Targets of 0 alone: 0 without an error, infinite with one."""
    y = np.zeros((4, 2))
    assert run(NormalizedRootMeanSquaredError(normalization), y, y) == 0
    got = run(NormalizedRootMeanSquaredError(normalization, "raw_values"), y, y + np.array([0.0, 1.0]))
    assert list(got.values()) == [0, np.inf]


def test_weighted_by_variance(run):
    """Outputs weigh as much as their targets vary; one that does not vary weighs nothing."""
    y, p, _ = draw(2)
    y[:, 1] = 3
    expected = np.average([oracle(y[:, i], p[:, i], None, "std") for i in (0, 2)], weights=y[:, [0, 2]].var(0))
    got = run(NormalizedRootMeanSquaredError("std", "variance_weighted"), y, p)
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_evaluate():
    """A compiled evaluation over batches has the range of all of them."""
    y, p, _ = draw(3)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Activation("linear")])
    model.compile(loss="mse", metrics=["normalized_root_mean_squared_error"])
    got = model.evaluate(p, y, batch_size=7, verbose=0, return_dict=True)["normalized_root_mean_squared_error"]
    np.testing.assert_allclose(got, np.mean([oracle(y[:, i], p[:, i], None, "range") for i in range(3)]), rtol=1e-5)


def test_merged(run):
    """Merged with another metric, also into one that has seen nothing, it is that of all samples."""
    y, p, _ = draw(4)
    halves = [NormalizedRootMeanSquaredError() for _ in range(2)]
    run(halves[0], y[:10], p[:10])
    run(halves[1], y[10:], p[10:])
    whole = NormalizedRootMeanSquaredError()
    whole.merge_state([*halves, NormalizedRootMeanSquaredError()])
    expected = run(NormalizedRootMeanSquaredError(), y, p)
    np.testing.assert_allclose(ops.convert_to_numpy(whole.result()), expected, rtol=1e-6)


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    for normalization in NORMALIZATIONS:
        assert number(NormalizedRootMeanSquaredError(normalization).result()) == 0


@pytest.mark.parametrize("bad", [{"normalization": "max"}, {"multioutput": "mean"}])
def test_bad_arguments(bad):
    """Arguments out of range are refused."""
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must be"):
        NormalizedRootMeanSquaredError(**bad)
