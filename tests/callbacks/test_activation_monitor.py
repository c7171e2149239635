"""`ActivationMonitor` against the outputs worked out in NumPy, in models of every kind."""

import json

import keras
import numpy as np
import pytest
from keras import layers

from kerasplus.callbacks.activation_monitor import ActivationMonitor, dead_fraction, stable_names

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 3)).astype("float32")
BIAS = np.array([0.0, -50.0, 1.0, -50.0], "float32")


class Subclassed(keras.Model):
    """Layers in attributes and in a list."""

    def __init__(self):
        super().__init__()
        self.first = layers.Dense(4, name="hidden")
        self.rest = [layers.ReLU(name="rectifier"), layers.Dropout(0.5), layers.Dense(2, name="out")]

    def call(self, x, training=False):
        x = self.first(x)
        for layer in self.rest:
            x = layer(x, training=training) if isinstance(layer, layers.Dropout) else layer(x)
        return x


def sequential():
    return keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(4, name="hidden"),
            layers.Activation("relu", name="rectifier"),
            layers.Dropout(0.5),
            layers.Dense(2, name="out"),
        ]
    )


def nested():
    inputs = keras.Input((3,))
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(4, name="hidden"), layers.ReLU(name="rectifier")])
    return keras.Model(inputs, layers.Dense(2, name="out")(layers.Dropout(0.5)(inner(inputs))))


def compiled(build, rate=0.1):
    keras.utils.set_random_seed(1)
    model = build()
    model.compile(keras.optimizers.SGD(rate), "mse", metrics=["mae"])
    model(X)
    hidden = next(
        layer for layer in [*model.layers, *model.layers[1].__dict__.get("_layers", [])] if layer.name == "hidden"
    )
    hidden.set_weights([RNG.normal(size=(3, 4)), BIAS])
    return model, hidden


def fit(model, callbacks, epochs=1):
    return model.fit(X, X[:, :2], epochs=epochs, batch_size=5, verbose=0, callbacks=callbacks).history


@pytest.mark.parametrize("build", [sequential, nested, Subclassed])
def test_the_numbers_are_those_of_the_outputs(build):
    """At the end of the epoch, without dropout, in a sequential, a nested and a subclassed model."""
    model, hidden = compiled(build)
    history = fit(model, [ActivationMonitor(X)])
    kernel, bias = hidden.get_weights()
    expected = np.maximum(X.astype("float64") @ kernel + bias, 0)
    assert history["rectifier/dead_fraction"] == [np.mean(expected.max(axis=0) <= 0)] == [0.5]
    assert history["rectifier/mean"] == pytest.approx([expected.mean()], rel=1e-5)
    assert history["rectifier/standard_deviation"] == pytest.approx([expected.std()], rel=1e-5)
    assert [name for name in history if "/" in name] == [
        f"rectifier/{each}" for each in ("dead_fraction", "mean", "standard_deviation")
    ]


@pytest.mark.parametrize("build", [sequential, nested, Subclassed])
def test_layers_are_those_that_are_named(build):
    """Or all of them, whatever their activation."""
    model, _ = compiled(build)
    history = fit(model, [ActivationMonitor(X, layers=["out", "hidden"])])
    assert {name.split("/")[0] for name in history if "/" in name} == {"out", "hidden"}
    assert history["hidden/dead_fraction"] == [0.0]
    of_all = {name.split("/")[0] for name in fit(model, [ActivationMonitor(X, layers="all")]) if "/" in name}
    assert of_all >= {"out", "hidden", "rectifier", "dropout"}


@pytest.mark.parametrize("activation", ["relu", "relu6", keras.activations.relu])
def test_layers_with_a_relu_are_those_looked_at(activation):
    """As a layer or as an argument; leaky ones, which cannot die, are not."""
    model = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(2, activation, name="a"),
            layers.ReLU(name="b"),
            layers.ReLU(negative_slope=0.1, name="c"),
            layers.Dense(2, "tanh", name="d"),
        ]
    )
    model.compile("sgd", "mse")
    assert {name.split("/")[0] for name in fit(model, [ActivationMonitor(X)]) if "/" in name} == {"a", "b"}


def test_a_unit_of_a_convolution_is_a_channel():
    """It is dead only if it is zero at every place."""
    images = RNG.normal(size=(5, 4, 6, 3)).astype("float32")
    layer = layers.Conv2D(5, 2, activation="relu", data_format="channels_last", name="conv")
    model = keras.Sequential([keras.Input((4, 6, 3)), layer, layers.GlobalMaxPooling2D(data_format="channels_last")])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    layer.set_weights([layer.get_weights()[0], np.array([-50.0, 0.0, -50.0, 0.0, -50.0])])
    history = model.fit(images, np.zeros((5, 5)), verbose=0, callbacks=[ActivationMonitor(images)]).history
    assert history["conv/dead_fraction"] == pytest.approx([0.6])


def test_channels_may_come_first():
    """As the layer says; outputs of one number for each sample are one unit."""
    values = np.ones((2, 3, 4, 5))
    values[:, 1] = 0
    values[:, :, 2] = 0
    values[:, :, :, 1:3] = 0
    assert dead_fraction(layers.Conv2D(3, 1, data_format="channels_first"), values) == pytest.approx(1 / 3)
    assert dead_fraction(layers.Conv2D(5, 1, data_format="channels_last"), values) == pytest.approx(2 / 5)
    assert dead_fraction(layers.Flatten(), np.zeros(3)) == 1.0


def test_the_training_stays_as_it_is():
    """Also of a model that draws random numbers at inference, with dropout and moving averages."""

    @keras.saving.register_keras_serializable(package="test_activation_monitor")
    class Noise(layers.Layer):
        def __init__(self):
            super().__init__()
            self.seed = keras.random.SeedGenerator(3)

        def call(self, x):
            return x + keras.random.normal(keras.ops.shape(x), seed=self.seed)

    results = []
    for callbacks in ([], [ActivationMonitor(X, layers="all")]):
        keras.utils.set_random_seed(2)
        rest = [layers.Dense(4, "relu"), Noise(), layers.BatchNormalization(), layers.Dropout(0.3), layers.Dense(2)]
        model = keras.Sequential([keras.Input((3,)), *rest])
        model.compile(keras.optimizers.Adam(0.1), "mse", metrics=["mae"])
        history = fit(model, callbacks, epochs=3)
        results.append(([w.tolist() for w in model.get_weights()], history["loss"], history["mae"]))
    assert results[0] == results[1]


def test_names_are_the_same_in_each_run():
    """Those that Keras gave are numbered within the model; those of its user stay."""
    names = []
    for _ in range(2):
        kinds = [layers.Dense(2), layers.Dense(2, name="mine"), layers.Dense(2), layers.ReLU()]
        names.append(list(stable_names(keras.Sequential([keras.Input((3,)), *kinds]))))
    assert names[0] == names[1] == ["dense", "mine", "dense_1", "re_lu"]


def test_layers_that_are_not_there_are_named():
    """At the begin of a training, with what is there."""
    model, _ = compiled(sequential)
    with pytest.raises(
        ValueError, match="`layers` must name layers of the model. Received: 'hiden'; did you mean 'hidden'"
    ):
        fit(model, [ActivationMonitor(X, layers=["hiden"])])
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="only")])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="none has a ReLU activation. The model has: only"):
        fit(model, [ActivationMonitor(X)])


def test_bad_arguments_raise_at_once():
    """With the name of the argument."""
    for data in (None, (X, X)):
        with pytest.raises(ValueError, match="`data` must be inputs"):
            ActivationMonitor(data)
    for names in ("hidden", []):
        with pytest.raises(ValueError, match="`layers` must be a list"):
            ActivationMonitor(X, layers=names)


@pytest.mark.parametrize("data", [X, [X, X], {"a": X}])
def test_its_config_is_complete(data):
    """Arrays in any structure included, through JSON and back."""
    config = json.loads(json.dumps(ActivationMonitor(data, layers=["a"]).get_config()))
    again = ActivationMonitor.from_config(config)
    assert again.layers == ["a"]
    keras.tree.map_structure(np.testing.assert_array_equal, again.data, data)
