"""`GradientMonitor` against finite differences in float64."""

import json

import keras
import numpy as np
import pytest

from kerasplus.callbacks._gradients import gradients
from kerasplus.callbacks.gradient_monitor import GradientMonitor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 3)).astype("float32")
Y = RNG.normal(size=(12, 2)).astype("float32")


def build(rate=0.0):
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dense(4, "tanh"), keras.layers.Dropout(0.5), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile(keras.optimizers.SGD(rate), "mse", metrics=["mae"])
    return model


def numerical_gradients(weights):
    """Central differences of the mean squared error, worked out in NumPy."""

    def loss(values):
        a, b, c, d = values
        return np.mean((np.tanh(X @ a + b) @ c + d - Y) ** 2)

    found = []
    for index, weight in enumerate(weights):
        gradient = np.zeros(weight.shape)
        for place in np.ndindex(weight.shape):
            sides = []
            for sign in (1, -1):
                moved = [each.astype("float64").copy() for each in weights]
                moved[index][place] += sign * 1e-5
                sides.append(loss(moved))
            gradient[place] = (sides[0] - sides[1]) / 2e-5
        found.append(gradient)
    return found


def test_gradients_equal_finite_differences():
    """Of every weight, without dropout."""
    model = build()
    expected = numerical_gradients(model.get_weights())
    for found, numbers in zip(gradients(model, X, Y).values(), expected, strict=True):
        assert found == pytest.approx(numbers, abs=1e-5)


def test_norms_are_in_the_logs():
    """The total, and that of each weight if asked for."""
    model = build()
    expected = [np.linalg.norm(each) for each in numerical_gradients(model.get_weights())]
    history = model.fit(X, Y, verbose=0, callbacks=[GradientMonitor((X, Y), per_weight=True)]).history
    assert history["gradient_norm"][0] == pytest.approx(np.linalg.norm(expected), rel=1e-4)
    for name, norm in zip(("0_kernel", "1_bias", "2_kernel", "3_bias"), expected, strict=True):
        assert history[f"gradient_norm/{name}"][0] == pytest.approx(norm, rel=1e-4)
    only_total = build().fit(X, Y, verbose=0, callbacks=[GradientMonitor((X, Y))]).history
    assert [name for name in only_total if "gradient" in name] == ["gradient_norm"]


def test_the_training_stays_as_it_is():
    """Weights and history are bit for bit those without it."""
    results = []
    for callbacks in ([], [GradientMonitor((X, Y))]):
        model = build(rate=0.1)
        history = model.fit(X, Y, epochs=3, batch_size=5, verbose=0, callbacks=callbacks).history
        results.append(([w.tolist() for w in model.get_weights()], history["loss"], history["mae"]))
    assert results[0] == results[1]


@pytest.mark.parametrize(("stop", "epochs"), [(True, 1), (False, 3)])
def test_it_can_stop_when_a_gradient_is_not_finite(stop, epochs):
    """Or only say so."""
    model = build()
    poisoned = X.copy()
    poisoned[0, 0] = np.nan
    history = model.fit(X, Y, epochs=3, verbose=0, callbacks=[GradientMonitor((poisoned, Y), stop_on_nan=stop)])
    assert len(history.epoch) == epochs
    assert np.isnan(history.history["gradient_norm"]).all()


def test_its_config_is_complete():
    """Arrays included, through JSON and back."""
    config = json.loads(json.dumps(GradientMonitor((X, Y), per_weight=True, stop_on_nan=True).get_config()))
    again = GradientMonitor.from_config(config)
    assert again.data[0].tolist() == X.tolist()
    assert again.per_weight
    assert again.stop_on_nan


def test_bad_arguments_raise_at_once():
    """Inputs alone have no gradient."""
    with pytest.raises(ValueError, match="`data` must be a pair"):
        GradientMonitor(X)
