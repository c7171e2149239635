"""The range test, held against training by hand with the same rates, and against NumPy."""

import json
import sys

import keras
import numpy as np
import pytest

from kerasplus._keras_names import rate_source
from kerasplus.callbacks import LearningRateFinder
from kerasplus.schedules import WarmupCosine

X = np.random.default_rng(0).normal(size=(48, 3)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


class Bare(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule as users write them: not registered, without a configuration."""

    def __call__(self, step):
        return 0.1 / (keras.ops.cast(step, "float32") + 1.0)


RATES = {
    "number": lambda: keras.optimizers.SGD(0.1, momentum=0.5),
    "schedule": lambda: keras.optimizers.Adam(WarmupCosine(0.2, 20, 3)),
    "bare": lambda: keras.optimizers.SGD(Bare()),
    "function": lambda: keras.optimizers.SGD(lambda: 0.05),
    "accumulated": lambda: keras.optimizers.SGD(WarmupCosine(0.2, 20), gradient_accumulation_steps=2),
    "scaled": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(WarmupCosine(0.2, 20)), 4.0),
}


def build(optimizer="sgd", **arguments):
    keras.utils.set_random_seed(0)
    drops = keras.backend.backend() != "torch"  # whose dropout draws from PyTorch's own generator
    random = keras.layers.Dropout(0.5) if drops else keras.layers.Identity()
    model = keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization(), random, keras.layers.Dense(1)])
    model.compile(optimizer, loss="mse", **arguments)
    return model


def fit(model, callbacks=(), epochs=2, **arguments):
    """Trains with twelve batches an epoch."""
    options = {"batch_size": 4, "shuffle": False, "verbose": 0, **arguments}
    return model.fit(X, Y, epochs=epochs, callbacks=list(callbacks), **options)


def state(model):
    """Every number that training changes."""
    return [np.array(keras.ops.convert_to_numpy(v)) for v in [*model.variables, *model.optimizer.variables]]


def by_hand(model, rates):
    """The loss of each batch when the model is trained with these rates, one after another."""
    losses = []
    for index, rate in enumerate(rates):
        model.reset_metrics()
        model.optimizer.learning_rate = float(rate)
        start = index * 4 % len(X)
        losses.append(model.train_on_batch(X[start : start + 4], Y[start : start + 4], return_dict=True)["loss"])
    return [float(loss) for loss in losses]


def smoothed(losses, beta):
    """The weighted mean of the losses so far, from its definition."""
    found = []
    for k in range(len(losses)):
        weights = beta ** np.arange(k, -1, -1.0)
        found.append(np.sum(weights * losses[: k + 1]) / np.sum(weights))
    return found


def test_losses_are_those_of_training_by_hand():
    """The compiled step has each rate, and each loss is that of its batch alone, over two epochs."""
    model = build("sgd", metrics=["mae"])
    finder = LearningRateFinder(1e-4, 0.1, steps=20, smoothing=0.8, divergence=100.0)
    fit(model, [finder])
    rates = np.geomspace(1e-4, 0.1, 20)
    np.testing.assert_allclose(finder.rates, rates, rtol=1e-6)
    np.testing.assert_allclose(finder.losses, by_hand(build("sgd"), rates), rtol=1e-4)
    np.testing.assert_allclose(finder.smoothed, smoothed(finder.losses, 0.8), rtol=1e-9)


def test_compiled_schedule_is_replaced():
    """A schedule that was compiled before gives way: the losses are those of the rates of the test."""
    model = build(keras.optimizers.SGD(WarmupCosine(0.2, 20, 3)))
    start = model.get_weights()
    fit(model, epochs=1)
    model.set_weights(start)
    finder = LearningRateFinder(1e-4, 0.1, steps=10, divergence=100.0)
    fit(model, [finder])
    other = build(keras.optimizers.SGD(0.5))
    fit(other, epochs=1)  # as many draws of the dropout
    other.set_weights(start)
    rates = np.geomspace(1e-4, 0.1, 10)
    np.testing.assert_allclose(finder.rates, rates, rtol=1e-5)
    np.testing.assert_allclose(finder.losses, by_hand(other, rates), rtol=1e-4)


@pytest.mark.parametrize(("kind", "trained"), [*((kind, True) for kind in RATES), ("schedule", False)])
def test_everything_is_as_before(kind, trained):
    """Weights, states of layers and generators, momenta and the rate come back; training goes on as without."""
    model, plain = build(RATES[kind]()), build(RATES[kind]())
    if trained:
        fit(model, epochs=1)
        fit(plain, epochs=1)
    source = rate_source(getattr(model.optimizer, "inner_optimizer", model.optimizer))
    expected = state(plain) if trained else None
    fit(model, [LearningRateFinder(1e-4, 1.0, steps=15)])
    if trained:
        for got, value in zip(state(model), expected, strict=True):
            np.testing.assert_array_equal(got, value)
    assert rate_source(getattr(model.optimizer, "inner_optimizer", model.optimizer)) is source
    got, expected = fit(model).history["loss"], fit(plain).history["loss"]
    np.testing.assert_array_equal(got, expected)
    for got, value in zip(state(model), state(plain), strict=True):
        np.testing.assert_array_equal(got, value)


def test_validation_and_later_callbacks_see_the_old_weights():
    """The model is given back before the epoch ends, even if the test ended at NaN."""
    model = build(keras.optimizers.SGD(0.1))
    expected = model.evaluate(X, Y, verbose=0)
    finder = LearningRateFinder(1.0, 1e30, steps=12, divergence=1e30)
    history = fit(model, [finder], validation_data=(X, Y)).history
    assert len(finder.rates) < 12
    assert np.isfinite(finder.losses).all()
    np.testing.assert_allclose(history["val_loss"], [expected], rtol=1e-6)


def test_divergence():
    """The test ends at the first smoothed loss past the factor, which is not before the first tenth."""
    model = build("sgd")
    finder = LearningRateFinder(1e-3, 100.0, steps=24, smoothing=0.5, divergence=3.0)
    history = fit(model, [finder]).history
    means = smoothed(finder.losses, 0.5)
    past = [k for k in range(24)[: len(means)] if k >= 2.4 and means[k] > 3 * min(means[: k + 1])]
    assert past == [len(means) - 1]
    assert len(means) < 24
    assert len(history["loss"]) == 1 + (len(means) > 12)


def test_losses_below_zero():
    """A loss that is negative is not taken for one that diverges, and a rise of one is."""
    finder = LearningRateFinder(1e-3, 1.0, steps=20, smoothing=0.0, divergence=2.0)
    finder._planned = 20
    assert [finder._note(-float(value)) for value in (1, 2, 3, 4, 3, 2, 0.5, 0)] == [False] * 7 + [False]
    assert finder._note(0.5)


@pytest.mark.parametrize(("epochs", "initial_epoch", "count"), [(1, 0, 12), (3, 1, 24), (9, 0, 100)])
def test_rates_cover_the_range(epochs, initial_epoch, count):
    """With fewer batches than steps the last one still has the maximum."""
    finder = LearningRateFinder(1e-6, 1e-2, divergence=1e9)
    fit(build("sgd"), [finder], epochs, initial_epoch=initial_epoch)
    np.testing.assert_allclose(finder.rates, np.geomspace(1e-6, 1e-2, count), rtol=1e-5)


def test_unknown_number_of_batches():
    """From a generator of unknown length the test ends with the data, and all is undone."""

    def batches():
        yield from ((X[:4], Y[:4]) for _ in range(7))

    model = build(keras.optimizers.SGD(Bare()))
    before = model.get_weights()
    finder = LearningRateFinder(1e-4, 1.0, steps=10)
    with pytest.warns(UserWarning, match="ran out of data"):
        model.fit(batches(), shuffle=False, verbose=0, callbacks=[finder])
    np.testing.assert_allclose(finder.rates, np.geomspace(1e-4, 1.0, 10)[:7], rtol=1e-5)
    for got, value in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(got, value)


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="PyTorch's steps run one by one")
@pytest.mark.parametrize("kind", ["number", "schedule"])
def test_several_steps_an_execution(kind):
    """Where Keras runs several batches at once, they are one step."""
    finder = LearningRateFinder(1e-4, 1e-2, steps=5, divergence=1e9)
    fit(build(RATES[kind](), steps_per_execution=3), [finder])
    np.testing.assert_allclose(finder.rates, np.geomspace(1e-4, 1e-2, 5), rtol=1e-5)


def test_every_optimizer_of_several():
    """A `MultiOptimizer` gets the rate in each optimizer, and each has its own back."""
    if not hasattr(keras.optimizers, "MultiOptimizer"):
        pytest.skip("this Keras has no MultiOptimizer")
    schedule = WarmupCosine(0.2, 20)
    optimizers = keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.1, name="slow"))
    optimizers[".*/bias"] = keras.optimizers.SGD(schedule, name="fast")
    model = build(keras.optimizers.MultiOptimizer(optimizers))
    finder = LearningRateFinder(1e-4, 0.1, steps=20, divergence=100.0)
    fit(model, [finder])
    rates = np.geomspace(1e-4, 0.1, 20)
    np.testing.assert_allclose(finder.losses, by_hand(build("sgd"), rates), rtol=1e-4)
    rates = {each.name: float(each.learning_rate) for each in model.optimizer.optimizers}
    assert rates == {"slow": pytest.approx(0.1), "fast": pytest.approx(float(schedule(0)))}


class Interrupts(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if batch == 3:
            raise KeyboardInterrupt


@pytest.mark.parametrize("kind", ["number", "schedule"])
def test_interrupt(kind):
    """After an interrupt `restore` undoes the training, and so does the next test with the same finder."""
    for again in (False, True):
        model, finder = build(RATES[kind]()), LearningRateFinder(1e-3, 1.0, steps=10, divergence=1e9)
        fit(model, epochs=1)
        before, source = state(model), rate_source(model.optimizer)
        with pytest.raises(KeyboardInterrupt):
            fit(model, [finder, Interrupts()])
        assert any(not np.array_equal(a, b) for a, b in zip(state(model), before, strict=False))
        if again:
            fit(model, [finder])
        else:
            finder.restore()
        assert rate_source(model.optimizer) is source
        for got, value in zip(state(model), before, strict=True):
            np.testing.assert_array_equal(got, value)


def with_curve(losses):
    """A finder after a test with these smoothed losses, a factor of 10 apart in their rates."""
    finder = LearningRateFinder()
    finder.set_state(
        {"rates": [10.0**k for k in range(-9, len(losses) - 9)], "losses": list(losses), "smoothed": list(losses)}
    )
    return finder


def test_suggestions():
    """The steepest place before the minimum, and a tenth of the minimum; a start too steep does not count."""
    curve = [30.0, 9.0, 8.9, 8.8, 8.0, 5.0, 2.0, 1.5, 1.4, 1.6, 20.0, 2.0, 9.0]
    finder = with_curve(curve)
    assert finder.suggestion() == pytest.approx(1e-4)
    assert finder.suggestion("minimum") == pytest.approx(1e-2)
    with pytest.raises(ValueError, match="`rule` must be 'steepest' or 'minimum'. Received: rule='best'"):
        finder.suggestion("best")
    for none in ([], [1.0], [1.0, 2.0, 3.0, 4.0]):
        with pytest.raises(ValueError, match="The loss did not fall in the test"):
            with_curve(none).suggestion()


def test_suggestion_trains_well():
    """On a real problem, the suggested rate is within what training can bear, and better than a hundredth of it."""
    keras.utils.set_random_seed(1)
    x = np.random.default_rng(1).normal(size=(512, 8)).astype("float32")
    y = np.sin(x).sum(axis=1, keepdims=True)

    def network():
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(32, activation="tanh"), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.5), loss="mse")
        return model

    model, finder = network(), LearningRateFinder()
    model.fit(x, y, batch_size=16, epochs=4, shuffle=False, verbose=0, callbacks=[finder])
    ends = {}
    for factor in (1.0, 0.01):
        for rule in ("steepest", "minimum"):
            model = network()
            model.optimizer.learning_rate = finder.suggestion(rule) * factor
            ends[factor, rule] = model.fit(x, y, batch_size=16, epochs=2, verbose=0).history["loss"][-1]
    for rule in ("steepest", "minimum"):
        assert ends[1.0, rule] < 0.5 * ends[0.01, rule]


def test_plot():
    """The picture has both curves over the logarithm of the rate, and the suggestion."""
    figure = pytest.importorskip("matplotlib.figure", reason="drawing takes matplotlib")
    finder = with_curve([9.0, 8.0, 5.0, 2.0, 1.0, 1e9])
    ax = figure.Figure().subplots()
    assert finder.plot(ax=ax) is ax
    assert (ax.get_xscale(), ax.get_xlabel(), ax.get_ylabel()) == ("log", "learning rate", "loss")
    raw, mean, point = ax.get_lines()
    np.testing.assert_allclose(raw.get_xdata(), finder.rates)
    np.testing.assert_allclose(mean.get_ydata(), finder.smoothed)
    assert point.get_xdata() == [finder.suggestion()]
    low, high = ax.get_ylim()
    assert -10 < low < 1 < 9 < high < 20  # in spite of the divergence
    assert len(with_curve([1.0, 1.0]).plot(ax=figure.Figure().subplots()).get_lines()) == 2
    with_curve([]).plot(ax=figure.Figure().subplots())


def test_plot_without_matplotlib(monkeypatch):
    """Without matplotlib the error says what to install."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'kerasplus\[plot\]'"):
        with_curve([2.0, 1.0]).plot()


def test_no_loss_in_the_logs():
    """A training step of one's own that shows no loss cannot be tested."""
    finder = LearningRateFinder(steps=4)
    finder.set_model(build("sgd"))
    finder.set_params({"epochs": 1, "steps": 4})
    finder.on_train_begin()
    finder.on_epoch_begin(0)
    finder.on_train_batch_begin(0)
    with pytest.raises(ValueError, match="The logs of a batch must have a 'loss'. Received: \\['mae'\\]"):
        finder.on_train_batch_end(0, {"mae": 1.0})


def test_state_and_configuration():
    """Results and arguments survive JSON; the next fit tests anew."""
    finder = LearningRateFinder(**LearningRateFinder.alternatives)
    fit(build("sgd"), [finder])
    found = json.loads(json.dumps(finder.get_state()))
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(finder)))
    other = keras.saving.deserialize_keras_object(config)
    assert other.get_config() == LearningRateFinder.alternatives
    other.set_state(found)
    assert other.rates == finder.rates
    assert other.smoothed == finder.smoothed
    fit(build("sgd"), [other])
    assert other.get_state() == found


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("minimum", 0.0),
        ("minimum", float("nan")),
        ("maximum", 1e-8),
        ("maximum", float("inf")),
        ("steps", 1),
        ("steps", 2.5),
        ("smoothing", 1.0),
        ("smoothing", -0.1),
        ("divergence", 1.0),
        ("divergence", float("nan")),
    ],
)
def test_bad_arguments(argument, value):
    """What is out of range is refused at construction, by its name."""
    with pytest.raises(ValueError, match=f"`{argument}` must be .* Received: {argument}="):
        LearningRateFinder(**{argument: value})
