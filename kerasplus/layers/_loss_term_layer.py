"""The bases of our layers: computing in float32 at least, terms of the loss, masks, values in the logs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import keras
from keras import ops

from kerasplus._alignment import fits
from kerasplus._weights import leave_out, left_aligned
from kerasplus.losses._class_rows import class_rows
from kerasplus.losses._per_sample_loss import at_least_float32, share_of_replica

REDUCTIONS = ("sum", "sum_over_batch_size")
"""How a term depends on the size of the batch."""


def shows_values() -> bool:
    """Whether what a layer's metrics see reaches the logs: JAX' training step gives them no state."""
    return keras.backend.backend() != "jax"


class WideLayer(keras.layers.Layer):
    """Base of layers that compute in float32 at least, whatever the policy, and cast no input before.

    So a class id is not rounded, a metric inside keeps its digits, and an input can go back bit for
    bit. Under mixed precision the layer has float32 as its own policy.

    Attributes:
        pass_through: Whether the output is the input.
        input_shape_example: The shape of an input without its batch axis, or a list of them for a
            layer that takes several.
        input_domains: What each input holds, in the same order: `"real"`, `"probabilities"`,
            `"sparse"` (class ids below 3), or `"mean"` and `"log_variance"`.
        alternatives: For each constructor argument, a value that is not its default.
    """

    pass_through: ClassVar[bool] = True
    input_shape_example: ClassVar[Any] = (8,)
    input_domains: ClassVar[tuple[str, ...]] = ("real",)
    alternatives: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, **kwargs: Any) -> None:
        dtype = at_least_float32(kwargs.pop("dtype", None) or keras.config.dtype_policy())
        super().__init__(autocast=False, dtype=dtype, **kwargs)
        self.supports_masking = True

    def wide(self, tensor: Any) -> Any:
        """A tensor in the dtype of the computation."""
        return ops.cast(tensor, self.compute_dtype)

    def row_weights(self, mask: Any, rows: Any) -> Any:
        """A mask as one weight for each of `rows`, or None."""
        mask = first_mask(mask)
        if mask is None:
            return None
        return ops.broadcast_to(left_aligned(self.wide(mask), tuple(rows.shape), self.name, "a mask"), ops.shape(rows))

    def mean(self, values: Any, mask: Any = None) -> Any:
        """The mean of the values that no mask leaves out; 0 if there is none."""
        weights = self.row_weights(mask, values)
        count = ops.sum(ops.ones_like(values) if weights is None else weights)
        return ops.divide_no_nan(ops.sum(leave_out(values, weights)), count)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input."""
        return input_shape

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Shapes and dtypes, from a symbolic call, so that they are those of the input."""
        return keras.Operation.compute_output_spec(self, *args, **kwargs)


class LossTermLayer(WideLayer):
    """Base of layers that add a term to the loss and show it in the logs under their name.

    A subclass calls `add_term` in `call`. A term is computed in float32 at least, without which Keras
    fails under mixed precision. In the logs it is a mean over batches by their size, as the loss is;
    of a layer that is called several times in a step, the mean over the calls. On JAX they are not in
    the logs: Keras' training step there gives the metrics of layers no state.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.term = keras.metrics.Mean(name=self.name) if shows_values() else None

    def add_term(self, value: Any, inputs: Any, reduction: str = "sum_over_batch_size") -> None:
        """Adds a scalar to the loss of the model.

        Args:
            value: The term of this batch.
            inputs: A tensor whose first axis is the batch.
            reduction: `"sum"` if replicas add their terms up, `"sum_over_batch_size"` if the term of
                several replicas is the mean of theirs.
        """
        value = ops.cast(value, at_least_float32(None))  # the dtype that Keras adds losses up in
        if reduction == "sum":
            value = value / share_of_replica(at_least_float32(None))  # Keras takes the mean over replicas
        if self.term is not None:
            self.term.update_state(ops.stop_gradient(value), sample_weight=ops.shape(inputs)[0])
        self.add_loss(value)


def first_mask(mask: Any) -> Any:
    """The mask of the first input that has one, or None."""
    return next((each for each in keras.tree.flatten(mask) if each is not None), None)


def label_rows(labels: Any, like: Any, name: str) -> Any:
    """Class ids, also with a last axis of size 1, or one-hot rows, as rows of the shape of `like`.

    Raises:
        ValueError: If the shapes do not fit.
    """
    given, rows = tuple(labels.shape), tuple(like.shape)
    if len(given) == len(rows) and given[-1] == 1:
        labels = ops.squeeze(labels, -1)
    if not fits(tuple(labels.shape), rows[:-1]) and not fits(tuple(labels.shape), rows):
        raise ValueError(f"{name!r} received labels of shape {given}. Expected class ids {rows[:-1]} or rows {rows}.")
    return class_rows(labels, like, keras.backend.standardize_dtype(like.dtype))


def finite(value: float, name: str) -> float:
    """A finite number.

    Raises:
        ValueError: If it is none.
    """
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"`{name}` must be a finite number. Received: {name}={value!r}")
    return value


def whole(value: int, name: str, least: int = 1) -> int:
    """An integer of at least `least`.

    Raises:
        ValueError: If it is none.
    """
    if not isinstance(value, int) or value < least:
        raise ValueError(f"`{name}` must be an integer of {least} or more. Received: {name}={value!r}")
    return value


def choice(value: Any, name: str, choices: tuple[str, ...]) -> Any:
    """One of the choices.

    Raises:
        ValueError: If it is none of them.
    """
    if value not in choices:
        raise ValueError(f"`{name}` must be one of {', '.join(map(repr, choices))}. Received: {name}={value!r}")
    return value
