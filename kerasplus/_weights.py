"""Turns sample weights and Keras masks into one weight per value."""

from __future__ import annotations

from typing import Any

from keras import ops

from kerasplus._alignment import fits


def left_aligned(weights: Any, shape: tuple[int | None, ...], name: str, what: str) -> Any:
    """Weights of the same rank as `shape`: axes are matched from the left, so samples stay samples.

    `(n,)` weighs the samples of `(n, T)` values, never their steps, also where `n == T`.

    Raises:
        ValueError: If the sizes do not fit.
    """
    given = tuple(weights.shape)
    while len(weights.shape) > max(len(shape), 1) and weights.shape[-1] == 1:
        weights = ops.squeeze(weights, -1)
    while 0 < len(weights.shape) < len(shape):
        weights = ops.expand_dims(weights, -1)
    stretched = tuple(
        size if size != 1 or axis == 0 else wanted
        for axis, (size, wanted) in enumerate(zip(weights.shape, shape, strict=False))
    )
    if len(weights.shape) != 0 and (len(weights.shape) > len(shape) or not fits(stretched, shape)):
        raise ValueError(
            f"{name!r} received {what} of shape {given}, which does not fit its values of shape "
            f"{tuple(shape)}. Expected one for each sample, shape (batch,), or one for each value."
        )
    return weights


def merged(sample_weight: Any, mask: Any, shape: tuple[int | None, ...], name: str, dtype: str) -> Any:
    """Sample weight times mask, broadcastable to values of `shape`; None if there is neither."""
    weights = None
    if sample_weight is not None:
        weights = left_aligned(ops.convert_to_tensor(sample_weight, dtype=dtype), shape, name, "`sample_weight`")
    if mask is not None:
        kept = left_aligned(ops.cast(mask, dtype), shape, name, "a mask")
        weights = kept if weights is None else weights * kept
    return weights


def leave_out(values: Any, weights: Any, fill: float = 0.0) -> Any:
    """The values, with `fill` in place of those of weight zero, so that not even a NaN gets through."""
    if weights is None:
        return values
    while 0 < len(weights.shape) < len(values.shape):
        weights = ops.expand_dims(weights, -1)
    return ops.where(ops.equal(weights, 0), ops.cast(fill, values.dtype), values)
