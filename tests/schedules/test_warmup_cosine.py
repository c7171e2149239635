"""Warm-up and cosine, held against optax, PyTorch and a loop in float64."""

import math

import numpy as np
import optax
import pytest

from kerasplus.schedules import WarmupCosine


def oracle(t, rate, total, warmup, minimum):
    """One step, in float64, by the definition."""
    if t < warmup:
        return rate * (t + 1) / warmup
    if t >= total:
        return minimum
    return minimum + (rate - minimum) * (1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2


@pytest.mark.parametrize(
    ("total", "warmup", "minimum"), [(10, 0, 0.0), (10, 3, 0.01), (11, 10, 0.0), (1, 0, 0.1), (500, 120, 0.02)]
)
def test_values(curve, total, warmup, minimum):
    """Every step is what the definition says, the ends and what is beyond them included."""
    steps = np.arange(2 * total)
    expected = [oracle(t, 0.3, total, warmup, minimum) for t in steps]
    np.testing.assert_allclose(curve(WarmupCosine(0.3, total, warmup, minimum), steps), expected, rtol=1e-5, atol=1e-8)


def test_decay_is_that_of_optax(curve):
    """After the warm-up it is optax' schedule of the same warm-up and total."""
    steps = np.arange(20, 120)
    theirs = optax.warmup_cosine_decay_schedule(0.0, 0.3, warmup_steps=20, decay_steps=100, end_value=0.03)
    np.testing.assert_allclose(curve(WarmupCosine(0.3, 100, 20, 0.03), steps), theirs(steps), rtol=1e-5)


def test_warmup_is_that_of_optax_one_step_later(curve):
    """The line of optax begins at zero, this one a step further."""
    steps = np.arange(20)
    theirs = optax.warmup_cosine_decay_schedule(0.0, 0.3, warmup_steps=20, decay_steps=100)
    np.testing.assert_allclose(curve(WarmupCosine(0.3, 100, 20), steps), theirs(steps + 1), rtol=1e-5)


def test_cosine_is_that_of_pytorch(curve, torch_rates):
    """Without a warm-up it is `CosineAnnealingLR`."""
    theirs = torch_rates("CosineAnnealingLR", 0.3, 40, T_max=40, eta_min=0.01)
    np.testing.assert_allclose(curve(WarmupCosine(0.3, 40, minimum=0.01), np.arange(40)), theirs, rtol=1e-4, atol=1e-7)


def test_exact_in_long_runs(curve):
    """Single steps count where float32 could no longer tell them apart."""
    warmup = 2**26
    schedule = WarmupCosine(1.0, total_steps=warmup + 4, warmup_steps=warmup)
    expected = [1.0, (2 + math.sqrt(2)) / 4, 0.5, (2 - math.sqrt(2)) / 4, 0.0]
    np.testing.assert_allclose(curve(schedule, warmup + np.arange(5)), expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"learning_rate": -1.0, "total_steps": 10}, "learning_rate"),
        ({"learning_rate": float("nan"), "total_steps": 10}, "learning_rate"),
        ({"learning_rate": "0.1", "total_steps": 10}, "learning_rate"),
        ({"learning_rate": 0.1, "total_steps": 0}, "total_steps"),
        ({"learning_rate": 0.1, "total_steps": 10.5}, "total_steps"),
        ({"learning_rate": 0.1, "total_steps": 2**30}, "total_steps"),
        ({"learning_rate": 0.1, "total_steps": 10, "warmup_steps": 10}, "total_steps"),
        ({"learning_rate": 0.1, "total_steps": 10, "warmup_steps": -1}, "warmup_steps"),
        ({"learning_rate": 0.1, "total_steps": 10, "minimum": 0.2}, "minimum"),
        ({"learning_rate": 0.1, "total_steps": 10, "minimum": -0.1}, "minimum"),
        ({"learning_rate": 0.1, "total_steps": 10, "steps_per_epoch": 0}, "steps_per_epoch"),
        ({"learning_rate": 0.1, "total_steps": 0.01, "steps_per_epoch": 10}, "total_steps"),
        ({"learning_rate": 0.1, "total_steps": float("nan"), "steps_per_epoch": 10}, "total_steps"),
    ],
)
def test_bad_arguments(arguments, named):
    """What is out of range is refused at construction, by its name."""
    with pytest.raises(ValueError, match=f"`{named}` must be .* Received: {named}"):
        WarmupCosine(**arguments)
