"""Sums and maxima over all tag sequences, against all of them written out."""

import itertools
import math

import keras
import numpy as np
import pytest
from keras import ops

from kerasplus.layers import ConditionalRandomField

RNG = np.random.default_rng(0)
TAGS = 3


@pytest.mark.parametrize("use_boundary", [True, False])
def test_likelihood_and_viterbi_equal_brute_force(use_boundary):
    """With masks at the start, in the middle and at the end, all kept and none kept."""
    batch, steps = 12, 4
    x = RNG.normal(size=(batch, steps, TAGS)).astype("float32")
    y = RNG.integers(0, TAGS, (batch, steps))
    mask = RNG.random((batch, steps)) < 0.6
    mask[0], mask[1] = False, True
    field = ConditionalRandomField(TAGS, use_kernel=False, use_boundary=use_boundary)
    field.build((None, steps, TAGS))
    for weight in field.weights:
        weight.assign(RNG.normal(size=weight.shape))
    arrays = [ops.convert_to_numpy(w).astype("float64") for w in field.weights]
    after, first, last = arrays if use_boundary else (arrays[0], np.zeros(TAGS), np.zeros(TAGS))

    def score(rows, tags):
        if not len(tags):
            return 0.0
        moves = sum(after[a, b] for a, b in itertools.pairwise(tags))
        return first[tags[0]] + last[tags[-1]] + moves + sum(row[t] for row, t in zip(rows, tags, strict=True))

    losses = ops.convert_to_numpy(field.negative_log_likelihood(x, y, mask))
    paths, scores = map(ops.convert_to_numpy, field.decode(x, mask))
    for i in range(batch):
        rows = x[i][mask[i]].astype("float64")
        every = {tags: score(rows, tags) for tags in itertools.product(range(TAGS), repeat=len(rows))}
        best = max(every, key=every.get)
        total = math.log(sum(math.exp(value) for value in every.values()))
        assert losses[i] == pytest.approx(total - score(rows, y[i][mask[i]]), abs=1e-4)
        assert tuple(paths[i][mask[i]]) == best
        assert scores[i] == pytest.approx(every[best], abs=1e-4)
        assert not paths[i][~mask[i]].any()


def test_large_scores_stay_finite():
    """In log space nothing overflows."""
    field = ConditionalRandomField(TAGS, use_kernel=False)
    x = np.full((1, 3, TAGS), 1e4, "float32")
    x[..., 0] = -1e4
    assert float(field.negative_log_likelihood(x, np.array([[1, 2, 1]]))[0]) == pytest.approx(3 * math.log(2), rel=1e-3)


def tagging(samples, rng, steps=10):
    """Tags that follow strict rules, seen through noisy features; padded to unequal lengths."""
    rules = np.array([[0.05, 0.9, 0.05], [0.05, 0.05, 0.9], [0.9, 0.05, 0.05]])
    tags = np.zeros((samples, steps), "int32")
    tags[:, 0] = rng.integers(0, TAGS, samples)
    for t in range(1, steps):
        for i in range(samples):
            tags[i, t] = rng.choice(TAGS, p=rules[tags[i, t - 1]])
    features = np.eye(TAGS)[tags] + rng.normal(size=(samples, steps, TAGS))
    lengths = rng.integers(4, steps + 1, samples)
    features[np.arange(steps) >= lengths[:, None]] = 0
    return features.astype("float32"), tags, np.arange(steps) < lengths[:, None]


def test_beats_softmax_per_token_where_tags_follow_rules():
    """By 10 points of accuracy at least, on sequences not trained on."""
    x, y, _ = tagging(400, np.random.default_rng(1))
    x_test, y_test, kept = tagging(200, np.random.default_rng(2))
    right = {}
    for field in (False, True):
        keras.utils.set_random_seed(0)
        inputs, tags = keras.Input((None, TAGS)), keras.Input((None,), dtype="int32")
        hidden = keras.layers.Masking()(inputs)
        layer = ConditionalRandomField(TAGS, name="crf") if field else keras.layers.Dense(TAGS, activation="softmax")
        if field:
            model = keras.Model([inputs, tags], layer([hidden, tags]))
            model.compile(keras.optimizers.Adam(0.05), None, weighted_metrics=["categorical_true_positives"])
            history = model.fit([x, y], y, epochs=8, batch_size=50, verbose=0).history
            assert history["crf"][-1] < 0.7 * history["crf"][0]
        else:
            model = keras.Model(inputs, layer(hidden))
            model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy")
            model.fit(x, y, epochs=8, batch_size=50, verbose=0)
        predicted = keras.Model(inputs, layer(hidden)).predict(x_test, verbose=0).argmax(-1)
        right[field] = np.mean((predicted == y_test)[kept])
    assert right[True] > right[False] + 0.1


@pytest.mark.parametrize(("name", "value"), [("num_classes", 1), ("rate", float("nan"))])
def test_bad_arguments(name, value):
    """Name the argument."""
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: {name}="):
        ConditionalRandomField(**{"num_classes": 3, name: value})


def test_scores_of_another_number_of_tags_are_refused():
    """Without a kernel."""
    with pytest.raises(ValueError, match=r"one score per tag: shape \(batch, steps, 3\)"):
        ConditionalRandomField(3, use_kernel=False)(np.zeros((1, 2, 4)))
