"""A warm-up around schedules, held against optax' joined schedules and a loop in float64."""

import math

import keras
import numpy as np
import optax
import pytest

from kerasplus.schedules import Warmup, WarmupCosine

DECAY = keras.optimizers.schedules.InverseTimeDecay(0.3, decay_steps=5, decay_rate=0.7)


def oracle(t, warmup, initial, shape):
    """One step, in float64, by the definition, around `DECAY`."""
    x = (t + 1) / warmup
    ways = {
        "linear": initial + (0.3 - initial) * x,
        "cosine": initial + (0.3 - initial) * math.sin(math.pi * x / 2) ** 2,
        "exponential": math.exp((1 - x) * math.log(initial) + x * math.log(0.3)),
    }
    return ways[shape] if t < warmup else 0.3 / (1 + 0.7 * (t - warmup) / 5)


@pytest.mark.parametrize("warmup", [1, 2, 9])
@pytest.mark.parametrize("shape", ["linear", "cosine", "exponential"])
def test_values(curve, warmup, shape):
    """Each step of the warm-up and of the schedule after it."""
    steps = np.arange(3 * warmup + 3)
    expected = [oracle(t, warmup, 0.01, shape) for t in steps]
    np.testing.assert_allclose(curve(Warmup(DECAY, warmup, 0.01, shape), steps), expected, rtol=2e-6)


def test_joined_as_in_optax(curve):
    """It is a line and a schedule joined."""
    steps = np.arange(40)
    line, decay = optax.linear_schedule(0.03, 0.3, 10), optax.cosine_decay_schedule(0.3, 25)
    theirs = [line(t + 1) if t < 10 else decay(t - 10) for t in steps]
    ours = Warmup(keras.optimizers.schedules.CosineDecay(0.3, 25), 10, initial=0.03)
    np.testing.assert_allclose(curve(ours, steps), theirs, rtol=1e-5, atol=1e-8)


def test_around_a_cosine_is_warmup_cosine(curve):
    """The schedule of its own gives the same rates."""
    steps = np.arange(40)
    around = Warmup(keras.optimizers.schedules.CosineDecay(0.3, 25), 10)
    np.testing.assert_allclose(curve(around, steps), curve(WarmupCosine(0.3, 35, 10), steps), rtol=1e-5, atol=1e-8)


def test_of_a_number(curve):
    """A number is a constant rate to warm up to."""
    np.testing.assert_allclose(curve(Warmup(0.4, 4), np.arange(6)), [0.1, 0.2, 0.3, 0.4, 0.4, 0.4], rtol=1e-6)


def test_no_warmup_is_the_schedule(curve):
    """With 0 steps nothing is put in front."""
    steps = np.arange(6)
    np.testing.assert_array_equal(curve(Warmup(DECAY, 0), steps), curve(DECAY, steps))


def test_exact_in_long_runs(curve):
    """The schedule begins at its own step 0, however late that is."""
    steps = np.arange(4)
    np.testing.assert_array_equal(curve(Warmup(DECAY, 2**26), 2**26 + steps), curve(DECAY, steps))


def test_falls_to_a_lower_rate(curve):
    """The initial rate may be above that of the schedule."""
    np.testing.assert_allclose(curve(Warmup(0.1, 3, initial=0.4), np.arange(4)), [0.3, 0.2, 0.1, 0.1], rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"schedule": "warmup_cosine", "warmup_steps": 3}, "`schedule` must be a `LearningRateSchedule`"),
        ({"schedule": {"config": {}}, "warmup_steps": 3}, "`schedule` must be a `LearningRateSchedule`"),
        ({"schedule": -0.1, "warmup_steps": 3}, "`schedule` must be a finite number, 0 or more"),
        ({"schedule": {"class_name": "warmup_cosin"}, "warmup_steps": 3}, "Did you mean 'warmup_cosine'"),
        ({"schedule": 0.1, "warmup_steps": 2.5}, "`warmup_steps` must be a whole number"),
        ({"schedule": 0.1, "warmup_steps": 3, "initial": -1}, "`initial` must be a finite number, 0 or more"),
        ({"schedule": 0.1, "warmup_steps": 3, "shape": "cubic"}, "`shape` must be one of 'linear', 'cosine'"),
        ({"schedule": 0.1, "warmup_steps": 3, "shape": "exponential"}, "`initial` must be above 0"),
    ],
)
def test_bad_arguments(arguments, message):
    """What is out of range is refused at construction."""
    with pytest.raises(ValueError, match=message):
        Warmup(**arguments)


def test_configuration_of_something_else():
    """The configuration of what is no schedule is refused."""
    config = keras.saving.serialize_keras_object(keras.losses.MeanSquaredError())
    with pytest.raises(ValueError, match="`schedule` must be a `LearningRateSchedule`"):
        Warmup(config, 3)
