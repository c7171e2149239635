"""How large the gradients are, and where they are none."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from kerasplus.callbacks._arrays import arrays
from kerasplus.callbacks._gradients import gradients


@keras.saving.register_keras_serializable(package="kerasplus")
class GradientMonitor(keras.callbacks.Callback):
    r"""At the end of each epoch, puts the norm of the gradients on fixed samples into the logs.

    For the gradient :math:`g_w` of each trainable weight :math:`w`, `gradient_norm` is
    :math:`\sqrt{\sum_w \lVert g_w \rVert^2}`. With `per_weight` each weight has its own,
    `gradient_norm/` with its place among the trainable weights and its name, as in
    `gradient_norm/0_kernel`, which is the same in every process. The gradients are those at
    inference, without dropout, so that epochs can be compared; weights, metrics and random numbers
    of the model stay as they are.

    Args:
        data: The samples, a pair `(x, y)`.
        per_weight: Whether each weight has a norm of its own, too.
        stop_on_nan: Whether the training ends when a gradient is not finite.

    Raises:
        ValueError: If `data` is no pair.

    Examples:
        >>> import keras, numpy as np
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, "linear", False, "zeros")])
        >>> model.compile(keras.optimizers.SGD(0.0), "mse")
        >>> x, y = np.array([[2.0]]), np.array([[3.0]])
        >>> monitor = GradientMonitor((x, y))
        >>> model.fit(x, y, verbose=0, callbacks=[monitor]).history["gradient_norm"]  # 2 * 3 * 2
        [12.0]

    References:
        `Pascanu et al. 2013, On the difficulty of training recurrent neural networks
        <https://arxiv.org/abs/1211.5063>`_
    """

    alternatives = {"data": ([[1.0, 2.0]], [[2.0]]), "per_weight": True, "stop_on_nan": True}

    def __init__(self, data: Any, per_weight: bool = False, stop_on_nan: bool = False) -> None:
        super().__init__()
        if not isinstance(data, tuple | list) or len(data) != 2:
            raise ValueError(f"`data` must be a pair of inputs and targets. Received: data of {type(data).__name__}")
        self.data = tuple(arrays(part) for part in data)
        self.per_weight = per_weight
        self.stop_on_nan = stop_on_nan

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Computes the gradients and puts their norms into the logs."""
        model = self.model
        norms = {name: float(np.linalg.norm(g.astype("float64"))) for name, g in gradients(model, *self.data).items()}
        total = float(np.linalg.norm(list(norms.values())))
        if logs is not None:
            logs["gradient_norm"] = total
            if self.per_weight:
                for index, (path, norm) in enumerate(norms.items()):
                    logs[f"gradient_norm/{index}_{path.rpartition('/')[2]}"] = norm
        if self.stop_on_nan and not np.isfinite(total):
            model.stop_training = True

    def get_state(self) -> dict[str, Any]:
        """Nothing: each epoch stands for itself."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Nothing, likewise."""

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments; arrays in Keras' form for configurations."""
        return {
            "data": keras.saving.serialize_keras_object(list(self.data)),
            "per_weight": self.per_weight,
            "stop_on_nan": self.stop_on_nan,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "GradientMonitor":
        """A callback with these arguments."""
        return cls(**{**config, "data": keras.saving.deserialize_keras_object(config["data"])})
