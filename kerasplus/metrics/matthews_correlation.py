"""The correlation of predicted and target classes."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._class_metric import ClassMetric, marginals, ratio


@keras.saving.register_keras_serializable(package="kerasplus")
class MatthewsCorrelation(ClassMetric):
    r"""Correlation coefficient of predicted and target classes (Matthews; Gorodkin's for many classes).

    With the hits :math:`h_c`, the targets :math:`t_c` and the predictions :math:`p_c` of each class, as
    shares of all samples:

    .. math:: r = \frac{\sum_c h_c - \sum_c t_c p_c}{\sqrt{1 - \sum_c t_c^2} \sqrt{1 - \sum_c p_c^2}}

    It is 0 if all targets, or all predictions, are of one class. Replaces
    `tfa.metrics.MatthewsCorrelationCoefficient`.

    Args:
        num_classes: The number of classes; found from the last axis of the predictions unless given.
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
        >>> metric = MatthewsCorrelation()
        >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]]))
        >>> round(float(metric.result()), 4)  # (3/4 - 1/2) / sqrt(1/2 * 3/8)
        0.5774

    References:
        Gorodkin, `Comparing two K-category assignments by a K-category correlation coefficient
        <https://doi.org/10.1016/j.compbiolchem.2004.09.006>`_, 2004
    """

    direction = "max"
    bounds = (-1.0, 1.0)
    alternatives = {"num_classes": 12, "ignore_class": 1, "threshold": 0.25}

    def __init__(
        self,
        num_classes: int | None = None,
        ignore_class: int | None = None,
        threshold: float = 0.5,
        name: str = "matthews_correlation",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_classes=num_classes,
            ignore_class=ignore_class,
            threshold=threshold,
            name=name,
            dtype=dtype,
        )

    def from_counts(self, counts: Any) -> Any:
        """The coefficient."""
        hits, targets, predictions = marginals(counts)
        total = ops.sum(targets)
        hits, targets, predictions = (ratio(each, total) for each in (hits, targets, predictions))
        spread = (1 - ops.sum(ops.square(targets))) * (1 - ops.sum(ops.square(predictions)))
        alone = ops.any(targets >= 1) | ops.any(predictions >= 1) | (spread <= 0)
        agreement = ops.sum(hits) - ops.sum(targets * predictions)
        return ops.where(alone, 0.0, agreement / ops.sqrt(ops.where(alone, 1.0, spread)))
