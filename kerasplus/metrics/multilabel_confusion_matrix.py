"""How many samples have each label, and how many are predicted to have it, as named scalars."""

import math
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kerasplus import _compensated
from kerasplus.metrics._class_metric import ratio
from kerasplus.metrics._streaming_metric import StreamingMetric

CELLS = ("true_negatives", "false_positives", "false_negatives", "true_positives")
"""The cells of the matrix of one label, row by row, targets down and predictions across."""


@keras.saving.register_keras_serializable(package="kerasplus")
class MultilabelConfusionMatrix(StreamingMetric):
    r"""One confusion matrix of two by two cells for each label.

    For the label :math:`j`, the targets :math:`y_{ij}` and the decisions
    :math:`d_{ij} = [p_{ij} > \tau]` of the `threshold`, the cell of the target :math:`t` and the
    prediction :math:`d` is

    .. math:: M^j_{td} = \sum_i w_i [y_{ij} = t] [d_{ij} = d]

    The result is a dict of scalars `name_label_cell`, which every callback takes, with the cells
    `true_negatives`, `false_positives`, `false_negatives` and `true_positives`; `matrix()` gives the
    array for any number of labels. Replaces `tfa.metrics.MultiLabelConfusionMatrix`.

    Args:
        threshold: The score above which a label is predicted.
        normalize: None for counts, `"true"` for shares of the rows of each matrix, `"pred"` of its columns,
            `"all"` of all its samples.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_true`, of 0 and 1, and `y_pred`, scores, both `(batch, ..., labels)`.
        A dict of `name_label_cell`.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = MultilabelConfusionMatrix()
        >>> metric.update_state(np.array([[0, 1], [1, 1]]), np.array([[0.1, 0.9], [0.2, 0.8]]))
        >>> float(metric.result()["multilabel_confusion_matrix_0_false_negatives"])
        1.0

    References:
        `scikit-learn
        <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.multilabel_confusion_matrix.html>`_
    """

    inputs = ("multilabel",)
    bounds = (0.0, math.inf)
    alternatives = {"threshold": 0.25, "normalize": "true"}

    def __init__(
        self,
        threshold: float = 0.5,
        normalize: str | None = None,
        name: str = "multilabel_confusion_matrix",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if not isinstance(threshold, (int, float)) or threshold != threshold:
            raise ValueError(f"`threshold` must be a number. Received: threshold={threshold}")
        if normalize not in (None, "true", "pred", "all"):
            raise ValueError(f'`normalize` must be "true", "pred", "all" or None. Received: normalize={normalize!r}')
        self.threshold = threshold
        self.normalize = normalize
        self.scales_with_weight = normalize is None

    def totals_for(self, columns: int) -> Mapping[str, tuple[tuple[int, ...], int]]:
        """Four cells for each label."""
        return {"counts": ((columns, 2, 2), 2)}

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """The cells of a batch."""
        labels = y_pred.shape[-1]
        targets, decisions = y_true > 0.5, y_pred > self.threshold
        rows = tuple(range(len(y_pred.shape) - 1))
        weights = ops.ones_like(y_pred[..., :1])
        if sample_weight is not None:
            weights = weights * ops.reshape(sample_weight, (*ops.shape(sample_weight), 1))
        weights = ops.cast(weights, _compensated.widest_dtype())
        cells = [
            ops.sum(ops.where(ops.equal(targets, t) & ops.equal(decisions, d), weights, 0.0), axis=rows)
            for t in (False, True)
            for d in (False, True)
        ]
        return {"counts": ops.reshape(ops.stack(cells, axis=-1), (labels, 2, 2))}

    def compute(self, totals: Mapping[str, Any]) -> Any:
        """The cells as named scalars."""
        matrices = self._normalized(totals["counts"])
        return {
            f"{self.name}_{label}_{cell}": matrices[label, index // 2, index % 2]
            for label in range(matrices.shape[0])
            for index, cell in enumerate(CELLS)
        }

    def matrix(self) -> Any:
        """The matrices over all samples so far, `(labels, 2, 2)`, targets down and predictions across."""
        if self._columns is None:
            raise ValueError(f"{self.name!r} has seen no batch yet, and so does not know its labels.")
        return self._normalized(self.totals()["counts"])

    def _normalized(self, counts: Any) -> Any:
        axes: Any = {"true": 2, "pred": 1, "all": (1, 2)}
        if self.normalize is None:
            return counts
        return ratio(counts, ops.sum(counts, axis=axes[self.normalize], keepdims=True))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "threshold": self.threshold, "normalize": self.normalize}
