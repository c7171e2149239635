"""Each loss in a small real fit on a problem where that loss is the point."""

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import cohen_kappa_score

from kerasplus.losses import (
    AsymmetricMultilabel,
    BoundingBoxIoU,
    Charbonnier,
    EarthMover,
    GaussianNegativeLogLikelihood,
    Pinball,
    Sparsemax,
    StructuralDissimilarity,
    TripletHard,
    Tweedie,
    WeightedKappa,
    WeightedSum,
)


def fitted(loss, x, y, outputs, activation=None, hidden=32, epochs=30, rate=0.01, batch=64):
    """A small network after a fit."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input(x.shape[1:]), keras.layers.Dense(hidden, "relu"), keras.layers.Dense(outputs, activation)]
    )
    model.compile(keras.optimizers.Adam(rate), loss)
    model.fit(x, y, epochs=epochs, batch_size=batch, verbose=0)
    return model


def spread():
    """Targets whose spread grows with the input."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, (4000, 1)).astype("float32")
    return x, (x[:, 0] + (0.2 + x[:, 0]) * rng.normal(size=4000)).astype("float32")


def pinball():
    """Quantiles cover their share within 3 points."""
    x, y = spread()
    predicted = fitted(Pinball([0.1, 0.5, 0.9]), x, y, 3, epochs=60, rate=0.005, batch=400).predict(x, verbose=0)
    np.testing.assert_allclose((y[:, None] <= predicted).mean(axis=0), [0.1, 0.5, 0.9], atol=0.03)


def charbonnier():
    """One target in ten is spoiled: the slope stays where the squared error's goes astray."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, (1000, 1)).astype("float32")
    y = 2 * x[:, 0]
    y[::10] += 20
    errors = []
    for loss in (Charbonnier(), "mse"):
        model = fitted(loss, x, y, 1, hidden=16)
        errors.append(np.abs(model.predict(x, verbose=0)[:, 0] - 2 * x[:, 0]).mean())
    assert errors[0] < 0.2 < errors[1]


def tweedie():
    """The mean of amounts that are mostly zero is met in each half of the data."""
    rng = np.random.default_rng(2)
    x = rng.integers(0, 2, (4000, 1)).astype("float32")
    y = rng.gamma(2.0, size=4000) * (rng.uniform(size=4000) < 0.2 + 0.5 * x[:, 0])
    means = np.exp(fitted(Tweedie(1.5), x, y, 1, batch=256).predict(np.array([[0.0], [1.0]]), verbose=0))[:, 0]
    np.testing.assert_allclose(means, [y[x[:, 0] == each].mean() for each in (0, 1)], rtol=0.1)


def gaussian():
    """The predicted deviation follows the true one."""
    x, y = spread()
    predicted = fitted(GaussianNegativeLogLikelihood(), x, y, 2, batch=256, epochs=40).predict(x, verbose=0)
    deviation = np.exp(predicted[:, 1] / 2)
    assert np.abs(deviation / (0.2 + x[:, 0]) - 1).mean() < 0.2


def weighted_kappa():
    """Kappa rises well above chance on ordinal labels."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(2000, 3)).astype("float32")
    y = np.digitize(x.sum(axis=1) + 0.5 * rng.normal(size=2000), [-2, -0.5, 0.5, 2])
    model = fitted(WeightedKappa(5), x, y, 5, "softmax", epochs=10)
    assert cohen_kappa_score(y, model.predict(x, verbose=0).argmax(axis=1), weights="quadratic") > 0.8


def earth_mover():
    """Predictions miss by less than one class on average."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(2000, 3)).astype("float32")
    y = np.digitize(x.sum(axis=1), [-2, -0.5, 0.5, 2])
    model = fitted(EarthMover(), x, y, 5, "softmax", epochs=10)
    assert np.abs(model.predict(x, verbose=0).argmax(axis=1) - y).mean() < 0.1


def sparsemax():
    """Digits are told apart, with probabilities of which most are exactly zero."""
    x, y = load_digits(return_X_y=True)
    logits = fitted(Sparsemax(), x.astype("float32") / 16, y, 10, epochs=10).predict(x / 16, verbose=0)
    assert (logits.argmax(axis=1) == y).mean() > 0.95
    assert (keras.ops.convert_to_numpy(keras.activations.sparsemax(logits)) == 0).mean() > 0.7


def asymmetric():
    """Of rare labels, more are found at one half than with binary cross-entropy."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(3000, 8)).astype("float32")
    y = (x[:, :4] + rng.normal(size=(3000, 4)) > 2.2).astype("float32")
    recalls = []
    for loss in (AsymmetricMultilabel(), "binary_crossentropy"):
        found = fitted(loss, x, y, 4, "sigmoid", epochs=10).predict(x, verbose=0) > 0.5
        recalls.append(found[y == 1].mean())
    assert recalls[0] > recalls[1] + 0.1


def boxes():
    """Boxes that did not touch the target come to cover most of it."""
    rng = np.random.default_rng(6)
    corner = rng.uniform(0, 1, (500, 2))
    y = np.concatenate([corner, rng.uniform(0.5, 1, (500, 2))], axis=1).astype("float32")
    model = fitted(BoundingBoxIoU("giou", "xywh"), y, y, 4, "softplus", epochs=60)
    assert float(BoundingBoxIoU("iou", "xywh")(y, model.predict(y, verbose=0))) < 0.15


def dissimilarity():
    """Digits pass a bottleneck with their structure kept."""
    x = (load_digits().images[:, :, :, None] / 16).astype("float32")
    keras.utils.set_random_seed(0)
    dense = [keras.layers.Flatten(), keras.layers.Dense(24, "relu"), keras.layers.Dense(64, "sigmoid")]
    model = keras.Sequential([keras.Input((8, 8, 1)), *dense, keras.layers.Reshape((8, 8, 1))])
    model.compile(keras.optimizers.Adam(0.01), StructuralDissimilarity(1.0, filter_size=5))
    losses = model.fit(x, x, epochs=10, verbose=0).history["loss"]
    assert losses[-1] < 0.25 < losses[0]


def weighted_sum():
    """Mean and quantile errors fall together."""
    x, y = spread()
    loss = WeightedSum(["mse", "pinball"], [1.0, 0.5])
    assert float(loss(y, fitted(loss, x, y, 1, epochs=5).predict(x, verbose=0))) < 0.85 * float(loss(y, 0 * y))


PROBLEMS = [
    pinball, charbonnier, tweedie, gaussian, weighted_kappa, earth_mover, sparsemax, asymmetric, boxes, dissimilarity,
    weighted_sum,
]  # fmt: skip


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.__name__)
def test_regression_and_classification(problem):
    """The loss does what it is for."""
    problem()


def recall_at_one(embeddings, labels):
    """How often the nearest other embedding, by cosine, has the same label."""
    rows = embeddings / np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-9)
    similarities = rows @ rows.T - 3 * np.eye(len(rows))
    return (labels[similarities.argmax(axis=1)] == labels).mean()


@pytest.mark.parametrize(
    "loss",
    [
        "triplet_semi_hard",
        TripletHard(soft=True),
        "lifted_structured",
        "supervised_contrastive",
        "multi_similarity",
    ],
)
def test_embeddings_of_digits(loss):
    """Four dimensions learned from half of the digits raise recall@1 on the other half over four random ones."""
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype("float32")
    batch = 32 if isinstance(loss, TripletHard) else 128  # of many samples the hardest pulls all to one point
    model = fitted(loss, x[::2], y[::2], 4, epochs=15, rate=0.003, batch=batch)
    random = np.random.default_rng(0).normal(size=(64, 4))
    assert recall_at_one(model.predict(x[1::2], verbose=0), y[1::2]) > recall_at_one(x[1::2] @ random, y[1::2]) + 0.15


@pytest.mark.parametrize("loss", ["info_nce", "n_pairs", "n_pairs_multilabel", "contrastive"])
def test_pairs_of_digits(loss):
    """From pairs, two noisy views or two of a class, four dimensions raise recall@1 over four random ones."""
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype("float32")
    rng = np.random.default_rng(0)
    partner = np.array([rng.choice(np.flatnonzero(y == label)) for label in y])
    targets = np.eye(10, dtype="float32")[y] if loss == "n_pairs_multilabel" else y
    other = x + 0.1 * rng.normal(size=x.shape).astype("float32") if loss == "info_nce" else x[partner]
    if loss == "contrastive":
        swapped = rng.permutation(len(x))
        other = np.where(rng.uniform(size=(len(x), 1)) < 0.5, other, x[swapped])
        targets = np.where((other == x[partner]).all(axis=1), 1, y == y[swapped]).astype("float32")
    keras.utils.set_random_seed(0)
    tower = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(4)])
    both = [keras.Input((64,)), keras.Input((64,))]
    towers = [tower(each) for each in both]
    if loss == "contrastive":
        squares = keras.ops.sum(keras.ops.square(towers[0] - towers[1]), axis=1, keepdims=True)
        output = keras.ops.sqrt(squares + 1e-6)
    else:
        output = keras.ops.stack(towers, axis=1)
    model = keras.Model(both, output)
    model.compile(keras.optimizers.Adam(0.003), loss)
    model.fit([x, other], targets, epochs=12, batch_size=128, verbose=0)
    random = rng.normal(size=(64, 4))
    assert recall_at_one(tower.predict(x, verbose=0), y) > recall_at_one(x @ random, y) + 0.1


@pytest.mark.parametrize(
    "loss",
    ["segmentation_dice", "jaccard", "focal_tversky", "lovasz_softmax", "lovasz_hinge"],
)
def test_thin_objects(loss):
    """Faint thin lines: a higher intersection over union than with binary cross-entropy."""
    rng = np.random.default_rng(0)
    y = np.zeros((256, 16, 16, 1), "float32")
    y[np.arange(256), :, rng.integers(1, 15, 256)] = rng.uniform(size=(256, 16, 1)) < 0.7
    x = (0.9 * y + 0.5 * rng.normal(size=y.shape)).astype("float32")
    results = []
    for each in (loss, "binary_crossentropy"):
        keras.utils.set_random_seed(0)
        last = None if each == "lovasz_hinge" else "sigmoid"
        layers = [
            keras.layers.Conv2D(8, 3, padding="same", activation="relu"),
            keras.layers.Conv2D(1, 3, padding="same"),
        ]
        model = keras.Sequential([keras.Input((16, 16, 1)), *layers, keras.layers.Activation(last)])
        model.compile(keras.optimizers.Adam(0.01), each)
        model.fit(x, y, epochs=8, batch_size=32, verbose=0)
        found = model.predict(x, verbose=0) > (0 if last is None else 0.5)
        results.append((found & (y == 1)).sum() / (found | (y == 1)).sum())
    assert results[0] > results[1] + 0.02
