"""The Lovász extension of the Jaccard loss, the mathematics of two losses."""

from __future__ import annotations

from typing import Any

from keras import ops

_NEXT_TO_NONE = 1e-30
"""The size of an empty region: nothing beside one pixel, and enough for the worst pixel to lose all of it."""


def lovasz_weights(errors: Any, truth: Any) -> Any:
    """The slope of the extension at each error: how much the Jaccard loss grows when the pixel is added.

    Each row is sorted once by falling error. Steps are worked out as fractions of the union rather than
    as differences of losses, which keeps their digits where there are many pixels.

    Args:
        errors: The error of each pixel, `(rows, pixels)`; those of 0 or less take no part.
        truth: 1 for the pixels of the region, 0 for the others, of the same shape.
    """
    errors, truth = ops.stop_gradient(errors), ops.stop_gradient(truth)
    rows, pixels = ops.shape(errors)[0], ops.shape(errors)[1]
    order = ops.cast(ops.top_k(errors, pixels)[1], "int32")
    places = ops.reshape(ops.expand_dims(ops.arange(rows, dtype="int32") * pixels, 1) + order, (-1,))
    truth = ops.reshape(ops.take(ops.reshape(truth, (-1,)), places), ops.shape(errors))
    total = ops.sum(truth, axis=1, keepdims=True) + _NEXT_TO_NONE
    index = ops.expand_dims(ops.arange(pixels, dtype="int32"), 0)
    intersection = total - ops.cumsum(truth, axis=1)
    union = intersection + ops.cast(index + 1, errors.dtype)  # what is left of the region, and the pixels so far
    growth = ops.where(truth > 0, 1.0, intersection / ops.maximum(union - 1, _NEXT_TO_NONE)) / union
    # Every place is there once, so that the sums move numbers, faster than a scatter does in TensorFlow.
    back = ops.segment_sum(ops.reshape(growth, (-1,)), places, num_segments=rows * pixels + 1)[:-1]
    return ops.reshape(back, ops.shape(errors))
