"""The Lovász hinge: the convex surrogate of the Jaccard loss of one foreground."""

from typing import Any

import keras
from keras import ops

from kerasplus._keras_names import keras_mask
from kerasplus._weights import left_aligned
from kerasplus.losses._lovasz import lovasz_weights
from kerasplus.losses._per_sample_loss import PerSampleLoss

_SURELY_RIGHT = -1e9
"""The logit of a background pixel that takes no part."""


@keras.saving.register_keras_serializable(package="kerasplus")
class LovaszHinge(PerSampleLoss):
    r"""Lovász hinge of logits, for binary segmentation that is judged by intersection over union.

    For the pixels' logits :math:`f_i`, their signs :math:`s_i` (1 in the foreground, -1 elsewhere), the
    errors :math:`e_i = 1 - s_i f_i` in falling order, and the Jaccard loss :math:`\Delta` of the set of
    wrong pixels:

    .. math::
        L = \sum_i \max(e_i, 0) \, \bigl(\Delta(\{1, \dots, i\}) - \Delta(\{1, \dots, i - 1\})\bigr)

    It is a hinge loss in which each pixel has the weight that it has in the intersection over union.

    Args:
        per_image: Whether the Jaccard loss is that of each image. If not, it is that of all pixels of
            the batch; the value of a sample is then its part, times the batch size.
        ignore_class: The target whose pixels are left out, or None.
        reduction: How the values of the samples are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` logits `(batch, ...)` or `(batch, ..., 1)`, and `y_true` likewise: 1 (or any positive
        number) for the foreground, 0 or -1 elsewhere. One value per sample.

    Raises:
        ValueError: If the shapes differ.

    Examples:
        >>> import numpy as np
        >>> loss = LovaszHinge()
        >>> float(loss(np.array([[1, 0]]), np.array([[-1.0, -3.0]])))  # error 2 loses the whole region
        2.0

    References:
        Berman, Triki and Blaschko, `The Lovász-Softmax loss <https://arxiv.org/abs/1705.08790>`_, 2018
    """

    inputs = ("binary",)
    alternatives = {"per_image": False, "ignore_class": 2}

    def __init__(
        self,
        per_image: bool = True,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        name: str = "lovasz_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        self.per_image = per_image
        self.ignore_class = ignore_class
        self.independent = per_image

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The loss, weighted and reduced; a mask of steps leaves pixels out of their sample."""
        mask = keras_mask(y_pred)
        if mask is not None and len(mask.shape) > 1:
            y_true, y_pred = self.align(ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred, dtype=self.dtype))
            kept = left_aligned(mask, tuple(y_pred.shape), self.name, "a mask")
            y_true, y_pred = ops.where(kept, y_true, 0.0), ops.where(kept, y_pred, _SURELY_RIGHT)
        return super().__call__(y_true, y_pred, sample_weight)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each sample."""
        if self.ignore_class is not None:
            left_out = ops.equal(y_true, self.ignore_class)
            y_true, y_pred = ops.where(left_out, 0.0, y_true), ops.where(left_out, _SURELY_RIGHT, y_pred)
        size, pixels = ops.shape(y_pred)[0], 1
        for length in ops.shape(y_pred)[1:]:
            pixels = pixels * length
        truth = ops.cast(ops.reshape(y_true, (size, pixels)) > 0, self.dtype)
        errors = 1 - (2 * truth - 1) * ops.reshape(y_pred, (size, pixels))
        if self.per_image:
            weights = lovasz_weights(errors, truth)
        else:
            rows = (1, size * pixels)
            weights = lovasz_weights(ops.reshape(errors, rows), ops.reshape(truth, rows))
            weights = ops.reshape(weights, (size, pixels)) * ops.cast(size, self.dtype)
        return ops.sum(ops.relu(errors) * weights, axis=1)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "per_image": self.per_image, "ignore_class": self.ignore_class}
