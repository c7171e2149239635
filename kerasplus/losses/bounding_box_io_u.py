"""The losses of the intersection over union of bounding boxes: IoU, GIoU, DIoU and CIoU."""

import math
from typing import Any

import keras
from keras import ops

from kerasplus._alignment import mismatch
from kerasplus.losses._overlap_loss import ratio
from kerasplus.losses._per_sample_loss import PerSampleLoss

_VARIANTS = ("iou", "giou", "diou", "ciou")
_FORMATS = ("xyxy", "yxyx", "xywh", "center_xywh")


@keras.saving.register_keras_serializable(package="kerasplus")
class BoundingBoxIoU(PerSampleLoss):
    r"""One minus the intersection over union of two boxes, in one of four variants.

    For the intersection :math:`I`, the union :math:`U`, the smallest enclosing box :math:`C` with the
    diagonal :math:`c`, the distance :math:`\rho` of the centres and the widths and heights :math:`w, h`:

    .. math::
        L_\text{iou} = 1 - \frac{I}{U}, \qquad
        L_\text{giou} = L_\text{iou} + \frac{|C| - U}{|C|}, \qquad
        L_\text{diou} = L_\text{iou} + \frac{\rho^2}{c^2}

    .. math::
        L_\text{ciou} = L_\text{diou} + \alpha v, \qquad
        v = \frac{4}{\pi^2} \Bigl(\arctan \frac{w}{h} - \arctan \frac{\hat w}{\hat h}\Bigr)^2, \qquad
        \alpha = \frac{v}{L_\text{iou} + v}

    All but "iou" have a slope where the boxes do not touch. Here :math:`\alpha` has a slope too; the
    authors' code holds it constant. A box without an area overlaps nothing, and a ratio over nothing is
    0, so that degenerate boxes have finite values and slopes; a side that ends before it starts has
    the length 0.

    Args:
        variant: `"iou"`, `"giou"`, `"diou"` or `"ciou"`.
        bounding_box_format: `"xyxy"`, `"yxyx"`, `"xywh"` or `"center_xywh"`, as in Keras.
        reduction: How the values of the boxes are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch, 4)` or `(batch, ..., 4)`. One value per box.

    Raises:
        ValueError: If `variant` or `bounding_box_format` is unknown, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> loss = BoundingBoxIoU(variant="iou")
        >>> float(loss(np.array([[0.0, 0.0, 2.0, 2.0]]), np.array([[0.0, 0.0, 2.0, 1.0]])))
        0.5

    References:
        Rezatofighi et al., `Generalized Intersection over Union <https://arxiv.org/abs/1902.09630>`_,
        2019; Zheng et al., `Distance-IoU Loss <https://arxiv.org/abs/1911.08287>`_, 2019
    """

    inputs = ("boxes",)
    bounds = (0.0, 3.0)
    alternatives = {"variant": "ciou", "bounding_box_format": "center_xywh"}

    def __init__(
        self,
        variant: str = "giou",
        bounding_box_format: str = "xyxy",
        reduction: str | None = "sum_over_batch_size",
        name: str = "bounding_box_io_u",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        if variant not in _VARIANTS:
            raise ValueError(f"`variant` must be one of {', '.join(_VARIANTS)}. Received: variant={variant!r}")
        if bounding_box_format not in _FORMATS:
            raise ValueError(
                f"`bounding_box_format` must be one of {', '.join(_FORMATS)}. "
                f"Received: bounding_box_format={bounding_box_format!r}"
            )
        self.variant = variant
        self.bounding_box_format = bounding_box_format

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Four numbers for each box on either side."""
        if len(y_pred.shape) < 2 or y_pred.shape[-1] != 4 or len(y_true.shape) != len(y_pred.shape):
            raise mismatch(y_true, y_pred, self.name, "boxes (batch, ..., 4) on both sides")
        return super().align(y_true, y_pred)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each box."""
        (low, high), (other_low, other_high) = self._corners(y_true), self._corners(y_pred)
        size, other_size = ops.relu(high - low), ops.relu(other_high - other_low)
        area, other_area = ops.prod(size, axis=-1), ops.prod(other_size, axis=-1)
        overlap = ops.prod(ops.relu(ops.minimum(high, other_high) - ops.maximum(low, other_low)), axis=-1)
        union = area + other_area - overlap
        distance = 1 - ratio(overlap, union)
        if self.variant == "iou":
            return distance
        enclosing = ops.relu(ops.maximum(high, other_high) - ops.minimum(low, other_low))
        if self.variant == "giou":
            whole = ops.prod(enclosing, axis=-1)
            return distance + ratio(whole - union, whole)
        between = ops.sum(ops.square((low + high) - (other_low + other_high)), axis=-1) / 4
        centred = distance + ratio(between, ops.sum(ops.square(enclosing), axis=-1))
        if self.variant == "diou":
            return centred
        shape = 4 / math.pi**2 * ops.square(_slant(size) - _slant(other_size))
        return centred + ratio(ops.square(shape), distance + shape)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "variant": self.variant,
            "bounding_box_format": self.bounding_box_format,
        }

    def _corners(self, boxes: Any) -> tuple[Any, Any]:
        """The corner of the least coordinates, `(x, y)`, and the opposite one."""
        first, second = boxes[..., :2], boxes[..., 2:]
        if self.bounding_box_format == "center_xywh":
            return first - second / 2, first + second / 2
        if self.bounding_box_format == "xywh":
            return first, first + second
        if self.bounding_box_format == "yxyx":
            return ops.flip(first, axis=-1), ops.flip(second, axis=-1)
        return first, second


def _slant(size: Any) -> Any:
    """The angle of a box's diagonal, from its width and height; that of a point is 0, with no slope."""
    some = ops.any(size > 0, axis=-1)
    width = ops.where(some, size[..., 0], 0.0)
    return ops.arctan2(width, ops.where(some, size[..., 1], 1.0))
