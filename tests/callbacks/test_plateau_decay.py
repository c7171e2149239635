"""The decay at a plateau, held against Keras' and PyTorch's callbacks and against training by hand."""

import json

import keras
import numpy as np
import pytest

from kerasplus.callbacks import LearningRateMonitor, PlateauDecay
from kerasplus.schedules import Product, WarmupCosine

X = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


class Score(keras.callbacks.Callback):
    """Puts given values into the logs, one an epoch."""

    def __init__(self, values):
        super().__init__()
        self.values = values

    def on_epoch_end(self, epoch, logs=None):
        logs["score"] = self.values[epoch]


class PerBatch(keras.callbacks.Callback):
    """Sets the rate before each batch, by hand."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate
        self.step = 0

    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate = self.rate(self.step)
        self.step += 1


class Bare(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule as users write them: not registered, without a configuration."""

    def __call__(self, step):
        return 0.1 / (keras.ops.cast(step, "float32") + 1.0)


def build(rate, **arguments):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    optimizer = rate if isinstance(rate, keras.optimizers.Optimizer) else keras.optimizers.SGD(rate)
    model.compile(optimizer, loss="mse", **arguments)
    return model


def fit(model, callbacks, epochs, initial_epoch=0):
    """Trains with four batches an epoch."""
    return model.fit(
        X, Y, batch_size=4, epochs=epochs, initial_epoch=initial_epoch, shuffle=False, verbose=0, callbacks=callbacks
    ).history


def decayed(callback, values, rate=1.0):
    """The rate of each epoch when the monitored value has these values, without training."""
    model = build(rate)
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, value in enumerate(values):
        callback.on_epoch_begin(epoch)
        logs = {"loss": 1.0, callback.monitor: value}
        callback.on_epoch_end(epoch, logs)
        rates.append(logs["learning_rate"])
    callback.on_train_end()
    return rates


def random_walk(seed, count=60):
    """Values on a grid that fall, rise and stall."""
    return (np.cumsum(np.random.default_rng(seed).integers(-1, 2, size=count)) / 4 + 10).tolist()


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize(("patience", "min_delta"), [(1, 0.0), (3, 0.0), (2, 0.3)])
def test_rates_are_those_of_keras(mode, patience, min_delta):
    """On a plain rate it does what Keras' `ReduceLROnPlateau` does."""
    keras_model = build(1.0)
    theirs = keras.callbacks.ReduceLROnPlateau("score", 0.5, patience, mode=mode, min_delta=min_delta)
    theirs.set_model(keras_model)
    theirs.on_train_begin()
    expected = []
    for epoch, value in enumerate(random_walk(patience)):
        logs = {"score": value}
        theirs.on_epoch_end(epoch, logs)
        expected.append(logs["learning_rate"])
    ours = decayed(PlateauDecay("score", 0.5, patience, mode, min_delta), random_walk(patience))
    np.testing.assert_array_equal(ours, expected)
    assert len(set(ours)) > 2


@pytest.mark.parametrize("cooldown", [0, 1, 4])
def test_cooldown_is_that_of_pytorch(cooldown):
    """Epochs of a cooldown are not counted; PyTorch counts one epoch more before it changes the rate."""
    torch = pytest.importorskip("torch", reason="the oracle is PyTorch's scheduler, and PyTorch is not installed")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=1, threshold=0.0, threshold_mode="abs", cooldown=cooldown, eps=0
    )
    expected = []
    for value in random_walk(cooldown):
        expected.append(optimizer.param_groups[0]["lr"])
        theirs.step(value)
    callback = PlateauDecay("score", 0.5, patience=2, mode="min", min_delta=0.0, cooldown=cooldown)
    np.testing.assert_allclose(decayed(callback, random_walk(cooldown)), expected, rtol=1e-6)


def test_cooldown_by_hand():
    """After a change two epochs are not counted, then two without improvement change it again."""
    callback = PlateauDecay("score", 0.5, patience=2, mode="min", cooldown=2)
    rates = decayed(callback, [1.0] * 9)
    assert rates == [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25]


@pytest.mark.parametrize("rate", [1.0, WarmupCosine(1.0, 10, 2)], ids=["number", "schedule"])
def test_minimum_factor(rate):
    """The rate does not go below its part, and stays there."""
    callback = PlateauDecay("score", 0.5, patience=1, mode="min", minimum_factor=0.2)
    rates = decayed(callback, [1.0] * 6, rate)
    np.testing.assert_allclose(rates, np.array([1.0, 1.0, 0.5, 0.25, 0.2, 0.2]) * rates[0], rtol=1e-6)


def test_nan_is_no_value():
    """A NaN is neither the best value nor an epoch without improvement."""
    callback = PlateauDecay("score", 0.5, patience=2, mode="min")
    assert decayed(callback, [np.nan, 3.0, np.nan, 2.0, np.nan, 2.0, np.nan, 2.0, 1.0])[-2:] == [1.0, 0.5]
    assert callback.best == 1.0
    with pytest.warns(UserWarning, match="found no value of 'score' in any epoch"):
        decayed(PlateauDecay("score", mode="min"), [np.nan, np.nan])


SCHEDULES = {
    "ours": lambda: WarmupCosine(0.2, 20, 3),
    "keras": lambda: keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.7),
    "bare": Bare,
    "number": lambda: 0.1,
}


@pytest.mark.parametrize("kind", SCHEDULES)
def test_training_uses_the_decayed_rate(kind):
    """The compiled step honours each change: training by hand with the same rates gives the same weights."""
    rate = SCHEDULES[kind]()
    scores = [3.0, 3.0, 2.0, 2.0, 2.0]  # decays after epochs 1, 3 and 4
    model = build(rate)
    monitor = LearningRateMonitor(per_batch=True)
    history = fit(model, [Score(scores), PlateauDecay("score", 0.5, 1, "min"), monitor], 5)

    factors = np.repeat([1.0, 1.0, 0.5, 0.5, 0.25], 4)
    undecayed = [float(rate(step)) if callable(rate) else rate for step in range(21)]
    expected = factors * undecayed[:20]
    by_hand = build(0.5)
    fit(by_hand, [PerBatch(lambda step: float(expected[step]))], 5)
    for got, wanted in zip(model.get_weights(), by_hand.get_weights(), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-5)
    np.testing.assert_allclose(monitor.rates["learning_rate"], expected, rtol=1e-5)
    at_the_ends = factors[3::4] * np.array(undecayed)[4::4]
    np.testing.assert_allclose(history["learning_rate"], at_the_ends, rtol=1e-5, atol=1e-9)


def test_saved_with_the_model(tmp_path):
    """The file holds the decayed schedule, and a later callback goes on from it without another product."""
    schedule = keras.optimizers.schedules.CosineDecay(0.2, 20)
    model = build(schedule)
    fit(model, [Score([1.0] * 3), PlateauDecay("score", 0.5, 1, "min")], 3)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(float(loaded.optimizer.learning_rate), 0.25 * float(schedule(12)), rtol=1e-6)
    callback = PlateauDecay("score", 0.5, 1, "min")
    fit(loaded, [Score([1.0] * 2), callback], 2)
    assert callback.factors == {"learning_rate": 0.125}
    config = loaded.optimizer.get_config()["learning_rate"]
    assert config["class_name"] == "Product"
    first, factor = config["config"]["schedules"]
    assert (first["class_name"], factor) == ("CosineDecay", 0.125)


def test_product_of_a_user_is_left_alone():
    """A product that somebody made is a schedule like others, and keeps its own factor."""
    model = build(Product([WarmupCosine(0.2, 20), 0.5]))
    callback = PlateauDecay("score", 0.1, 1, "min")
    fit(model, [Score([1.0] * 2), callback], 2)
    assert callback.factors == {"learning_rate": 0.1}
    np.testing.assert_allclose(float(model.optimizer.learning_rate), 0.05 * float(WarmupCosine(0.2, 20)(8)), rtol=1e-6)


@pytest.mark.parametrize("kind", ["ours", "number"])
def test_resumed_equals_uninterrupted(tmp_path, kind):
    """Saved after three epochs with the state of the callback, the rest goes on as if nothing had been."""
    scores = [3.0, 3.0, 3.0, 2.0, 2.0, 2.0, 2.0]
    arguments = {"monitor": "score", "factor": 0.5, "patience": 2, "mode": "min", "cooldown": 1, "minimum_factor": 0.3}
    whole = build(SCHEDULES[kind]())
    expected = fit(whole, [Score(scores), PlateauDecay(**arguments)], 7)["learning_rate"]

    first, callback = build(SCHEDULES[kind]()), PlateauDecay(**arguments)
    rates = fit(first, [Score(scores), callback], 3)["learning_rate"]
    first.save(tmp_path / "model.keras")
    state = json.loads(json.dumps(callback.get_state()))
    second, callback = keras.models.load_model(tmp_path / "model.keras"), PlateauDecay(**arguments)
    callback.set_state(state)
    rates += fit(second, [Score(scores), callback], 7, initial_epoch=3)["learning_rate"]

    np.testing.assert_allclose(rates, expected, rtol=1e-6)
    for got, wanted in zip(second.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-6)


def test_state_brings_a_fresh_schedule_up_to_date():
    """If only weights were restored, the state decays the schedule of the new model as far as the old one's."""
    model = build(WarmupCosine(0.2, 20))
    callback = PlateauDecay("score", 0.5, 5, "min")
    callback.set_state({"best": 1.0, "wait": 0, "cooldown_left": 0, "factors": {"learning_rate": 0.25}})
    rates = fit(model, [Score([2.0]), callback], 1)["learning_rate"]
    np.testing.assert_allclose(rates, [0.25 * float(WarmupCosine(0.2, 20)(4))], rtol=1e-6)
    assert (callback.best, callback.wait) == (1.0, 1)


def test_two_fits_in_a_row():
    """The second fit counts anew; the rate itself stays where it was."""
    callback = PlateauDecay("score", 0.5, 2, "min")
    first = decayed(callback, [1.0, 1.0, 1.0, 1.0])
    assert callback.get_state() == {"best": 1.0, "wait": 1, "cooldown_left": 0, "factors": {"learning_rate": 0.5}}
    assert decayed(callback, [5.0, 5.0, 5.0, 5.0]) == first == [1.0, 1.0, 1.0, 0.5]


def test_every_optimizer_of_several():
    """A `MultiOptimizer` has each of its rates decayed and shown, a schedule and a number."""
    if not hasattr(keras.optimizers, "MultiOptimizer"):
        pytest.skip("this Keras has no MultiOptimizer")
    schedule = WarmupCosine(0.2, 20)
    optimizers = keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.1, name="slow"))
    optimizers[".*/bias"] = keras.optimizers.Adam(schedule, name="fast")
    model = build(keras.optimizers.MultiOptimizer(optimizers))
    history = fit(model, [Score([1.0] * 3), PlateauDecay("score", 0.5, 1, "min")], 3)
    np.testing.assert_allclose(history["learning_rate_slow"], [0.1, 0.1, 0.05], rtol=1e-6)
    expected = np.array([1.0, 1.0, 0.5]) * [float(schedule(step)) for step in (4, 8, 12)]
    np.testing.assert_allclose(history["learning_rate_fast"], expected, rtol=1e-6)


def test_inside_a_loss_scale_optimizer():
    """Under mixed precision the rate of the inner optimizer is decayed."""
    model = build(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(WarmupCosine(0.2, 20)), initial_scale=1.0))
    history = fit(model, [Score([1.0] * 3), PlateauDecay("score", 0.5, 1, "min")], 3)
    expected = np.array([1.0, 1.0, 0.5]) * [float(WarmupCosine(0.2, 20)(step)) for step in (4, 8, 12)]
    np.testing.assert_allclose(history["learning_rate"], expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("monitor", "low"), [("val_loss", True), ("accuracy", False), ("val_out_accuracy", False), ("mae", True)]
)
def test_direction_that_the_metric_declares(monitor, low):
    """With `mode="auto"` a loss is better when lower, a metric as it says itself."""
    model = build(0.1, metrics=["accuracy", keras.metrics.MeanAbsoluteError(name="mae")])
    fit(model, [], 1)
    callback = PlateauDecay(monitor, 0.5, 1)
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate([1.0, 2.0]):
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, {monitor: value})
    assert callback.best == (1.0 if low else 2.0)
    np.testing.assert_allclose(float(model.optimizer.learning_rate), 0.05 if low else 0.1, rtol=1e-6)


def test_unknown_direction():
    """A value of nobody's metric needs a mode."""
    with pytest.raises(ValueError, match='of \'score\' is better is not declared. Pass `mode="min"` or `mode="max"`'):
        decayed(PlateauDecay("score"), [1.0, 2.0])


def test_unknown_monitor():
    """A name that is not in the logs is an error, with the names there are."""
    with pytest.raises(ValueError, match="`monitor` must be a name in the logs: learning_rate, loss. Received: 'los'"):
        fit(build(0.1), [PlateauDecay("los")], 1)
    with pytest.raises(ValueError, match="learning_rate, loss, val_loss. Received: 'val_accuracy'"):
        build(0.1).fit(X, Y, validation_data=(X, Y), verbose=0, callbacks=[PlateauDecay("val_accuracy")])


def test_epochs_without_validation():
    """With validation every other epoch only those epochs count; without any there is a warning at the end."""
    model, callback = build(0.1), PlateauDecay("val_loss", 0.5, 1, min_delta=100.0)
    history = model.fit(
        X, Y, epochs=6, validation_data=(X, Y), validation_freq=2, verbose=0, callbacks=[callback]
    ).history
    np.testing.assert_allclose(history["learning_rate"], [0.1, 0.1, 0.1, 0.1, 0.05, 0.05], rtol=1e-6)
    with pytest.warns(UserWarning, match="found no value of 'val_loss' in any epoch"):
        fit(model, [callback], 1)


def test_vector_value():
    """A value that is no single number cannot be compared."""
    with pytest.raises(ValueError, match=r"`monitor` must name a single number.*the shape \(2,\)"):
        decayed(PlateauDecay("score", mode="min"), [np.array([1.0, 2.0])])


def test_rate_that_is_a_function():
    """Keras calls such a function once, so there is nothing to decay."""
    with pytest.raises(ValueError, match="must be a number or a `LearningRateSchedule`"):
        fit(build(lambda: 0.1), [PlateauDecay("loss")], 1)


@pytest.mark.parametrize("first", [True, False])
def test_order_among_callbacks(first):
    """Beside a monitor of the rate, both show the rate before the change, whichever comes first."""
    callbacks = [PlateauDecay("score", 0.5, 1, "min"), LearningRateMonitor()]
    callbacks = callbacks if first else callbacks[::-1]
    history = fit(build(0.5), [Score([1.0] * 3), *callbacks], 3)
    assert history["learning_rate"] == [0.5, 0.5, 0.25]


def test_not_only_in_fit():
    """In the list of `evaluate` and `predict`, and of a fit without epochs, it does nothing."""
    model, callback = build(0.5), PlateauDecay("loss")
    model.evaluate(X, Y, verbose=0, callbacks=[callback])
    model.predict(X, verbose=0, callbacks=[callback])
    model.fit(X, Y, epochs=0, verbose=0, callbacks=[callback])
    assert float(model.optimizer.learning_rate) == 0.5


def test_configuration():
    """Every argument is in the configuration and comes back."""
    callback = PlateauDecay(**PlateauDecay.alternatives)
    assert callback.get_config() == PlateauDecay.alternatives
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(callback)))
    assert keras.saving.deserialize_keras_object(config).get_config() == PlateauDecay.alternatives


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("factor", 1.0),
        ("factor", 0.0),
        ("patience", 0),
        ("patience", 1.5),
        ("mode", "lowest"),
        ("min_delta", -1.0),
        ("min_delta", float("nan")),
        ("cooldown", -1),
        ("minimum_factor", 1.1),
        ("minimum_factor", float("nan")),
    ],
)
def test_bad_arguments(argument, value):
    """What is out of range is refused at construction, by its name."""
    with pytest.raises(ValueError, match=f"`{argument}` must be .* Received: {argument}="):
        PlateauDecay(**{argument: value})
