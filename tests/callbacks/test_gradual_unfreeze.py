"""Gradual unfreezing, held against gradient descent with momentum in NumPy."""

import json

import keras
import numpy as np
import pytest

from kerasplus.callbacks import GradualUnfreeze, Resume

pytestmark = pytest.mark.skipif(keras.backend.backend() == "jax", reason="the optimizers of JAX update all or none")

X = np.random.default_rng(0).normal(size=(12, 3))
Y = X.sum(axis=1, keepdims=True) + 1.0
WIDTHS = (3, 4, 2, 1)


def build(optimizer=None, **options):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(width, use_bias=False, name=f"dense_{width}") for width in WIDTHS[1:]]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile(optimizer or keras.optimizers.SGD(0.02, momentum=0.9), loss="mse", **options)
    return model


def fit(model, callbacks, epochs=4, **options):
    """Trains with three batches an epoch."""
    options = {"batch_size": 4, "shuffle": False, "verbose": 0, **options}
    return model.fit(X, Y, epochs=epochs, callbacks=callbacks, **options).history


def in_numpy(kernels, trained, decay=0.0):
    """A chain of matrices after gradient descent with momentum, of which in each epoch the last so many move."""
    kernels = [kernel.astype("float64") for kernel in kernels]
    momenta = [np.zeros_like(kernel) for kernel in kernels]
    for count in trained:
        for start in range(0, 12, 4):
            values = [X[start : start + 4]]
            for kernel in kernels:
                values.append(values[-1] @ kernel)
            back = 2 * (values[-1] - Y[start : start + 4]) / 4
            slopes = []
            for value, kernel in zip(values[-2::-1], kernels[::-1], strict=True):
                slopes.insert(0, value.T @ back)
                back = back @ kernel.T
            for index in range(len(kernels) - count, len(kernels)):
                momenta[index] = 0.9 * momenta[index] - 0.02 * slopes[index]
                kernels[index] = kernels[index] * (1 - 0.02 * decay) + momenta[index]
    return kernels


@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}, {"jit_compile": True}], ids=["graph", "eager", "xla"])
@pytest.mark.parametrize("built", [True, False])
def test_weights_are_those_of_numpy(options, built):
    """Frozen weights stay, trained ones keep their momenta when others join, in the compiled step too."""
    if options.get("jit_compile") and keras.backend.backend() == "torch":
        pytest.skip("PyTorch has no XLA")
    model = build(**options)
    if built:
        model.optimizer.build(model.trainable_variables)
    start = model.get_weights()
    history = fit(model, [GradualUnfreeze()], epochs=5)
    assert history["trainable_layers"] == [1, 2, 3, 3, 3]
    for got, expected in zip(model.get_weights(), in_numpy(start, [1, 2, 3, 3, 3]), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "trained"),
    [
        ({"epochs": 2}, [1, 1, 2, 2, 3, 3]),
        ({"groups": 2}, [2, 3, 3]),
        ({"groups": 5}, [3, 3]),
        ({"groups": [["dense_1"], ["dense_2", "dense_4"]], "epochs": 2}, [1, 1, 3, 3]),
        ({"groups": [["dense_1", "dense_2"]]}, [2, 2, 2]),
    ],
)
def test_groups(arguments, trained):
    """Groups by number and by name; what is in none stays frozen."""
    model = build()
    start = model.get_weights()
    assert fit(model, [GradualUnfreeze(**arguments)], len(trained))["trainable_layers"] == trained
    for got, expected in zip(model.get_weights(), in_numpy(start, trained), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


def test_inside_of_a_loss_scale_optimizer():
    """Under mixed precision, with weight decay: frozen weights do not shrink."""
    inner = keras.optimizers.SGD(0.02, momentum=0.9, weight_decay=0.5)
    model = build(keras.optimizers.LossScaleOptimizer(inner, 1.0))
    start = model.get_weights()
    fit(model, [GradualUnfreeze()])
    for got, expected in zip(model.get_weights(), in_numpy(start, [1, 2, 3, 3], 0.5), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("options", [{"use_ema": True, "ema_overwrite_frequency": 2}, {"global_clipnorm": 0.1}])
def test_frozen_weights_stay(options):
    """Averages over all weights and a common norm of the gradients move nothing that is frozen."""
    model = build(keras.optimizers.Adam(0.01, **options))
    start = model.get_weights()
    fit(model, [GradualUnfreeze(epochs=2)], epochs=2)
    first, second, third = model.get_weights()
    np.testing.assert_array_equal(first, start[0])
    np.testing.assert_array_equal(second, start[1])
    assert not np.allclose(third, start[2])


def test_accumulated_gradients():
    """With accumulated gradients a new group joins, and the others go on."""
    model = build(keras.optimizers.SGD(0.02, gradient_accumulation_steps=3))
    start = model.get_weights()
    fit(model, [GradualUnfreeze()], epochs=1)
    np.testing.assert_array_equal(model.get_weights()[1], start[1])
    fit(model, [GradualUnfreeze()], epochs=3, initial_epoch=1)
    assert all(not np.allclose(got, before) for got, before in zip(model.get_weights(), start, strict=True))


def test_later_fit_trains_everything():
    """After a fit that ended early, the model is as it was compiled, and trains as a whole."""
    model = build()
    fit(model, [GradualUnfreeze()], epochs=1)
    assert all(layer.trainable for layer in model.layers)
    before = model.get_weights()
    history = fit(model, [], epochs=1)
    assert "trainable_layers" not in history
    assert all(not np.allclose(got, old) for got, old in zip(model.get_weights(), before, strict=True))


def test_validation_and_others_see_the_model_as_compiled():
    """Between batches nothing is frozen: no warning, no frozen layers in saved files, all for other callbacks."""
    seen = []

    class Looks(keras.callbacks.Callback):
        def on_test_begin(self, logs=None):
            seen.append(len(self.model.trainable_variables))

        def on_epoch_end(self, epoch, logs=None):
            seen.append(len(self.model.trainable_variables))

    for first in (True, False):
        callbacks = [GradualUnfreeze(), Looks()]
        fit(build(), callbacks if first else callbacks[::-1], validation_data=(X, Y))
    assert seen == [3] * 16


def test_unknown_number_of_batches():
    """Where the data end in the middle of a step, validation has the model as it was compiled, too."""
    seen = []

    class Looks(keras.callbacks.Callback):
        def on_test_begin(self, logs=None):
            seen.append(len(self.model.trainable_variables))

    def batches():
        yield from ((X[:4], Y[:4]) for _ in range(3))

    with pytest.warns(UserWarning, match="ran out of data") as caught:
        build().fit(batches(), shuffle=False, verbose=0, callbacks=[GradualUnfreeze(), Looks()], validation_data=(X, Y))
    assert seen == [3]
    assert not any("trainable" in str(each.message) for each in caught)


def test_beside_a_callback_that_compiles_anew():
    """A step that another callback has had traced anew is frozen, too, in any order."""

    class Traces(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.make_train_function(force=True)

        def on_train_batch_end(self, batch, logs=None):
            self.model.make_train_function(force=True)

    for first in (True, False):
        model, callbacks = build(), [GradualUnfreeze(), Traces()]
        start = model.get_weights()
        fit(model, callbacks if first else callbacks[::-1], epochs=3)
        for got, expected in zip(model.get_weights(), in_numpy(start, [1, 2, 3]), strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


def test_checkpoint_in_the_middle(tmp_path):
    """A file that is saved at the end of the first epoch has the whole optimizer and frozen nothing."""
    path = tmp_path / "model.keras"
    whole, first = build(), build()
    fit(whole, [GradualUnfreeze()])
    fit(first, [GradualUnfreeze(), keras.callbacks.ModelCheckpoint(path)], epochs=2)
    loaded = keras.models.load_model(path)
    fit(loaded, [GradualUnfreeze()], initial_epoch=2)
    for got, expected in zip(loaded.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_resumed_equals_uninterrupted(tmp_path):
    """A run that ends and is resumed makes what an uninterrupted one makes."""
    whole, parts = build(), build()
    expected = fit(whole, [GradualUnfreeze()])
    fit(parts, Resume(tmp_path / "state").with_callbacks([GradualUnfreeze()]), epochs=1)
    parts = build()
    history = fit(parts, Resume(tmp_path / "state").with_callbacks([GradualUnfreeze()]))
    assert history == expected
    for got, value in zip(parts.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(got, value)


def nested():
    """A body with batch normalizations inside of a model with a head."""
    keras.utils.set_random_seed(0)
    body = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(4, name="low"),
            keras.layers.BatchNormalization(name="normalized"),
            keras.layers.Activation("relu"),
            keras.layers.Dense(4, name="high"),
        ],
        name="body",
    )
    model = keras.Sequential([keras.Input((3,)), body, keras.layers.Dropout(0.1), keras.layers.Dense(1, name="head")])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    return model, body


def moved(layer, before):
    return any(not np.array_equal(a, b) for a, b in zip(layer.get_weights(), before, strict=True))


def test_inner_models_and_batch_normalization():
    """The layers of an inner model are unfrozen one by one; frozen statistics stay, at last or to the end."""
    for stays, counts in ((False, [1, 2, 3, 4]), (True, [1, 2, 3, 3])):
        for epochs in (2, 4):
            model, body = nested()
            before = {layer.name: layer.get_weights() for layer in [*body.layers, *model.layers]}
            history = fit(model, [GradualUnfreeze(freeze_batch_normalization=stays)], epochs)
            assert history["trainable_layers"] == counts[:epochs]
            order = ["head", "high", "low"] if stays else ["head", "high", "normalized", "low"]
            trained = {name for name in ("low", "normalized", "high", "head") if name in order[:epochs]}
            for layer in [*body.layers, model.get_layer("head")]:
                assert moved(layer, before[layer.name]) == (layer.name in trained), (layer.name, epochs)


def test_inner_model_as_a_group():
    """The name of an inner model stands for all of its layers."""
    model, _ = nested()
    assert fit(model, [GradualUnfreeze(groups=[["head"], ["body"]])], 2)["trainable_layers"] == [1, 4]


def test_what_the_user_froze_stays_frozen():
    """Layers and single weights that are not trainable before are not trainable in any epoch, and after."""
    model = build()
    model.layers[1].trainable = False
    model.compile(keras.optimizers.SGD(0.02), "mse")
    before = model.get_weights()
    assert fit(model, [GradualUnfreeze()])["trainable_layers"] == [1, 2, 2, 2]
    np.testing.assert_array_equal(model.layers[1].get_weights()[0], before[1])
    assert not model.layers[1].trainable

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="low"), keras.layers.Dense(1)])
    model.layers[0].bias.trainable = False
    model.compile(keras.optimizers.SGD(0.02), "mse")
    kernel, bias = model.layers[0].get_weights()
    fit(model, [GradualUnfreeze()])
    trained = {id(variable) for variable in model.trainable_variables}
    assert (id(model.layers[0].kernel) in trained, id(model.layers[0].bias) in trained) == (True, False)
    np.testing.assert_array_equal(np.array(model.layers[0].bias), bias)
    assert not np.allclose(np.array(model.layers[0].kernel), kernel)


def test_shared_layer_counts_once():
    """A layer that is used twice is one layer."""
    inputs, shared = keras.Input((3,)), keras.layers.Dense(3)
    model = keras.Model(inputs, keras.layers.Dense(1)(shared(shared(inputs))))
    model.compile("sgd", "mse")
    assert fit(model, [GradualUnfreeze()], 3)["trainable_layers"] == [1, 2, 2]


def test_interrupt_between_batches():
    """After an error in the middle nothing is frozen, and the next fit with the callback is right."""

    class Fails(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise ArithmeticError

    model, callback = build(), GradualUnfreeze()
    for callbacks in ([callback, Fails()], [Fails(), callback]):
        with pytest.raises(ArithmeticError):
            fit(model, callbacks)
        assert len(model.trainable_variables) == 3
    assert fit(model, [callback], 3)["trainable_layers"] == [1, 2, 3]
    assert all(layer.trainable for layer in model.layers)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([["dense_3"]], "'dense_4', 'dense_2', 'dense_1'. Received: 'dense_3', that of no layer to be trained"),
        ([["dense_1"], ["dropout"]], "Received: 'dropout', that of no layer to be trained"),
    ],
)
def test_unknown_names(groups, message):
    """A name of no layer is an error when training begins, with the names there are."""
    with pytest.raises(ValueError, match=f"`groups` must have names of layers, .*{message}"):
        fit(build(), [GradualUnfreeze(groups=groups)])


def test_configuration():
    """Every argument is in the configuration and comes back, names too."""
    for arguments in (GradualUnfreeze.alternatives, {**GradualUnfreeze.alternatives, "groups": [["a", "b"], ["c"]]}):
        callback = GradualUnfreeze(**arguments)
        config = json.loads(json.dumps(keras.saving.serialize_keras_object(callback)))
        assert keras.saving.deserialize_keras_object(config).get_config() == callback.get_config() == arguments


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("epochs", 0),
        ("epochs", True),
        ("groups", 0),
        ("groups", []),
        ("groups", [[]]),
        ("groups", ["head"]),
        ("groups", [["head"], ["head"]]),
        ("groups", "head"),
        ("freeze_batch_normalization", 1),
    ],
)
def test_bad_arguments(argument, value):
    """What cannot be used is refused at construction, by its name."""
    with pytest.raises(ValueError, match=f"`{argument}` must .* Received: {argument}="):
        GradualUnfreeze(**{argument: value})
