"""Counts of (target class, predicted class), without a one-hot matrix."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasplus import _compensated
from kerasplus._alignment import class_ids

DENSE_CELLS = 100 * 100
"""Up to here the margins of a matrix are counted by its cells; beyond it, each by itself."""


FEW_COLUMNS = 32
"""Up to here a row's maximum is found column by column, which TensorFlow does twice as fast as its argmax."""


def predicted_classes(scores: Any) -> Any:
    """The class of the highest score of each row, the first of equal ones, as int32."""
    if scores.shape[-1] > FEW_COLUMNS:
        return ops.cast(ops.argmax(scores, axis=-1), "int32")
    highest, *others = ops.unstack(scores, axis=-1)
    classes = ops.zeros_like(highest, dtype="int32")
    for index, score in enumerate(others, 1):
        better = score > highest
        highest, classes = ops.where(better, score, highest), ops.where(better, index, classes)
    return classes


def counted(index: Any, weights: Any, size: int) -> Any:
    """The sum of the weights of each index from 0 to `size - 1`; the indices are within that range.

    Without weights the counts are integers, so that they are exact. A sum per segment has a static
    size, which XLA asks for; on PyTorch it is slow and rounds to float32, and counting is neither.
    """
    index = ops.reshape(index, (-1,))
    if weights is not None:
        weights = ops.cast(ops.reshape(weights, (-1,)), _compensated.widest_dtype())
    if keras.backend.backend() == "torch":
        return ops.bincount(index, weights=weights, minlength=size)
    return ops.segment_sum(ops.ones_like(index) if weights is None else weights, index, num_segments=size)


def cell_sums(y_true: Any, y_pred: Any, weights: Any, num_classes: int) -> Any:
    """The cells of a confusion matrix, row by row, and in the last place what belongs to no cell."""
    return counted(_cells(y_true, y_pred, num_classes), weights, num_classes**2 + 1)


def class_sums(y_true: Any, y_pred: Any, weights: Any, num_classes: int) -> Any:
    """For each class its hits, then its targets, then its predictions, and last what is outside."""
    if num_classes**2 < DENSE_CELLS:
        sums = cell_sums(y_true, y_pred, weights, num_classes)
        matrix = ops.reshape(sums[:-1], (num_classes, num_classes))
        marginals = [ops.diagonal(matrix), ops.sum(matrix, axis=1), ops.sum(matrix, axis=0), sums[-1:]]
        return ops.concatenate([ops.cast(each, sums.dtype) for each in marginals])
    inside = _inside(y_true, num_classes) & _inside(y_pred, num_classes)
    targets = counted(ops.where(inside, y_true, num_classes), weights, num_classes + 1)
    predictions = counted(ops.where(inside, y_pred, num_classes), weights, num_classes + 1)
    hits = counted(ops.where(inside & ops.equal(y_true, y_pred), y_true, num_classes), weights, num_classes + 1)
    return ops.concatenate([hits[:-1], targets[:-1], predictions[:-1], targets[-1:]])


def kept_ids(y_true: Any, y_pred: Any, ignore_class: int | None) -> tuple[Any, Any]:
    """The target of each row, and which rows count: None for all of them; the id of another row is 0.

    A one-hot row of zeros names no class.
    """
    rows = len(y_true.shape) == len(y_pred.shape)
    ids = class_ids(y_true) if rows else y_true
    kept = ops.greater_equal(ids, 0) if rows else None
    if ignore_class is not None:
        other = ops.not_equal(ids, ignore_class)
        kept = other if kept is None else kept & other
    return (ids if kept is None else ops.where(kept, ids, 0)), kept


def check_ids(ids: Any, num_classes: int, name: str) -> None:
    """Refuses ids outside the classes, where the values can be looked at.

    Raises:
        ValueError: If a tensor with values holds a class id outside 0 to `num_classes - 1`.
    """
    try:
        values = np.asarray(ops.convert_to_numpy(ids))
    except Exception:  # a tensor of a compiled step has no values yet, which each backend says otherwise
        return
    if values.size and (values.min() < 0 or values.max() >= num_classes):
        raise ValueError(
            f"{name!r} must receive class ids from 0 to {num_classes - 1}. Received ids from {values.min()} to "
            f"{values.max()}. Name an id that stands for no class with `ignore_class`."
        )


def _inside(ids: Any, num_classes: int) -> Any:
    return ops.greater_equal(ids, 0) & ops.less(ids, num_classes)


def _cells(y_true: Any, y_pred: Any, num_classes: int) -> Any:
    inside = _inside(y_true, num_classes) & _inside(y_pred, num_classes)
    return ops.where(inside, y_true * num_classes + y_pred, num_classes**2)
