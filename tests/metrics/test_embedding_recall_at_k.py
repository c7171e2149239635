"""Held against a float64 NumPy loop over the samples and their neighbours."""

import numpy as np
import pytest

from kerasplus.metrics import EmbeddingRecallAtK, embedding_recall_at_k


def draw(samples=50, classes=8, columns=3, seed=0):
    """Labels, embeddings around the point of each class, and weights, some of them zero."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, samples)
    points = rng.normal(size=(classes, columns))
    rows = points[labels] + rng.normal(size=(samples, columns)) * 0.7
    return labels, rows.astype("float32"), rng.integers(0, 5, samples) / 4


def oracle(labels, rows, w=None, k=1, distance="euclidean"):
    w = np.ones(len(labels)) if w is None else w
    labels, rows, w = labels[w != 0], rows[w != 0].astype("float64"), w[w != 0]
    found, asked = 0.0, 0.0
    for i, row in enumerate(rows):
        if distance == "cosine":
            distances = [1 - row @ other / np.linalg.norm(row) / np.linalg.norm(other) for other in rows]
        else:
            distances = [np.linalg.norm(row - other) for other in rows]
        others = [j for j in range(len(rows)) if j != i]
        if all(labels[j] != labels[i] for j in others):
            continue
        # of equal distances another class comes first
        nearest = sorted(others, key=lambda j: (round(distances[j], 6), labels[j] == labels[i]))[:k]
        asked += w[i]
        found += w[i] * any(labels[j] == labels[i] for j in nearest)
    return found / asked if asked else 0.0


@pytest.mark.parametrize("k", [1, 3, 10, 100])
@pytest.mark.parametrize("distance", ["euclidean", "cosine"])
@pytest.mark.parametrize("weighted", [False, True])
def test_values(run, k, distance, weighted):
    """The samples of all batches are searched; a sample of weight zero is not there."""
    labels, rows, w = draw(seed=k)
    w = w if weighted else None
    got = run(EmbeddingRecallAtK(k, distance), labels, rows, w, batches=6)
    np.testing.assert_allclose(got, oracle(labels, rows, w, k, distance), rtol=1e-6)


@pytest.mark.parametrize("block", [1, 100, 2000])
def test_blocks(run, monkeypatch, block):
    """Any number of samples at a time gives the same, also where the last block is not full."""
    monkeypatch.setattr(embedding_recall_at_k, "BLOCK", block)
    labels, rows, w = draw()
    got = run(EmbeddingRecallAtK(2, capacity=60), labels, rows, w)
    np.testing.assert_allclose(got, oracle(labels, rows, w, 2), rtol=1e-6)


@pytest.mark.parametrize("distance", ["euclidean", "cosine"])
def test_ties(run, distance):
    """On a coarse grid, where most distances are equal to others, another class comes first."""
    rng = np.random.default_rng(4)
    labels, rows = rng.integers(0, 3, 40), rng.integers(1, 4, (40, 2)).astype("float32")
    for k in (1, 2, 5):
        got = run(EmbeddingRecallAtK(k, distance), labels, rows, None, 3)
        np.testing.assert_allclose(got, oracle(labels, rows, None, k, distance), rtol=1e-6)


@pytest.mark.parametrize("distance", ["euclidean", "cosine"])
def test_a_collapse_finds_nothing(run, distance):
    """All embeddings the same, zero or not, with more samples of other classes than are looked at."""
    labels = np.arange(12) % 3
    for rows in (np.zeros((12, 2)), np.ones((12, 2))):
        assert run(EmbeddingRecallAtK(7, distance), labels, rows) == 0
        assert run(EmbeddingRecallAtK(9, distance), labels, rows) == 1


def test_labels_are_exact(run):
    """Labels that float32 does not tell apart, and negative ones."""
    rows = np.array([[0.0], [1.0], [3.0], [7.0]])
    assert run(EmbeddingRecallAtK(), np.array([2**24, 2**24 + 1, 2**24, 2**30 + 1]), rows) == 0
    assert run(EmbeddingRecallAtK(), np.array([-3, -3, -4, -4]), rows) == 0.75


def test_samples_alone_in_their_class(run, number):
    """They are not asked for, and stand in the way of others; without any other sample it is 0."""
    rows = np.array([[0.0], [1.0], [1.5], [7.0]])
    assert run(EmbeddingRecallAtK(), np.array([0, 0, 1, 2]), rows) == 0.5
    assert run(EmbeddingRecallAtK(), np.arange(4), rows) == 0
    assert number(EmbeddingRecallAtK().result()) == 0


def test_steps_of_sequences(run):
    """Embeddings of steps `(batch, steps, d)` are samples, with a weight for each sequence."""
    labels, rows, _ = draw(24)
    w = np.arange(6) % 3
    got = run(EmbeddingRecallAtK(), labels.reshape(6, 4), rows.reshape(6, 4, 3), w, 2)
    np.testing.assert_allclose(got, oracle(labels, rows, np.repeat(w, 4)), rtol=1e-6)


def test_what_is_no_number_shows(run):
    """NaN and infinite embeddings have no distance."""
    for spoiled in (np.nan, np.inf, 1e30):
        assert np.isnan(run(EmbeddingRecallAtK(), np.zeros(3), np.array([[0.0], [1.0], [spoiled]])))


def test_capacity(run):
    """One sample too many is NaN."""
    labels, rows, _ = draw(20)
    assert np.isnan(run(EmbeddingRecallAtK(capacity=19), labels, rows, None, 3))
    assert run(EmbeddingRecallAtK(capacity=20), labels, rows, None, 3) == pytest.approx(oracle(labels, rows))


@pytest.mark.parametrize(
    ("arguments", "match"),
    [({"k": 0}, "`k` must be"), ({"k": 1.5}, "`k` must be"), ({"distance": "manhattan"}, "`distance` must be")],
)
def test_bad_arguments(arguments, match):
    """Each is refused by its name."""
    with pytest.raises(ValueError, match=match):
        EmbeddingRecallAtK(**arguments)
