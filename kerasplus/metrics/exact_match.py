"""How many samples have every label, or every class, right."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kerasplus.metrics._image_metric import weights_of_samples
from kerasplus.metrics._label_metric import LabelMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class ExactMatch(LabelMetric):
    r"""Share of the samples of which every label, or the class at every step, is predicted right.

    For the labels :math:`y_{ij}` and the decisions :math:`d_{ij} = [p_{ij} > \tau]` of the `threshold`:

    .. math:: \frac{1}{n} \sum_i \prod_j [y_{ij} = d_{ij}]

    With `mode="multiclass"`, :math:`y_{ij}` is the class of the step :math:`j` and :math:`d_{ij}` the column
    of the highest score: a sequence, or an image, is right where all its steps are, and counts with the
    largest weight of its steps. Steps that are masked, ignored or of weight 0 are not looked at, and a
    sample without any other is not there. A sample of one class makes it the accuracy.

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
        >>> metric = ExactMatch()
        >>> metric.update_state(np.array([[0, 1], [1, 1]]), np.array([[0.1, 0.9], [0.2, 0.8]]))
        >>> float(metric.result())  # 1 of 2
        0.5

    References:
        `scikit-learn <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.accuracy_score.html>`_
    """

    direction = "max"

    def __init__(
        self,
        mode: str = "multilabel",
        threshold: float = 0.5,
        ignore_class: int | None = None,
        name: str = "exact_match",
        dtype: Any = None,
    ) -> None:
        super().__init__(mode=mode, threshold=threshold, ignore_class=ignore_class, name=name, dtype=dtype)
        self.per_sample = mode == "multiclass"

    def terms(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """What each row of labels adds to the two sums, or each class."""
        wrong, kept = self.decided(y_true, y_pred)
        if self.mode == "multilabel":
            wrong, kept = ops.any(wrong & kept, axis=-1), ops.any(kept, axis=-1)
        return ops.cast(kept & ops.logical_not(wrong), y_pred.dtype), ops.cast(kept, y_pred.dtype)

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """The two sums of a batch, over rows of labels or over samples of classes."""
        if self.mode == "multilabel":
            return super().statistics(y_true, y_pred, sample_weight)
        right, kept = self.terms(y_true, y_pred)
        weights = kept if sample_weight is None else kept * sample_weight
        steps = tuple(range(1, len(right.shape)))
        right = ops.cast(ops.all(ops.equal(weights, 0) | (right > 0), axis=steps) if steps else right > 0, self.dtype)
        weights = weights_of_samples(weights, right)
        return {
            "numerator": self.weighted_sum(right, weights),
            "denominator": self.weighted_sum(ops.ones_like(right), weights),
        }
