"""How many labels, or classes, are predicted wrong."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._label_metric import LabelMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class HammingDistance(LabelMetric):
    r"""Share of labels, or of classes, that are predicted wrong, over all samples.

    For the labels :math:`y_{ij}` and the decisions :math:`d_{ij} = [p_{ij} > \tau]` of the `threshold`:

    .. math:: \frac{1}{nk} \sum_{ij} [y_{ij} \ne d_{ij}]

    With `mode="multiclass"` each row has one class, :math:`k = 1`, and its decision is the column of the
    highest score: one minus the accuracy. Replaces `tfa.metrics.HammingLoss`.

    Args:
        mode: `"multilabel"` for several labels of each row, or `"multiclass"` for one class of each row.
        threshold: The score above which a label is predicted; of classes, where there is a single column.
        ignore_class: A target that is left out: a class, or in `"multilabel"` mode a value such as -1.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        For labels `y_true`, of 0 and 1, and `y_pred`, scores, both `(batch, ..., labels)`. For classes
        `y_pred` `(batch, ..., classes)` and `y_true` class ids `(batch, ...)` or `(batch, ..., 1)`, or one-hot rows.
        A scalar.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = HammingDistance()
        >>> metric.update_state(np.array([[0, 1], [1, 1]]), np.array([[0.1, 0.9], [0.2, 0.8]]))
        >>> float(metric.result())  # 1 of 4
        0.25

    References:
        `scikit-learn <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.hamming_loss.html>`_
    """

    direction = "min"

    def __init__(
        self,
        mode: str = "multilabel",
        threshold: float = 0.5,
        ignore_class: int | None = None,
        name: str = "hamming_distance",
        dtype: Any = None,
    ) -> None:
        super().__init__(mode=mode, threshold=threshold, ignore_class=ignore_class, name=name, dtype=dtype)

    def terms(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """What each value adds to the two sums."""
        wrong, kept = self.decided(y_true, y_pred)
        return ops.cast(wrong & kept, y_pred.dtype), ops.cast(kept, y_pred.dtype)
