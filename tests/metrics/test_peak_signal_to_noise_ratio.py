"""Held against decibels of every image in float64."""

import numpy as np
import pytest

from kerasplus.metrics import PeakSignalToNoiseRatio


def oracle(y, p, w, max_value, limit=np.inf):
    values = []
    for a, b in zip(np.float64(y), np.float64(p), strict=True):
        error = np.sqrt(np.mean((a - b) ** 2))
        values.append(np.inf if error == 0 else 20 * np.log10(max_value / error))
    return np.average(np.minimum(values, limit), weights=w)


def images(seed, shape=(6, 5, 4, 2), max_value=1.0):
    rng = np.random.default_rng(seed)
    y = np.float32(max_value * rng.uniform(size=shape))
    noise = max_value * rng.normal(size=shape) * 10.0 ** -np.arange(len(y)).reshape(-1, *[1] * (len(shape) - 1))
    return y, np.float32(y + noise), rng.integers(0, 5, len(y)) / 2 + 0.5


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("arguments", [{"max_value": 1.0}, {"max_value": 255.0}, {"max_value": 1.0, "limit": 30.0}])
@pytest.mark.parametrize("shape", [(6, 5, 4, 2), (6, 7), (6, 3, 4, 5, 1)])
def test_values(run, arguments, weighted, shape):
    """The mean over images of any rank, in batches of different sizes, weighted or not."""
    y, p, w = images(0, shape, arguments["max_value"])
    w = w if weighted else None
    got = run(PeakSignalToNoiseRatio(**arguments), y, p, w, batches=4)
    np.testing.assert_allclose(got, oracle(y, p, w, **arguments), rtol=1e-5)


def test_equal_images(run):
    """An equal image makes the mean infinite, unless it weighs nothing or there is a limit."""
    y, p, _ = images(1)
    p[2] = y[2]
    assert run(PeakSignalToNoiseRatio(1.0), y, p, batches=3) == np.inf
    left_out = np.array([1.0, 1.0, 0.0, 1.0, 1.0, 1.0])
    expected = oracle(np.delete(y, 2, 0), np.delete(p, 2, 0), None, 1.0)
    np.testing.assert_allclose(run(PeakSignalToNoiseRatio(1.0), y, p, left_out), expected, rtol=1e-5)
    np.testing.assert_allclose(
        run(PeakSignalToNoiseRatio(1.0, limit=50.0), y, p), oracle(y, p, None, 1.0, 50.0), rtol=1e-5
    )


def test_reset_after_infinity(run):
    """An infinite mean is gone after a reset."""
    y, p, _ = images(2)
    metric = PeakSignalToNoiseRatio(1.0)
    run(metric, y, y)
    metric.reset_state()
    np.testing.assert_allclose(run(metric, y, p), oracle(y, p, None, 1.0), rtol=1e-5)


def test_weights_of_pixels(run):
    """Pixels of weight 0 are not there, even where they are no number; others weigh their errors."""
    y, p, _ = images(3)
    kept = np.ones((6, 5, 4), "float32")
    kept[:, 3:] = 0
    spoiled = np.where(kept[..., None] > 0, p, np.nan)
    expected = oracle(y[:, :3], p[:, :3], None, 1.0)
    np.testing.assert_allclose(run(PeakSignalToNoiseRatio(1.0), y, spoiled, kept), expected, rtol=1e-5)
    kept[:, 1] = 2
    squares = np.float64((y - p) ** 2) * kept[..., None]
    errors = [each.sum() / (2 * weight.sum()) for each, weight in zip(squares, kept, strict=True)]
    np.testing.assert_allclose(run(PeakSignalToNoiseRatio(1.0), y, p, kept), np.mean(-10 * np.log10(errors)), rtol=1e-5)


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(PeakSignalToNoiseRatio(1.0).result()) == 0


@pytest.mark.parametrize("bad", [{"max_value": 0}, {"max_value": float("inf")}, {"limit": float("nan")}])
def test_bad_arguments(bad):
    """Arguments out of range are refused."""
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must be"):
        PeakSignalToNoiseRatio(**{"max_value": 1.0, **bad})
