"""The soft Dice loss against sets of pixels and against loops."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import expit, softmax

from kerasplus.losses import SegmentationDice

LOSS = SegmentationDice


def value(hits, predicted, true, smooth):
    """The loss of one class of one sample."""
    whole = predicted + true + smooth
    return 1 - (2 * hits + smooth) / whole if whole else 0.0


def oracle(rows, p, smooth=1.0, weights=None, kept=None, skipped=None):
    """One value per sample, pixel by pixel and class by class."""
    values = []
    for sample in range(len(p)):
        terms, total = 0.0, 0.0
        for c in range(p.shape[-1]):
            if c == skipped:
                continue
            hits = predicted = true = 0.0
            for pixel in np.ndindex(*p.shape[1:-1]):
                if kept is not None and not kept[(sample, *pixel)]:
                    continue
                hits += rows[(sample, *pixel, c)] * p[(sample, *pixel, c)]
                predicted += p[(sample, *pixel, c)]
                true += rows[(sample, *pixel, c)]
            weight = 1.0 if weights is None else weights[c]
            terms += weight * value(hits, predicted, true, smooth)
            total += weight
        values.append(terms / total)
    return values


def images(seed=0, classes=3):
    rng = np.random.default_rng(seed)
    return rng.integers(0, classes, (4, 3, 5)), rng.normal(size=(4, 3, 5, classes))


def close(got, expected):
    np.testing.assert_allclose(ops.convert_to_numpy(got), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("smooth", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("weights", [None, [1.0, 0.0, 3.0]])
def test_values(smooth, weights):
    """Ids of either rank and any dtype, one-hot rows, logits and probabilities give the loop's values."""
    ids, scores = images()
    rows, p = np.eye(3)[ids], softmax(scores, axis=-1)
    expected = oracle(rows, p, smooth, weights)
    loss = LOSS(smooth=smooth, class_weights=weights, reduction="none")
    for targets in (ids, ids[..., None], ids.astype("uint8"), ids.astype("float32"), rows):
        close(loss(targets, p), expected)
    close(LOSS(from_logits=True, smooth=smooth, class_weights=weights, reduction="none")(ids, scores), expected)


def test_one_column_is_a_foreground():
    """A single column is a mask, with sigmoid logits; 0 and 1 are no class ids there."""
    ids, scores = images(1, classes=2)
    scores = scores[..., :1]
    expected = oracle(ids[..., None], expit(scores))
    for targets in (ids, ids[..., None], ids.astype(bool)):
        close(LOSS(reduction="none")(targets, expit(scores)), expected)
        close(LOSS(from_logits=True, reduction="none")(targets, scores), expected)


@pytest.mark.parametrize("ignored", [255, -1, 0, 2])
def test_ignored_pixels(ignored, gradient):
    """They count in no sum, NaN or not; the ignored class's own column has no term."""
    ids, scores = images(2)
    ids[:, 0, :3] = ignored
    p = softmax(scores, axis=-1)
    expected = oracle(np.eye(3)[ids % 3], p, kept=ids != ignored, skipped=ignored)
    loss = LOSS(ignore_class=ignored, reduction="none")
    close(loss(ids, p), expected)
    p[ids == ignored] = np.nan
    close(loss(ids, p), expected)
    slope = gradient(lambda x: LOSS(ignore_class=ignored)(ids, x), p)
    assert np.isfinite(slope).all()
    assert (slope[ids == ignored] == 0).all()


def test_ignored_class_in_rows():
    """One-hot rows of the ignored class are left out like its ids."""
    ids, scores = images(3)
    p = softmax(scores, axis=-1)
    loss = LOSS(ignore_class=1, reduction="none")
    close(loss(np.eye(3)[ids], p), ops.convert_to_numpy(loss(ids, p)))


@pytest.mark.parametrize("smooth", [0.0, 1.0])
def test_nothing_predicted_of_nothing_is_zero(smooth, gradient):
    """An empty target with an empty prediction is perfect, with no slope that is not finite."""
    y, p = np.zeros((2, 4, 1)), np.zeros((2, 4, 1))
    assert float(LOSS(smooth=smooth)(y, p)) == 0
    assert np.isfinite(gradient(lambda x: LOSS(smooth=smooth)(y, x), p)).all()


def test_all_pixels_ignored_is_zero(gradient):
    """With nothing left there is nothing to lose."""
    ids, scores = np.full((2, 4), 255), np.random.default_rng(0).normal(size=(2, 4, 3))
    loss = LOSS(from_logits=True, ignore_class=255)
    assert float(loss(ids, scores)) == 0
    np.testing.assert_array_equal(gradient(lambda x: loss(ids, x), scores), 0)


def test_perfect_and_worst_predictions(gradient):
    """0 for the target itself, 1 without smoothing for its opposite; both with finite slopes."""
    y = np.array([[[1.0, 0.0], [0.0, 1.0]]])
    for p, expected in ((y, 0), (1 - y, 1)):
        assert float(LOSS(smooth=0.0)(y, p)) == expected
        assert np.isfinite(gradient(lambda x: LOSS(smooth=0.0)(y, x), p)).all()
    scores = 1e4 * (2 * y - 1)
    assert float(LOSS(from_logits=True)(y, scores)) == 0
    assert np.isfinite(gradient(lambda x: LOSS(from_logits=True)(y, x), scores)).all()


def test_masked_steps_are_left_out():
    """Steps that a layer masks count in no sum of their sample."""
    ids, scores = np.array([[0, 1, 2], [1, 1, 0]]), np.random.default_rng(4).normal(size=(2, 3, 3))
    mask = np.array([[True, True, False], [True, False, False]])
    marked = keras.layers.Masking(-9.0)(ops.convert_to_tensor(np.where(mask[..., None], scores, -9.0), "float32"))
    expected = oracle(np.eye(3)[ids], softmax(scores, axis=-1), kept=mask)
    close(LOSS(from_logits=True, reduction="none")(ids, marked), expected)


def test_weights_weigh_samples():
    """A sample of weight zero is left out, NaN included."""
    ids, scores = images(5)
    p = softmax(scores, axis=-1)
    expected = np.array(oracle(np.eye(3)[ids], p)) * [1, 0, 2, 0.5]
    p[1] = np.nan
    close(LOSS(reduction="none")(ids, p, np.array([1, 0, 2, 0.5])), expected)


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    ids, scores = images(6)
    check_gradient(LOSS(from_logits=True), ids[:2, :, :2], scores[:2, :, :2])


def test_shapes_that_do_not_fit():
    """Targets have the shape of the pixels, and class weights one number for each class."""
    with pytest.raises(ValueError, match=f"'{LOSS().name}' received"):
        LOSS()(np.zeros((2, 4), "int32"), np.zeros((2, 5, 3)))
    with pytest.raises(ValueError, match="as in `class_weights`"):
        LOSS(class_weights=[1, 2])(np.zeros((2, 4), "int32"), np.zeros((2, 4, 3)))


@pytest.mark.parametrize(
    "arguments", [{"smooth": -1}, {"class_weights": [0, 0]}, {"class_weights": [1, -1]}, {"class_weights": []}]
)
def test_bad_arguments(arguments):
    """Arguments out of range are named."""
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be"):
        LOSS(**arguments)
