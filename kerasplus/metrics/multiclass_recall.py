"""How many of the targets of a class are found, averaged over classes."""

from typing import Any

import keras

from kerasplus.metrics._class_metric import AveragedClassMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class MulticlassRecall(AveragedClassMetric):
    r"""Found share of the targets of a class, averaged over the classes.

    With the hits :math:`h_c` of a class and its targets :math:`t_c`:

    .. math:: R_c = h_c / t_c

    A class that is predicted but has no targets counts as 0, as in scikit-learn.

    Args:
        num_classes: The number of classes; found from the last axis of the predictions unless given.
        average: `"macro"`, the mean over classes; `"weighted"` by their targets; `"micro"`, over all
            decisions; or None, a dict with one value for each class.
        absent: What a class without targets and predictions is to the macro average: `"skip"` leaves it
            out, `"zero"` counts it as 0.
        ignore_class: A target whose samples are left out, in or outside the range of the classes.
        threshold: Where predictions have a single column, the score above which they are class 1.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` `(batch, ..., classes)`, probabilities or logits, or one column of binary scores. `y_true`
        class ids `(batch, ...)` or `(batch, ..., 1)`, or one-hot rows, in which a row of zeros names no
        class and is left out. A scalar, or a dict of `name_class`.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = MulticlassRecall()
        >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]]))
        >>> round(float(metric.result()), 4)  # (1/2 + 2/2) / 2
        0.75

    References:
        `scikit-learn <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.recall_score.html>`_
    """

    def __init__(
        self,
        num_classes: int | None = None,
        average: str | None = "macro",
        absent: str = "skip",
        ignore_class: int | None = None,
        threshold: float = 0.5,
        name: str = "multiclass_recall",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_classes=num_classes,
            average=average,
            absent=absent,
            ignore_class=ignore_class,
            threshold=threshold,
            name=name,
            dtype=dtype,
        )

    def parts(self, hits: Any, targets: Any, predictions: Any) -> tuple[Any, Any]:
        """The numerator and the denominator of each class."""
        return hits, targets
