"""Weights summed over equal values, in the order of the values: what ranks and curves are made from."""

from __future__ import annotations

from typing import Any

from keras import ops

from kerasplus.metrics._confusion import counted


def sorted_groups(values: Any) -> tuple[Any, Any]:
    """The order that sorts each row, and the number of the group of equal values at each place of it.

    Args:
        values: Rows of numbers, `(rows, places)`.
    """
    order = ops.argsort(values, axis=-1)
    return order, groups_of(arranged(values, order))


def arranged(values: Any, order: Any) -> Any:
    """The values of each row in an order of their places."""
    rows, places = values.shape
    if rows > 1:
        order = order + places * ops.expand_dims(ops.arange(rows, dtype="int32"), -1)
    return ops.take(ops.reshape(values, (-1,)), order)


def groups_of(values: Any) -> Any:
    """The number of the group of equal neighbours at each place of each row, from 0 on."""
    starts = ops.cast(ops.not_equal(values[:, 1:], values[:, :-1]), "int32")
    return ops.cumsum(ops.concatenate([ops.zeros_like(values[:, :1], dtype="int32"), starts], axis=-1), axis=-1)


def summed(groups: Any, weights: Any) -> Any:
    """The sum of the weights of each group, `(rows, places)`, with zeros after the last group."""
    rows, places = weights.shape
    index = groups + places * ops.expand_dims(ops.arange(rows, dtype="int32"), -1)
    return ops.reshape(counted(index, weights, rows * places), (rows, places))


def mid_ranks(sums: Any) -> Any:
    """The mean rank of each group, as a share of all weight, less one half: between -1/2 and 1/2.

    Args:
        sums: The weights of the groups, in the order of their values, `(..., groups)`.
    """
    whole = ops.sum(sums, axis=-1, keepdims=True)
    share = sums / ops.where(whole > 0, whole, 1.0)
    return ops.cumsum(share, axis=-1) - share / 2 - 0.5
