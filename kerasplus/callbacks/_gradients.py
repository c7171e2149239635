"""The gradients of a model's loss on a batch, on each backend."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops


def gradients(model: Any, x: Any, y: Any, sample_weight: Any = None) -> dict[str, np.ndarray]:
    """The gradient of each trainable weight, by its path, as at inference: nothing drops out.

    Weights, metrics and random numbers of the model stay as they are. A weight that the loss does
    not depend on has a gradient of zeros.
    """
    x, y = keras.tree.map_structure(ops.convert_to_tensor, (x, y))
    if sample_weight is not None:
        sample_weight = ops.convert_to_tensor(sample_weight)
    kept = [(variable, ops.copy(variable.value)) for variable in model.metrics_variables]
    found = _BACKENDS[keras.config.backend()](model, x, y, sample_weight)
    for variable, value in kept:
        variable.assign(value)
    named: dict[str, np.ndarray] = {}
    for variable, gradient in zip(model.trainable_variables, found, strict=True):
        if gradient is None:
            gradient = np.zeros(variable.shape, "float32")
        named[variable.path] = ops.convert_to_numpy(ops.cast(gradient, "float32"))
    return named


def _tensorflow(model: Any, x: Any, y: Any, sample_weight: Any) -> Any:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = model.compute_loss(x=x, y=y, y_pred=model(x, training=False), sample_weight=sample_weight)
    return [
        None if gradient is None else tf.convert_to_tensor(gradient)
        for gradient in tape.gradient(loss, [variable.value for variable in model.trainable_variables])
    ]


def _jax(model: Any, x: Any, y: Any, sample_weight: Any) -> Any:
    import jax

    states = [[v.value for v in getattr(model, f"{kind}_variables")] for kind in ("trainable", "non_trainable")]
    metrics = [variable.value for variable in model.metrics_variables]
    found, _ = jax.grad(model.compute_loss_and_updates, has_aux=True)(*states, metrics, x, y, sample_weight)
    return found


def _torch(model: Any, x: Any, y: Any, sample_weight: Any) -> Any:
    import torch

    with torch.enable_grad():
        loss = model.compute_loss(x=x, y=y, y_pred=model(x, training=False), sample_weight=sample_weight)
        values = [variable.value for variable in model.trainable_variables]
        return torch.autograd.grad(loss, values, allow_unused=True)


_BACKENDS = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
