"""The structural similarity of images, SSIM, for the loss and for the metric."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from kerasplus._alignment import mismatch, same_shape


class StructuralSimilarityWindow:
    """Compares images in a Gaussian window around each pixel that lies within them.

    It is the number of `keras.ops.image.ssim`, which old versions of Keras lack, and of `tf.image.ssim`.

    Args:
        max_value: The difference between the largest and the smallest value that a pixel can have.
        filter_size: The side of the window in pixels.
        filter_sigma: The standard deviation of the window in pixels.
        k1: The constant that steadies the luminance term.
        k2: The constant that steadies the contrast term.

    Raises:
        ValueError: If an argument is not positive.
    """

    def __init__(self, max_value: float, filter_size: int, filter_sigma: float, k1: float, k2: float) -> None:
        self.arguments = {
            "max_value": max_value,
            "filter_size": filter_size,
            "filter_sigma": filter_sigma,
            "k1": k1,
            "k2": k2,
        }
        for argument, value in self.arguments.items():
            if not 0 < value < float("inf"):
                raise ValueError(f"`{argument}` must be positive and finite. Received: {argument}={value}")
        self.size = filter_size
        self.c1, self.c2 = (k1 * max_value) ** 2, (k2 * max_value) ** 2
        offsets = np.arange(filter_size) - (filter_size - 1) / 2
        window = np.exp(-0.5 * (offsets / filter_sigma) ** 2)
        self.window = window / window.sum()

    def align(self, y_true: Any, y_pred: Any, name: str, dtype: str) -> tuple[Any, Any]:
        """Two batches of images with a channel axis, large enough for the window."""
        if len(y_pred.shape) == 3:
            y_pred = ops.expand_dims(y_pred, -1)
        if len(y_true.shape) == 3:
            y_true = ops.expand_dims(y_true, -1)
        sizes = tuple(y_pred.shape[1:3])
        if len(y_pred.shape) != 4 or any(size is not None and size < self.size for size in sizes):
            expected = f"images (batch, height, width, channels) of at least `filter_size` = {self.size} pixels"
            raise mismatch(y_true, y_pred, name, expected)
        y_true, y_pred = same_shape(y_true, y_pred, name)
        return ops.cast(y_true, dtype), y_pred

    def similarity(self, y_true: Any, y_pred: Any) -> Any:
        """The mean similarity of each image, over windows and channels."""
        centre = ops.stop_gradient(ops.mean(y_true, axis=(1, 2), keepdims=True))  # variances keep their digits
        y_true, y_pred = y_true - centre, y_pred - centre
        products = [y_true, y_pred, y_true * y_true, y_pred * y_pred, y_true * y_pred]
        blurred = self._blurred(ops.concatenate(products, axis=-1))
        mean, other, square, other_square, product = ops.split(blurred, 5, axis=-1)
        variances = ops.relu(square - mean * mean) + ops.relu(other_square - other * other)
        covariance = product - mean * other
        mean, other = mean + centre, other + centre
        luminance = (2 * mean * other + self.c1) / (mean * mean + other * other + self.c1)
        return ops.mean(luminance * (2 * covariance + self.c2) / (variances + self.c2), axis=(1, 2, 3))

    def _blurred(self, images: Any) -> Any:
        """The Gaussian mean of every window within the images, along one axis after the other."""
        channels = images.shape[-1]
        window = ops.convert_to_tensor(np.tile(self.window[:, None], (1, channels)), dtype=images.dtype)
        for shape in ((self.size, 1, channels, 1), (1, self.size, channels, 1)):
            kernel = ops.reshape(window, shape)
            images = ops.depthwise_conv(images, kernel, padding="valid", data_format="channels_last")
        return images
