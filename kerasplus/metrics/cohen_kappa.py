"""The agreement of predicted and target classes beyond chance."""

import math
from typing import Any

import keras
from keras import ops

from kerasplus.metrics._class_metric import ClassMetric, marginals, ratio


@keras.saving.register_keras_serializable(package="kerasplus")
class CohenKappa(ClassMetric):
    r"""Agreement of predicted and target classes beyond that of chance.

    With the confusion matrix :math:`M`, the matrix :math:`E` of the same margins without any relation, and
    the cost :math:`w_{tp}` of confusing two classes:

    .. math:: \kappa = 1 - \frac{\sum_{tp} w_{tp} M_{tp}}{\sum_{tp} w_{tp} E_{tp}}

    :math:`w_{tp}` is :math:`[t \ne p]`, or :math:`|t - p|` (`"linear"`), or :math:`(t - p)^2`
    (`"quadratic"`). Where no disagreement is expected the result is `zero_division`. Replaces
    `tfa.metrics.CohenKappa`.

    Args:
        num_classes: The number of classes; found from the last axis of the predictions unless given.
        weights: The cost of a confusion: None, `"linear"` or `"quadratic"`.
        zero_division: The result where targets and predictions are all of one and the same class.
        ignore_class: A target whose samples are left out, in or outside the range of the classes.
        threshold: Where predictions have a single column, the score above which they are class 1.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` `(batch, ..., classes)`, probabilities or logits, or one column of binary scores. `y_true`
        class ids `(batch, ...)` or `(batch, ..., 1)`, or one-hot rows, in which a row of zeros names no
        class and is left out. A scalar.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = CohenKappa()
        >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]]))
        >>> float(metric.result())  # 1 - (1/4) / (1/2)
        0.5

    References:
        Cohen, `A coefficient of agreement for nominal scales
        <https://doi.org/10.1177/001316446002000104>`_, 1960
    """

    direction = "max"
    alternatives = {
        "num_classes": 12,
        "ignore_class": 1,
        "threshold": 0.25,
        "weights": "quadratic",
        "zero_division": 1.0,
    }

    def __init__(
        self,
        num_classes: int | None = None,
        weights: str | None = None,
        zero_division: float = 0.0,
        ignore_class: int | None = None,
        threshold: float = 0.5,
        name: str = "cohen_kappa",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_classes=num_classes,
            ignore_class=ignore_class,
            threshold=threshold,
            name=name,
            dtype=dtype,
        )
        if weights not in (None, "linear", "quadratic"):
            raise ValueError(f'`weights` must be "linear", "quadratic" or None. Received: weights={weights!r}')
        self.weights = weights
        self.zero_division = zero_division
        self.keeps_cells = weights is not None

    def from_counts(self, counts: Any) -> Any:
        """The coefficient."""
        if self.weights is None:
            hits, targets, predictions = marginals(counts)
            observed = ops.sum(targets) - ops.sum(hits)
            expected = ops.sum(targets) - ratio(ops.sum(targets * predictions), ops.sum(targets))
        else:
            classes = math.isqrt(counts.shape[0])
            matrix = ops.reshape(counts, (classes, classes))
            targets, predictions = ops.sum(matrix, axis=1), ops.sum(matrix, axis=0)
            ids = ops.arange(classes, dtype=matrix.dtype)
            gaps = ops.abs(ops.expand_dims(ids, 1) - ids)
            cost = gaps if self.weights == "linear" else ops.square(gaps)
            observed = ops.sum(cost * matrix)
            expected = ratio(ops.sum(cost * ops.expand_dims(targets, 1) * predictions), ops.sum(targets))
        alone = ops.any((targets + predictions) >= 2 * ops.sum(targets)) | (expected <= 0)
        return ops.where(alone, self.zero_division, 1 - observed / ops.where(alone, 1.0, expected))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "weights": self.weights,
            "zero_division": self.zero_division,
        }
