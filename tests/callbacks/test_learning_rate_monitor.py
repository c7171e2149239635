"""The rate in the logs: that of the schedule at the number of updates, whatever the schedule."""

import json

import keras
import numpy as np
import pytest

from kerasplus.callbacks import LearningRateMonitor
from kerasplus.schedules import Join, PerUpdate, Warmup, WarmupCosine

X = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def build(rate, **arguments):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate, **arguments), loss="mse")
    return model


def fit(model, callbacks, epochs=2, **arguments):
    """Trains with three batches an epoch."""
    return model.fit(X, Y, batch_size=4, epochs=epochs, shuffle=False, verbose=0, callbacks=callbacks, **arguments)


class Seen(keras.callbacks.Callback):
    """Notes the rates in the logs of the batches."""

    def __init__(self):
        super().__init__()
        self.rates = []

    def on_train_batch_end(self, batch, logs=None):
        self.rates.append(logs.get("learning_rate"))


@pytest.mark.parametrize(
    "schedule",
    [
        WarmupCosine(0.2, 6, 2),
        keras.optimizers.schedules.PiecewiseConstantDecay([2, 4], [0.1, 0.2, 0.3]),
        Join([Warmup(0.2, 2), keras.optimizers.schedules.InverseTimeDecay(0.2, 1, 1.0)], [3]),
        keras.optimizers.schedules.CosineDecay(0.2, 6, warmup_target=0.3, warmup_steps=2),
    ],
    ids=lambda schedule: type(schedule).__name__,
)
def test_rates_are_those_of_the_schedule(schedule):
    """Each batch has the schedule at its step, each epoch the schedule at the number of updates."""
    monitor, seen = LearningRateMonitor(per_batch=True), Seen()
    history = fit(build(schedule), [monitor, seen]).history
    expected = [float(schedule(step)) for step in range(7)]
    assert monitor.rates["step"] == list(range(6))
    np.testing.assert_allclose(monitor.rates["learning_rate"], expected[:6], rtol=1e-6)
    assert seen.rates == monitor.rates["learning_rate"]
    np.testing.assert_allclose(history["learning_rate"], [expected[3], expected[6]], rtol=1e-6)


def test_number():
    """A plain rate is shown too, as others set it, and batches are not looked at unless asked for."""
    monitor, seen = LearningRateMonitor(), Seen()
    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.5 / (epoch + 1))
    history = fit(build(0.5), [scheduler, monitor, seen]).history
    assert history["learning_rate"] == [0.5, 0.25]
    assert monitor.rates == {}
    assert seen.rates == [None] * 6


def test_accumulated_gradients():
    """With accumulation the rate of a batch is the one that Keras uses, which counts batches."""
    monitor, schedule = LearningRateMonitor(per_batch=True), PerUpdate(WarmupCosine(0.2, 3), 2)
    fit(build(schedule, gradient_accumulation_steps=2), [monitor])
    np.testing.assert_allclose(monitor.rates["learning_rate"], [float(schedule(step)) for step in range(6)], rtol=1e-6)
    assert monitor.rates["step"] == [0, 0, 1, 1, 2, 2]


def test_resumed_equals_uninterrupted(tmp_path):
    """Saved and loaded, training goes on at the next rate of the schedule, to the same weights."""
    schedule = Warmup(WarmupCosine(0.2, 9, 2), 2)
    whole, monitor = build(schedule), LearningRateMonitor(per_batch=True)
    expected = fit(whole, [monitor], 4).history["learning_rate"]

    half, first = build(schedule), LearningRateMonitor(per_batch=True)
    rates = fit(half, [first]).history["learning_rate"]
    half.save(tmp_path / "half.keras")
    state = json.loads(json.dumps(first.get_state()))
    rest, second = keras.models.load_model(tmp_path / "half.keras"), LearningRateMonitor(per_batch=True)
    second.set_state(state)
    rates += fit(rest, [second], 4, initial_epoch=2).history["learning_rate"]

    assert rates == expected
    assert second.rates == monitor.rates
    for got, wanted in zip(rest.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-6)


def test_two_fits_in_a_row():
    """A second fit does not keep the rates of the first, which go on where the optimizer is."""
    model, monitor = build(WarmupCosine(0.2, 12)), LearningRateMonitor(per_batch=True)
    fit(model, [monitor])
    fit(model, [monitor])
    assert monitor.rates["step"] == list(range(6, 12))


def test_under_mixed_precision():
    """Inside of a `LossScaleOptimizer` the rate has its usual name."""
    keras.config.set_dtype_policy("mixed_float16")
    schedule = WarmupCosine(0.01, 6, 2)
    model = build(schedule)
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    model.optimizer.initial_scale = 1.0
    history = fit(model, [LearningRateMonitor()]).history
    updates = int(model.optimizer.inner_optimizer.iterations)
    np.testing.assert_allclose(history["learning_rate"][-1], float(schedule(updates)), rtol=1e-6)


def test_passive():
    """Weights and other logs are what they are without it."""
    plain, watched = build(WarmupCosine(0.2, 6)), build(WarmupCosine(0.2, 6))
    losses = fit(plain, []).history["loss"]
    assert fit(watched, [LearningRateMonitor(per_batch=True)]).history["loss"] == losses
    for got, wanted in zip(watched.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_several_steps_per_execution():
    """Where Keras runs several steps at once, the rate of the first of them is kept."""
    if keras.backend.backend() == "torch":
        pytest.skip("Keras has no steps_per_execution on PyTorch")
    model, monitor, schedule = build(0.1), LearningRateMonitor(per_batch=True), WarmupCosine(0.2, 6)
    model.compile(keras.optimizers.SGD(schedule), loss="mse", steps_per_execution=3)
    history = fit(model, [monitor]).history
    assert monitor.rates["step"] == [0, 3]
    np.testing.assert_allclose(history["learning_rate"], [float(schedule(3)), float(schedule(6))], rtol=1e-6)


def test_configuration():
    """Its argument is in the configuration; anything but True and False is refused."""
    config = keras.saving.serialize_keras_object(LearningRateMonitor(per_batch=True))
    assert keras.saving.deserialize_keras_object(json.loads(json.dumps(config))).per_batch is True
    with pytest.raises(ValueError, match="`per_batch` must be True or False. Received: per_batch='batch'"):
        LearningRateMonitor("batch")
