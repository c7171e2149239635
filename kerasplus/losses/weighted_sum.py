"""A weighted sum of losses, whose terms can be seen in the logs."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from kerasplus._alignment import fits, mismatch
from kerasplus._keras_names import get, keras_names
from kerasplus.losses._loss_term import LossTerm
from kerasplus.losses._per_sample_loss import PerSampleLoss


@keras.saving.register_keras_serializable(package="kerasplus")
class WeightedSum(PerSampleLoss):
    r"""A sum of losses of the same targets and predictions: Dice and cross-entropy, say.

    For the terms :math:`L_k` and their `weights` :math:`w_k`:

    .. math:: L = \sum_k w_k L_k

    Terms that have a value for each step or pixel are averaged over these where another term has one
    value per sample. To see each term under its own name, for training and validation, give the terms
    to the metrics: ``model.compile(loss=loss, metrics=loss.term_metrics())``. Their weighted sum is
    then the loss in the logs. With sample weights, give them to `weighted_metrics`.

    Args:
        losses: The terms: names, such as `"segmentation_dice"` or `"mse"`, loss instances, functions of
            `y_true` and `y_pred`, or the configurations that `keras.saving` makes of them. The reduction
            of a term is not used.
        weights: A finite number for each term, or None for a plain sum.
        reduction: How the values of the samples are combined, as in Keras.
        name: The name of the loss.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true` and `y_pred` as all the terms take them. One value per sample, or per step if every
        term has one.

    Raises:
        ValueError: If there is no term, if one is unknown or has the name of another, if `weights` does
            not fit, or if a term refuses the shapes.

    Examples:
        >>> import numpy as np
        >>> loss = WeightedSum(["mean_squared_error", "mean_absolute_error"], [1.0, 0.5])
        >>> float(loss(np.array([[3.0]]), np.array([[1.0]])))  # 4 + 0.5 * 2
        5.0
        >>> [metric.name for metric in loss.term_metrics()]
        ['mean_squared_error', 'mean_absolute_error']

    References:
        Isensee et al., `nnU-Net <https://arxiv.org/abs/1809.10486>`_, 2018, which adds Dice to
        cross-entropy
    """

    bounds = (float("-inf"), float("inf"))
    alternatives = {"losses": ["mean_squared_error", "pinball"], "weights": [0.5, 2.0]}

    def __init__(
        self,
        losses: Sequence[Any],
        weights: Sequence[float] | None = None,
        reduction: str | None = "sum_over_batch_size",
        name: str = "weighted_sum",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        if isinstance(losses, (str, dict)) or not losses:
            raise ValueError(f"`losses` must be a list of one loss or more. Received: losses={losses!r}")
        self.losses = [_resolved(loss) for loss in losses]
        names = [_name(loss) for loss in self.losses]
        if len(set(names)) < len(names):
            raise ValueError(
                "`losses` must have different names, under which they are logged; pass `name=` to one of "
                f"them. Received names: {names}"
            )
        if weights is not None:
            weights = [float(weight) for weight in weights]
            if len(weights) != len(self.losses) or not all(abs(weight) < float("inf") for weight in weights):
                raise ValueError(
                    f"`weights` must be a finite number for each of the {len(self.losses)} losses. "
                    f"Received: weights={weights}"
                )
        self.weights = weights
        self.inputs = getattr(self.losses[0], "inputs", self.inputs)
        self.independent = all(getattr(loss, "independent", True) for loss in self.losses)

    def align(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Targets and predictions of one number of samples; each term aligns the rest itself."""
        if not fits(tuple(y_true.shape[:1]), tuple(y_pred.shape[:1])):
            raise mismatch(y_true, y_pred, self.name, "the same number of samples in both")
        return y_true, ops.expand_dims(y_pred, -1) if len(y_pred.shape) == 1 else y_pred

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The sum of the terms of each sample."""
        values = [ops.cast(_per_sample(loss)(y_true, y_pred), self.dtype) for loss in self.losses]
        if len({len(value.shape) for value in values}) > 1:
            values = [ops.mean(value, axis=tuple(range(1, len(value.shape)))) for value in values]
        weights = self.weights or [1.0] * len(values)
        return sum(weight * value for weight, value in zip(weights, values, strict=True))

    def term_metrics(self) -> list[Any]:
        """A metric for each term, under the term's name, for the `metrics` of `compile`.

        Its value is the term's mean over batches, as that of the loss in the logs, and without its
        weight in the sum.
        """
        reduction = "sum_over_batch_size" if self.reduction in (None, "none") else self.reduction
        return [
            LossTerm(WeightedSum([loss], reduction=reduction, dtype=self.dtype), name=_name(loss))
            for loss in self.losses
        ]

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "losses": [keras.saving.serialize_keras_object(loss) for loss in self.losses],
            "weights": self.weights,
        }


def _resolved(loss: Any) -> Any:
    """The loss that a name, a configuration, an instance or a function means."""
    if isinstance(loss, str):
        known = loss in keras_names("loss") or ">" in loss
        loss = get(loss, kind="loss") if known else keras.losses.get(loss)
    elif isinstance(loss, dict):
        loss = keras.saving.deserialize_keras_object(loss)
    if not callable(loss):
        raise ValueError(f"Each of `losses` must be a loss, a function, a name or a configuration. Received: {loss!r}")
    return loss


def _name(loss: Any) -> str:
    """The name of a loss or a function."""
    return getattr(loss, "name", None) or loss.__name__


def _per_sample(loss: Any) -> Callable[[Any, Any], Any]:
    """The same loss without a reduction, so that it gives a value for each sample."""
    if not isinstance(loss, keras.losses.Loss):
        return lambda y_true, y_pred: loss(_cast_floats(y_true, y_pred.dtype), y_pred)
    loss = copy.copy(loss)
    loss.reduction = "none"
    return loss


def _cast_floats(y_true: Any, dtype: Any) -> Any:
    """Targets in the dtype of the predictions, class ids as they are: what Keras hands a function."""
    return ops.cast(y_true, dtype) if "float" in str(y_true.dtype) else y_true
