"""The Lovász hinge against the definition: the Jaccard loss of growing sets of pixels."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

from kerasplus.losses import LovaszHinge


def jaccard_loss(wrong, truth):
    """One minus intersection over union when the pixels of `wrong` are flipped."""
    predicted = truth ^ wrong
    union = len(truth | predicted)
    return 1 - len(truth & predicted) / union if union else 0.0


def extension(errors, truth):
    """The Lovász extension of the Jaccard loss at the errors, by sets."""
    order = sorted(range(len(errors)), key=lambda i: -errors[i])
    region, total = {i for i in range(len(truth)) if truth[i]}, 0.0
    for k, i in enumerate(order):
        step = jaccard_loss(set(order[: k + 1]), region) - jaccard_loss(set(order[:k]), region)
        total += max(errors[i], 0) * step
    return total


def oracle(y, logits, ignored=None):
    kept = [i for i in range(len(y)) if y[i] != ignored]
    errors = [1 - logits[i] if y[i] > 0 else 1 + logits[i] for i in kept]
    return extension(errors, [y[i] > 0 for i in kept])


@pytest.mark.parametrize("shape", [(6,), (2, 3), (2, 3, 1)])
def test_values(shape):
    """Each sample has the value of its own pixels; 0 and -1 both mean background."""
    rng = np.random.default_rng(0)
    y, logits = rng.integers(0, 2, (5, *shape)), 2 * rng.normal(size=(5, *shape))
    y[0], y[1] = 0, 1
    expected = [oracle(a.ravel(), b.ravel()) for a, b in zip(y, logits, strict=True)]
    for targets in (y, 2 * y - 1, y.astype(bool)):
        got = ops.convert_to_numpy(LovaszHinge(reduction="none")(targets, logits))
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


def test_whole_batch():
    """Not per image, the mean over samples is the value of all pixels together."""
    rng = np.random.default_rng(1)
    y, logits = rng.integers(0, 2, (4, 6)), rng.normal(size=(4, 6))
    loss = LovaszHinge(per_image=False)
    np.testing.assert_allclose(float(loss(y, logits)), oracle(y.ravel(), logits.ravel()), rtol=1e-4)
    assert not loss.independent


@pytest.mark.parametrize("per_image", [True, False])
def test_ignored_pixels(per_image, gradient):
    """They take no part, and have no slope."""
    rng = np.random.default_rng(2)
    y, logits = rng.integers(0, 2, (3, 6)), rng.normal(size=(3, 6))
    y[:, 1:3] = 255
    rows = zip(y, logits, strict=True) if per_image else [(y.ravel(), logits.ravel())]
    expected = np.mean([oracle(a, b, 255) for a, b in rows])
    loss = LovaszHinge(per_image, ignore_class=255)
    np.testing.assert_allclose(float(loss(y, logits)), expected, rtol=1e-4)
    logits[:, 1] = np.nan
    slope = gradient(lambda x: loss(y, x), logits)
    assert np.isfinite(slope).all()
    np.testing.assert_array_equal(slope[:, 1:3], 0)


def test_masked_steps_are_left_out():
    """Steps that a layer masks take no part."""
    rng = np.random.default_rng(3)
    y, logits, mask = rng.integers(0, 2, (3, 4)), rng.normal(size=(3, 4, 1)), rng.integers(0, 2, (3, 4)) == 1
    marked = keras.layers.Masking(-9.0)(ops.convert_to_tensor(np.where(mask[..., None], logits, -9.0), "float32"))
    expected = [oracle(a[m], b[m, 0]) for a, b, m in zip(y, logits, mask, strict=True)]
    got = ops.convert_to_numpy(LovaszHinge(reduction="none")(y, marked))
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


def test_sure_predictions_count_the_jaccard_loss():
    """Where errors are 0 or 2 it is twice the Jaccard loss, for every set of wrong pixels."""
    y = np.array([1, 1, 0, 0])
    for wrong in itertools.product([False, True], repeat=4):
        logits = np.where(np.array(wrong), -1.0, 1.0) * (2 * y - 1)
        region = {0, 1}
        expected = 2 * jaccard_loss({i for i in range(4) if wrong[i]}, region)
        np.testing.assert_allclose(float(LovaszHinge()(y[None], logits[None])), expected, atol=1e-6)


def test_ties_and_extremes_are_finite(gradient):
    """Equal and saturated logits have finite values and slopes."""
    y = np.array([[1, 0, 1, 0], [0, 0, 0, 0]])
    for logits in (np.zeros((2, 4)), np.full((2, 4), 1e4), np.full((2, 4), -1e4)):
        assert np.isfinite(float(LovaszHinge()(y, logits)))
        assert np.isfinite(gradient(lambda x: LovaszHinge()(y, x), logits)).all()


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    rng = np.random.default_rng(4)
    check_gradient(LovaszHinge(), rng.integers(0, 2, (2, 5)), rng.normal(size=(2, 5)))
    check_gradient(LovaszHinge(per_image=False), rng.integers(0, 2, (2, 5)), rng.normal(size=(2, 5)))


def test_shapes_that_do_not_fit():
    """Targets and logits have equal shapes."""
    with pytest.raises(ValueError, match="'lovasz_hinge' received"):
        LovaszHinge()(np.zeros((2, 4)), np.zeros((2, 5)))
