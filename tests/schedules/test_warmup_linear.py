"""Warm-up and a straight line, held against optax and a loop in float64."""

import numpy as np
import optax
import pytest

from kerasplus.schedules import WarmupLinear


def oracle(t, rate, total, warmup, minimum):
    """One step, in float64, as the lower of two lines."""
    up = rate * (t + 1) / warmup if warmup else np.inf
    down = minimum + (rate - minimum) * max(total - t, 0) / (total - warmup)
    return min(up, down, rate) if t < warmup else max(down, minimum)


@pytest.mark.parametrize(("total", "warmup", "minimum"), [(10, 0, 0.0), (10, 3, 0.01), (11, 10, 0.0), (1, 0, 0.1)])
def test_values(curve, total, warmup, minimum):
    """Every step is what the definition says, the ends and what is beyond them included."""
    steps = np.arange(2 * total)
    expected = [oracle(t, 0.3, total, warmup, minimum) for t in steps]
    np.testing.assert_allclose(curve(WarmupLinear(0.3, total, warmup, minimum), steps), expected, rtol=1e-5, atol=1e-8)


def test_decay_is_that_of_optax(curve):
    """After the warm-up it is optax' line of the rest of the run."""
    steps = np.arange(20, 120)
    theirs = optax.linear_schedule(0.3, 0.03, transition_steps=80)
    np.testing.assert_allclose(curve(WarmupLinear(0.3, 100, 20, 0.03), steps), theirs(steps - 20), rtol=1e-5)


def test_exact_in_long_runs(curve):
    """Single steps count where float32 could no longer tell them apart."""
    warmup = 2**26
    schedule = WarmupLinear(1.0, total_steps=warmup + 4, warmup_steps=warmup)
    np.testing.assert_array_equal(curve(schedule, warmup + np.arange(5)), [1.0, 0.75, 0.5, 0.25, 0.0])


@pytest.mark.parametrize("arguments", [{"total_steps": 5, "warmup_steps": 5}, {"total_steps": 5, "minimum": 2.0}])
def test_bad_arguments(arguments):
    """What is out of range is refused at construction."""
    with pytest.raises(ValueError, match="must be"):
        WarmupLinear(1.0, **arguments)
