"""The Lovász-softmax loss: the surrogate of the Jaccard loss of several classes."""

from typing import Any

import keras
from keras import ops

from kerasplus.losses._lovasz import lovasz_weights
from kerasplus.losses._overlap_loss import ratio
from kerasplus.losses._region_loss import RegionLoss


@keras.saving.register_keras_serializable(package="kerasplus")
class LovaszSoftmax(RegionLoss):
    r"""Lovász-softmax loss, for segmentation that is judged by mean intersection over union.

    For each class that is in the target, the pixels' errors :math:`e_i`, which are :math:`1 - p_i` in the
    class and :math:`p_i` elsewhere, in falling order, and the Jaccard loss :math:`\Delta` of the set of
    wrong pixels:

    .. math::
        L = \sum_i e_i \, \bigl(\Delta(\{1, \dots, i\}) - \Delta(\{1, \dots, i - 1\})\bigr)

    averaged over the classes in the target. Pixels are sorted, so that :math:`n` of them take
    :math:`n \log n` steps for each class.

    Args:
        per_image: Whether the Jaccard loss is that of each image. If not, it is that of all pixels of
            the batch; the value of a sample is then its part, times the batch size.
        ignore_class: The class whose pixels are left out, with its column if it has one, or None.
        from_logits: Whether `y_pred` holds logits: of a softmax, or of a sigmoid if it has one column.
        reduction: How the values of the samples are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` `(batch, ..., classes)`, one column for a single foreground. `y_true` class ids
        `(batch, ...)` or `(batch, ..., 1)`, or one-hot rows `(batch, ..., classes)`. One value per sample.

    Raises:
        ValueError: If the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> loss = LovaszSoftmax()
        >>> float(loss(np.array([[0, 0]]), np.array([[[1.0, 0.0], [0.5, 0.5]]])))  # half of one of two pixels
        0.25

    References:
        Berman, Triki and Blaschko, `The Lovász-Softmax loss <https://arxiv.org/abs/1705.08790>`_, 2018
    """

    bounds = (0.0, float("inf"))  # of a sample; without `per_image` it holds the share of the whole batch
    alternatives = {"per_image": False, "ignore_class": 0, "from_logits": True}

    def __init__(
        self,
        per_image: bool = True,
        ignore_class: int | None = None,
        from_logits: bool = False,
        reduction: str | None = "sum_over_batch_size",
        name: str = "lovasz_softmax",
        dtype: Any = None,
    ) -> None:
        super().__init__(from_logits, ignore_class, reduction, name, dtype)
        self.per_image = per_image
        self.independent = per_image

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each sample, averaged over the classes in the target."""
        truth, predicted = self.regions(y_true, y_pred)
        errors = ops.transpose(ops.abs(truth - predicted), (0, 2, 1))
        truth = ops.transpose(truth, (0, 2, 1))
        size, classes, pixels = ops.shape(truth)
        counted = self.counted_classes(classes)
        if self.per_image:
            rows = (size * classes, pixels)
            weights = lovasz_weights(ops.reshape(errors, rows), ops.reshape(truth, rows))
            weights = ops.reshape(weights, (size, classes, pixels))
            present = counted * ops.cast(ops.any(truth > 0, axis=2), self.dtype)
        else:
            rows = (classes, size * pixels)
            together = [ops.reshape(ops.transpose(each, (1, 0, 2)), rows) for each in (errors, truth)]
            weights = ops.reshape(lovasz_weights(*together), (classes, size, pixels))
            weights = ops.transpose(weights, (1, 0, 2)) * ops.cast(size, self.dtype)
            present = ops.expand_dims(counted * ops.cast(ops.any(truth > 0, axis=(0, 2)), self.dtype), 0)
        values = ops.sum(errors * weights, axis=2)
        return ratio(ops.sum(values * present, axis=1), ops.sum(present, axis=1))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "per_image": self.per_image,
            "ignore_class": self.ignore_class,
            "from_logits": self.from_logits,
        }
