"""A binary metric for each class against the rest."""

from typing import Any

import keras
from keras import ops

from kerasplus._alignment import labels_or_rows
from kerasplus._keras_names import keras_mask
from kerasplus._weights import leave_out, merged
from kerasplus.metrics._wrapped_metric import WrappedMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class PerClass(WrappedMetric):
    r"""A binary metric :math:`m`, computed for each class against all others.

    The results are :math:`m([y = c], p_c)` as `name_c` for each class :math:`c`: the targets are one
    where they name the class, and the predictions are its column. Targets may also be rows, one-hot or
    with several labels; then both are the columns of the class. What a class scores alone is often
    far from the mean over classes, which `average="macro"` adds as `name`.

    Args:
        metric: A metric of one column of scores: a name, such as `"auc"`, an instance, a function of
            `y_true` and `y_pred` whose values are averaged, or a configuration.
        num_classes: The number of classes, at least 2; found from the last axis of the predictions
            unless given.
        average: None, or `"macro"` for the mean over classes as one more result.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least; the metric has its own.

    Shapes:
        `y_pred` `(batch, ..., classes)`. `y_true` class ids `(batch, ...)` or `(batch, ..., 1)`, where
        an id that is no class is against all of them, or rows of the shape of `y_pred`. A dict with a
        scalar for each class, empty before the first batch unless `num_classes` is given.

    Raises:
        ValueError: If an argument is out of its range, if the metric is unknown or gives an array, or if
            the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = PerClass("binary_accuracy", average="macro", name="accuracy")
        >>> metric.update_state(np.array([0, 1, 2, 2]), np.eye(3)[[0, 1, 2, 1]])
        >>> {name: round(float(value), 4) for name, value in metric.result().items()}
        {'accuracy_0': 1.0, 'accuracy_1': 0.75, 'accuracy_2': 0.75, 'accuracy': 0.8333}

    References:
        torchmetrics, `ClasswiseWrapper <https://lightning.ai/docs/torchmetrics/stable/wrappers/classwise_wrapper.html>`_
    """

    alternatives = {"metric": "brier_score", "num_classes": 3, "average": "macro"}

    def __init__(
        self,
        metric: Any,
        num_classes: int | None = None,
        average: str | None = None,
        name: str = "per_class",
        dtype: Any = None,
    ) -> None:
        if num_classes is not None and (not isinstance(num_classes, int) or num_classes < 2):
            raise ValueError(f"`num_classes` must be None or an integer from 2. Received: num_classes={num_classes}")
        if average not in (None, "macro"):
            raise ValueError(f"`average` must be None or 'macro'. Received: average={average!r}")
        super().__init__(metric, num_classes, name, dtype)
        self.num_classes = num_classes
        self.average = average
        self.inputs = ("sparse", "one_hot", "multilabel")

    def states_for(self, y_pred: Any) -> int:
        """The number of columns of the predictions."""
        columns = y_pred.shape[-1] if len(y_pred.shape) > 1 else 1
        if columns is None or columns < 2 or columns != (self.num_classes or columns):
            wanted = self.num_classes or "2 or more"
            raise ValueError(
                f"{self.name!r} must have predictions with a last axis of {wanted}, one column for each class. "
                f"Received `y_pred` of shape {tuple(y_pred.shape)}."
            )
        return int(columns)

    def of_state(self, index: Any, y_true: Any, y_pred: Any, sample_weight: Any) -> tuple[Any, Any, Any]:
        """Targets and predictions of a class, each as a column; what weighs nothing is zero."""
        mask = keras_mask(y_pred)
        y_true, y_pred = labels_or_rows(y_true, y_pred, self.name)
        if len(y_true.shape) < len(y_pred.shape):
            targets = ops.equal(ops.cast(y_true, "int32"), ops.cast(index, "int32"))
        else:
            targets = ops.take(y_true, index, axis=-1)
        targets = ops.expand_dims(ops.cast(targets, self.dtype), -1)
        scores = ops.expand_dims(ops.take(y_pred, index, axis=-1), -1)
        if mask is None and sample_weight is None:
            return targets, scores, None
        weights = merged(sample_weight, mask, tuple(y_pred.shape[:-1]), self.name, self.dtype)
        return leave_out(targets, weights), leave_out(scores, weights), weights

    def add_batch(self, y_true: Any, y_pred: Any, sample_weight: Any) -> None:
        """Adds the batch to each class."""
        if self.states_for(y_pred) != self.states:
            raise ValueError(
                f"{self.name!r} was built for predictions with a last axis of {self.states}. "
                f"Received `y_pred` of shape {tuple(y_pred.shape)}."
            )

        def added(index: Any, *state: Any) -> list[Any]:
            return self.updated(state, *self.of_state(index, y_true, y_pred, sample_weight))

        self.assign_states(self.each(added, self.stacked_states()))

    def result(self) -> Any:
        """The value of each class, and their mean if it was asked for."""
        if self.states is None:
            return {}
        shown: dict[str, Any] = {}
        found = self.values_of_each(self.stacked_states())
        for end, values in found.items():
            shown |= {f"{self.name}{end}_{index}": values[index] for index in range(self.states)}
        if self.average == "macro":
            shown |= {f"{self.name}{end}": ops.mean(values) for end, values in found.items()}
        return shown

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "num_classes": self.num_classes, "average": self.average}
