"""The mean squared error of the Keras guide, held against the guide's own function and against loops."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasplus.losses import CustomMSE


def oracle(y_true, y_pred, factor):
    """One value per row, in float64, term by term."""
    values = []
    for row_true, row_pred in zip(np.float64(y_true), np.float64(y_pred), strict=True):
        total = 0.0
        for target, prediction in zip(row_true, row_pred, strict=True):
            total += (target - prediction) ** 2 + factor * (0.5 - prediction) ** 2
        values.append(total / len(row_true))
    return np.array(values)


def guide(y_true, y_pred, factor):
    """The function of the guide, word for word in its mathematics: means over everything."""
    return np.mean((y_true - y_pred) ** 2) + factor * np.mean((0.5 - y_pred) ** 2)


@pytest.mark.parametrize("factor", [0, 0.1, 3.5])
@pytest.mark.parametrize("shape", [(1, 1), (6, 1), (5, 4)])
def test_values(factor, shape):
    """Each row is what the loop over its elements gives."""
    rng = np.random.default_rng(0)
    y, p = rng.normal(size=shape), rng.normal(size=shape)
    got = ops.convert_to_numpy(CustomMSE(factor, reduction="none")(y, p))
    np.testing.assert_allclose(got, oracle(y, p, factor), rtol=1e-5)


def test_mean_is_the_number_of_the_guide():
    """Unweighted, the mean over samples is the guide's mean over everything."""
    rng = np.random.default_rng(1)
    y, p = rng.normal(size=(8, 3)), rng.normal(size=(8, 3))
    np.testing.assert_allclose(float(CustomMSE()(y, p)), guide(y, p, 0.1), rtol=1e-5)


def test_weights_act_on_it():
    """What the guide's function cannot do: a sample of weight zero is left out."""
    loss = CustomMSE(reduction="sum")
    y, p = np.array([[1.0], [5.0]]), np.array([[0.0], [0.0]])
    np.testing.assert_allclose(float(loss(y, p, np.array([1.0, 0.0]))), 1.025, rtol=1e-6)


def test_half_costs_nothing_beyond_the_error():
    """A prediction of one half is not pulled anywhere."""
    assert float(CustomMSE(100.0)(np.array([0.5]), np.array([0.5]))) == 0


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    rng = np.random.default_rng(2)
    check_gradient(CustomMSE(0.7), rng.normal(size=(3, 2)), rng.normal(size=(3, 2)))


def test_by_name_in_compile():
    """The string is enough in `compile`, and the loss falls."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(64, 3)).astype("float32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="custom_mse")
    losses = model.fit(x, x.sum(axis=1), epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("factor", [-0.1, float("nan"), float("inf")])
def test_bad_factor(factor):
    """A negative or infinite factor is refused at construction."""
    with pytest.raises(ValueError, match="`regularization_factor` must be a finite number"):
        CustomMSE(regularization_factor=factor)
