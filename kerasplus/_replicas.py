"""State of each replica apart, for what does not add up, such as a maximum.

Keras adds the variables of a metric over the replicas of a `tf.distribute` strategy, element by
element. A variable with a first axis of one slot per replica, in which each replica writes its own
slot and leaves the others zero, therefore arrives whole. JAX and PyTorch have no replicas: there a
metric sees all samples.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
from keras import ops

_simulated: list[tuple[int, int]] = []


def count() -> int:
    """How many replicas there are where a variable is created."""
    if _simulated:
        return _simulated[-1][1]
    if keras.backend.backend() != "tensorflow":
        return 1
    import tensorflow as tf  # the only backend with replicas, and Keras has no function for them

    return int(tf.distribute.get_strategy().num_replicas_in_sync)


def index() -> Any:
    """Which of the replicas runs this code; an integer, or a tensor within a compiled step."""
    if _simulated:
        return _simulated[-1][0]
    if keras.backend.backend() != "tensorflow":
        return 0
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    return 0 if context is None else context.replica_id_in_sync_group


@contextlib.contextmanager
def simulated(replica: int, of: int) -> Iterator[None]:
    """Within it, metrics are created and updated as on one replica of several."""
    _simulated.append((replica, of))
    try:
        yield
    finally:
        _simulated.pop()


def raised(slots: Any, value: Any) -> Any:
    """Slots of `(replicas, 2, ...)`, a maximum and whether there is one, after this replica has seen `value`."""
    highest, filled = slots[:, 0], slots[:, 1]
    own = ops.one_hot(index(), slots.shape[0], dtype=slots.dtype)
    own = ops.reshape(own, (-1, *[1] * (len(slots.shape) - 2)))
    changed = own * ops.cast(ops.not_equal(value, -float("inf")), slots.dtype)
    higher = ops.where(filled > 0, ops.maximum(value, highest), value)
    return ops.stack([ops.where(changed > 0, higher, highest), ops.maximum(filled, changed)], axis=1)


def highest(slots: Any) -> Any:
    """The maximum over all replicas; minus infinity where none has seen a value."""
    return ops.max(ops.where(slots[:, 1] > 0, slots[:, 0], -float("inf")), axis=0)
