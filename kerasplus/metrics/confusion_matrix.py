"""How many samples of each class were predicted as each class, as named scalars."""

import math
from typing import Any

import keras
from keras import ops

from kerasplus.metrics._class_metric import ClassMetric, ratio


@keras.saving.register_keras_serializable(package="kerasplus")
class ConfusionMatrix(ClassMetric):
    r"""Number of samples of each target class predicted as each class.

    The cell :math:`M_{tp}` holds the weights of the samples of class :math:`t` predicted as :math:`p`. The
    result is a dict of scalars `name_t_p`, which every callback takes, so that few classes are shown
    well; `matrix()` gives the array for any number of classes.

    Args:
        num_classes: The number of classes; found from the last axis of the predictions unless given.
        normalize: None for counts, `"true"` for shares of the rows, `"pred"` of the columns, `"all"` of all.
        ignore_class: A target whose samples are left out, in or outside the range of the classes.
        threshold: Where predictions have a single column, the score above which they are class 1.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` `(batch, ..., classes)`, probabilities or logits, or one column of binary scores. `y_true`
        class ids `(batch, ...)` or `(batch, ..., 1)`, or one-hot rows, in which a row of zeros names no
        class and is left out. A dict of `name_target_predicted`.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = ConfusionMatrix()
        >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]]))
        >>> metric.matrix().shape, float(metric.result()["confusion_matrix_0_1"])
        (TensorShape([2, 2]), 1.0)

    References:
        `scikit-learn <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.confusion_matrix.html>`_
    """

    keeps_cells = True
    bounds = (0.0, math.inf)
    alternatives = {"num_classes": 5, "ignore_class": 1, "threshold": 0.25, "normalize": "true"}

    def __init__(
        self,
        num_classes: int | None = None,
        normalize: str | None = None,
        ignore_class: int | None = None,
        threshold: float = 0.5,
        name: str = "confusion_matrix",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_classes=num_classes,
            ignore_class=ignore_class,
            threshold=threshold,
            name=name,
            dtype=dtype,
        )
        if normalize not in (None, "true", "pred", "all"):
            raise ValueError(f'`normalize` must be "true", "pred", "all" or None. Received: normalize={normalize!r}')
        self.normalize = normalize
        self.scales_with_weight = normalize is None

    def from_counts(self, counts: Any) -> Any:
        """The cells as named scalars."""
        matrix = self._normalized(counts)
        classes = matrix.shape[0]
        return {f"{self.name}_{t}_{p}": matrix[t, p] for t in range(classes) for p in range(classes)}

    def matrix(self) -> Any:
        """The matrix over all samples so far, target classes down and predicted classes across."""
        if self._columns is None:
            raise ValueError(f"{self.name!r} has seen no batch yet, and so does not know its classes.")
        return self._normalized(self.totals()["counts"][:-1])

    def _normalized(self, counts: Any) -> Any:
        classes = math.isqrt(counts.shape[0])
        matrix = ops.reshape(counts, (classes, classes))
        if self.normalize == "true":
            return ratio(matrix, ops.sum(matrix, axis=1, keepdims=True))
        if self.normalize == "pred":
            return ratio(matrix, ops.sum(matrix, axis=0, keepdims=True))
        return matrix if self.normalize is None else ratio(matrix, ops.sum(matrix))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "normalize": self.normalize,
        }
