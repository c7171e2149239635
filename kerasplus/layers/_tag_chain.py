"""Sums and maxima over all tag sequences of a linear chain, step by step, in log space.

`keras.ops.scan` on TensorFlow wants a single tensor to go through, where the number of steps is not
known, and each step to give out what has the form of what it carries on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops


def negative_log_likelihood(scores: Any, tags: Any, kept: Any, chain: tuple[Any, Any, Any]) -> Any:
    """Of each sequence of tags, `(batch,)`; 0 where no step is kept.

    Args:
        scores: The score of each tag at each step, `(batch, steps, tags)`.
        tags: The sequences, as one-hot rows of the same shape.
        kept: Whether a step counts, `(batch, steps)`, anywhere in a sequence.
        chain: The scores of a first tag, `(tags,)`, of a tag after another, `(tags, tags)`, and of a
            last tag, `(tags,)`.
    """
    first, after, last = chain
    size = scores.shape[-1]

    def step(carry: Any, inputs: Any) -> Any:
        totals, path, previous, started = carry
        score, tag, keep = inputs[:, :size], inputs[:, size:-1], inputs[:, -1:] > 0
        moved = _log_sum(ops.expand_dims(totals, -1) + after, 1)
        entered = ops.where(started, ops.matmul(previous, after), first)
        totals = ops.where(keep, ops.where(started, moved, first) + score, totals)
        path = ops.where(keep, path + ops.sum((entered + score) * tag, axis=-1, keepdims=True), path)
        previous = ops.where(keep, tag, previous)
        carry = (totals, path, previous, ops.logical_or(started, keep))
        return carry, carry

    nothing = ops.zeros_like(scores[:, 0])
    started = ops.zeros_like(nothing[:, :1], dtype="bool")
    carry = (nothing, nothing[:, :1], nothing, started)
    (totals, path, previous, started), _ = ops.scan(step, carry, _by_step(scores, tags, kept))
    path = path[:, 0] + ops.sum(previous * last, axis=-1)
    return ops.where(started[:, 0], _log_sum(totals + last, -1) - path, 0.0)


def best_path(scores: Any, kept: Any, chain: tuple[Any, Any, Any]) -> tuple[Any, Any]:
    """The sequence of the highest score, `(batch, steps)`, and that score, `(batch,)` (Viterbi).

    Steps that are not kept have tag 0. Arguments as above.
    """
    first, after, last = chain

    def forward(carry: Any, inputs: Any) -> Any:
        best, started, own = carry
        score, keep = inputs[:, :-1], inputs[:, -1:] > 0
        candidates = ops.expand_dims(best, -1) + after
        go_on = ops.logical_and(started, keep)
        origin = ops.where(go_on, ops.cast(ops.argmax(candidates, axis=1), "int32"), own)
        best = ops.where(keep, ops.where(started, _top(candidates, 1), first) + score, best)
        return (best, ops.logical_or(started, keep), own), (best, started, origin)

    def backward(tag: Any, inputs: Any) -> Any:
        origin, keep = inputs[:, :-1], inputs[:, -1:] > 0
        return ops.take_along_axis(origin, tag, axis=1), ops.where(keep, tag, ops.zeros_like(tag))

    nothing = ops.zeros_like(scores[:, 0])
    started = ops.zeros_like(nothing[:, :1], dtype="bool")
    own = ops.broadcast_to(ops.arange(scores.shape[-1], dtype="int32"), ops.shape(nothing))
    (best, started, _), (_, _, origins) = ops.scan(forward, (nothing, started, own), _by_step(scores, kept))
    best = best + last
    tag = ops.cast(ops.expand_dims(ops.argmax(best, axis=-1), -1), "int32")
    kept = ops.expand_dims(ops.cast(ops.transpose(kept), "int32"), -1)
    _, path = ops.scan(backward, tag, ops.concatenate([origins, kept], axis=-1), reverse=True)
    return ops.transpose(path[..., 0]), ops.where(started[:, 0], _top(best, -1), 0.0)


def _top(values: Any, axis: int) -> Any:
    """The maximum, also of an empty batch, on which TensorFlow wants a least value."""
    return ops.max(values, axis=axis, initial=float(np.finfo("float32").min))


def _log_sum(values: Any, axis: int) -> Any:
    """The logarithm of the sum of exponentials."""
    top = ops.stop_gradient(_top(values, axis))
    return top + ops.log(ops.sum(ops.exp(values - ops.expand_dims(top, axis)), axis=axis))


def _by_step(*tensors: Any) -> Any:
    """Scores, tags and the mask of a batch side by side, with the steps as the first axis."""
    *wide, kept = tensors
    kept = ops.expand_dims(ops.cast(kept, wide[0].dtype), -1)
    return ops.transpose(ops.concatenate([*wide, kept], axis=-1), (1, 0, 2))
