"""Schedules in a real `fit`: the compiled step uses them, on every backend, as does a rate set before each batch."""

import keras
import numpy as np
import pytest

import kerasplus
from kerasplus.schedules import CosineRestarts, Join, OneCycle, Warmup, WarmupCosine

X = np.random.default_rng(0).normal(size=(24, 3)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


class PerBatch(keras.callbacks.Callback):
    """Sets the rate before each batch."""

    def __init__(self, schedule):
        super().__init__()
        self.schedule = schedule
        self.step = 0

    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate = float(self.schedule(self.step))
        self.step += 1


def trained(rate, callbacks=(), **arguments):
    """The weights and losses after two epochs of six batches."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.AdamW(rate), loss="mse", **arguments)
    history = model.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0, callbacks=list(callbacks)).history
    return model.get_weights(), history["loss"]


@pytest.mark.parametrize("jit_compile", [False, True])
def test_compiled_schedule_equals_a_rate_set_per_batch(jit_compile):
    """A schedule in the optimizer, XLA or not, and a callback that sets its values train alike."""
    if jit_compile and keras.backend.backend() == "torch":
        pytest.skip("compiling on PyTorch takes a C++ compiler at run time")
    schedule = Join([Warmup(CosineRestarts(0.2, 3, 2, 0.5), 2), OneCycle(0.1, 6)], [7])
    weights, losses = trained(schedule, jit_compile=jit_compile)
    expected, expected_losses = trained(0.5, [PerBatch(schedule)])
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-5)
    for got, wanted in zip(weights, expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-5)


def test_replaced_rate_is_honoured_when_traced_anew():
    """Keras takes a new schedule into an optimizer without using it; after `make_train_function` it is used."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(WarmupCosine(0.1, 20)), loss="mse")
    model.fit(X, Y, verbose=0)
    before = model.get_weights()
    model.optimizer.learning_rate = kerasplus.get("product", schedules=[0.0])
    model.make_train_function(force=True)
    model.fit(X, Y, verbose=0)
    for got, wanted in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(got, wanted)
