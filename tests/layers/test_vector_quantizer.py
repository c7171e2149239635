"""The nearest codes, their term and their use."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasplus.layers import VectorQuantizer

RNG = np.random.default_rng(0)


def test_codes_terms_and_perplexity_equal_a_loop(logged):
    """Of vectors with a step axis, in unequal batches."""
    x = RNG.normal(size=(10, 3, 2)).astype("float32")
    layer = VectorQuantizer(num_codes=5, commitment=0.3, rate=0.5, name="codes")
    logs = logged(layer, x, batch_size=4)
    book = ops.convert_to_numpy(layer.weights[0]).astype("float64")
    picked = [min(range(5), key=lambda k, v=v: sum((v - book[k]) ** 2)) for v in x.reshape(-1, 2)]
    squares = [sum((v - book[k]) ** 2) / 2 for v, k in zip(x.reshape(-1, 2), picked, strict=True)]
    assert logs["codes"] == pytest.approx(0.5 * 1.3 * np.mean(squares), rel=1e-5)
    shares = np.bincount(picked, minlength=5) / len(picked)
    expected = np.exp(-sum(s * np.log(s) for s in shares if s))
    assert logs["codes_perplexity"] == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x)), book[picked].reshape(x.shape), rtol=1e-5, atol=1e-6)


def test_gradients_pass_straight_through():
    """To the vectors as they are, plus the commitment; to the codes from the term alone."""
    tf = pytest.importorskip("tensorflow")
    layer = VectorQuantizer(num_codes=2, commitment=0.25, initializer="identity")
    x = tf.constant([[0.9, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(3.0 * layer(x)) + layer.losses[0]
    to_vectors, to_codes = tape.gradient(total, [x, layer.trainable_weights[0].value])
    np.testing.assert_allclose(to_vectors, [[3 + 0.25 * -0.1, 3.0]], rtol=1e-5)
    np.testing.assert_allclose(tf.convert_to_tensor(to_codes), [[0.1, 0.0], [0.0, 0.0]], atol=1e-6)


def test_an_autoencoder_of_digits_uses_its_codebook(digits):
    """Half of the codes at least, and it reconstructs better than the mean digit by half."""
    (x, _), (x_test, _) = digits
    keras.utils.set_random_seed(0)
    inputs = keras.Input((64,))
    hidden = keras.layers.Dense(32)(keras.layers.Dense(64, activation="relu")(inputs))
    start = keras.initializers.RandomNormal(stddev=0.5)
    codes = VectorQuantizer(16, name="codes", initializer=start)(keras.layers.Reshape((8, 4))(hidden))
    decoded = keras.layers.Dense(64, activation="relu")(keras.layers.Flatten()(codes))
    model = keras.Model(inputs, keras.layers.Dense(64)(decoded))
    model.compile(keras.optimizers.Adam(0.003), "mse", metrics=["mse"])
    history = model.fit(x, x, validation_data=(x_test, x_test), epochs=20, batch_size=64, verbose=0).history
    assert history["val_codes_perplexity"][-1] > 8
    assert history["val_mse"][-1] < 0.5 * np.mean((x_test - x.mean(0)) ** 2)


@pytest.mark.parametrize(("name", "value"), [("num_codes", 1), ("commitment", -1.0), ("rate", float("inf"))])
def test_bad_arguments(name, value):
    """Name the argument."""
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: {name}="):
        VectorQuantizer(**{"num_codes": 4, name: value})
