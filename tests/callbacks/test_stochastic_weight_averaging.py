"""Averaged weights and new batch statistics, held against NumPy on what another callback has recorded."""

import keras
import numpy as np
import pytest

from kerasplus.callbacks import Resume, StochasticWeightAveraging

RNG = np.random.default_rng(0)
X = RNG.normal(1.0, 2.0, size=(22, 3)).astype("float32")
Y = (X @ np.array([1.0, -2.0, 0.5], "float32"))[:, None]


class Record(keras.callbacks.Callback):
    """Keeps the weights at the end of each epoch."""

    def __init__(self):
        super().__init__()
        self.weights = []

    def on_epoch_end(self, epoch, logs=None):
        self.weights.append([np.array(weight, "float64") for weight in self.model.get_weights()])


def compiled(model):
    model.compile(keras.optimizers.Adam(0.1), "mse", run_eagerly=True)
    return model


def plain():
    keras.utils.set_random_seed(1)
    return compiled(
        keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1)])
    )


def normalized(momentum=0.9, renorm=False):
    """Two batch normalizations, the second inside of an inner model."""
    keras.utils.set_random_seed(2)
    options = {"renorm": True} if renorm else {}
    inner = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3), keras.layers.BatchNormalization(momentum=0.5, name="second")]
    )
    first = keras.layers.BatchNormalization(momentum=momentum, name="first", **options)
    layers = [keras.Input((3,)), keras.layers.Dense(4), first, inner, keras.layers.Dense(1)]
    return compiled(keras.Sequential(layers))


def fit(model, callbacks, epochs=5, **options):
    settings = {"batch_size": 8, "shuffle": False, "verbose": 0, "epochs": epochs, **options}
    return model.fit(X, Y, callbacks=callbacks, **settings).history


def same(got, expected, rtol=1e-5):
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=1e-6)


@pytest.mark.parametrize(
    ("start_epoch", "every", "counted"), [(0, 1, [0, 1, 2, 3, 4, 5, 6]), (2, 2, [2, 4, 6]), (3, 3, [3, 6]), (6, 9, [6])]
)
def test_the_weights_are_the_mean_of_recorded_ones(start_epoch, every, counted):
    """NumPy's mean over the epochs that count."""
    model, record, callback = plain(), Record(), StochasticWeightAveraging(start_epoch, every)
    fit(model, [callback, record], epochs=7)
    same(model.get_weights(), [np.mean([record.weights[epoch][i] for epoch in counted], 0) for i in range(4)], 1e-6)
    assert callback.count == len(counted)


def test_the_mean_does_not_drift():
    """After thousands of epochs the mean is that of float64 on all the values at once."""
    model = compiled(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
    callback = StochasticWeightAveraging(0)
    callback.set_model(model)
    callback.on_train_begin()
    values = RNG.normal(1000.0, 1e-2, size=(3000, 2)).astype("float32")
    for epoch, (kernel, bias) in enumerate(values):
        model.set_weights([np.reshape(kernel, (1, 1)), np.reshape(bias, (1,))])
        callback.on_epoch_end(epoch)
    means = [mean.item() for mean in callback.get_state()["means"]]
    np.testing.assert_allclose(means, values.astype("float64").mean(0), rtol=1e-13)


def batch_statistics(weights, batches):
    """The moments of the inputs of both layers of `normalized`, where each batch is normalized by its own."""
    kernel, bias, gamma, beta, _, _, second, other, *_ = weights
    inputs, hidden = [], []
    for x in batches:
        before = x.astype("float64") @ kernel + bias
        inputs.append(before)
        hidden.append(((before - before.mean(0)) / np.sqrt(before.var(0) + 1e-3) * gamma + beta) @ second + other)
    inputs, hidden = np.concatenate(inputs), np.concatenate(hidden)
    return [inputs.mean(0), inputs.var(0), hidden.mean(0), hidden.var(0)]


def statistics(model):
    layers = model.layers[1], model.layers[2].layers[1]
    return [np.array(keras.ops.convert_to_numpy(v)) for layer in layers for v in layer.non_trainable_variables[:2]]


@pytest.mark.parametrize(("momentum", "batch_size"), [(0.0, 8), (0.9, 22), (0.9, 8), (0.999, 8)])
def test_batch_statistics_are_those_of_the_whole_data(momentum, batch_size):
    """In float64 with the averaged weights, for any momentum, with a smaller last batch, in inner models."""
    model, record = normalized(momentum), Record()
    fit(model, [record, StochasticWeightAveraging(1, data=X, batch_size=batch_size)])
    averaged = [np.mean([weights[i] for weights in record.weights[1:]], 0) for i in range(len(record.weights[0]))]
    moving = [4, 5, 10, 11]
    got = model.get_weights()
    assert [weight.shape for weight in got[8:12]] == [(3,)] * 4
    same([w for i, w in enumerate(got) if i not in moving], [w for i, w in enumerate(averaged) if i not in moving])
    batches = [X[start : start + batch_size] for start in range(0, 22, batch_size)]
    same(statistics(model), batch_statistics(averaged, batches), 1e-4)
    first, second = model.layers[1], model.layers[2].layers[1]
    assert (first.momentum, second.momentum) == (momentum, 0.5)
    assert "call" not in vars(first)


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return X[8 * index : 8 * index + 8], Y[8 * index : 8 * index + 8]


def tensorflow_dataset():
    tf = pytest.importorskip("tensorflow", reason="the batches come from TensorFlow, which is not installed")
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)


def torch_loader():
    torch = pytest.importorskip("torch", reason="the batches come from PyTorch, which is not installed")
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y)), 8)


@pytest.mark.parametrize("make", [Batches, tensorflow_dataset, torch_loader])
def test_batches_as_for_fit(make):
    """A dataset gives what an array gives, and is no configuration."""
    model, other = normalized(), normalized()
    callback = StochasticWeightAveraging(1, data=make())
    fit(model, [callback], epochs=2)
    fit(other, [StochasticWeightAveraging(1, data=X, batch_size=8)], epochs=2)
    same(model.get_weights(), other.get_weights())
    with pytest.raises(ValueError, match="Only arrays can be in a configuration. Received: data of"):
        callback.get_config()


def test_several_inputs():
    """A dict or list of arrays passes through as such, and survives the configuration."""
    left, right = keras.Input((3,), name="left"), keras.Input((3,), name="right")
    both = keras.layers.BatchNormalization()(keras.layers.Concatenate()([left, right]))
    model = compiled(keras.Model({"left": left, "right": right}, keras.layers.Dense(1)(both)))
    data = {"left": X, "right": X[::-1] * 3}
    callback = StochasticWeightAveraging.from_config(StochasticWeightAveraging(0, data=data).get_config())
    model.fit(data, Y, verbose=0, callbacks=[callback])
    expected = np.concatenate([X, X * 3], 1)
    layer = next(layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization))
    same(layer.non_trainable_variables, [expected.mean(0), expected.var(0)], 1e-4)
    model = compiled(keras.Model([left, right], model.outputs))
    model.fit([X, X], Y, verbose=0, callbacks=[StochasticWeightAveraging(0, data=[X, X])])
    same(layer.non_trainable_variables, [np.tile(X.mean(0), 2), np.tile(X.var(0), 2)], 1e-4)


def test_a_layer_that_is_used_twice():
    """Its statistics are over the inputs of both uses."""
    left, right = keras.Input((3,)), keras.Input((3,))
    layer = keras.layers.BatchNormalization()
    model = compiled(keras.Model([left, right], keras.layers.Dense(1)(keras.layers.Add()([layer(left), layer(right)]))))
    other = X[:, ::-1] - 5
    data = [X, other]
    model.fit(data, Y, verbose=0, callbacks=[StochasticWeightAveraging(0, data=data, batch_size=5)])
    expected = np.concatenate([X, other])
    same(layer.non_trainable_variables, [expected.mean(0), expected.var(0)], 1e-4)


def test_masked_steps_do_not_count():
    """The statistics are over the steps that are not masked, however many a batch has."""
    steps = RNG.normal(size=(6, 5, 2)).astype("float32")
    for row, length in enumerate([5, 1, 2, 5, 3, 1]):
        steps[row, length:] = 0
    layer = keras.layers.BatchNormalization()
    layers = [keras.Input((5, 2)), keras.layers.Masking(), layer, keras.layers.GlobalAveragePooling1D()]
    model = compiled(keras.Sequential([*layers, keras.layers.Dense(1)]))
    callback = StochasticWeightAveraging(0, data=steps, batch_size=2)
    model.fit(steps, Y[:6], verbose=0, callbacks=[callback])
    kept = steps[np.any(steps != 0, -1)]
    mean, variance = layer.non_trainable_variables
    same([mean], [kept.mean(0)], 1e-4)
    if tuple(map(int, keras.__version__.split(".")[:2])) >= (3, 15):  # before, Keras' masked variance is another
        same([variance], [kept.var(0)], 1e-4)


def test_images_count_by_their_pixels():
    """All axes but that of the channels are averaged over, the channels first or in the middle."""
    images = RNG.normal(size=(5, 2, 3, 4)).astype("float32")
    layer = keras.layers.BatchNormalization(axis=1)
    model = compiled(keras.Sequential([keras.Input((2, 3, 4)), layer, keras.layers.Flatten(), keras.layers.Dense(1)]))
    model.fit(images, Y[:5], verbose=0, callbacks=[StochasticWeightAveraging(0, data=images, batch_size=2)])
    same(layer.non_trainable_variables, [images.mean((0, 2, 3)), images.var((0, 2, 3))], 1e-4)


def test_a_frozen_batch_normalization_keeps_its_statistics():
    """It asks for no data, and does not change when another one has some."""
    model = normalized()
    model.layers[1].trainable = False
    compiled(model)
    before = statistics(model)
    fit(model, [StochasticWeightAveraging(0, data=X)])
    same(statistics(model)[:2], before[:2], 0)
    assert not np.allclose(statistics(model)[2], before[2])
    model.layers[2].trainable = False
    compiled(model)
    fit(model, [StochasticWeightAveraging(0)])


def test_nothing_else_changes_in_the_pass():
    """Random generators, kernels of spectral norms, metrics and frozen weights are what they were."""
    keras.utils.set_random_seed(0)
    spectral, frozen = keras.layers.SpectralNormalization(keras.layers.Dense(4)), keras.layers.Dense(4, trainable=False)
    layers = [spectral, keras.layers.Dropout(0.5), frozen, keras.layers.BatchNormalization(), keras.layers.Dense(1)]
    model = compiled(keras.Sequential([keras.Input((3,)), *layers]))
    record = Record()
    seen = []

    class After(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen[:] = [(v, np.array(keras.ops.convert_to_numpy(v))) for v in self.model.non_trainable_variables]

    fit(model, [record, After(), StochasticWeightAveraging(2, data=X)])
    for got, expected in zip(model.trainable_variables, _means_of_trainable(model, record), strict=True):
        np.testing.assert_allclose(keras.ops.convert_to_numpy(got), expected, rtol=1e-5, atol=1e-7)
    names = []
    for variable, value in seen:
        if variable.path.rpartition("/")[2] not in ("moving_mean", "moving_variance"):
            names.append(variable.name)
            np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), value)
    assert {"kernel", "seed_generator_state"} <= set(names)


def _means_of_trainable(model, record):
    trainable = {id(v) for v in model.trainable_variables}
    chosen = [i for i, v in enumerate(model.weights) if id(v) in trainable]
    by_id = {id(model.weights[i]): np.mean([weights[i] for weights in record.weights[2:]], 0) for i in chosen}
    return [by_id[id(v)] for v in model.trainable_variables]


def test_renormalization():
    """A batch renormalization has the same statistics, and a deviation that agrees with them."""
    if "renorm" not in keras.layers.BatchNormalization().get_config():
        pytest.skip("this Keras has no batch renormalization")
    model = normalized(renorm=True)
    fit(model, [StochasticWeightAveraging(0, data=X)])
    kernel, bias = model.layers[0].get_weights()
    inputs = X.astype("float64") @ kernel + bias
    layer = model.layers[1]
    same([layer.moving_mean, layer.moving_variance], [inputs.mean(0), inputs.var(0)], 1e-4)
    same([layer.moving_stddev], [np.sqrt(inputs.var(0) + 1e-3)], 1e-4)


def test_resumed_equals_uninterrupted(tmp_path, die_at):
    """Killed before, between and after the averaged epochs, it ends with the same model, bit for bit."""

    def run(folder=None, more=()):
        model, callback = normalized(), StochasticWeightAveraging(1, 2, data=X, batch_size=11)
        listed = Resume(folder).with_callbacks([callback]) if folder else [callback]
        history = fit(model, [*listed, *more], epochs=5, batch_size=22)
        return [weight.tolist() for weight in model.get_weights()], history, callback.count

    expected = run()
    for epoch in (1, 2, 4):
        with pytest.raises(ArithmeticError):
            run(tmp_path, [die_at(epoch)])
    assert run(tmp_path) == expected
    assert run(tmp_path) == expected, "started again after its end, it sets the same weights"


def test_two_fits_in_a_row():
    """The second averages its own epochs only, also if the first was resumed or had no epoch left."""
    callback, record = StochasticWeightAveraging(1), Record()
    model = plain()
    fit(model, [callback], epochs=3)
    state = callback.get_state()
    callback.set_state(state)
    fit(model, [callback], epochs=0)
    fit(model, [callback, record], epochs=3)
    same(model.get_weights(), [np.mean([weights[i] for weights in record.weights[1:]], 0) for i in range(4)])
    assert state["count"] == callback.count == 2


def test_the_last_callback_that_sets_weights_wins():
    """After `EarlyStopping` the average stays; before it, the best epoch does."""
    for first in (True, False):
        model, record = plain(), Record()
        early = keras.callbacks.EarlyStopping("loss", restore_best_weights=True)
        average = StochasticWeightAveraging(2)
        fit(model, [record, *([average, early] if first else [early, average])])
        mean = [np.mean([weights[i] for weights in record.weights[2:]], 0) for i in range(4)]
        same(model.get_weights(), record.weights[early.best_epoch] if first else mean)


def test_half_precision_weights():
    """In the compiled step of `fit`, weights in bfloat16 are averaged in float64 and rounded once."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, dtype="bfloat16")])
    model.compile(keras.optimizers.SGD(0.01), "mse")
    record = Record()
    callback = StochasticWeightAveraging(0)
    fit(model, [record, callback])
    mean = [np.mean([weights[i] for weights in record.weights], 0) for i in range(2)]
    same(callback.get_state()["means"], mean, 1e-12)
    same([np.array(w, "float32") for w in model.get_weights()], mean, 2**-8)


def test_a_training_that_ends_too_early():
    """The weights are the last ones, and a warning says so."""
    model, other = plain(), plain()
    with pytest.warns(UserWarning, match="averaged nothing.*before the end of epoch 9"):
        fit(model, [StochasticWeightAveraging(9)], epochs=2)
    fit(other, [], epochs=2)
    same(model.get_weights(), other.get_weights(), 0)


def test_batch_normalization_needs_data():
    """The error comes before the first step, names the layers, and an empty dataset is one too."""
    model = normalized()
    before = model.get_weights()
    with pytest.raises(ValueError, match="`data` must be given .* Received: data=None for a model with first, second"):
        fit(model, [StochasticWeightAveraging(0)])
    same(model.get_weights(), before, 0)
    with pytest.raises(ValueError, match="`data` must have at least one batch"):
        fit(model, [StochasticWeightAveraging(0, data=X[:0])])
    assert model.layers[1].momentum == 0.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"start_epoch": -1}, "`start_epoch` must be a whole number, 0 or more. Received: start_epoch=-1"),
        ({"start_epoch": 1.5}, "`start_epoch` must be a whole number"),
        ({"start_epoch": 0, "every": 0}, "`every` must be a whole number, 1 or more. Received: every=0"),
        ({"start_epoch": 0, "every": True}, "`every` must be a whole number"),
        ({"start_epoch": 0, "batch_size": 0}, "`batch_size` must be a whole number"),
        ({"start_epoch": 0, "data": iter([X])}, "`data` must be readable more than once. Received: data of list_iter"),
    ],
)
def test_bad_arguments(arguments, message):
    """Each error names the argument and what was given."""
    with pytest.raises(ValueError, match=message):
        StochasticWeightAveraging(**arguments)
