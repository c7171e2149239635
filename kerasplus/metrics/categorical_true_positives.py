"""How many samples the model got right: the metric of the Keras guide, counted per sample."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kerasplus._alignment import class_ids
from kerasplus.metrics._streaming_metric import StreamingMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class CategoricalTruePositives(StreamingMetric):
    r"""Number of samples whose highest score is that of their class.

    For samples :math:`i` with class :math:`y_i`, scores :math:`s_i` and weights :math:`w_i` (1 unless
    given):

    .. math:: \mathrm{TP} = \sum_i w_i \, [\operatorname{arg\,max}_c s_{ic} = y_i]

    Of equal highest scores the first one counts. The metric of this name in the Keras guide compares
    every sample with every other one when labels have the shape `(N,)`; this one never exceeds the
    number of samples.

    Args:
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` `(batch, ..., classes)`, probabilities or logits. `y_true` class ids `(batch, ...)` or
        `(batch, ..., 1)` of any dtype, or one-hot rows `(batch, ..., classes)`, in which a row of
        zeros names no class. The result is a scalar.

    Raises:
        ValueError: If the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = CategoricalTruePositives()
        >>> metric.update_state(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]))
        >>> float(metric.result())
        2.0

    References:
        `Training & evaluation with the built-in methods
        <https://keras.io/guides/training_with_built_in_methods/>`_
    """

    inputs = ("sparse", "one_hot")
    direction = "max"
    bounds = (0.0, float("inf"))
    scales_with_weight = True

    def __init__(self, name: str = "categorical_true_positives", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.add_total("hits")

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """The weighted number of hits of a batch."""
        ids = y_true if len(y_true.shape) < len(y_pred.shape) else class_ids(y_true)
        hits = ops.equal(ids, ops.cast(ops.argmax(y_pred, axis=-1), ids.dtype))
        return {"hits": self.weighted_sum(ops.cast(hits, self.dtype), sample_weight)}

    def compute(self, totals: Mapping[str, Any]) -> Any:
        """The number of hits."""
        return totals["hits"]
