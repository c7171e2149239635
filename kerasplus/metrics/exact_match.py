"""How many samples have every label right."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._mean_metric import MeanMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class ExactMatch(MeanMetric):
    r"""Share of the samples of which every label is predicted right.

    For the labels :math:`y_{ij}` and the decisions :math:`d_{ij} = [p_{ij} > \tau]` of the `threshold`:

    .. math:: \frac{1}{n} \sum_i \prod_j [y_{ij} = d_{ij}]

    Args:
        threshold: The score above which a label is predicted.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true`, of 0 and 1, and `y_pred`, scores, both `(batch, ..., labels)`.
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

    inputs = ("multilabel",)
    bounds = (0.0, 1.0)
    direction = "max"
    alternatives = {"threshold": 0.25}

    def __init__(
        self,
        threshold: float = 0.5,
        name: str = "exact_match",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.threshold = threshold

    def terms(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """What each value adds to the two sums."""
        right = ops.all(ops.equal(y_true > 0.5, y_pred > self.threshold), axis=-1)
        right = ops.cast(right, y_pred.dtype)
        return right, ops.ones_like(right)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "threshold": self.threshold,
        }
