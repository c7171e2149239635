"""Targets of classes as rows of shares: one-hot where they came as class ids."""

from __future__ import annotations

from typing import Any

from keras import ops


def class_rows(y_true: Any, y_pred: Any, dtype: str) -> Any:
    """The share of each class in each row, of the shape of `y_pred`.

    Args:
        y_true: Class ids of shape `y_pred.shape[:-1]`, of any numeric dtype, or rows of `y_pred.shape`,
            which come back as they are. An id that is no column of `y_pred` gives a row of zeros.
        y_pred: One column per class.
        dtype: The dtype of the result.
    """
    if len(y_true.shape) == len(y_pred.shape):
        return ops.cast(y_true, dtype)
    ids = ops.expand_dims(ops.cast(y_true, "int32"), -1)
    return ops.cast(ops.equal(ids, ops.arange(ops.shape(y_pred)[-1], dtype="int32")), dtype)
