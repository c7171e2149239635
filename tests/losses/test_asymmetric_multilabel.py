"""The asymmetric loss against a loop over labels, and against binary cross-entropy."""

import math

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import expit

from kerasplus.losses import AsymmetricMultilabel


def oracle(y, p, positive, negative, margin):
    values = []
    for labels, probabilities in zip(y, p, strict=True):
        total = 0.0
        for label, probability in zip(labels, probabilities, strict=True):
            if label == 1:
                total -= (1 - probability) ** positive * math.log(probability)
            else:
                shifted = max(probability - margin, 0)
                total -= shifted**negative * math.log(1 - shifted) if shifted else 0.0
        values.append(total / len(labels))
    return values


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("arguments", [(1, 4, 0.05), (0, 0, 0.0), (2, 0.5, 0.2), (0.5, 3, 0.0)])
def test_values(arguments, from_logits):
    """Each row is the mean over its labels, from probabilities or from logits."""
    rng = np.random.default_rng(0)
    y, scores = rng.integers(0, 2, (6, 4)), 2 * rng.normal(size=(6, 4))
    loss = AsymmetricMultilabel(*arguments, from_logits=from_logits, reduction="none")
    got = ops.convert_to_numpy(loss(y, scores if from_logits else expit(scores)))
    np.testing.assert_allclose(got, oracle(y, expit(scores), *arguments), rtol=1e-4, atol=1e-6)


def test_without_focus_it_is_binary_cross_entropy():
    """Exponents and margin of 0 give Keras' binary cross-entropy, soft labels included."""
    rng = np.random.default_rng(1)
    y, scores = rng.uniform(size=(5, 3)), rng.normal(size=(5, 3))
    ours = float(AsymmetricMultilabel(0, 0, 0.0, from_logits=True)(y, scores))
    np.testing.assert_allclose(ours, float(keras.losses.BinaryCrossentropy(from_logits=True)(y, scores)), rtol=1e-5)


@pytest.mark.parametrize("arguments", [(1, 4, 0.05), (0.5, 0.5, 0.1), (0, 0, 0.0)])
def test_saturated_predictions_are_finite(arguments, gradient):
    """Sure and wrong, sure and right: value and slope are finite, from logits and from probabilities."""
    y = np.array([[0.0, 1.0]] * 5)
    scores = np.array([[1e4, -1e4], [-1e4, 1e4], [88.0, -88.0], [0.0, -0.0], [-88.0, 88.0]])
    for from_logits, predictions in ((True, scores), (False, expit(scores))):
        loss = AsymmetricMultilabel(*arguments, from_logits=from_logits)
        assert np.isfinite(float(loss(y, predictions)))
        assert np.isfinite(gradient(lambda x, loss=loss: loss(y, x), predictions)).all()


def test_logits_tell_wrong_from_very_wrong():
    """A sure miss costs its logit, which a probability of 0 could not say."""
    loss = AsymmetricMultilabel(from_logits=True)
    np.testing.assert_allclose(float(loss(np.ones((1, 1)), np.array([[-500.0]]))), 500, rtol=1e-5)


def test_absent_labels_within_the_margin_are_free(gradient):
    """Up to the margin neither value nor slope."""
    loss = AsymmetricMultilabel(margin=0.2)
    y, p = np.zeros((1, 2)), np.array([[0.1, 0.2]])
    assert float(loss(y, p)) == 0
    np.testing.assert_array_equal(gradient(lambda x: loss(y, x), p), 0)


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    rng = np.random.default_rng(2)
    y, scores = rng.integers(0, 2, (3, 2)), rng.normal(size=(3, 2))
    check_gradient(AsymmetricMultilabel(1.5, 2.5, 0.1, from_logits=True), y, scores)


@pytest.mark.parametrize(
    "arguments",
    [{"gamma_positive": -1}, {"gamma_negative": float("inf")}, {"margin": 1.0}, {"margin": -0.1}],
)
def test_bad_arguments(arguments):
    """Arguments out of range are named."""
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be"):
        AsymmetricMultilabel(**arguments)
