"""Held against moments of every window, one pixel after the other, in float64."""

import numpy as np
import pytest
from keras import ops

from kerasplus.losses import StructuralDissimilarity
from kerasplus.metrics import StructuralSimilarity


def oracle(a, b, max_value, size=11, sigma=1.5, k1=0.01, k2=0.03):
    """The mean over channels and windows within the image of one image."""
    grid = np.arange(size) - (size - 1) / 2
    window = np.exp(-(grid[:, None] ** 2 + grid[None] ** 2) / (2 * sigma**2))
    window /= window.sum()
    c1, c2 = (k1 * max_value) ** 2, (k2 * max_value) ** 2
    values = []
    for channel in range(a.shape[-1]):
        for top in range(a.shape[0] - size + 1):
            for left in range(a.shape[1] - size + 1):
                x, y = (np.float64(each[top : top + size, left : left + size, channel]) for each in (a, b))
                x_mean, y_mean = (window * x).sum(), (window * y).sum()
                x_spread, y_spread = (window * (x - x_mean) ** 2).sum(), (window * (y - y_mean) ** 2).sum()
                shared = (window * (x - x_mean) * (y - y_mean)).sum()
                luminance = (2 * x_mean * y_mean + c1) / (x_mean**2 + y_mean**2 + c1)
                values.append(luminance * (2 * shared + c2) / (x_spread + y_spread + c2))
    return np.mean(values)


def images(seed, shape=(5, 14, 13, 2), max_value=1.0):
    return np.float32(max_value * np.random.default_rng(seed).uniform(size=shape))


@pytest.mark.parametrize("max_value", [1.0, 255.0])
@pytest.mark.parametrize("arguments", [{}, {"size": 6, "sigma": 1.0, "k1": 0.05, "k2": 0.1}])
@pytest.mark.parametrize("weighted", [False, True])
def test_values(run, max_value, arguments, weighted):
    """The mean over images in batches of different sizes, weighted or not."""
    a = images(0, max_value=max_value)
    b = 0.7 * a + 0.3 * images(1, max_value=max_value)
    w = np.array([1.0, 0.0, 2.0, 0.5, 4.0]) if weighted else None
    names = {"size": "filter_size", "sigma": "filter_sigma"}
    given = {names.get(key, key): value for key, value in arguments.items()}
    values = [oracle(x, y, max_value, **arguments) for x, y in zip(a, b, strict=True)]
    got = run(StructuralSimilarity(max_value, **given), a, b, w, batches=2)
    np.testing.assert_allclose(got, np.average(values, weights=w), rtol=1e-4)


@pytest.mark.skipif(not hasattr(ops.image, "ssim"), reason="this Keras has no SSIM")
def test_it_is_the_number_of_keras(run):
    """Where Keras has SSIM, the number is the same."""
    a, b = images(2), images(3)
    theirs = ops.convert_to_numpy(ops.image.ssim(a, b, max_val=1.0))
    np.testing.assert_allclose(run(StructuralSimilarity(1.0), a, b), theirs.mean(), rtol=1e-3, atol=1e-5)


def test_the_loss_is_one_minus_it(run):
    """Loss and metric are of one quantity; a gray image may lack the channel."""
    a, b = images(4, (3, 12, 12, 1)), images(5, (3, 12, 12, 1))
    got = run(StructuralSimilarity(1.0), a[..., 0], b)
    np.testing.assert_allclose(got, 1 - float(StructuralDissimilarity(1.0)(a, b)), rtol=1e-5)


def test_weights_of_pixels_are_refused():
    """A part of an image has no similarity; weights of images may have any rank."""
    a, b = images(6, (2, 12, 12, 1)), images(7, (2, 12, 12, 1))
    with pytest.raises(ValueError, match="one weight for each image"):
        StructuralSimilarity(1.0).update_state(a, b, np.ones((2, 12, 12)))
    StructuralSimilarity(1.0).update_state(a, b, np.ones((2, 1, 1)))


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(StructuralSimilarity(1.0).result()) == 0


def test_small_images_and_bad_arguments():
    """Images smaller than the window, other ranks, and arguments that are not positive are refused."""
    with pytest.raises(ValueError, match="at least `filter_size` = 11"):
        StructuralSimilarity(1.0).update_state(images(8, (2, 10, 12, 1)), images(9, (2, 10, 12, 1)))
    with pytest.raises(ValueError, match="do not fit"):
        StructuralSimilarity(1.0).update_state(images(8, (2, 12, 12, 1)), images(9, (2, 12, 12, 3)))
    for argument in ("max_value", "filter_size", "filter_sigma", "k1", "k2"):
        with pytest.raises(ValueError, match=f"`{argument}` must be positive"):
            StructuralSimilarity(**{"max_value": 1.0, argument: 0})
