"""Held against sets of pixels, and against `f1_score` of scikit-learn."""

import keras
import numpy as np
import pytest
from keras import ops
from sklearn.metrics import f1_score

from kerasplus.metrics import DiceScore

CLASSES = 4


def score(target, predicted, weight, average, counted, absent):
    """The score of one image, a dict of the scores of its classes for None, and of what counts."""
    pixels = range(len(target))
    parts, wholes, sizes, values, present = [], [], [], [], []
    for each in counted:
        a, b = ({i for i in pixels if of[i] == each and weight[i]} for of in (target, predicted))
        part, whole = 2 * sum(weight[i] for i in a & b), sum(weight[i] for i in a) + sum(weight[i] for i in b)
        parts.append(part)
        wholes.append(whole)
        sizes.append(sum(weight[i] for i in a))
        values.append(part / whole if whole else 1.0)
        present.append(whole > 0 or absent == "one")
    if average is None:
        return dict(zip(counted, values, strict=True)), dict(zip(counted, present, strict=True))
    if average == "micro":
        value = sum(parts) / sum(wholes) if sum(wholes) else 1.0
    elif average == "macro":
        value = np.mean([v for v, p in zip(values, present, strict=True) if p] or [1.0])
    else:
        value = np.average(values, weights=sizes) if sum(sizes) else float(not sum(wholes))
    return value, any(present)


def oracle(y, decided, w, average, level, include_background=True, absent="one", ignore_class=None, classes=CLASSES):
    """The result for targets and decisions `(images, pixels)`, and weights of images."""
    counted = [c for c in range(0 if include_background else 1, classes) if c != ignore_class]
    kept = np.ones(y.shape) if ignore_class is None else np.float64(y != ignore_class)
    if level == "global":
        weight = (w[:, None] * kept).ravel()
        return score(y.ravel(), decided.ravel(), weight, average, counted, absent)[0]
    scores = [score(*each, average, counted, absent) for each in zip(y, decided, kept, strict=True)]
    alive = [float(weight) * any(k) for weight, k in zip(w, kept, strict=True)]

    def mean(values, present):
        weights = [a * p for a, p in zip(alive, present, strict=True)]
        return np.average(values, weights=weights) if sum(weights) else 1.0

    if average is None:
        return {c: mean([s[0][c] for s in scores], [s[1][c] for s in scores]) for c in counted}
    return mean(*zip(*scores, strict=True))


def draw(seed, images=6, pixels=(3, 4)):
    """Images most of which lack a class, in target, in prediction or in both."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, rng.integers(1, CLASSES + 1, images)[:, None, None], (images, *pixels))
    swapped = rng.random(y.shape) < 0.3
    decided = np.where(swapped, rng.integers(0, CLASSES, y.shape), y)
    decided[0] = y[0]
    scores = rng.random((*y.shape, CLASSES)) / 2 + np.eye(CLASSES)[decided]
    return y, decided, scores, rng.integers(1, 9, images) / 4


def same(got, expected):
    if isinstance(expected, dict):
        assert list(got) == [f"dice_score_{c}" for c in expected]
        got, expected = list(got.values()), list(expected.values())
    np.testing.assert_allclose(got, expected, rtol=2e-6)


@pytest.mark.parametrize("average", ["micro", "macro", "weighted", None])
@pytest.mark.parametrize("level", ["global", "sample"])
@pytest.mark.parametrize(
    "arguments", [{}, {"include_background": False}, {"absent": "skip"}, {"ignore_class": 2}, {"ignore_class": 0}]
)
@pytest.mark.parametrize("weighted", [False, True])
def test_values(run, average, level, arguments, weighted):
    """Images in batches of different sizes, weighted or not, for every way to combine classes and images."""
    for seed in range(2):
        y, decided, scores, w = draw(seed)
        flat = (each.reshape(len(y), -1) for each in (y, decided))
        expected = oracle(*flat, w if weighted else np.ones(len(y)), average, level, **arguments)
        got = run(DiceScore(average=average, level=level, **arguments), y, scores, w if weighted else None, batches=4)
        same(got, expected)


@pytest.mark.parametrize("level", ["global", "sample"])
def test_a_single_column_is_the_foreground(run, level):
    """Scores above the threshold are the foreground, whose score alone is the result."""
    rng = np.random.default_rng(4)
    y, p = rng.integers(0, 2, (5, 8)), rng.integers(0, 17, (5, 8)) / 16
    y[0], p[0] = 0, 0
    expected = oracle(y, (p > 0.25).astype(int), np.ones(5), "macro", level, include_background=False, classes=2)
    got = run(DiceScore(level=level, threshold=0.25), y, p[..., None], batches=2)
    np.testing.assert_allclose(got, expected, rtol=1e-6)
    assert list(run(DiceScore(level=level, average=None), y, p[..., None])) == ["dice_score_1"]


@pytest.mark.parametrize("average", ["micro", "macro", "weighted"])
def test_globally_it_is_f1(run, average):
    """Over all pixels together, where no class is absent, Dice is another name of F1."""
    y, decided, scores, w = draw(5)
    weights = np.broadcast_to(w[:, None, None], y.shape).ravel()
    expected = f1_score(y.ravel(), decided.ravel(), average=average, sample_weight=weights)
    np.testing.assert_allclose(run(DiceScore(average=average), y, scores, w), expected, rtol=1e-6)


@pytest.mark.parametrize("level", ["global", "sample"])
def test_empty_and_empty(run, level):
    """A class in neither region scores 1, one that is only predicted 0, and a mean may skip the former."""
    y = np.array([[0, 0, 0, 0]])
    scores = np.eye(3)[[[0, 0, 0, 1]]]
    got = run(DiceScore(average=None, level=level), y, scores)
    same(got, {0: 6 / 7, 1: 0.0, 2: 1.0})
    np.testing.assert_allclose(run(DiceScore(level=level), y, scores), (6 / 7 + 0 + 1) / 3, rtol=1e-6)
    np.testing.assert_allclose(run(DiceScore(level=level, absent="skip"), y, scores), 3 / 7, rtol=1e-6)
    assert run(DiceScore(level=level, average="weighted", include_background=False), y, scores) == 0
    assert run(DiceScore(level=level, average="weighted", include_background=False), y, np.eye(3)[y]) == 1


def test_left_out_pixels_of_samples(run, masked):
    """Masked steps, and pixels of weight zero, are not in their sample; a sample without pixels is not there."""
    y, decided, scores, w = draw(6, pixels=(8,))
    mask = np.arange(8) < np.array([8, 5, 3, 1, 8, 0])[:, None]
    outside = np.where(mask, y, CLASSES)
    counted = [score(*each, "macro", range(CLASSES), "one")[0] for each in zip(y, decided, mask, strict=True)]
    expected = np.average(counted[:5], weights=w[:5])
    for y_true, y_pred, weight, ignored in (
        (y, masked(scores, mask), w, None),
        (y, np.where(mask[..., None], scores, np.nan), w[:, None] * mask, None),
        (outside, scores, w, CLASSES),
    ):
        metric = DiceScore(level="sample", ignore_class=ignored)
        metric.update_state(y_true, y_pred, weight)
        np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-6)


@pytest.mark.parametrize("level", ["global", "sample"])
def test_forms_of_the_targets(run, level):
    """One-hot targets, and ids with a last axis, mean the same as ids."""
    y, _, scores, w = draw(7)
    expected = run(DiceScore(level=level), y, scores, w)
    np.testing.assert_allclose(run(DiceScore(level=level), y[..., None], scores, w), expected, rtol=1e-6)
    np.testing.assert_allclose(run(DiceScore(level=level), np.eye(CLASSES)[y], scores, w), expected, rtol=1e-6)


@pytest.mark.parametrize("level", ["global", "sample"])
def test_targets_outside_the_classes(level):
    """An id that is no class is refused where it can be seen, and NaN in a compiled step."""
    y, _, scores, _ = draw(8)
    with pytest.raises(ValueError, match="must receive class ids from 0 to 3"):
        DiceScore(level=level).update_state(y + 1, scores)
    model = keras.Sequential([keras.Input(scores.shape[1:]), keras.layers.Activation("linear")])
    model.compile(loss=lambda y_true, y_pred: ops.mean(y_pred, axis=-1), metrics=[DiceScore(level=level)])
    given = y.copy()
    given[2, 0, 0] = CLASSES
    assert np.isfinite(model.evaluate(scores, y, verbose=0, return_dict=True)["dice_score"])
    if keras.backend.backend() == "torch":
        with pytest.raises(ValueError, match="must receive class ids"):
            model.evaluate(scores, given, verbose=0)
    else:
        assert np.isnan(model.evaluate(scores, given, verbose=0, return_dict=True)["dice_score"])


def test_nothing_to_score():
    """With every class left out there is no score."""
    with pytest.raises(ValueError, match="must have a class to score"):
        DiceScore(ignore_class=1).update_state(np.zeros((2, 3)), np.zeros((2, 3, 1)))


def test_before_the_first_batch(number):
    """Nothing seen is 0, of every class."""
    for level in ("global", "sample"):
        assert number(DiceScore(level=level, ignore_class=1, include_background=False).result()) == 0
        got = number(DiceScore(level=level, average=None, num_classes=3).result())
        assert got == {"dice_score_1": 0, "dice_score_2": 0}


@pytest.mark.parametrize(
    "bad", [{"average": "mean"}, {"level": "batch"}, {"absent": "zero"}, {"num_classes": 1}, {"threshold": "0"}]
)
def test_bad_arguments(bad):
    """Arguments out of range are refused."""
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must be"):
        DiceScore(**bad)
