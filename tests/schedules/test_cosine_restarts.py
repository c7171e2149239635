"""Cosine with restarts, held against PyTorch, optax, Keras and a loop in float64."""

import math

import keras
import numpy as np
import optax
import pytest

from kerasplus.schedules import CosineRestarts


def oracle(count, length, factor, peak_factor, warmup, minimum):
    """The first steps, in float64, cycle by cycle."""
    rates, peak = [], 0.3
    while len(rates) < count:
        for u in range(length):
            height = max(peak, minimum) - minimum
            way = (u + 1) / warmup if u < warmup else math.cos(math.pi / 2 * (u - warmup) / (length - warmup)) ** 2
            rates.append(minimum + height * way)
        length, peak = length * factor, peak * peak_factor
    return rates[:count]


@pytest.mark.parametrize("factor", [1, 2, 3])
@pytest.mark.parametrize(
    ("length", "peak_factor", "warmup", "minimum"),
    [(10, 1.0, 0, 0.0), (10, 0.5, 3, 0.01), (1, 0.9, 0, 0.1), (4, 0.1, 3, 0.02)],
)
def test_values(curve, length, factor, peak_factor, warmup, minimum):
    """Each step of each cycle is what the definition says."""
    ours = CosineRestarts(0.3, length, factor, peak_factor, warmup, minimum)
    expected = oracle(150, length, factor, peak_factor, warmup, minimum)
    np.testing.assert_allclose(curve(ours, np.arange(150)), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("factor", [1, 2])
def test_that_of_pytorch(curve, torch_rates, factor):
    """Without warm-ups it is `CosineAnnealingWarmRestarts`."""
    theirs = torch_rates("CosineAnnealingWarmRestarts", 0.3, 100, T_0=9, T_mult=factor, eta_min=0.01)
    ours = curve(CosineRestarts(0.3, 9, factor, minimum=0.01), np.arange(100))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


def test_that_of_keras(curve):
    """Without a minimum and warm-ups it is Keras' `CosineDecayRestarts`."""
    theirs = keras.optimizers.schedules.CosineDecayRestarts(0.3, 8, t_mul=2.0, m_mul=0.5)
    steps = np.arange(0, 80, 3)
    expected = [float(theirs(int(t))) for t in steps]
    np.testing.assert_allclose(curve(CosineRestarts(0.3, 8, 2, 0.5), steps), expected, rtol=1e-4, atol=1e-5)


def test_decay_is_that_of_optax(curve):
    """After each warm-up it is optax' `sgdr_schedule` with the same cycles."""
    cycles = [
        {"init_value": 0.0, "peak_value": peak, "decay_steps": steps, "warmup_steps": 3, "end_value": 0.0}
        for peak, steps in [(0.3, 10), (0.15, 20)]
    ]
    steps = np.array([*range(3, 10), *range(13, 30)])
    theirs = optax.sgdr_schedule(cycles)(steps)
    np.testing.assert_allclose(curve(CosineRestarts(0.3, 10, 2, 0.5, 3), steps), theirs, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("factor", [1, 2])
def test_exact_in_long_runs(curve, factor):
    """A restart is met to the step where float32 could no longer tell steps apart."""
    start = {1: 4 * 2**26, 2: 4 * (2**26 - 1)}[factor]
    rates = curve(CosineRestarts(1.0, 4, factor), [start - 1, start, start + 1])
    last = math.cos(math.pi / 2 * (1 - 1 / (4 if factor == 1 else 4 * 2**25))) ** 2
    second = math.cos(math.pi / 2 / (4 if factor == 1 else 4 * 2**26)) ** 2
    np.testing.assert_allclose(rates, [last, 1.0, second], atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"cycle_steps": 0}, "cycle_steps"),
        ({"cycle_steps": 5, "warmup_steps": 5}, "cycle_steps"),
        ({"cycle_steps": 5, "cycle_factor": 0}, "cycle_factor"),
        ({"cycle_steps": 5, "cycle_factor": 1.5}, "cycle_factor"),
        ({"cycle_steps": 5, "peak_factor": 1.5}, "peak_factor"),
        ({"cycle_steps": 5, "minimum": 2.0}, "minimum"),
    ],
)
def test_bad_arguments(arguments, named):
    """What is out of range is refused at construction, by its name."""
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        CosineRestarts(1.0, **arguments)
