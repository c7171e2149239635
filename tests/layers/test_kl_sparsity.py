"""Mean activations are drawn to the target."""

import keras
import numpy as np
import pytest

from kerasplus.layers import KLSparsity

stats = pytest.importorskip("scipy.stats")


def test_equals_the_entropy_of_scipy():
    """Of a Bernoulli variable per unit, relative to its mean activation."""
    x = np.random.default_rng(0).uniform(0, 1, (20, 6)).astype("float32")
    layer = KLSparsity(target=0.2, rate=0.5)
    layer(x)
    expected = sum(stats.entropy([0.2, 0.8], [m, 1 - m]) for m in x.mean(0, dtype="float64"))
    assert float(layer.losses[0]) == pytest.approx(0.5 * expected, rel=1e-4)


def test_zero_at_the_target_and_finite_at_the_ends():
    """Units that never or always fire."""
    layer = KLSparsity(target=0.25)
    layer(np.array([[1.0], [0.0], [0.0], [0.0]], "float32"))
    assert float(layer.losses[0]) == pytest.approx(0, abs=1e-6)
    for value in (0.0, 1.0):
        layer(np.full((4, 3), value, "float32"))
        assert 1 < float(layer.losses[0]) < 100


def test_an_autoencoder_of_digits_reaches_the_target(digits):
    """Hidden units fire 5 % of the time on digits not trained on, and without the term far more often."""
    (x, _), (x_test, _) = digits
    means = {}
    for rate in (0.0, 0.1):
        keras.utils.set_random_seed(0)
        inputs = keras.Input((64,))
        hidden = KLSparsity(target=0.05, rate=rate)(keras.layers.Dense(32, activation="sigmoid")(inputs))
        model = keras.Model(inputs, keras.layers.Dense(64)(hidden))
        model.compile(keras.optimizers.Adam(0.01), "mse")
        model.fit(x, x, epochs=15, batch_size=128, verbose=0)
        means[rate] = float(np.mean(keras.Model(inputs, hidden).predict(x_test, verbose=0)))
    assert 0.03 < means[0.1] < 0.07
    assert means[0.0] > 0.15


@pytest.mark.parametrize(("name", "value"), [("target", 0.0), ("target", 1), ("rate", float("nan"))])
def test_bad_arguments(name, value):
    """Name the argument."""
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: {name}="):
        KLSparsity(**{name: value})
