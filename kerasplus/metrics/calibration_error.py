"""How far predicted probabilities are from how often they are right."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasplus.metrics._class_metric import ratio
from kerasplus.metrics._confusion import counted, predicted_classes
from kerasplus.metrics._probability_metric import ProbabilityRows

CELLS = 2**12
"""The number of equal cells from 0 to 1 that quantile bins are made of."""


@keras.saving.register_keras_serializable(package="kerasplus")
class CalibrationError(ProbabilityRows):
    r"""Distance between the confidence of predictions and their accuracy, over bins of the confidence.

    With the weights :math:`n_b` of the samples of the bin :math:`b`, their mean confidence
    :math:`c_b` and the share :math:`a_b` of them that is right, it is, by `norm`, the expected, the root
    mean square or the maximum calibration error

    .. math::
        \sum_b \frac{n_b}{n} |a_b - c_b|, \quad
        \sqrt{\sum_b \frac{n_b}{n} (a_b - c_b)^2}, \quad
        \max_{b: n_b > 0} |a_b - c_b|

    The confidence is the highest probability of a row, and right is the class that has it. With a
    single column it is the probability of class 1, low ones included, and right is a target of 1, as
    in torchmetrics and in scikit-learn's `calibration_curve`. A bin holds its lower and not its upper
    end; the last one holds both.

    Args:
        bins: The number of bins, positive.
        norm: `"l1"`, `"l2"` or `"max"`.
        strategy: `"uniform"` for bins of equal width; `"quantile"` for bins of about equal weight. These
            need all confidences, of which only a histogram of 4096 equal cells is kept: a cell is never
            divided, so that the edges are right to 1/4096, and the result is exact where no edge
            falls within a cell.
        from_logits: Whether predictions are logits; probabilities unless set.
        ignore_class: A target whose samples are left out.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` `(batch, ..., classes)`. `y_true` class ids `(batch, ...)` or `(batch, ..., 1)`, or one-hot rows.
        A scalar.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = CalibrationError(bins=4)
        >>> metric.update_state(np.array([0, 1]), np.array([[0.75, 0.25], [0.875, 0.125]]))
        >>> float(metric.result())  # half of them right, of a mean confidence of 13/16
        0.3125

    References:
        Guo, Pleiss, Sun and Weinberger, `On Calibration of Modern Neural Networks
        <https://arxiv.org/abs/1706.04599>`_, 2017;
        Kumar, Liang and Ma, `Verified Uncertainty Calibration <https://arxiv.org/abs/1909.10155>`_, 2019
    """

    direction = "min"
    bounds = (0.0, 1.0)
    alternatives = {"bins": 5, "norm": "l2", "strategy": "quantile", "from_logits": True, "ignore_class": 1}

    def __init__(
        self,
        bins: int = 15,
        norm: str = "l1",
        strategy: str = "uniform",
        from_logits: bool = False,
        ignore_class: int | None = None,
        name: str = "calibration_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(from_logits=from_logits, ignore_class=ignore_class, name=name, dtype=dtype)
        if not isinstance(bins, int) or bins < 1:
            raise ValueError(f"`bins` must be a positive integer. Received: bins={bins}")
        if norm not in ("l1", "l2", "max"):
            raise ValueError(f'`norm` must be "l1", "l2" or "max". Received: norm={norm!r}')
        if strategy not in ("uniform", "quantile"):
            raise ValueError(f'`strategy` must be "uniform" or "quantile". Received: strategy={strategy!r}')
        self.bins = bins
        self.norm = norm
        self.strategy = strategy
        self.cells = bins if strategy == "uniform" else CELLS
        self.add_total("sums", (3, self.cells))

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """The weight, the confidence and the hits of a batch in each cell."""
        ids, probabilities, kept, outside = self.rows(y_true, y_pred)
        if probabilities.shape[-1] == 1:
            confidence, right = probabilities[..., 0], ops.equal(ids, 1)
        else:
            confidence = ops.max(probabilities, axis=-1, initial=0.0)
            right = ops.equal(ids, predicted_classes(probabilities))
        weights = ops.cast(kept, self.dtype)
        weights = weights if sample_weight is None else weights * sample_weight
        confidence = ops.where(outside, float("nan"), confidence)
        confidence = ops.where(ops.equal(weights, 0), 0.0, confidence)
        edges = ops.convert_to_tensor(np.arange(1, self.cells) / self.cells, dtype=self.dtype)
        index = ops.searchsorted(edges, ops.reshape(confidence, (-1,)), side="right")
        sums = (weights, weights * confidence, weights * ops.cast(right, self.dtype))
        return {"sums": ops.stack([counted(index, each, self.cells) for each in sums])}

    def compute(self, totals: Mapping[str, Any]) -> Any:
        """The norm of the gaps of the bins."""
        sums = totals["sums"]
        whole = ops.sum(sums[0])
        if self.strategy == "quantile":
            before = ops.cumsum(sums[0]) - sums[0]
            index = ops.floor(ratio(self.bins * before, whole) + 1e-6)  # what rounding takes off an edge
            index = ops.cast(ops.clip(index, 0, self.bins - 1), "int32")
            member = ops.cast(ops.equal(ops.expand_dims(index, -1), ops.arange(self.bins, dtype="int32")), sums.dtype)
            sums = ops.matmul(sums, member)
        weights, confidences, hits = sums[0], sums[1], sums[2]
        gaps = ops.abs(ratio(hits - confidences, weights))
        if self.norm == "max":
            return ops.max(gaps)
        if self.norm == "l1":
            return ratio(ops.sum(weights * gaps), whole)
        return ops.sqrt(ratio(ops.sum(weights * ops.square(gaps)), whole))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "bins": self.bins, "norm": self.norm, "strategy": self.strategy}
