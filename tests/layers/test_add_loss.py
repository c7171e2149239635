"""A term from any value or loss inside the model."""

import keras
import numpy as np
import pytest

from kerasplus.layers import AddLoss

RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 3)).astype("float32")
Y = RNG.normal(size=(8, 3)).astype("float32")


def test_the_mean_or_the_sum_of_values():
    """Of one tensor, or of the last of several."""
    for reduction, expected in (("sum_over_batch_size", X.mean()), ("sum", X.sum())):
        layer = AddLoss(rate=0.25, reduction=reduction)
        layer(X)
        assert float(layer.losses[0]) == pytest.approx(0.25 * expected, rel=1e-4)
        layer([Y, X])
        assert float(layer.losses[0]) == pytest.approx(0.25 * expected, rel=1e-4)


@pytest.mark.parametrize("loss", ["mse", "custom_mse", keras.losses.MeanSquaredError(reduction="sum")])
def test_a_loss_of_a_pair(loss, logged):
    """By name or instance, whose own reduction is not used."""
    expected = np.mean([sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) / 3 for x, y in zip(X, Y, strict=True)])
    if loss == "custom_mse":
        expected += 0.1 * np.mean((0.5 - X) ** 2)
    logs = logged(AddLoss(loss, name="pair"), [Y, X])
    assert logs["pair"] == pytest.approx(expected, rel=1e-5)
    assert logs["loss"] == pytest.approx(expected, rel=1e-5)


def test_a_model_trains_on_the_term_alone():
    """An autoencoder without a compiled loss."""
    inputs = keras.Input((3,))
    outputs = keras.layers.Dense(3)(inputs)
    _, outputs = AddLoss("mse", name="reconstruction")([inputs, outputs])
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.Adam(0.1), None)
    history = model.fit(X, epochs=30, verbose=0).history
    assert history["reconstruction"][-1] < 0.1 * history["reconstruction"][0]
    assert history["reconstruction"] == pytest.approx(history["loss"])


def test_a_loss_refuses_a_single_tensor():
    """It needs targets."""
    with pytest.raises(ValueError, match=r"takes the pair `\[y_true, y_pred\]`"):
        AddLoss("mse")(X)


@pytest.mark.parametrize("arguments", [{"rate": float("inf")}, {"reduction": "mean"}, {"loss": "no_such_loss"}])
def test_bad_arguments(arguments):
    """Are refused when the layer is made."""
    with pytest.raises(ValueError, match=next(iter(arguments))):
        AddLoss(**arguments)
