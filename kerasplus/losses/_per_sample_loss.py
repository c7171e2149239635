"""The base of our losses: one value per sample, whatever the ranks, weights, masks and dtypes."""

from __future__ import annotations

import abc
import math
from collections.abc import Mapping
from typing import Any, ClassVar

import keras
import numpy as np
from keras import ops

from kerasplus._alignment import LABEL_DOMAINS, fits, labels_or_rows, same_shape
from kerasplus._keras_names import keras_mask
from kerasplus._registry import snake_case
from kerasplus._weights import leave_out, left_aligned, merged


class PerSampleLoss(keras.losses.Loss, abc.ABC):
    """Base class of losses that give one value per sample.

    A subclass writes `call(y_true, y_pred)` and returns values of shape `(batch,)`, or
    `(batch, steps, ...)` for sequences and images. The base does the rest, once and for all:

    - it aligns `(N,)` with `(N, 1)` and refuses every other pair of shapes that differ: nothing is
      broadcast;
    - it refuses a scalar, on which sample weights, class weights, masks and replicas have no effect;
    - it computes in float32 at least, also where Keras' default float is a half-precision one;
    - a sample weight of zero and a masked step leave the value out, even if it is NaN, and `(n,)`
      weights weigh samples, also if the values have the shape `(n, n)`;
    - integer targets of classes reach `call` as they came, so that no class id is rounded.

    Attributes:
        inputs: The domains that `y_true` and `y_pred` come from: `"regression"`, `"positive"`,
            `"binary"`, `"multilabel"`, `"one_hot"`, `"sparse"`, `"labels"`, `"probabilities"`,
            `"hinge"`, `"embeddings"`, `"boxes"`, `"images"`, `"pairs"`, `"gaussian"` or
            `"multilabel_pairs"`.
        bounds: The lowest and the highest value of one sample.
        zero_at_equality: Whether the loss is zero, and least, where `y_pred` equals `y_true`.
        symmetric: Whether `y_true` and `y_pred` may change places.
        independent: Whether the value of a sample depends on that sample alone. Like `inputs`, an
            instance may set it where it depends on an argument.
        alternatives: For each constructor argument, a value that is not its default.

    Args:
        reduction: `"sum_over_batch_size"` (the default), `"mean"`, `"mean_with_sample_weight"`,
            `"sum"`, `"none"` or None, as in Keras. Masked steps are not counted.
        name: The name of the loss; the snake-case class name unless given.
        dtype: The dtype of the computation; float32 at least.

    Raises:
        ValueError: If shapes do not fit, or if `call` returns anything but one value per sample.

    Examples:
        >>> import numpy as np
        >>> from keras import ops
        >>> from kerasplus.losses import PerSampleLoss
        >>> class AbsoluteError(PerSampleLoss):
        ...     zero_at_equality = True
        ...     def call(self, y_true, y_pred):
        ...         return ops.mean(ops.abs(y_true - y_pred), axis=-1)
        >>> float(AbsoluteError()(np.array([1.0, 2.0]), np.array([[1.0], [4.0]])))
        1.0
    """

    inputs: tuple[str, ...] = ("regression",)
    bounds: ClassVar[tuple[float, float]] = (0.0, math.inf)
    zero_at_equality: ClassVar[bool] = False
    symmetric: ClassVar[bool] = False
    independent: bool = True
    alternatives: ClassVar[Mapping[str, Any]] = {}

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            reduction=reduction,
            name=name or snake_case(type(self).__name__),
            dtype=at_least_float32(dtype),
        )

    @abc.abstractmethod
    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each sample, from aligned targets and predictions."""

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Targets and predictions in the shapes that `call` expects, by the declared `inputs`."""
        if LABEL_DOMAINS.isdisjoint(self.inputs):
            y_true, y_pred = same_shape(y_true, y_pred, self.name)
            return ops.cast(y_true, self.dtype), y_pred
        return labels_or_rows(y_true, y_pred, self.name)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The loss, weighted and reduced."""
        mask = keras_mask(y_pred)
        with keras.name_scope(self.name):
            y_true = keras.tree.map_structure(ops.convert_to_tensor, _lists_as_arrays(y_true))
            y_pred = keras.tree.map_structure(
                lambda x: ops.convert_to_tensor(x, dtype=self.dtype), _lists_as_arrays(y_pred)
            )
            y_true, y_pred = self.align(y_true, y_pred)
            if self.independent and not keras.tree.is_nested(y_pred):
                y_true, y_pred = self._without_left_out(y_true, y_pred, sample_weight, mask)
            values = ops.convert_to_tensor(self.call(y_true, y_pred))
            self._check_per_sample(values, y_pred)
            weights = merged(sample_weight, mask, tuple(values.shape), self.name, self.dtype)
            return self._reduced(leave_out(values, weights), weights, mask)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments of the base."""
        return {**super().get_config(), "dtype": self.dtype}

    def _without_left_out(self, y_true: Any, y_pred: Any, sample_weight: Any, mask: Any) -> tuple[Any, Any]:
        """Zeros in place of what weighs nothing, so that its NaN reaches neither value nor gradient."""
        if sample_weight is None and mask is None:
            return y_true, y_pred
        steps = tuple(y_pred.shape[:-1])
        weights = merged(sample_weight, mask, steps, self.name, self.dtype)
        return leave_out(y_true, weights), leave_out(y_pred, weights)

    def _check_per_sample(self, values: Any, y_pred: Any) -> None:
        batch = keras.tree.flatten(y_pred)[0].shape[:1]
        if len(values.shape) == 0 or not fits(tuple(values.shape[:1]), tuple(batch)):
            raise ValueError(
                f"The `call` of the loss {self.name!r} returned values of shape {tuple(values.shape)} for "
                f"a batch of {batch[0]}. Expected one value per sample, shape (batch,) or (batch, ...): "
                "sample weights, class weights, masks and replicas act on single samples. Reduce over "
                "`axis=-1`, never over the batch."
            )

    def _reduced(self, values: Any, weights: Any, mask: Any) -> Any:
        weighted = values if weights is None else values * weights
        if self.reduction in (None, "none"):
            return weighted
        total = ops.sum(weighted)
        if self.reduction == "sum":
            return total
        if self.reduction == "mean_with_sample_weight" and weights is not None:
            count = ops.sum(ops.broadcast_to(weights, ops.shape(values)))
        elif mask is not None:
            kept = left_aligned(ops.cast(mask, self.dtype), tuple(values.shape), self.name, "a mask")
            count = ops.sum(ops.broadcast_to(kept, ops.shape(values)))
        else:
            count = ops.sum(ops.ones_like(values))
        count = ops.where(ops.equal(count, 0), ops.cast(math.inf, count.dtype), count)  # no value: a mean of 0
        return total / count * ops.cast(share_of_replica(self.dtype), total.dtype)


class _One(keras.losses.Loss):
    """A mean of ones, which Keras divides by the number of replicas."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return y_pred


def share_of_replica(dtype: str) -> Any:
    """The part of a mean that one replica contributes: under a distribution strategy they are summed."""
    one = ops.ones((1,), dtype=dtype)
    return _One(name="one", dtype=dtype)(one, one)


def at_least_float32(dtype: Any) -> str:
    """The compute dtype of a dtype, a policy or None, where half precision becomes float32."""
    policy = keras.dtype_policies.get(dtype or keras.config.floatx())
    compute = policy.compute_dtype
    return "float32" if compute in ("float16", "bfloat16") else str(compute)


def _lists_as_arrays(value: Any) -> Any:
    """Nested lists of numbers as one array; a structure of tensors stays as it is."""
    if keras.tree.is_nested(value) and all(isinstance(leaf, bool | int | float) for leaf in keras.tree.flatten(value)):
        return np.asarray(value)
    return value
