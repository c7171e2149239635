"""The mean entropy of predictions."""

import keras
import numpy as np
import pytest

from kerasplus.layers import EntropyRegularization

stats = pytest.importorskip("scipy.stats")
LOGITS = np.random.default_rng(0).normal(size=(9, 4)).astype("float32") * 3


def test_equals_scipy_from_probabilities_and_logits():
    """Zeros and saturated logits included."""
    logits = np.concatenate([LOGITS, [[1e4, -1e4, 0, 0], [88, -88, 88, 0]]]).astype("float32")
    e = np.exp(logits.astype("float64") - logits.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    expected = 0.5 * stats.entropy(p, axis=1).mean()
    for layer, given in (
        (EntropyRegularization(0.5), p.astype("float32")),
        (EntropyRegularization(0.5, from_logits=True), logits),
    ):
        layer(given)
        assert float(layer.losses[0]) == pytest.approx(expected, rel=1e-4)


def test_makes_predictions_surer_or_less_sure(digits):
    """A positive rate lowers the entropy of a classifier of digits, a negative one raises it."""
    (x, y), (x_test, _) = digits
    entropy = {}
    for rate in (-0.5, 0.0, 0.5):
        keras.utils.set_random_seed(0)
        layers = [keras.layers.Dense(10, activation="softmax"), EntropyRegularization(rate)]
        model = keras.Sequential([keras.Input((64,)), *layers])
        model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
        model.fit(x, y, epochs=10, batch_size=128, verbose=0)
        entropy[rate] = stats.entropy(model.predict(x_test, verbose=0), axis=1).mean()
    assert entropy[0.5] < 0.85 * entropy[0.0]
    assert entropy[-0.5] > 1.15 * entropy[0.0]


def test_bad_rate():
    """Names the argument."""
    with pytest.raises(ValueError, match="`rate` must be a finite number. Received: rate=nan"):
        EntropyRegularization(float("nan"))
