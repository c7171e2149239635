"""How often one of the nearest embeddings is of the same class."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasplus import _compensated
from kerasplus.losses._pairwise_distance import unit
from kerasplus.metrics._buffered_metric import BufferedMetric
from kerasplus.metrics._class_metric import ratio

DISTANCES = ("euclidean", "cosine")
BLOCK = 2**22
"""How many distances are held at a time."""

ROUNDING = 8
"""Distances are equal if they differ by less than so many units of rounding of the squares that they come from."""


@keras.saving.register_keras_serializable(package="kerasplus")
class EmbeddingRecallAtK(BufferedMetric):
    r"""Share of the samples that have one of their class among the `k` samples nearest to them.

    All samples seen are searched, each for itself without itself, whatever batches they came in. With
    the distances :math:`D`, the nearest sample :math:`n(i)` of the class of :math:`i`, and the samples
    :math:`N(i)` of other classes:

    .. math::
        \frac{1}{\sum_i w_i} \sum_i w_i \,
        \mathbf{1}\bigl[\lvert \{j \in N(i): D_{ij} \le D_{i n(i)}\} \rvert < k\bigr]

    over the samples that have another one of their class; without any it is 0. Of equal distances, up to
    rounding, that of another class counts as nearer, so that embeddings that collapse to one point find
    nothing. Weights weigh the samples that are asked for; a sample of weight 0 is not found either, and
    one of weight 2 is still one neighbour.

    All samples are held, and each is compared with each other one for each result, which Keras computes
    in every step: for 1024 samples of 64 numbers that takes as long as 6 steps of a small model without it,
    for 8192 as long as 600. Take it in `evaluate`, in one large batch or a few, or at the end of epochs.

    Args:
        k: How many neighbours are looked at, at least 1.
        distance: `"euclidean"` or `"cosine"`.
        capacity: How many samples each replica can hold, at least 1; with more of them the result is
            NaN. The state is `capacity * (d + 3)` numbers.
        name: The name in the logs.
        dtype: The dtype of the embeddings, float32 at least.

    Shapes:
        `y_true` integer labels `(batch, ...)` or `(batch, ..., 1)`, `y_pred` embeddings `(batch, ..., d)`.
        A scalar.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = EmbeddingRecallAtK(k=1)
        >>> metric.update_state(np.array([7, 7, 8, 8]), np.array([[0.0], [2.0], [3.0], [7.0]]))
        >>> float(metric.result())  # the nearest one of the samples at 0 and at 7 is of their class
        0.5

    References:
        Jégou, Douze and Schmid, `Product Quantization for Nearest Neighbor Search
        <https://doi.org/10.1109/TPAMI.2010.57>`_, 2011
    """

    inputs = ("embeddings",)
    independent = False
    bounds = (0.0, 1.0)
    direction = "max"
    alternatives = {"k": 2, "distance": "cosine", "capacity": 2**11}

    def __init__(
        self,
        k: int = 1,
        distance: str = "euclidean",
        capacity: int = 2**13,
        name: str = "embedding_recall_at_k",
        dtype: Any = None,
    ) -> None:
        super().__init__(capacity=capacity, name=name, dtype=dtype)
        if not isinstance(k, int) or isinstance(k, bool) or k < 1:
            raise ValueError(f"`k` must be an integer, at least 1. Received: k={k!r}")
        if distance not in DISTANCES:
            raise ValueError(f"`distance` must be one of {', '.join(DISTANCES)}. Received: distance={distance!r}")
        self.k = k
        self.distance = distance

    def width_for(self, columns: int) -> int:
        """The embedding, and two halves of a label, which floats hold exactly."""
        return columns + 2

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """The rows of a batch."""
        upper = ops.floor_divide(y_true, 2**16)
        halves = ops.cast(ops.stack([upper, y_true - upper * 2**16], axis=-1), self.dtype)
        return self.flat(ops.concatenate([y_pred, halves], axis=-1), sample_weight)

    def compute(self, totals: Mapping[str, Any]) -> Any:
        """The share, from blocks of samples that are compared with all others."""
        embeddings, halves = totals["rows"][:, :-2], ops.cast(totals["rows"][:, -2:], "int32")
        labels = halves[:, 0] * 2**16 + halves[:, 1]
        samples = labels.shape[0]
        there = ops.not_equal(totals["weights"], 0)
        if self.distance == "cosine":
            embeddings = unit(embeddings)
        lengths = ops.sum(ops.square(embeddings), axis=-1)
        precision = float(np.finfo("float64" if "float64" in str(lengths.dtype) else "float32").eps)

        def found(block: Any) -> Any:
            """Whether each sample of a block has another one of its class, and whether it is near enough."""
            both = ops.expand_dims(ops.take(lengths, block), 1) + lengths
            if self.distance == "cosine":
                both = ops.full_like(both, 2.0)
            squares = both - 2 * ops.matmul(ops.take(embeddings, block, axis=0), ops.transpose(embeddings))
            same = ops.equal(ops.expand_dims(ops.take(labels, block), 1), labels)
            itself = ops.equal(ops.expand_dims(block, 1), ops.arange(samples, dtype="int32"))
            positive = there & same & ~itself
            nearest = ops.min(ops.where(positive, squares, float("inf")), axis=1, keepdims=True)
            nearer = there & ~same & (squares <= nearest + ROUNDING * precision * both)
            asked = ops.any(positive, axis=1)
            near = asked & (ops.sum(ops.cast(nearer, "int32"), axis=1) < self.k)
            return ops.stack([asked, near])

        size = max(min(samples, BLOCK // samples), 1)
        index = np.minimum(np.arange(-(-samples // size) * size), samples - 1).astype("int32")
        pairs = ops.map(found, ops.convert_to_tensor(index.reshape(-1, size)))
        pairs = ops.reshape(ops.transpose(pairs, (1, 0, 2)), (2, -1))[:, :samples]
        weights = ops.cast(totals["weights"], _compensated.widest_dtype())
        asked, near = ops.unstack(ops.sum(ops.where(pairs, weights, 0.0), axis=1))
        return ops.where(ops.all(ops.isfinite(lengths)), ratio(near, asked), float("nan"))

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "k": self.k, "distance": self.distance}
