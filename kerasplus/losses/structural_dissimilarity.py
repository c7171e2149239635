"""The structural dissimilarity of images: one minus SSIM."""

from typing import Any

import keras

from kerasplus._structural_similarity import StructuralSimilarityWindow
from kerasplus.losses._per_sample_loss import PerSampleLoss


@keras.saving.register_keras_serializable(package="kerasplus")
class StructuralDissimilarity(PerSampleLoss):
    r"""One minus the structural similarity (SSIM) of each image, for reconstruction and restoration.

    In a Gaussian window of `filter_size` and `filter_sigma` around each pixel, with the means
    :math:`\mu`, variances :math:`\sigma^2` and covariance :math:`\sigma_{yp}` of the two images,
    :math:`c_1 = (k_1 m)^2`, :math:`c_2 = (k_2 m)^2` and `max_value` :math:`m`:

    .. math::
        L = 1 - \operatorname{mean} \frac{(2 \mu_y \mu_p + c_1)(2 \sigma_{yp} + c_2)}
        {(\mu_y^2 + \mu_p^2 + c_1)(\sigma_y^2 + \sigma_p^2 + c_2)}

    over all windows that lie within the image, and all channels. It is the number of
    `keras.ops.image.ssim`, which old versions of Keras lack, and of `tf.image.ssim`.

    Args:
        max_value: The difference between the largest and the smallest value that a pixel can have, 1 or
            255 mostly; positive.
        filter_size: The side of the window in pixels, positive; no image may be smaller.
        filter_sigma: The standard deviation of the window in pixels, positive.
        k1: The constant that steadies the luminance term, positive.
        k2: The constant that steadies the contrast term, positive.
        reduction: How the values of the images are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch, height, width, channels)`, or `(batch, height, width)` for a single
        channel. One value per image.

    Raises:
        ValueError: If an argument is not positive, if the shapes differ, or if the images are smaller than
            the window.

    Examples:
        >>> import numpy as np
        >>> loss = StructuralDissimilarity(max_value=1.0)
        >>> image = np.tile([[0.0, 1.0], [1.0, 0.0]], (8, 8))[None, :, :, None]
        >>> float(loss(image, image))
        0.0

    References:
        Wang, Bovik, Sheikh and Simoncelli, `Image quality assessment: from error visibility to structural
        similarity <https://doi.org/10.1109/TIP.2003.819861>`_, 2004
    """

    inputs = ("images",)
    bounds = (0.0, 2.0)
    zero_at_equality = True
    symmetric = True
    alternatives = {"max_value": 2.0, "filter_size": 5, "filter_sigma": 1.0, "k1": 0.05, "k2": 0.05}

    def __init__(
        self,
        max_value: float,
        filter_size: int = 11,
        filter_sigma: float = 1.5,
        k1: float = 0.01,
        k2: float = 0.03,
        reduction: str | None = "sum_over_batch_size",
        name: str = "structural_dissimilarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        self.window = StructuralSimilarityWindow(max_value, filter_size, filter_sigma, k1, k2)
        self.max_value = max_value
        self.filter_size = filter_size
        self.filter_sigma = filter_sigma
        self.k1 = k1
        self.k2 = k2

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Two batches of images with a channel axis, large enough for the window."""
        return self.window.align(y_true, y_pred, self.name, self.dtype)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each image."""
        return 1 - self.window.similarity(y_true, y_pred)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), **self.window.arguments}
