"""Schedules that count updates, held against optimizers that accumulate gradients."""

import keras
import numpy as np
import pytest

import kerasplus
from kerasplus.schedules import MultiStep, PerUpdate, WarmupCosine


@pytest.mark.parametrize("every", [1, 2, 5])
def test_values(curve, every):
    """Each rate of the schedule is held for as many batches as make an update."""
    schedule = WarmupCosine(0.3, 8, 2)
    expected = np.repeat(curve(schedule, np.arange(10)), every)
    np.testing.assert_array_equal(curve(PerUpdate(schedule, every), np.arange(10 * every)), expected)


def test_exact_in_long_runs(curve):
    """The count is right where float32 could no longer tell steps apart."""
    late = 3 * 2**26
    schedule = PerUpdate(MultiStep(1.0, [2**26], 0.5), 3)
    np.testing.assert_array_equal(curve(schedule, [late - 1, late]), [1.0, 0.5])


def _weights(schedule, every, batch_size):
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(24, 3)).astype("float32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(schedule, gradient_accumulation_steps=every), loss="mse")
    model.fit(x, x.sum(axis=1, keepdims=True), batch_size=batch_size, epochs=2, shuffle=False, verbose=0)
    return np.concatenate([np.ravel(w) for w in model.get_weights()])


def test_accumulation_equals_larger_batches():
    """Three batches of two, accumulated, train like batches of six: so the rate of each update is right."""
    schedule = kerasplus.get("multi_step", learning_rate=0.1, milestones=[2, 5], factor=0.5)
    whole = _weights(schedule, None, 6)
    np.testing.assert_allclose(_weights(PerUpdate(schedule, 3), 3, 2), whole, rtol=1e-5)
    assert not np.allclose(_weights(schedule, 3, 2), whole, rtol=1e-3), "Keras counts batches"


@pytest.mark.parametrize("every", [0, -1, 1.5, None])
def test_bad_arguments(every):
    """Updates take a whole number of batches."""
    with pytest.raises(ValueError, match="`gradient_accumulation_steps` must be a whole number, 1 or more"):
        PerUpdate(WarmupCosine(0.1, 10), every)
