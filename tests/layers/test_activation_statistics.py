"""Mean, standard deviation and share of zeros of activations."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasplus.layers import ActivationStatistics


def test_equal_numpy_over_any_batches_far_from_zero(logged):
    """A large mean does not drown the spread."""
    x = (np.random.default_rng(0).normal(size=(50, 4)) + 1000).astype("float32")
    x[:10] = 0
    for size in (7, 50):
        logs = logged(ActivationStatistics(name="unit"), x, size)
        assert logs["unit_mean"] == pytest.approx(x.mean(dtype="float64"), rel=1e-6)
        assert logs["unit_standard_deviation"] == pytest.approx(x.std(dtype="float64"), rel=1e-5)
        assert logs["unit_zeros"] == pytest.approx(0.2, rel=1e-6)
    logs = logged(ActivationStatistics(name="unit"), x[10:], 8)
    assert logs["unit_standard_deviation"] == pytest.approx(x[10:].std(dtype="float64"), rel=1e-4)


def test_masked_steps_are_left_out():
    """Zeros of padding are no dead units."""
    layer = ActivationStatistics(name="unit")
    x = np.array([[[1.0], [3.0], [0.0]]], "float32")
    layer(x, mask=ops.convert_to_tensor([[True, True, False]]))
    got = {name: float(value) for name, value in layer.metrics[0].result().items()}
    assert got == {"unit_mean": 2.0, "unit_standard_deviation": 1.0, "unit_zeros": 0.0}


def test_shows_dead_units_in_the_history():
    """A ReLU with a large negative bias is silent, in training and validation."""
    dead = keras.layers.Dense(4, activation="relu", bias_initializer=keras.initializers.Constant(-100.0))
    model = keras.Sequential([keras.Input((3,)), dead, ActivationStatistics(name="hidden"), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).normal(size=(8, 3))
    history = model.fit(x, x[:, 0], validation_data=(x, x[:, 0]), verbose=0).history
    assert history["hidden_zeros"] == history["val_hidden_zeros"] == [1.0]


def test_nothing_seen_is_zero():
    """No NaN."""
    assert {float(v) for v in ActivationStatistics().metrics[0].result().values()} == {0.0}
