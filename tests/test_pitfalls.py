"""What goes wrong in Keras when one writes a loss or a metric by hand, and what ours do instead, in real fits."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasplus

RNG = np.random.default_rng(7)


def linear_model(loss, rate=0.1, **compile_arguments):
    keras.utils.set_random_seed(2)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), loss=loss, **compile_arguments)
    return model


@keras.saving.register_keras_serializable(package="tests")
class ByHand(keras.losses.Loss):
    """A mean squared error as the Keras documentation teaches to write one."""

    def call(self, y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred), axis=-1)


def test_targets_without_the_last_axis_train_to_the_truth():
    """`(N,)` targets against `(N, 1)` predictions: a loss by hand learns the mean, ours the line."""
    x = RNG.normal(size=(256, 2)).astype("float32")
    y = (x @ [1.0, -2.0]).astype("float32")
    error = {}
    for name, loss in (("by hand", ByHand()), ("ours", kerasplus.get("custom_mse", regularization_factor=0.0))):
        model = linear_model(loss)
        model.fit(x, y, epochs=20, verbose=0)
        error[name] = float(np.mean((model.predict(x, verbose=0)[:, 0] - y) ** 2))
    assert error["ours"] < 1e-6
    assert error["by hand"] > 1


@pytest.mark.parametrize("dataset", [False, True], ids=["arrays", "tf.data"])
def test_samples_of_weight_zero_do_not_drive_the_fit(dataset):
    """Wild targets that weigh nothing change no weight of the model, NaN among them."""
    x = RNG.normal(size=(64, 2)).astype("float32")
    y = (x @ [1.0, -2.0]).astype("float32")[:, None]
    weight = (np.arange(64) % 2).astype("float32")
    wild = np.where(weight[:, None] == 0, np.float32(np.nan), y)
    kernels = []
    for targets in (y, wild):
        model = linear_model("custom_mse")
        if dataset:
            tf = pytest.importorskip("tensorflow")
            data = tf.data.Dataset.from_tensor_slices((x, targets, weight)).batch(16)
            model.fit(data, epochs=3, shuffle=False, verbose=0)
        else:
            model.fit(x, targets, sample_weight=weight, batch_size=16, epochs=3, shuffle=False, verbose=0)
        kernels.append(model.get_weights()[0])
    np.testing.assert_array_equal(*kernels)
    assert np.isfinite(kernels[0]).all()


def test_class_weights_are_sample_weights():
    """`class_weight` gives the very fit that the same weights per sample give."""
    x = RNG.normal(size=(60, 4)).astype("float32")
    ids = RNG.integers(0, 3, 60)
    weights = {0: 0.0, 1: 2.0, 2: 0.5}
    histories = []
    for arguments in ({"class_weight": weights}, {"sample_weight": np.array([weights[i] for i in ids])}):
        keras.utils.set_random_seed(2)
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
        model.compile("sgd", loss="custom_mse")
        one_hot = np.eye(3, dtype="float32")[ids]
        histories.append(model.fit(x, one_hot, epochs=3, shuffle=False, verbose=0, **arguments).history["loss"])
    assert histories[0] == pytest.approx(histories[1], rel=1e-6)


def test_padded_steps_count_neither_in_the_loss_nor_in_the_metric():
    """A `Masking` layer reaches both: what is padded is not there."""
    x = RNG.normal(size=(8, 5, 3)).astype("float32")
    lengths = np.array([5, 3, 1, 4, 2, 5, 1, 2])
    steps = np.arange(5) < lengths[:, None]
    x[~steps] = 0.0
    ids = RNG.integers(0, 4, (8, 5))
    inputs = keras.Input((5, 3))
    outputs = keras.layers.Dense(4, activation="softmax")(keras.layers.Masking()(inputs))
    model = keras.Model(inputs, outputs)
    model.compile("sgd", loss="custom_mse", metrics=["categorical_true_positives"])
    one_hot = np.eye(4, dtype="float32")[ids]
    logs = model.evaluate(x, one_hot, batch_size=8, verbose=0, return_dict=True)
    predicted = model.predict(x, verbose=0)
    values = ((one_hot - predicted) ** 2).mean(-1) + 0.1 * ((0.5 - predicted) ** 2).mean(-1)
    assert logs["loss"] == pytest.approx(values[steps].mean(), rel=1e-5)
    assert logs["categorical_true_positives"] == (predicted.argmax(-1) == ids)[steps].sum()


@pytest.mark.parametrize("shape", ["(N,)", "(N, 1)", "one-hot"])
def test_hits_never_exceed_the_samples(shape):
    """Integer labels as `load_data` gives them, in columns, or one-hot: the count is the offline count."""
    x = RNG.normal(size=(300, 6)).astype("float32")
    ids = RNG.integers(0, 10, 300).astype("uint8")
    y = {"(N,)": ids, "(N, 1)": ids[:, None], "one-hot": np.eye(10, dtype="float32")[ids]}[shape]
    loss = "categorical_crossentropy" if shape == "one-hot" else "sparse_categorical_crossentropy"
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(10, activation="softmax")])
    model.compile("sgd", loss=loss, metrics=["categorical_true_positives"])
    history = model.fit(x, y, epochs=2, batch_size=32, verbose=0, validation_data=(x, y)).history
    assert all(0 <= hits <= 300 for hits in history["categorical_true_positives"])
    hits = (model.predict(x, verbose=0).argmax(-1) == ids).sum()
    assert history["val_categorical_true_positives"][-1] == hits


def test_the_second_model_of_a_process_logs_the_same_names():
    """A callback that monitors a metric by name finds it in every model."""
    for _ in range(2):
        metric = kerasplus.get("categorical_true_positives")
        loss = kerasplus.get("custom_mse")
        assert (metric.name, loss.name) == ("categorical_true_positives", "custom_mse")


def test_early_stopping_knows_the_direction():
    """`mode="auto"` raises on a custom metric of Keras; ours declare which way is better."""
    x, ids = RNG.normal(size=(40, 4)), RNG.integers(0, 2, 40)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy", metrics=["categorical_true_positives"])
    stopping = keras.callbacks.EarlyStopping("categorical_true_positives", patience=1)
    history = model.fit(x, ids, epochs=5, verbose=0, callbacks=[stopping]).history
    assert len(history["loss"]) == 2
    assert stopping.monitor_op is ops.greater


def test_shapes_that_do_not_fit_raise_in_fit_and_name_both():
    """One row of targets is never stretched over a batch."""
    model = linear_model("custom_mse")
    with pytest.raises(ValueError, match=r"'custom_mse' received `y_true` of shape \(\S+, 3\).*\(\S+, 1\)"):
        model.fit(np.zeros((4, 2)), np.zeros((4, 3)), verbose=0)


def test_a_scalar_from_call_is_refused():
    """A loss that averages over the batch is told so, where Keras would ignore the weights."""
    from kerasplus.losses import PerSampleLoss

    class Averaged(PerSampleLoss):
        def call(self, y_true, y_pred):
            return ops.mean(ops.square(y_true - y_pred))

    with pytest.raises(ValueError, match=r"returned values of shape \(\).*one value per sample"):
        linear_model(Averaged()).fit(np.zeros((4, 2)), np.zeros((4, 1)), verbose=0)


def test_predictions_in_half_precision_give_the_numbers_of_float32():
    """Under `mixed_float16` ids and sums are those of float32."""
    keras.config.set_dtype_policy("mixed_float16")
    ids = np.array([2040, 2047, 2049, 2050])
    predictions = ops.cast(np.eye(2051, dtype="float32")[ids], "float16")
    metric = kerasplus.get("categorical_true_positives")
    metric.update_state(ids, predictions)
    assert float(metric.result()) == 4
    metric.update_state(ids + 1, predictions)
    assert float(metric.result()) == 4
    loss = kerasplus.get("custom_mse")(np.full((1, 3), 300.0), ops.cast(np.full((1, 3), 2.0), "float16"))
    assert float(loss) == pytest.approx(298.0**2 + 0.1 * 1.5**2)
