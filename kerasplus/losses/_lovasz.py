"""The Lovász extension of the Jaccard loss, the mathematics of two losses."""

from __future__ import annotations

from typing import Any

from keras import ops


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
    order = ops.argsort(-errors, axis=1)
    places = ops.reshape(ops.expand_dims(ops.arange(rows, dtype=order.dtype) * pixels, 1) + order, (-1,))
    truth = ops.reshape(ops.take(ops.reshape(truth, (-1,)), places), ops.shape(errors))
    total = ops.sum(truth, axis=1, keepdims=True)
    intersection = total - ops.cumsum(truth, axis=1)
    union = total + ops.cumsum(1 - truth, axis=1)
    growth = ops.where(truth > 0, 1.0, intersection / ops.maximum(union - 1, 1.0)) / union
    first = ops.expand_dims(ops.arange(pixels), 0) == 0
    growth = ops.where(ops.logical_and(total == 0, first), 1.0, growth)  # of an empty region the worst pixel counts
    back = ops.scatter(ops.expand_dims(places, 1), ops.reshape(growth, (-1,)), (rows * pixels,))
    return ops.reshape(back, ops.shape(errors))
