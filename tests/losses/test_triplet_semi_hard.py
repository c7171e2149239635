"""The semi-hard triplet loss against loops over all triplets."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy.spatial.distance import cdist

from kerasplus.losses import TripletSemiHard
from kerasplus.losses._semi_hard_negatives import SLOTS

METRICS = {"euclidean": "euclidean", "squared_euclidean": "sqeuclidean", "cosine": "cosine"}


def oracle(ids, embeddings, margin=1.0, distance="euclidean", soft=False):
    """The mean over the anchors that have a positive and a negative."""
    distances = cdist(embeddings, embeddings, METRICS[distance])
    values = []
    for a in range(len(ids)):
        terms = []
        negatives = [distances[a, n] for n in range(len(ids)) if ids[n] != ids[a]]
        for p in range(len(ids)):
            if p != a and ids[p] == ids[a] and negatives:
                beyond = [d for d in negatives if d > distances[a, p]]
                difference = distances[a, p] - (min(beyond) if beyond else max(negatives))
                terms.append(np.log1p(np.exp(difference)) if soft else max(margin + difference, 0))
        if terms:
            values.append(np.mean(terms))
    return np.mean(values) if values else 0.0


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("distance", list(METRICS))
@pytest.mark.parametrize("classes", [2, 5, 11])
def test_values(distance, soft, classes):
    """With few and many classes, some of them of one sample, the mean is that of the loop."""
    rng = np.random.default_rng(classes)
    ids, embeddings = rng.integers(0, classes, 14), rng.normal(size=(14, 3))
    got = float(TripletSemiHard(0.5, distance, soft)(ids, embeddings))
    np.testing.assert_allclose(got, oracle(ids, embeddings, 0.5, distance, soft), rtol=1e-4)


def test_one_value_for_each_anchor():
    """Anchors without a positive have the value 0; the mean of all is the mean over the others."""
    ids, embeddings = np.array([1, 1, 2, 3]), np.array([[0.0], [1.0], [1.5], [9.0]])
    values = ops.convert_to_numpy(TripletSemiHard(reduction="none")(ids[:, None], embeddings))
    np.testing.assert_allclose(values, [2 * 0.5, 0, 0, 0])  # beyond the second anchor's positive is the last


@pytest.mark.parametrize("distance", ["euclidean", "squared_euclidean"])
def test_ties_are_not_beyond(distance):
    """On a grid, where many distances are equal, a negative as far as the positive is not semi-hard."""
    rng = np.random.default_rng(5)
    for _ in range(5):
        ids, embeddings = rng.integers(0, 3, 16), rng.integers(-2, 3, (16, 2)).astype("float32")
        got = float(TripletSemiHard(distance=distance)(ids, embeddings))
        np.testing.assert_allclose(got, oracle(ids, embeddings, 1.0, distance), rtol=1e-5)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("classes", [2, 3, 12])
def test_many_positives(classes, compiled):
    """Anchors with more positives than are walked one by one are mined by sorting, compiled or not."""
    rng = np.random.default_rng(classes)
    ids = rng.integers(0, classes, 60)
    assert (np.bincount(ids).max() - 1 > SLOTS) == (classes < 12)
    loss = TripletSemiHard(0.5)
    for embeddings in (rng.normal(size=(60, 3)), rng.integers(-2, 3, (60, 2))):
        got = float(_compiled(loss)(ids, embeddings) if compiled else loss(ids, embeddings))
        np.testing.assert_allclose(got, oracle(ids, embeddings, 0.5), rtol=1e-4)


def _compiled(loss):
    """The loss in a compiled function, where the sizes of classes are not known."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(loss, input_signature=[tf.TensorSpec([None]), tf.TensorSpec([None, None])])
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(loss)
    return loss


@pytest.mark.parametrize("classes", [2, 9])
def test_walking_and_sorting_have_one_slope(classes, gradient):
    """However negatives are found, the slope is that of the mined distances."""
    rng = np.random.default_rng(classes)
    ids, embeddings = np.arange(18) % classes, rng.normal(size=(18, 3))
    expected = np.zeros_like(embeddings)
    distances = cdist(embeddings, embeddings)
    for a, p in np.argwhere((ids[:, None] == ids[None]) & ~np.eye(18, dtype=bool)):
        others = np.flatnonzero(ids != ids[a])
        beyond = others[distances[a, others] > distances[a, p]]
        n = beyond[distances[a, beyond].argmin()] if len(beyond) else others[distances[a, others].argmax()]
        share = 1 / ((ids == ids[a]).sum() - 1) / 18
        for other, sign in ((p, 1), (n, -1)):
            if 1 + distances[a, p] - distances[a, n] > 0:
                slope = sign * share * (embeddings[a] - embeddings[other]) / distances[a, other]
                expected[a] += slope
                expected[other] -= slope
    for slots in (0, 100):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("kerasplus.losses.triplet_semi_hard.SLOTS", slots)
            patch.setattr("kerasplus.losses._semi_hard_negatives.SLOTS", slots)
            got = gradient(lambda x: TripletSemiHard()(ids, x), embeddings)
        np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-6)


def test_balanced_classes_give_the_mean_over_pairs():
    """With as many samples in each class it is the number of TensorFlow Addons, a mean over positive pairs."""
    rng = np.random.default_rng(6)
    ids, embeddings = np.repeat(np.arange(4), 3), rng.normal(size=(12, 3))
    distances = cdist(embeddings, embeddings)
    total, count = 0.0, 0
    for a, p in np.argwhere((ids[:, None] == ids[None]) & ~np.eye(12, dtype=bool)):
        negatives = distances[a][ids != ids[a]]
        beyond = negatives[negatives > distances[a, p]]
        total += max(1.0 + distances[a, p] - (beyond.min() if len(beyond) else negatives.max()), 0)
        count += 1
    np.testing.assert_allclose(float(TripletSemiHard()(ids, embeddings)), total / count, rtol=1e-5)


@pytest.mark.parametrize("ids", [[0], [0, 1, 2], [4, 4, 4]])
@pytest.mark.parametrize("soft", [False, True])
def test_no_valid_anchor_is_zero(ids, soft, gradient):
    """A single sample, no positive at all, no negative at all: 0 with a slope of zero."""
    embeddings = np.random.default_rng(0).normal(size=(len(ids), 2))
    loss = TripletSemiHard(soft=soft)
    assert float(loss(np.array(ids), embeddings)) == 0
    np.testing.assert_array_equal(gradient(lambda x: loss(np.array(ids), x), embeddings), 0)


@pytest.mark.parametrize("distance", list(METRICS))
@pytest.mark.parametrize("value", [0.0, 0.7, 1e4])
def test_identical_embeddings_have_a_finite_slope(distance, value, gradient):
    """At distance zero, zero vectors included, the loss is its margin and the slope finite."""
    ids, embeddings = np.array([0, 0, 1, 1]), np.full((4, 3), value)
    loss = TripletSemiHard(distance=distance)
    np.testing.assert_allclose(float(loss(ids, embeddings)), 1.0, rtol=1e-5)
    assert np.isfinite(gradient(lambda x: loss(ids, x), embeddings)).all()


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    rng = np.random.default_rng(8)
    ids, embeddings = np.array([0, 0, 1, 1, 2]), rng.normal(size=(5, 2))
    for distance in METRICS:
        check_gradient(TripletSemiHard(2.0, distance), ids, embeddings)
    check_gradient(TripletSemiHard(soft=True), ids, embeddings)


@pytest.mark.parametrize("shapes", [((4,), (4,)), ((4, 2), (4, 2)), ((3,), (4, 2)), ((4,), (4, 2, 2))])
def test_shapes_that_do_not_fit(shapes):
    """There is one label for each row of embeddings."""
    with pytest.raises(ValueError, match="'triplet_semi_hard' received"):
        TripletSemiHard()(np.zeros(shapes[0], "int32"), np.zeros(shapes[1]))


@pytest.mark.parametrize("arguments", [{"margin": -0.5}, {"margin": float("nan")}, {"distance": "manhattan"}])
def test_bad_arguments(arguments):
    """Arguments out of range are named."""
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be"):
        TripletSemiHard(**arguments)
