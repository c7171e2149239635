"""Warm-up, plateau and decay, held against optax and a loop in float64."""

import math

import numpy as np
import optax
import pytest

from kerasplus.schedules import WarmupStableDecay

RATE, MINIMUM = 0.3, 0.003
SHAPES = {
    "one_minus_sqrt": lambda x: MINIMUM + (RATE - MINIMUM) * (1 - math.sqrt(x)),
    "linear": lambda x: RATE - (RATE - MINIMUM) * x,
    "cosine": lambda x: MINIMUM + (RATE - MINIMUM) * math.cos(math.pi * x / 2) ** 2,
    "exponential": lambda x: RATE ** (1 - x) * MINIMUM**x,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("total", "decay", "warmup"), [(30, 8, 5), (10, 10, 0), (10, 5, 5), (2, 1, 1)])
def test_values(curve, shape, total, decay, warmup):
    """Each step is what the definition of its stretch says."""
    expected = []
    for t in range(2 * total):
        if t < warmup:
            expected.append(RATE * (t + 1) / warmup)
        else:
            expected.append(SHAPES[shape](min(max((t - (total - decay)) / decay, 0.0), 1.0)))
    schedule = WarmupStableDecay(RATE, total, decay, warmup, MINIMUM, shape)
    np.testing.assert_allclose(curve(schedule, np.arange(2 * total)), expected, rtol=5e-6)


def test_linear_decay_is_that_of_optax(curve):
    """Plateau and line of optax, joined."""
    steps = np.arange(10, 60)
    theirs = optax.join_schedules([optax.constant_schedule(0.3), optax.linear_schedule(0.3, 0.0, 15)], [35])
    ours = curve(WarmupStableDecay(0.3, 50, 15, 10, shape="linear"), steps)
    np.testing.assert_allclose(ours, theirs(steps), rtol=1e-5, atol=1e-8)


def test_plateau_does_not_depend_on_the_length(curve):
    """A longer run has the same rates up to the decay of the shorter one."""
    steps = np.arange(80)
    short, long = WarmupStableDecay(0.3, 100, 20, 10), WarmupStableDecay(0.3, 1000, 20, 10)
    np.testing.assert_array_equal(curve(short, steps), curve(long, steps))


def test_ends_at_the_minimum_exactly(curve):
    """Whatever the shape, the last rate is the minimum, not nearly so."""
    for shape in SHAPES:
        ends = curve(WarmupStableDecay(RATE, 30, 8, 5, MINIMUM, shape), [30, 31, 2**24 + 1, 2**31 - 1])
        np.testing.assert_array_equal(ends, np.float32(MINIMUM))


def test_exact_in_long_runs(curve):
    """Single steps count where float32 could no longer tell them apart."""
    total = 2**26 + 3
    schedule = WarmupStableDecay(1.0, total, decay_steps=4, shape="linear")
    np.testing.assert_array_equal(curve(schedule, total - 4 + np.arange(5)), [1.0, 0.75, 0.5, 0.25, 0.0])


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"total_steps": 10, "decay_steps": 0}, "decay_steps"),
        ({"total_steps": 10, "decay_steps": 6, "warmup_steps": 5}, "total_steps"),
        ({"total_steps": 10, "decay_steps": 6, "shape": "sqrt"}, "shape"),
        ({"total_steps": 10, "decay_steps": 6, "shape": "exponential"}, "minimum"),
        ({"total_steps": 10, "decay_steps": 6, "minimum": 1.1}, "minimum"),
    ],
)
def test_bad_arguments(arguments, named):
    """What is out of range is refused at construction, by its name."""
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        WarmupStableDecay(1.0, **arguments)
