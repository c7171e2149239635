"""The divergence of a Gaussian from the standard normal."""

import keras
import numpy as np
import pytest

from kerasplus.layers import AddLoss, GaussianKL, Sampling

RNG = np.random.default_rng(0)


def test_equals_numerical_integration():
    """Of p ln(p / q) for each unit, with scipy."""
    integrate, stats = pytest.importorskip("scipy.integrate"), pytest.importorskip("scipy.stats")
    mean, log_variance = (RNG.normal(size=(2, 2)).astype("float32") for _ in range(2))
    layer = GaussianKL(beta=0.5)
    layer([mean, log_variance])
    total = 0.0
    for m, v in zip(mean.ravel(), log_variance.ravel(), strict=True):
        p, q = stats.norm(m, np.exp(v / 2)), stats.norm()
        width = 10 * np.exp(v / 2)
        total += integrate.quad(lambda z, p=p, q=q: p.pdf(z) * (p.logpdf(z) - q.logpdf(z)), m - width, m + width)[0]
    assert float(layer.losses[0]) == pytest.approx(0.5 * total / 2, rel=1e-4)


def test_free_bits_hold_each_unit_at_least_there():
    """The batch mean of each unit, not each sample."""
    mean = np.array([[0.0, 2.0], [1.0, 0.0]], "float32")
    layer = GaussianKL(free_bits=0.5)
    layer([mean, np.zeros_like(mean)])  # units cost 0.25 and 1
    assert float(layer.losses[0]) == pytest.approx(0.5 + 1.0)


def test_a_variational_autoencoder_reconstructs_digits(digits):
    """Better than the mean digit by half, with a finite divergence that the free bits hold up."""
    (x, _), (x_test, _) = digits
    keras.utils.set_random_seed(0)
    inputs = keras.Input((64,))
    hidden = keras.layers.Dense(64, activation="relu")(inputs)
    pair = GaussianKL(beta=1 / 64 / 16, free_bits=0.1, name="kl")([keras.layers.Dense(8)(hidden) for _ in range(2)])
    drawn = Sampling(seed=1)(pair)
    decoded = keras.layers.Dense(64)(keras.layers.Dense(64, activation="relu")(drawn))
    _, decoded = AddLoss("mse", name="reconstruction")([inputs, decoded])
    model = keras.Model(inputs, decoded)
    model.compile(keras.optimizers.Adam(0.003), None)
    history = model.fit(x, validation_data=(x_test, None), epochs=25, batch_size=64, verbose=0).history
    variance = np.mean((x_test - x.mean(0)) ** 2)
    assert history["val_reconstruction"][-1] < 0.5 * variance
    assert 0.8 <= history["val_kl"][-1] * 64 * 16 < 100
    assert history["loss"][-1] == pytest.approx(history["kl"][-1] + history["reconstruction"][-1], rel=1e-5)


@pytest.mark.parametrize("arguments", [{"beta": -1.0}, {"free_bits": -0.1}, {"beta": float("nan")}])
def test_bad_arguments(arguments):
    """Name the argument."""
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}`.* must be"):
        GaussianKL(**arguments)


def test_a_single_tensor_is_refused():
    """It takes a pair."""
    with pytest.raises(ValueError, match=r"\[mean, log_variance\]"):
        GaussianKL()(np.zeros((3, 2)))
