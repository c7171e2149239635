"""How many labels are predicted wrong."""

from typing import Any

import keras
from keras import ops

from kerasplus.metrics._mean_metric import MeanMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class HammingDistance(MeanMetric):
    r"""Share of labels that are predicted wrong, over all samples and labels.

    For the labels :math:`y_{ij}` and the decisions :math:`d_{ij} = [p_{ij} > \tau]` of the `threshold`:

    .. math:: \frac{1}{nk} \sum_{ij} [y_{ij} \ne d_{ij}]

    Replaces `tfa.metrics.HammingLoss`.

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
        >>> metric = HammingDistance()
        >>> metric.update_state(np.array([[0, 1], [1, 1]]), np.array([[0.1, 0.9], [0.2, 0.8]]))
        >>> float(metric.result())  # 1 of 4
        0.25

    References:
        `scikit-learn <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.hamming_loss.html>`_
    """

    inputs = ("multilabel",)
    bounds = (0.0, 1.0)
    direction = "min"
    alternatives = {"threshold": 0.25}

    def __init__(
        self,
        threshold: float = 0.5,
        name: str = "hamming_distance",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.threshold = threshold

    def terms(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """What each value adds to the two sums."""
        wrong = ops.not_equal(y_true > 0.5, y_pred > self.threshold)
        wrong = ops.cast(wrong, y_pred.dtype)
        return wrong, ops.ones_like(wrong)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "threshold": self.threshold,
        }
