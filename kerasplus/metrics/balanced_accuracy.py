"""The mean of the recalls of all classes that have targets."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._class_metric import ClassMetric, marginals, ratio


@keras.saving.register_keras_serializable(package="kerasplus")
class BalancedAccuracy(ClassMetric):
    r"""Mean of the recalls of the classes that have targets.

    With the hits :math:`h_c` and the targets :math:`t_c` of each class, over the classes with
    :math:`t_c > 0`:

    .. math:: B = \frac{1}{|C|} \sum_{c \in C} h_c / t_c

    A class that is only predicted is dropped. With `adjusted`, chance is 0 and perfection 1:
    :math:`(B - 1/|C|) / (1 - 1/|C|)`.

    Args:
        num_classes: The number of classes; found from the last axis of the predictions unless given.
        adjusted: Whether chance is taken off, and 0 is what guessing gives.
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
        >>> metric = BalancedAccuracy()
        >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]]))
        >>> float(metric.result())  # (1/2 + 2/2) / 2
        0.75

    References:
        Brodersen et al., `The balanced accuracy and its posterior distribution
        <https://doi.org/10.1109/ICPR.2010.764>`_, 2010
    """

    direction = "max"
    bounds = (-1.0, 1.0)
    alternatives = {"num_classes": 12, "ignore_class": 1, "threshold": 0.25, "adjusted": True}

    def __init__(
        self,
        num_classes: int | None = None,
        adjusted: bool = False,
        ignore_class: int | None = None,
        threshold: float = 0.5,
        name: str = "balanced_accuracy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_classes=num_classes,
            ignore_class=ignore_class,
            threshold=threshold,
            name=name,
            dtype=dtype,
        )
        self.adjusted = adjusted

    def from_counts(self, counts: Any) -> Any:
        """The mean recall."""
        hits, targets, _ = marginals(counts)
        classes = ops.sum(ops.cast(targets > 0, targets.dtype))
        mean = ratio(ops.sum(ratio(hits, targets)), classes)
        if not self.adjusted:
            return mean
        return ops.where(classes > 1, ratio(mean * classes - 1, classes - 1), 0.0)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "adjusted": self.adjusted,
        }
