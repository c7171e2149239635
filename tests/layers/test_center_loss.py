"""Distances to the centers of classes, and how centers move."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasplus.layers import CenterLoss

RNG = np.random.default_rng(0)


def test_terms_and_centers_equal_a_loop():
    """Over several steps of training; validation moves nothing."""
    layer = CenterLoss(3, rate=0.4, momentum=0.25)
    centers = np.zeros((3, 4))
    for step in range(5):
        x, ids = RNG.normal(size=(6, 4)).astype("float32"), RNG.integers(0, 2, 6)  # class 2 never occurs
        training = step != 3
        layer([x, ids if step % 2 else ids[:, None]], training=training)
        squares = [
            sum((a - b) ** 2 for a, b in zip(row, centers[i], strict=True)) for row, i in zip(x, ids, strict=True)
        ]
        assert float(layer.losses[0]) == pytest.approx(0.2 * np.mean(squares), rel=1e-4)
        if training:
            moved = centers.copy()
            for j in range(3):
                members = [row for row, i in zip(x, ids, strict=True) if i == j]
                moved[j] -= 0.25 * sum((centers[j] - row for row in members), np.zeros(4)) / (1 + len(members))
            centers = moved
        np.testing.assert_allclose(ops.convert_to_numpy(layer.weights[0]), centers, rtol=1e-4, atol=1e-6)
    assert not centers[2].any()


def test_embeddings_alone_pass_without_a_term():
    """As at inference."""
    layer = CenterLoss(3)
    layer(np.ones((2, 4), "float32"))
    assert layer.losses == []


def recall_at_1(embeddings, labels):
    """The share of samples whose nearest neighbour has their class."""
    squares = ((embeddings[:, None] - embeddings[None]) ** 2).sum(-1) + 1e9 * np.eye(len(embeddings))
    return np.mean(labels[squares.argmin(1)] == labels)


def test_raises_recall_at_1_of_digits_over_softmax(digits):
    """Embeddings of three units, trained alike but for the rate."""
    (x, y), (x_test, y_test) = digits
    recalls = {}
    for rate in (0.0, 0.2):
        keras.utils.set_random_seed(1)
        inputs, labels = keras.Input((64,)), keras.Input((1,), dtype="int32")
        embedding = keras.layers.Dense(3)(keras.layers.Dense(64, activation="relu")(inputs))
        centered, _ = CenterLoss(10, rate=rate)([embedding, labels])
        model = keras.Model([inputs, labels], keras.layers.Dense(10)(centered))
        model.compile(keras.optimizers.Adam(0.005), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit([x, y[:, None]], y, epochs=25, batch_size=64, verbose=0)
        recalls[rate] = recall_at_1(keras.Model(inputs, embedding).predict(x_test, verbose=0), y_test)
    assert recalls[0.2] > 0.9
    assert recalls[0.2] > recalls[0.0] + 0.01


@pytest.mark.parametrize(("name", "value"), [("num_classes", 1), ("rate", float("inf")), ("momentum", 1.5)])
def test_bad_arguments(name, value):
    """Name the argument."""
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: {name}="):
        CenterLoss(**{"num_classes": 3, name: value})
