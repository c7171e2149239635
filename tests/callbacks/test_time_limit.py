"""`TimeLimit` stops a training, and counts the time of earlier parts."""

import keras
import numpy as np
import pytest

from kerasplus.callbacks import time_limit
from kerasplus.callbacks.time_limit import TimeLimit


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    now = [100.0]
    monkeypatch.setattr(time_limit.time, "monotonic", lambda: now[0])
    return now


def fit(callback, clock, seconds_per_batch=1.0, epochs=5):
    """How many batches of 4 an epoch were trained."""
    batches = []

    class Tick(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            batches.append(batch)
            clock[0] += seconds_per_batch

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 1)), np.ones(4), batch_size=1, epochs=epochs, verbose=0, callbacks=[Tick(), callback])
    return len(batches)


def test_it_stops_after_the_batch_that_exceeds_the_limit(clock):
    """In the middle of an epoch; a second fit has the whole time again."""
    callback = TimeLimit(5.5)
    assert fit(callback, clock) == 6
    assert fit(callback, clock) == 6
    assert fit(TimeLimit(1000), clock) == 20


def test_a_resumed_training_has_used_the_time_before(clock):
    """Whether the state is set before the fit or when it begins."""
    first = TimeLimit(5.5)
    assert fit(first, clock, epochs=1) == 4
    before = TimeLimit(5.5)
    before.set_state(first.get_state())
    assert fit(before, clock) == 2

    class Late(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            late.set_state(first.get_state())

    late = TimeLimit(5.5)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 1)), np.ones(4), epochs=1, verbose=0, callbacks=[late, Late()])
    assert late.get_state() == {"used": 4.0}


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_bad_arguments_raise_at_once(seconds):
    """With the name of the argument."""
    with pytest.raises(ValueError, match="`seconds` must be a finite number"):
        TimeLimit(seconds)


def test_its_config_is_complete():
    """And it can be built from it."""
    assert TimeLimit.from_config(TimeLimit(3.0).get_config()).seconds == 3.0
