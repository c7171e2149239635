"""The peak signal-to-noise ratio of images, PSNR."""

import math
from typing import Any

import keras
from keras import ops

from kerasplus.metrics._class_metric import ratio
from kerasplus.metrics._image_metric import ImageMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class PeakSignalToNoiseRatio(ImageMetric):
    r"""Mean peak signal-to-noise ratio (PSNR) of images, in decibels.

    With the `max_value` :math:`m`, an image :math:`y_i` and its reconstruction :math:`p_i` have the value

    .. math:: \min \Bigl( 10 \log_{10} \frac{m^2}{\operatorname{mean} (y_i - p_i)^2}, \ell \Bigr)

    over all pixels and channels, and the result is the mean over images, as with `tf.image.psnr`;
    the ratio of the error of all images together is another number. Without the `limit`
    :math:`\ell`, an image that equals its reconstruction is infinite, and the mean with it.

    Args:
        max_value: The difference between the largest and the smallest value that a pixel can have, 1 or
            255 mostly; positive.
        limit: The most that an image counts with, in decibels; None for no limit.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch, height, width, channels)`, or any other equal shapes `(batch, ...)`.
        Weights and masks of pixels weigh their errors; an image has the largest weight of its pixels.
        A scalar.

    Raises:
        ValueError: If `max_value` is not positive, if `limit` is no number, or if the shapes differ.

    Examples:
        >>> import numpy as np
        >>> metric = PeakSignalToNoiseRatio(max_value=1.0)
        >>> metric.update_state(np.zeros((1, 8, 8, 3)), np.full((1, 8, 8, 3), 0.1))
        >>> round(float(metric.result()), 4)
        20.0

    References:
        Huynh-Thu and Ghanbari, `Scope of validity of PSNR in image/video quality assessment
        <https://doi.org/10.1049/el:20080522>`_, 2008
    """

    direction = "max"
    alternatives = {"max_value": 2.0, "limit": 60.0}

    def __init__(
        self,
        max_value: float,
        limit: float | None = None,
        name: str = "peak_signal_to_noise_ratio",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if not 0 < max_value < math.inf:
            raise ValueError(f"`max_value` must be positive and finite. Received: max_value={max_value}")
        if limit is not None and not -math.inf < limit < math.inf:
            raise ValueError(f"`limit` must be None or a finite number. Received: limit={limit}")
        self.max_value = max_value
        self.limit = limit

    def values(self, y_true: Any, y_pred: Any, weights: Any) -> Any:
        """The ratio of each image."""
        axes = tuple(range(1, len(y_pred.shape)))
        squares = ops.square(y_true - y_pred)
        if weights is None or all(size == 1 for size in weights.shape[1:]):
            errors = ops.mean(squares, axis=axes)
        else:
            shares = ops.expand_dims(weights, -1) * ops.ones_like(squares)
            errors = ratio(ops.sum(squares * shares, axis=axes), ops.sum(shares, axis=axes))
        decibels = 20 * math.log10(self.max_value) - 10 * ops.log10(errors)
        return decibels if self.limit is None else ops.minimum(decibels, self.limit)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "max_value": self.max_value, "limit": self.limit}
