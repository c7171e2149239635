"""Scheduled parameters, held against training in NumPy with the same values."""

import json

import keras
import numpy as np
import pytest
from keras import ops

from kerasplus.callbacks import ParameterSchedule
from kerasplus.schedules import WarmupCosine

X = np.random.default_rng(0).normal(size=(12, 3))
Y = X.sum(axis=1, keepdims=True) + 1.0


@keras.saving.register_keras_serializable(package="test_parameter_schedule")
class Scaled(keras.losses.Loss):
    """A squared error times a plain attribute."""

    def __init__(self, factor=1.0, **options):
        super().__init__(**options)
        self.factor = factor

    def call(self, y_true, y_pred):
        return self.factor * ops.mean((ops.cast(y_true, y_pred.dtype) - y_pred) ** 2, axis=-1)


class Gain(keras.layers.Layer):
    """Multiplies by a number, an attribute or a variable."""

    def __init__(self, gain=1.0, **options):
        super().__init__(**options)
        self.gain = gain

    def build(self, shape):
        self.held = self.add_weight(shape=(), initializer="ones", trainable=False, name="held")
        self.several = self.add_weight(shape=(2,), initializer="ones", trainable=False, name="several")

    def call(self, inputs):
        return inputs * self.gain * self.held


def build(loss="mse", optimizer=None, layers=(), **options):
    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", name="dense")
    model = keras.Sequential([keras.Input((3,)), *layers, dense])
    model.compile(optimizer or keras.optimizers.SGD(0.1), loss=loss, **options)
    return model


def fit(model, callbacks, epochs=4, **options):
    """Trains with three batches an epoch."""
    options = {"batch_size": 4, "shuffle": False, "verbose": 0, **options}
    return model.fit(X, Y, epochs=epochs, callbacks=callbacks, **options).history


def in_numpy(factor=lambda e, t: 1.0, gain=lambda e, t: 1.0, decay=lambda e, t: 0.0, rate=lambda e, t: 0.1, epochs=4):
    """The kernel after a linear regression by gradient descent, with values by epoch and step, in float64."""
    kernel, step = np.zeros((3, 1)), 0
    for epoch in range(epochs):
        for start in range(0, 12, 4):
            at = (epoch, step)
            x, y = X[start : start + 4] * gain(*at), Y[start : start + 4]
            slope = factor(*at) * 2 * x.T @ (x @ kernel - y) / 4
            kernel = kernel - rate(*at) * (slope + decay(*at) * kernel)
            step += 1
    return kernel


EPOCHS = [0.5, 1.0, 0.25, 0.25]
POINTS = [[0, 0.5], [1, 1.0], [2, 0.25]]


def of_epoch(epoch, step):
    return EPOCHS[epoch]


@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}, {"jit_compile": True}], ids=["graph", "eager", "xla"])
def test_attribute_of_a_loss(options):
    """A plain attribute of the loss acts in the compiled step, in each epoch with its value, and is logged."""
    if options.get("jit_compile") and keras.backend.backend() == "torch":
        pytest.skip("PyTorch has no XLA")
    model = build(Scaled(), **options)
    history = fit(model, [ParameterSchedule("loss.factor", POINTS)])
    np.testing.assert_allclose(model.get_weights()[0], in_numpy(factor=of_epoch), rtol=1e-4)
    assert history["loss.factor"] == EPOCHS
    assert model.loss.factor == 0.25


def test_validation_has_the_value_too():
    """The validation of an epoch computes with its value; a rate of zero leaves only that change."""
    model = build(Scaled(), keras.optimizers.SGD(0.0))
    history = fit(model, [ParameterSchedule("loss.factor", POINTS)], validation_data=(X, Y))
    np.testing.assert_allclose(history["val_loss"], np.array(EPOCHS) * np.mean(Y**2), rtol=1e-5)
    np.testing.assert_allclose(history["loss"], np.array(EPOCHS) * np.mean(Y**2), rtol=1e-5)


@pytest.mark.parametrize("by", ["name", "place"])
def test_one_loss_of_several(by):
    """Losses of outputs are reached by the name of the output or the place, and the others stay."""
    inputs = keras.Input((3,))
    outputs = [
        keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", name=name)(inputs) for name in ("one", "two")
    ]
    model = keras.Model(inputs, outputs)
    losses = [Scaled(), Scaled(2.0)]
    model.compile(keras.optimizers.SGD(0.1), {"one": losses[0], "two": losses[1]} if by == "name" else losses)
    callback = ParameterSchedule("loss.one.factor" if by == "name" else "loss.0.factor", POINTS)
    model.fit(X, [Y, Y], batch_size=4, epochs=4, shuffle=False, verbose=0, callbacks=[callback])
    one, two = model.get_weights()
    np.testing.assert_allclose(one, in_numpy(factor=of_epoch), rtol=1e-4)
    np.testing.assert_allclose(two, in_numpy(factor=lambda e, t: 2.0), rtol=1e-4)


@pytest.mark.parametrize(
    ("loss", "name", "targets"),
    [
        (keras.losses.Huber(1.0), "delta", Y),
        (keras.losses.BinaryFocalCrossentropy(gamma=2.0, from_logits=True), "gamma", Y > 1),
    ],
    ids=["huber", "focal"],
)
def test_loss_of_keras(loss, name, targets):
    """Keras' losses compute with a copy of their arguments: that is what changes."""
    model = build(loss, keras.optimizers.SGD(0.0))
    callback = ParameterSchedule(f"loss.{name}", POINTS)
    history = model.fit(X, targets.astype("float32"), epochs=4, verbose=0, callbacks=[callback]).history
    others = [type(loss)(**{**loss.get_config(), name: value}) for value in EPOCHS]
    expected = [float(other(targets.astype("float32"), np.zeros_like(Y))) for other in others]
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-4)
    assert len(set(expected)) == 3


def test_weight_decay():
    """The weight decay of the optimizer, in the compiled step."""
    model = build(optimizer=keras.optimizers.SGD(0.1, weight_decay=0.5))
    fit(model, [ParameterSchedule("optimizer.weight_decay", POINTS)])
    np.testing.assert_allclose(model.get_weights()[0], in_numpy(decay=of_epoch), rtol=1e-4)


def test_inside_a_loss_scale_optimizer():
    """The optimizer inside is the one that computes; the wrapper has an attribute of the name, too."""
    inner = keras.optimizers.SGD(0.1, weight_decay=0.5)
    model = build(optimizer=keras.optimizers.LossScaleOptimizer(inner, 1.0))
    fit(model, [ParameterSchedule("optimizer.weight_decay", POINTS)])
    np.testing.assert_allclose(model.get_weights()[0], in_numpy(decay=of_epoch), rtol=1e-4)


@pytest.mark.parametrize("on", ["epoch", "batch"])
@pytest.mark.parametrize("parameter", ["optimizer.learning_rate", "gain.held"])
def test_variables(on, parameter):
    """A variable is assigned, before each epoch or each batch, and the compiled step has it."""
    model = build(layers=[Gain(name="gain")])
    points = [[0, 0.125], [4, 0.25], [12, 0.5]]
    seen = [float(np.interp(step, *zip(*points, strict=True))) for step in range(12)]
    history = fit(model, [ParameterSchedule(parameter, points, on, name="shown")])

    def value(epoch, step):
        return seen[epoch if on == "epoch" else step]

    argument = {"optimizer.learning_rate": "rate", "gain.held": "gain"}[parameter]
    np.testing.assert_allclose(model.get_layer("dense").get_weights()[0], in_numpy(**{argument: value}), rtol=1e-4)
    np.testing.assert_allclose(history["shown"], seen[:4] if on == "epoch" else seen[2::3], rtol=1e-6)


def test_layer_inside_of_a_model():
    """Layers of inner models are reached through them, also with points in their names."""
    point = "_" if keras.backend.backend() == "torch" else "."  # PyTorch refuses points
    inner = keras.Sequential([keras.Input((3,)), Gain(name=f"a{point}b")], name=f"in{point}ner")
    model = build(layers=[inner])
    fit(model, [ParameterSchedule(f"in{point}ner.a{point}b.gain", POINTS)])
    np.testing.assert_allclose(model.get_layer("dense").get_weights()[0], in_numpy(gain=of_epoch), rtol=1e-4)


def test_attribute_of_a_model():
    """A model of one's own has attributes that its step uses."""

    class Weighed(keras.Model):
        beta = 3.0

        def __init__(self):
            super().__init__()
            self.beta = 1.0
            self.dense = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")

        def call(self, inputs):
            return self.dense(inputs) * self.beta

    model = Weighed()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    fit(model, [ParameterSchedule("beta", POINTS)])
    np.testing.assert_allclose(model.get_weights()[0], in_numpy(gain=of_epoch), rtol=1e-4)


def test_rate_of_a_dropout():
    """Dropout grows from epoch to epoch: the share of zeros is that of the rate."""
    dropout = keras.layers.Dropout(0.1, seed=1, name="dropout")
    zeros = []

    class Counts(keras.layers.Layer):
        def __init__(self, **options):
            super().__init__(**options)
            self.count = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def call(self, inputs):
            self.count.assign(ops.mean(ops.cast(inputs == 0.0, "float32")))
            return inputs

    counts = Counts()

    class Notes(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            zeros.append(float(self.model.get_layer(counts.name).get_weights()[0]))

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((500,)), dropout, counts, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    schedule = ParameterSchedule("dropout.rate", [[0, 0.1], [2, 0.9]])
    model.fit(np.ones((20, 500)), np.ones(20), batch_size=20, epochs=3, verbose=0, callbacks=[schedule, Notes()])
    np.testing.assert_allclose(zeros, [0.1, 0.5, 0.9], atol=0.03)


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="PyTorch's step is not compiled")
def test_traced_anew_only_for_another_value():
    """Epochs with the value of the last one do not compile the step again."""
    model, made = build(Scaled()), []
    original = model.make_train_function

    def make_train_function(force=False):
        made.append(force)
        return original(force)

    model.make_train_function = make_train_function
    fit(model, [ParameterSchedule("loss.factor", [[0, 1.0], [1, 1.0], [2, 0.5]])])
    assert made.count(True) == 1


def test_whole_number_stays_one():
    """An attribute that is a whole number is given whole numbers where the value is one."""

    class Repeats(keras.layers.Layer):
        times = 0

        def __init__(self, **options):
            super().__init__(**options)
            self.times = 2

        def call(self, inputs):
            return inputs * len(range(self.times))

    model = build(layers=[Repeats(name="repeats")])
    fit(model, [ParameterSchedule("repeats.times", [[0, 1], [1, 2]])], epochs=2)
    np.testing.assert_allclose(model.get_weights()[0], in_numpy(gain=lambda e, t: e + 1.0, epochs=2), rtol=1e-4)
    assert type(model.get_layer("repeats").times) is int


def test_steps_go_on_in_a_later_fit():
    """Updates of the optimizer count on, and epochs from `initial_epoch`: two parts are one whole."""
    points = [[0, 0.05], [12, 0.3]]
    for on, parameter in (("batch", "optimizer.learning_rate"), ("epoch", "loss.factor")):
        whole, parts = build(Scaled()), build(Scaled())
        fit(whole, [ParameterSchedule(parameter, points, on)])
        fit(parts, [ParameterSchedule(parameter, points, on)], epochs=2)
        fit(parts, [ParameterSchedule(parameter, points, on)], initial_epoch=2)
        for got, expected in zip(parts.get_weights(), whole.get_weights(), strict=True):
            np.testing.assert_array_equal(got, expected)


CONFIGURATION = {"class_name": "warmup_cosine", "config": {"learning_rate": 1.0, "total_steps": 8, "warmup_steps": 2}}
FORMS = {
    "schedule": WarmupCosine(1.0, 8, 2),
    "configuration": CONFIGURATION,
    "serialized": keras.saving.serialize_keras_object(WarmupCosine(1.0, 8, 2)),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_a_schedule(form):
    """An instance, both forms of its configuration: the same values, and they survive JSON."""
    callback = ParameterSchedule("loss.factor", FORMS[form])
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(callback)))
    for each in (callback, keras.saving.deserialize_keras_object(config)):
        expected = [float(WarmupCosine(1.0, 8, 2)(step)) for step in range(10)]
        np.testing.assert_allclose([each.value(step) for step in range(10)], expected, rtol=1e-6)


def test_schedule_by_its_name(monkeypatch):
    """A name alone is enough for a schedule whose arguments have defaults; else the error says what to pass."""

    class Half(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.5

    with monkeypatch.context() as patched:
        patched.setattr(
            "kerasplus.callbacks.parameter_schedule.component_class", lambda name, kind: {"half": Half}[name]
        )
        assert ParameterSchedule("loss.factor", "half").value(3) == 0.5
    with pytest.raises(ValueError, match='Pass {"class_name": \'warmup_cosine\', "config": {...}}'):
        ParameterSchedule("loss.factor", "warmup_cosine")
    with pytest.raises(ValueError, match="warmup_cosin"):
        ParameterSchedule("loss.factor", "warmup_cosin")


def test_points():
    """Lines between the points, the outer values outside; a number is one point."""
    callback = ParameterSchedule("loss.factor", [[2, 1.0], [4, 0.0], [5, 3.0]])
    assert [callback.value(step) for step in range(7)] == [1.0, 1.0, 1.0, 0.5, 0.0, 3.0, 3.0]
    assert ParameterSchedule("loss.factor", -2).value(9) == -2.0
    assert callback.get_config()["schedule"] == [[2.0, 1.0], [4.0, 0.0], [5.0, 3.0]]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("drop.rate", "There is no 'drop' in the model, which has: .*dense, .*loss, optimizer"),
        (
            "optimizer.weight_decey",
            "There is no 'weight_decey' in 'optimizer', which has: .*learning_rate.*weight_decay",
        ),
        ("loss.gamma", "There is no 'gamma' in 'loss', which has: factor"),
        ("gain.gian", "There is no 'gian' in 'gain', which has: gain, held"),
        ("dense", "must be a number or a variable. Received: 'dense' of type Dense"),
        ("loss.name", "must be a number or a variable. Received: 'loss.name' of type str"),
        ("gain.several", r"must be a single number. Received: 'gain.several' of the shape \(2,\)"),
    ],
)
def test_unknown_paths(path, message):
    """A path that leads nowhere is an error when training begins, with the names there are."""
    with pytest.raises(ValueError, match=f"`parameter` .*{message}"):
        fit(build(Scaled(), layers=[Gain(name="gain")]), [ParameterSchedule(path, POINTS)])


def test_loss_by_name():
    """Of a loss compiled by its name there is no object to change."""
    with pytest.raises(ValueError, match="compiled by its name. Pass an instance in place of 'huber'"):
        fit(build("huber"), [ParameterSchedule("loss.delta", POINTS)])


def test_rate_that_follows_a_schedule():
    """A rate with a schedule of its own has no second one."""
    model = build(optimizer=keras.optimizers.SGD(WarmupCosine(0.1, 20)))
    with pytest.raises(ValueError, match="follows a schedule, so pass another one to the optimizer"):
        fit(model, [ParameterSchedule("optimizer.learning_rate", POINTS)])


def test_attribute_on_batches():
    """What is built into the compiled step cannot change with the batch; in an eager one it can."""
    callback = ParameterSchedule("loss.factor", [[0, 0.125], [11, 1.5]], on="batch")
    if keras.backend.backend() != "torch":
        with pytest.raises(ValueError, match='`on` must be "epoch" for \'loss.factor\'.*Received: on="batch"'):
            fit(build(Scaled()), [callback])
    model = build(Scaled(), run_eagerly=True)
    fit(model, [callback])
    np.testing.assert_allclose(model.get_weights()[0], in_numpy(factor=lambda e, t: 0.125 + t / 8), rtol=1e-4)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("parameter", ""),
        ("parameter", "loss..factor"),
        ("parameter", 3),
        ("schedule", []),
        ("schedule", [[0, 1.0], [0, 2.0]]),
        ("schedule", [[0, float("nan")]]),
        ("schedule", [0.5, 0.25]),
        ("schedule", None),
        ("on", "step"),
    ],
)
def test_bad_arguments(argument, value):
    """What cannot be used is refused at construction, by its name."""
    with pytest.raises(ValueError, match=f"`{argument}` must be .* Received: {argument}="):
        ParameterSchedule(**{"parameter": "loss.factor", "schedule": POINTS, argument: value})
