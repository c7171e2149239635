"""The base of the classification heads that ask for a margin between classes on a sphere."""

from __future__ import annotations

import abc
from typing import Any, ClassVar

from keras import ops

from kerasplus.layers._loss_term_layer import WideLayer, finite, first_mask, label_rows, whole
from kerasplus.losses._pairwise_distance import unit


class MarginHead(WideLayer, abc.ABC):
    """Base of heads whose logits are scaled cosines, made harder for the true class while training.

    A subclass gives `with_margin`. Logits are float32 at least.
    """

    pass_through: ClassVar[bool] = False
    input_shape_example: ClassVar[Any] = [(8,), (1,)]
    input_domains: ClassVar[tuple[str, ...]] = ("real", "sparse")
    alternatives: ClassVar[dict[str, Any]] = {"num_classes": 3, "margin": 0.2, "scale": 16.0}

    def __init__(self, num_classes: int, margin: float, scale: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_classes = whole(num_classes, "num_classes", 2)
        self.margin = finite(margin, "margin")
        self.scale = finite(scale, "scale")
        if scale <= 0:
            raise ValueError(f"`scale` must be positive. Received: scale={scale}")

    @abc.abstractmethod
    def with_margin(self, cosine: Any) -> Any:
        """The cosine that the true class counts for, from the one it has."""

    def build(self, input_shape: Any) -> None:
        """Makes the direction of each class."""
        several = len(input_shape) > 0 and isinstance(input_shape[0], (list, tuple))
        features = (input_shape[0] if several else input_shape)[-1]
        self.directions = self.add_weight(
            shape=(features, self.num_classes), initializer="glorot_uniform", name="directions"
        )

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """The logits of every class."""
        embeddings, labels = inputs if isinstance(inputs, (list, tuple)) else (inputs, None)
        directions = ops.transpose(unit(ops.transpose(self.directions)))
        cosines = ops.matmul(unit(self.wide(embeddings)), directions)
        if labels is not None and training:
            true_class = label_rows(labels, cosines, self.name) > 0
            cosines = ops.where(true_class, self.with_margin(cosines), cosines)
        return self.scale * cosines

    def compute_output_shape(self, input_shape: Any) -> Any:
        """One logit per class."""
        several = isinstance(input_shape[0], (list, tuple))
        return (*(input_shape[0] if several else input_shape)[:-1], self.num_classes)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the embeddings."""
        return first_mask(previous_mask)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        config = {"num_classes": self.num_classes, "margin": self.margin, "scale": self.scale}
        return {**super().get_config(), **config}
