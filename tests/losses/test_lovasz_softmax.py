"""The Lovász-softmax loss against the definition: the Jaccard loss of growing sets of pixels, class by class."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import expit, softmax

from kerasplus.losses import LovaszSoftmax


def jaccard_loss(wrong, truth):
    predicted = truth ^ wrong
    union = len(truth | predicted)
    return 1 - len(truth & predicted) / union if union else 0.0


def oracle(ids, p, ignored=None):
    """The mean over the classes that are in the target, of the pixels that are not ignored."""
    kept = [i for i in range(len(ids)) if ids[i] != ignored]
    values = []
    for c in range(p.shape[-1]):
        region = {i for i in kept if ids[i] == c}
        if not region:
            continue
        errors = {i: 1 - p[i, c] if i in region else p[i, c] for i in kept}
        order = sorted(kept, key=lambda i, errors=errors: -errors[i])
        total = 0.0
        for k, i in enumerate(order):
            step = jaccard_loss(set(order[: k + 1]), region) - jaccard_loss(set(order[:k]), region)
            total += errors[i] * step
        values.append(total)
    return np.mean(values) if values else 0.0


def sequences(seed=0, classes=3, shape=(4, 7)):
    rng = np.random.default_rng(seed)
    return rng.integers(0, classes, shape), rng.normal(size=(*shape, classes))


def test_values():
    """Ids of either rank, one-hot rows, logits and probabilities give the values of the sets."""
    ids, scores = sequences()
    ids[0] = 1
    p = softmax(scores, axis=-1)
    expected = [oracle(a, b) for a, b in zip(ids, p, strict=True)]
    for targets in (ids, ids[..., None], ids.astype("uint8"), np.eye(3)[ids]):
        got = ops.convert_to_numpy(LovaszSoftmax(reduction="none")(targets, p))
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)
    got = ops.convert_to_numpy(LovaszSoftmax(from_logits=True, reduction="none")(ids, scores))
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


def test_images():
    """Height and width are pixels like the steps of a sequence."""
    ids, scores = sequences(1, shape=(2, 3, 4))
    p = softmax(scores, axis=-1)
    flat = float(LovaszSoftmax()(ids.reshape(2, 12), p.reshape(2, 12, 3)))
    np.testing.assert_allclose(float(LovaszSoftmax()(ids, p)), flat, rtol=1e-6)


def test_one_column_is_a_foreground():
    """A single column is the probability of the class 1."""
    ids, scores = sequences(2, classes=2)
    scores = scores[..., :1]
    p = expit(scores)
    both = np.concatenate([np.full_like(p, 0.0), p], axis=-1)
    expected = [oracle(np.where(a == 1, 1, -9), b) for a, b in zip(ids, both, strict=True)]
    got = ops.convert_to_numpy(LovaszSoftmax(from_logits=True, reduction="none")(ids, scores))
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("ignored", [None, 0, 255])
def test_whole_batch(ignored):
    """Not per image, the mean over samples is the value of all pixels together."""
    ids, scores = sequences(3)
    if ignored == 255:
        ids[:, :2] = 255
    p = softmax(scores, axis=-1)
    loss = LovaszSoftmax(per_image=False, ignore_class=ignored)
    np.testing.assert_allclose(float(loss(ids, p)), oracle(ids.ravel(), p.reshape(-1, 3), ignored), rtol=1e-4)
    assert not loss.independent


@pytest.mark.parametrize("ignored", [0, 255])
def test_ignored_pixels(ignored, gradient):
    """They take no part, NaN or not, and have no slope."""
    ids, scores = sequences(4)
    ids[:, 2:4] = ignored
    p = softmax(scores, axis=-1)
    expected = [oracle(a, b, ignored) for a, b in zip(ids, p, strict=True)]
    p[ids == ignored] = np.nan
    got = ops.convert_to_numpy(LovaszSoftmax(ignore_class=ignored, reduction="none")(ids, p))
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)
    slope = gradient(lambda x: LovaszSoftmax(ignore_class=ignored)(ids, x), p)
    assert np.isfinite(slope).all()
    assert (slope[ids == ignored] == 0).all()


def test_everything_ignored_is_zero():
    """With no class in the target there is no loss."""
    assert float(LovaszSoftmax(ignore_class=255)(np.full((2, 3), 255), np.full((2, 3, 2), 0.5))) == 0


def test_masked_steps_are_left_out():
    """Steps that a layer masks take no part."""
    ids, scores = sequences(5)
    mask = np.random.default_rng(6).integers(0, 2, ids.shape) == 1
    marked = keras.layers.Masking(-9.0)(ops.convert_to_tensor(np.where(mask[..., None], scores, -9.0), "float32"))
    p = softmax(scores, axis=-1)
    expected = [oracle(a[m], b[m]) for a, b, m in zip(ids, p, mask, strict=True)]
    got = ops.convert_to_numpy(LovaszSoftmax(from_logits=True, reduction="none")(ids, marked))
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


def test_perfect_prediction_and_ties(gradient):
    """0 at the target; finite slopes there and where all probabilities are equal."""
    ids = np.array([[0, 1, 2, 2]])
    assert float(LovaszSoftmax()(ids, np.eye(3)[ids])) == 0
    for p in (np.eye(3)[ids], np.full((1, 4, 3), 1 / 3)):
        assert np.isfinite(gradient(lambda x: LovaszSoftmax()(ids, x), p)).all()


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    ids, scores = sequences(7, shape=(2, 4))
    check_gradient(LovaszSoftmax(from_logits=True), ids, scores)
    check_gradient(LovaszSoftmax(per_image=False, from_logits=True), ids, scores)


def test_shapes_that_do_not_fit():
    """Targets have the shape of the pixels."""
    with pytest.raises(ValueError, match="'lovasz_softmax' received"):
        LovaszSoftmax()(np.zeros((2, 4), "int32"), np.zeros((2, 5, 3)))
