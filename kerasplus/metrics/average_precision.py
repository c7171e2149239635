"""The average precision of scores, from all of them or from counts."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._class_metric import ratio
from kerasplus.metrics._ranking_metric import RankingMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class AveragePrecision(RankingMetric):
    r"""Average precision: the mean, over the positives, of the precision at their scores.

    With the weights of the positives and of all samples that score at least :math:`s`, :math:`P_s` and
    :math:`N_s`:

    .. math:: \frac{1}{\sum_i w_i} \sum_{i \text{ positive}} w_i \frac{P_{s_i}}{N_{s_i}}

    This is the sum of steps under the curve of precision over recall; Keras' `AUC(curve="PR")`
    interpolates. Without positives it is 0.

    All scores are held, and sorted for each result, which Keras computes in every step: a `fit` step of a
    small model takes about 2.5 times as long up to 8192 samples, and 8 to 16 times beyond. For long
    trainings, take it in `evaluate`, at the end of epochs through the callback `ExactMetrics`, or with
    `num_bins`, which makes a step 1.2 to 1.3 times as long. It counts instead, with no limit on the
    samples: the result is that of scores rounded down to a multiple of `1 / num_bins`. It is off by at most

    .. math:: \frac{1}{\sum_i w_i} \sum_{i \text{ positive}} w_i \frac{n_i}{N_i}

    where :math:`n_i` is the weight of all samples in the cell of :math:`s_i` and :math:`N_i` that of all
    samples in this cell or above: :math:`\ln K / K` for :math:`K` cells that are filled evenly, and
    usually far less.

    Args:
        average: With several columns, `"macro"`, the mean over those that have positives; `"weighted"`, by the
            weight of the positives; `"micro"`, over all scores of all columns together; or None, a dict
            with one value for each column.
        num_bins: None for the exact value, or the number of equal cells from 0 to 1 to count in. Lower
            and higher scores are in the first and the last one, so logits need a sigmoid before.
        capacity: How many samples each replica can hold, at least 1; with more of them the result is
            NaN. The state is `capacity * (2 * columns + 1)` numbers. Not used with `num_bins`.
        name: The name in the logs.
        dtype: The dtype of the scores, float32 at least.

    Shapes:
        `y_pred` `(batch, ..., columns)`, scores; a single column is binary. `y_true` class ids `(batch, ...)` or
        `(batch, ..., 1)`, where each class is told from all others, or zeros and ones of the shape of
        `y_pred`. A scalar, or a dict of `name_column`.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = AveragePrecision()
        >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
        >>> round(float(metric.result()), 4)  # the mean of 1 and 2/3
        0.8333

    References:
        `scikit-learn: average_precision_score
        <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.average_precision_score.html>`_
    """

    alternatives = {"average": "weighted", "num_bins": 64, "capacity": 2**12}

    def __init__(
        self,
        average: str | None = "macro",
        num_bins: int | None = None,
        capacity: int = 2**16,
        name: str = "average_precision",
        dtype: Any = None,
    ) -> None:
        super().__init__(average=average, capacity=capacity, num_bins=num_bins, name=name, dtype=dtype)

    def of_groups(self, positives: Any, negatives: Any) -> Any:
        """The average precision of each column."""
        hits, false = (ops.flip(ops.cumsum(ops.flip(each, -1), axis=-1), -1) for each in (positives, negatives))
        return ratio(ops.sum(positives * ratio(hits, hits + false), axis=-1), ops.sum(positives, axis=-1))

    def has_value(self, positives: Any, negatives: Any) -> Any:
        """With positives."""
        return positives > 0

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "num_bins": self.num_bins}
