"""Logits with a margin on the angle."""

import math

import keras
import numpy as np
import pytest
from keras import ops

from kerasplus.layers import ArcFace

RNG = np.random.default_rng(0)


def test_equals_angles_worked_out_with_acos():
    """Ids in every form; only the true class is changed, and only in training."""
    x = RNG.normal(size=(20, 5)).astype("float32")
    ids = RNG.integers(0, 3, 20)
    head = ArcFace(3, margin=0.7, scale=8.0)
    plain = ops.convert_to_numpy(head([x, ids]))
    directions = ops.convert_to_numpy(head.weights[0]).astype("float64")
    for labels in (ids, ids[:, None], ids.astype("float32"), np.eye(3)[ids]):
        got = ops.convert_to_numpy(head([x, labels], training=True))
        for i, row in enumerate(x.astype("float64")):
            for c in range(3):
                d = directions[:, c]
                angle = math.acos(row @ d / math.sqrt(row @ row) / math.sqrt(d @ d))
                assert plain[i, c] == pytest.approx(8 * math.cos(angle), abs=1e-4)
                if c == ids[i]:
                    past = angle > math.pi - 0.7
                    cosine = math.cos(angle) - 0.7 * math.sin(0.7) if past else math.cos(angle + 0.7)
                    assert got[i, c] == pytest.approx(8 * cosine, abs=1e-4)
                else:
                    assert got[i, c] == plain[i, c]


def test_the_target_falls_with_the_angle_and_gradients_are_finite():
    """Over the half circle, ends included."""
    tf = pytest.importorskip("tensorflow")
    head = ArcFace(2, margin=0.5)
    cosines = tf.constant(np.cos(np.linspace(0, math.pi, 200)), "float32")
    with tf.GradientTape() as tape:
        tape.watch(cosines)
        values = head.with_margin(cosines)
    assert np.all(np.diff(values.numpy()) <= 0)
    assert np.isfinite(tape.gradient(values, cosines).numpy()).all()


def recall_at_1(embeddings, labels):
    """The share of samples whose nearest neighbour by angle has their class."""
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    similar = unit @ unit.T - 2 * np.eye(len(unit))
    return np.mean(labels[similar.argmax(1)] == labels)


def embedding_network():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((64,))
    return inputs, keras.layers.Dense(3)(keras.layers.Dense(64, activation="relu")(inputs))


def test_raises_recall_at_1_of_digits_over_softmax(digits):
    """Embeddings of three units, trained alike."""
    (x, y), (x_test, y_test) = digits
    recalls = {}
    for head in ("softmax", "arc"):
        inputs, embedding = embedding_network()
        labels = keras.Input((1,), dtype="int32")
        layer = ArcFace(10, margin=0.3, scale=16.0)
        outputs = keras.layers.Dense(10)(embedding) if head == "softmax" else layer([embedding, labels])
        model = keras.Model([inputs, labels], outputs)
        model.compile(keras.optimizers.Adam(0.005), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit([x, y[:, None]], y, epochs=25, batch_size=64, verbose=0)
        recalls[head] = recall_at_1(keras.Model(inputs, embedding).predict(x_test, verbose=0), y_test)
    assert recalls["arc"] > 0.9
    assert recalls["arc"] > recalls["softmax"] + 0.01


@pytest.mark.parametrize(
    ("name", "value"), [("num_classes", 1), ("num_classes", 2.5), ("margin", -0.1), ("margin", 1.6), ("scale", 0)]
)
def test_bad_arguments(name, value):
    """Name the argument."""
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: {name}="):
        ArcFace(**{"num_classes": 3, name: value})


def test_labels_that_do_not_fit_are_refused():
    """One-hot labels of another number of classes."""
    with pytest.raises(ValueError, match="labels of shape"):
        ArcFace(3)([np.ones((2, 4)), np.eye(2)], training=True)
