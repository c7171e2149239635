"""The geometric mean of the recalls of all classes that have targets."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._class_metric import ClassMetric, marginals, ratio


@keras.saving.register_keras_serializable(package="kerasplus")
class GeometricMeanScore(ClassMetric):
    r"""Geometric mean of the recalls of the classes that have targets.

    With the hits :math:`h_c` and the targets :math:`t_c` of each class, over the classes with
    :math:`t_c > 0`:

    .. math:: G = \Bigl( \prod_{c \in C} h_c / t_c \Bigr)^{1/|C|}

    One class that is never found makes it 0, unless `correction` stands in for its recall. This is the
    multiclass definition of imbalanced-learn.

    Args:
        num_classes: The number of classes; found from the last axis of the predictions unless given.
        correction: The recall :math:`0 \\le c \\le 1` of a class that is never found.
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
        >>> metric = GeometricMeanScore()
        >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]]))
        >>> round(float(metric.result()), 4)  # sqrt(1/2 * 2/2)
        0.7071

    References:
        `imbalanced-learn
        <https://imbalanced-learn.org/stable/references/generated/imblearn.metrics.geometric_mean_score.html>`_
    """

    direction = "max"
    bounds = (0.0, 1.0)
    alternatives = {"num_classes": 12, "ignore_class": 1, "threshold": 0.25, "correction": 0.125}

    def __init__(
        self,
        num_classes: int | None = None,
        correction: float = 0.0,
        ignore_class: int | None = None,
        threshold: float = 0.5,
        name: str = "geometric_mean_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_classes=num_classes,
            ignore_class=ignore_class,
            threshold=threshold,
            name=name,
            dtype=dtype,
        )
        if not 0 <= correction <= 1:
            raise ValueError(f"`correction` must be from 0 to 1. Received: correction={correction}")
        self.correction = correction

    def from_counts(self, counts: Any) -> Any:
        """The geometric mean of the recalls."""
        hits, targets, _ = marginals(counts)
        seen = targets > 0
        recalls = ratio(hits, targets)
        recalls = ops.where(ops.equal(recalls, 0), self.correction, recalls)
        missed = ops.any(seen & ops.equal(recalls, 0)) | ops.logical_not(ops.any(seen))
        logs = ops.where(seen & (recalls > 0), ops.log(ops.where(recalls > 0, recalls, 1.0)), 0.0)
        mean = ratio(ops.sum(logs), ops.sum(ops.cast(seen, targets.dtype)))
        return ops.where(missed, 0.0, ops.exp(mean))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "correction": self.correction,
        }
