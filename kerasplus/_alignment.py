"""Brings targets and predictions to one shape without ever broadcasting one over the other."""

from __future__ import annotations

from typing import Any

from keras import ops

LABEL_DOMAINS = frozenset({"sparse", "labels", "embeddings"})
"""The input domains whose targets are class ids, one for a whole row of predictions."""


def fits(shape: tuple[int | None, ...], other: tuple[int | None, ...]) -> bool:
    """Whether two static shapes can be equal, where None is a size that is not known yet."""
    return len(shape) == len(other) and all(a is None or b is None or a == b for a, b in zip(shape, other, strict=True))


def mismatch(y_true: Any, y_pred: Any, name: str, expected: str) -> ValueError:
    """The error for shapes that do not belong together."""
    return ValueError(
        f"{name!r} received `y_true` of shape {tuple(y_true.shape)} and `y_pred` of shape "
        f"{tuple(y_pred.shape)}, which do not fit. Expected {expected}. Reshape one of them; "
        "nothing is broadcast."
    )


def same_shape(y_true: Any, y_pred: Any, name: str) -> tuple[Any, Any]:
    """Targets and predictions that are compared element by element, both of rank 2 or more.

    A missing last axis of size one is added on either side: `(N,)` and `(N, 1)` mean the same.

    Raises:
        ValueError: If the shapes differ otherwise.
    """
    target_rank, rank = len(y_true.shape), len(y_pred.shape)
    error = mismatch(y_true, y_pred, name, "two equal shapes (batch, ...)")
    if 0 in (target_rank, rank):
        raise error
    if target_rank == 1 or (target_rank + 1 == rank and y_pred.shape[-1] == 1):
        y_true = ops.expand_dims(y_true, -1)
    if rank == 1 or (rank + 1 == target_rank and y_true.shape[-1] == 1):
        y_pred = ops.expand_dims(y_pred, -1)
    if not fits(tuple(y_true.shape), tuple(y_pred.shape)):
        raise error
    return _shaped_like(y_true, y_pred), y_pred


def labels_or_rows(y_true: Any, y_pred: Any, name: str) -> tuple[Any, Any]:
    """Class ids of shape `y_pred.shape[:-1]`, or targets of the same shape as the predictions.

    Ids of shape `(N, 1)` become `(N,)`. Against predictions of a single column, `(N, 1)` are ids.

    Raises:
        ValueError: If `y_true` has neither shape.
    """
    rows = tuple(y_pred.shape)
    error = mismatch(y_true, y_pred, name, "class ids of shape `y_pred.shape[:-1]`, or rows of `y_pred.shape`")
    if len(rows) < 2:
        raise error
    if len(y_true.shape) == len(rows) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if fits(tuple(y_true.shape), rows[:-1]):
        return _shaped_like(y_true, y_pred[..., 0]), y_pred
    if fits(tuple(y_true.shape), rows):
        return _shaped_like(y_true, y_pred), y_pred
    raise error


def class_ids(y_true: Any) -> Any:
    """The target class of each row of one-hot targets; -1 for a row of zeros, which names no class."""
    named = ops.any(ops.not_equal(y_true, 0), axis=-1)
    return ops.where(named, ops.cast(ops.argmax(y_true, axis=-1), "int32"), -1)


def _shaped_like(tensor: Any, other: Any) -> Any:
    """The same tensor; a compiled step fails where a size that was not known turns out to differ."""
    if None in tuple(tensor.shape) or None in tuple(other.shape):
        return ops.reshape(tensor, ops.shape(other))
    return tensor
