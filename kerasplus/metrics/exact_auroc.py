"""The area under the ROC curve, from all scores."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._class_metric import ratio
from kerasplus.metrics._ranking_metric import RankingMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class ExactAUROC(RankingMetric):
    r"""Area under the ROC curve without bins: how likely a positive scores higher than a negative.

    With the weights :math:`w_i` of the positives, :math:`v_j` of the negatives and their scores
    :math:`s_i, t_j`:

    .. math::
        \frac{\sum_{i, j} w_i v_j \bigl(\mathbf{1}[s_i > t_j] + \tfrac{1}{2} \mathbf{1}[s_i = t_j]\bigr)}
        {\sum_i w_i \sum_j v_j}

    Only the order of the scores counts: logits give what probabilities give, and scores within 1e-4 of
    each other are told apart, where Keras' `AUC` has one bin for them. If all samples are positive, or
    all negative, or there is none, it is NaN.

    All scores are held, and sorted for each result, which Keras computes in every step: a `fit` step of a
    small model takes about 2.3 times as long up to 8192 samples, and 8 to 15 times beyond. For long
    trainings, take it in `evaluate`, at the end of epochs through the callback `ExactMetrics`, or take
    Keras' binned `AUC`.

    Args:
        average: With several columns, `"macro"`, the mean over those that have positives and negatives;
            `"weighted"`, by the weight of the positives; `"micro"`, over all scores of all columns together;
            or None, a dict with one value for each column.
        capacity: How many samples each replica can hold, at least 1; with more of them the result is
            NaN. The state is `capacity * (2 * columns + 1)` numbers.
        name: The name in the logs.
        dtype: The dtype of the scores, float32 at least.

    Shapes:
        `y_pred` `(batch, ..., columns)`, scores or logits; a single column is binary. `y_true` class ids
        `(batch, ...)` or `(batch, ..., 1)`, where each class is told from all others, or zeros and ones of the
        shape of `y_pred`. A scalar, or a dict of `name_column`.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = ExactAUROC()
        >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.4, 0.8]))
        >>> float(metric.result())  # 3 of 4 pairs in order, and a tie
        0.875

    References:
        `scikit-learn: roc_auc_score
        <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.roc_auc_score.html>`_;
        Fawcett, `An introduction to ROC analysis <https://doi.org/10.1016/j.patrec.2005.10.010>`_, 2006
    """

    alternatives = {"average": "weighted", "capacity": 2**12}
    nan_when_empty = True
    without_value = float("nan")

    def __init__(
        self,
        average: str | None = "macro",
        capacity: int = 2**16,
        name: str = "exact_auroc",
        dtype: Any = None,
    ) -> None:
        super().__init__(average=average, capacity=capacity, name=name, dtype=dtype)

    def of_groups(self, positives: Any, negatives: Any) -> Any:
        """The area of each column."""
        negatives = ratio(negatives, ops.sum(negatives, axis=-1, keepdims=True))
        below = ops.cumsum(negatives, axis=-1) - negatives / 2
        return ratio(ops.sum(positives * below, axis=-1), ops.sum(positives, axis=-1))

    def has_value(self, positives: Any, negatives: Any) -> Any:
        """With positives and negatives."""
        return (positives > 0) & (negatives > 0)
