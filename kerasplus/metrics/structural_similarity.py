"""The structural similarity of images, SSIM."""

from typing import Any

import keras

from kerasplus._structural_similarity import StructuralSimilarityWindow
from kerasplus.metrics._image_metric import ImageMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class StructuralSimilarity(ImageMetric):
    r"""Mean structural similarity (SSIM) of images: 1 for equal ones, around 0 for unrelated ones.

    In a Gaussian window of `filter_size` and `filter_sigma` around each pixel, with the means
    :math:`\mu`, variances :math:`\sigma^2` and covariance :math:`\sigma_{yp}` of the two images,
    :math:`c_1 = (k_1 m)^2`, :math:`c_2 = (k_2 m)^2` and `max_value` :math:`m`, an image has the value

    .. math::
        \operatorname{mean} \frac{(2 \mu_y \mu_p + c_1)(2 \sigma_{yp} + c_2)}
        {(\mu_y^2 + \mu_p^2 + c_1)(\sigma_y^2 + \sigma_p^2 + c_2)}

    over all windows that lie within it, and all channels: the number of `tf.image.ssim`. The loss
    `StructuralDissimilarity` is one minus it.

    Args:
        max_value: The difference between the largest and the smallest value that a pixel can have, 1 or
            255 mostly; positive.
        filter_size: The side of the window in pixels, positive; no image may be smaller.
        filter_sigma: The standard deviation of the window in pixels, positive.
        k1: The constant that steadies the luminance term, positive.
        k2: The constant that steadies the contrast term, positive.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch, height, width, channels)`, or `(batch, height, width)` for a single
        channel; one weight for each image. A scalar.

    Raises:
        ValueError: If an argument is not positive, if the shapes differ, if the images are smaller than
            the window, or if there is a weight or mask for parts of an image.

    Examples:
        >>> import numpy as np
        >>> metric = StructuralSimilarity(max_value=1.0)
        >>> image = np.tile([[0.0, 1.0], [1.0, 0.0]], (8, 8))[None, :, :, None]
        >>> metric.update_state(image, image)
        >>> float(metric.result())
        1.0

    References:
        Wang, Bovik, Sheikh and Simoncelli, `Image quality assessment: from error visibility to structural
        similarity <https://doi.org/10.1109/TIP.2003.819861>`_, 2004
    """

    direction = "max"
    bounds = (-1.0, 1.0)
    alternatives = {"max_value": 2.0, "filter_size": 5, "filter_sigma": 1.0, "k1": 0.05, "k2": 0.05}

    def __init__(
        self,
        max_value: float,
        filter_size: int = 11,
        filter_sigma: float = 1.5,
        k1: float = 0.01,
        k2: float = 0.03,
        name: str = "structural_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.window = StructuralSimilarityWindow(max_value, filter_size, filter_sigma, k1, k2)
        self.max_value = max_value
        self.filter_size = filter_size
        self.filter_sigma = filter_sigma
        self.k1 = k1
        self.k2 = k2

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Two batches of images with a channel axis, large enough for the window."""
        return self.window.align(y_true, y_pred, self.name, self.dtype)

    def values(self, y_true: Any, y_pred: Any, weights: Any) -> Any:
        """The similarity of each image."""
        if weights is not None and any(size != 1 for size in weights.shape[1:]):
            raise ValueError(
                f"{self.name!r} must receive one weight for each image, shape (batch,), since a part of an image has "
                f"no similarity of its own. Received: weights or a mask of shape {tuple(weights.shape)}"
            )
        return self.window.similarity(y_true, y_pred)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), **self.window.arguments}
