"""A loss as a metric: its mean over batches, as Keras shows that of the loss itself."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasplus.losses._per_sample_loss import share_of_replica


@keras.saving.register_keras_serializable(package="kerasplus")
class LossTerm(keras.metrics.Mean):
    """The value of a loss, averaged over batches by their size.

    Args:
        loss: The loss, or its configuration.
        name: The name in the logs.
        dtype: The dtype of the metric.
    """

    def __init__(self, loss: Any, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name or "loss_term", dtype=dtype)
        self.loss = keras.saving.deserialize_keras_object(loss) if isinstance(loss, dict) else loss
        self._direction = "down"

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds the value of a batch."""
        value = self.loss(y_true, y_pred, sample_weight)
        if self.loss.reduction != "sum":
            value = value / share_of_replica(self.loss.dtype)  # replicas are averaged here, not summed
        super().update_state(value, sample_weight=ops.shape(keras.tree.flatten(y_pred)[0])[0])

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {"name": self.name, "dtype": self.dtype, "loss": keras.saving.serialize_keras_object(self.loss)}
