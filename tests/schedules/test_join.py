"""Joined schedules, held against optax' and against the schedules themselves."""

import keras
import numpy as np
import optax
import pytest

from kerasplus.schedules import Join, Triangular, WarmupCosine

DECAY = keras.optimizers.schedules.ExponentialDecay(0.3, decay_steps=5, decay_rate=0.7)


def test_that_of_optax(curve):
    """Three schedules joined as optax joins them."""
    steps = np.arange(60)
    theirs = optax.join_schedules(
        [optax.constant_schedule(0.2), optax.cosine_decay_schedule(0.3, 20), optax.exponential_decay(0.3, 5, 0.7)],
        [10, 35],
    )
    ours = Join([0.2, keras.optimizers.schedules.CosineDecay(0.3, 20), DECAY], [10, 35])
    np.testing.assert_allclose(curve(ours, steps), theirs(steps), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("late", [1, 100, 2**26])
def test_each_begins_at_its_own_step_zero(curve, late):
    """From its boundary on a schedule gives what it gives from step 0, bit for bit."""
    steps = np.arange(30)
    schedule = WarmupCosine(0.3, 20, 5)
    np.testing.assert_array_equal(curve(Join([0.1, schedule], [late]), late + steps), curve(schedule, steps))
    assert curve(Join([0.1, schedule], [late]), [late - 1]) == np.float32(0.1)


def test_nested(curve):
    """A joined schedule joined again is the flat one."""
    steps = np.arange(60)
    flat = Join([0.1, DECAY, Triangular(0.1, 0.2, 4)], [10, 30])
    nested = Join([Join([0.1, DECAY], [10]), Triangular(0.1, 0.2, 4)], [30])
    np.testing.assert_array_equal(curve(flat, steps), curve(nested, steps))


def test_one_schedule(curve):
    """One schedule needs no boundary."""
    np.testing.assert_array_equal(curve(Join([DECAY], []), np.arange(9)), curve(DECAY, np.arange(9)))


@pytest.mark.parametrize(
    ("schedules", "boundaries", "message"),
    [
        ([], [], "`schedules` must be a list of at least one"),
        (DECAY, [], "`schedules` must be a list of at least one"),
        ([DECAY, 0.1], [], "`boundaries` must be a list of one step less than there are schedules"),
        ([DECAY, 0.1], 10, "`boundaries` must be a list of one step less"),
        ([DECAY, 0.1], [0], "`boundaries` must be a whole number of steps, 1 or more"),
        ([DECAY, 0.1, 0.2], [10, 10], "`boundaries` must be a whole number of steps, 11 or more"),
        ([DECAY, None], [10], "`schedules` must be a `LearningRateSchedule`"),
    ],
)
def test_bad_arguments(schedules, boundaries, message):
    """Boundaries that do not fit or do not increase are refused."""
    with pytest.raises(ValueError, match=message):
        Join(schedules, boundaries)
