"""The structural dissimilarity against SciPy's filters in float64."""

import numpy as np
import pytest
from keras import ops
from scipy.ndimage import correlate

from kerasplus.losses import StructuralDissimilarity


def oracle(a, b, max_value, size=11, sigma=1.5, k1=0.01, k2=0.03):
    """One minus the mean over channels and windows within the image, from weighted moments."""
    grid = np.arange(size) - (size - 1) / 2
    window = np.exp(-(grid[:, None] ** 2 + grid[None] ** 2) / (2 * sigma**2))
    window /= window.sum()
    start, values = size // 2, []
    stop = [length - (size - 1 - start) for length in a.shape[:2]]

    def mean(image):
        return correlate(image, window)[start : stop[0], start : stop[1]]

    for channel in range(a.shape[-1]):
        x, y = np.float64(a[..., channel]), np.float64(b[..., channel])
        covariance = mean(x * y) - mean(x) * mean(y)
        variances = mean(x * x) - mean(x) ** 2 + mean(y * y) - mean(y) ** 2
        c1, c2 = (k1 * max_value) ** 2, (k2 * max_value) ** 2
        similarity = (2 * mean(x) * mean(y) + c1) * (2 * covariance + c2)
        values.append(similarity / ((mean(x) ** 2 + mean(y) ** 2 + c1) * (variances + c2)))
    return 1 - np.mean(values)


def images(seed, shape=(3, 14, 13, 2), max_value=1.0):
    return max_value * np.random.default_rng(seed).uniform(size=shape)


@pytest.mark.parametrize("max_value", [1.0, 255.0])
@pytest.mark.parametrize("arguments", [{}, {"size": 7, "sigma": 1.0, "k1": 0.05, "k2": 0.1}])
def test_values(max_value, arguments):
    """Each image has the value of the windows within it."""
    a, b = images(0, max_value=max_value), images(1, max_value=max_value)
    names = {"size": "filter_size", "sigma": "filter_sigma"}
    given = {names.get(key, key): value for key, value in arguments.items()}
    expected = [oracle(x, y, max_value, **arguments) for x, y in zip(a, b, strict=True)]
    got = ops.convert_to_numpy(StructuralDissimilarity(max_value, **given, reduction="none")(a, b))
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.skipif(not hasattr(ops.image, "ssim"), reason="this Keras has no SSIM")
def test_it_is_the_number_of_keras():
    """Where Keras has SSIM, the sum is 1."""
    a, b = images(2), images(3)
    theirs = ops.convert_to_numpy(ops.image.ssim(a.astype("float32"), b.astype("float32"), max_val=1.0))
    ours = ops.convert_to_numpy(StructuralDissimilarity(1.0, reduction="none")(a, b))
    np.testing.assert_allclose(ours, 1 - theirs, rtol=1e-3, atol=1e-5)


def test_gray_images_may_lack_the_channel():
    """`(n, height, width)` is one channel."""
    a, b = images(4, (2, 12, 12, 1)), images(5, (2, 12, 12, 1))
    loss = StructuralDissimilarity(1.0)
    assert float(loss(a[..., 0], b[..., 0])) == float(loss(a, b))


def test_identical_and_constant_images(gradient):
    """0 with a finite slope for equal images, flat ones included; a flat shift costs its luminance alone."""
    loss = StructuralDissimilarity(1.0)
    for image in (images(6), np.zeros((1, 12, 12, 1)), np.full((1, 12, 12, 1), 0.7)):
        np.testing.assert_allclose(float(loss(image, image)), 0, atol=1e-6)
        assert np.isfinite(gradient(lambda x, image=image: loss(image, x), image)).all()
    flat = float(loss(np.full((1, 12, 12, 1), 0.2), np.full((1, 12, 12, 1), 0.4)))
    np.testing.assert_allclose(flat, 1 - (2 * 0.08 + 1e-4) / (0.04 + 0.16 + 1e-4), rtol=1e-4)


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    loss = StructuralDissimilarity(1.0, filter_size=3)
    check_gradient(loss, images(7, (1, 4, 4, 1)), images(8, (1, 4, 4, 1)))


@pytest.mark.parametrize("shapes", [((2, 12, 12, 1), (2, 12, 12, 3)), ((2, 8, 8, 1), (2, 8, 8, 1)), ((2, 12), (2, 12))])
def test_shapes_that_do_not_fit(shapes):
    """Images have equal shapes and are no smaller than the window."""
    with pytest.raises(ValueError, match="'structural_dissimilarity' received"):
        StructuralDissimilarity(1.0)(np.zeros(shapes[0]), np.zeros(shapes[1]))


@pytest.mark.parametrize("argument", ["max_value", "filter_size", "filter_sigma", "k1", "k2"])
def test_bad_arguments(argument):
    """Arguments that are not positive are named."""
    with pytest.raises(ValueError, match=f"`{argument}` must be positive"):
        StructuralDissimilarity(**{"max_value": 1.0, argument: 0})
