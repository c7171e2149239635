"""The moving statistics of batch normalizations, computed anew over given data."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterable, Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasplus._keras_names import all_layers
from kerasplus.callbacks._held_weights import assign, held


def batch_normalizations(model: Any) -> list[Any]:
    """The batch normalizations of a model that are not frozen, those inside of other layers included."""
    return [
        layer for layer in all_layers(model) if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
    ]


def refresh(model: Any, batches: Iterable[Any]) -> None:
    """Sets the moving mean and variance of each batch normalization to those of its inputs in all batches.

    The batches pass through the model as in training. All other variables, states of random
    generators among them, are what they were.

    Raises:
        ValueError: If there is no batch.
    """
    layers = [_Recorded(layer) for layer in batch_normalizations(model)]
    ours = {id(v) for each in layers for v in (each.layer.moving_mean, each.layer.moving_variance)}
    others = [variable for variable in model.variables if id(variable) not in ours]
    values = held(others)
    count = 0
    try:
        with contextlib.ExitStack() as stack:
            for each in layers:
                stack.enter_context(each.recording())
            for batch in batches:
                model(batch, training=True)
                count += 1
    finally:
        assign(others, values)
    if not count:
        raise ValueError("`data` must have at least one batch for the statistics of batch normalization. Received none")
    for each in layers:
        each.set_statistics()


class _Recorded:
    """A batch normalization whose inputs are counted."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self.count = 0.0
        self.mean: Any = 0.0
        self.squares: Any = 0.0

    @contextlib.contextmanager
    def recording(self) -> Iterator[None]:
        """Adds each call in training mode, also where the layer is used more than once in a model."""
        layer, call = self.layer, self.layer.call
        statistics = [layer.moving_mean, layer.moving_variance]
        before, momentum = held(statistics), layer.momentum
        signature = inspect.signature(call)

        def recorded(*args: Any, **kwargs: Any) -> Any:
            outputs = call(*args, **kwargs)
            given = signature.bind(*args, **kwargs).arguments
            if given.get("training"):
                self._add(given["inputs"], given.get("mask"), *held(statistics))
            return outputs

        layer.momentum, layer.call = 0.0, recorded  # then the moving statistics are those of the last call
        try:
            yield
        finally:
            layer.momentum = momentum
            del layer.call
            assign(statistics, before)

    def set_statistics(self) -> None:
        """Gives the layer what has been counted; a layer that was never called keeps its own."""
        if not self.count:
            return
        variance = self.squares / self.count
        assign([self.layer.moving_mean, self.layer.moving_variance], [self.mean, variance])
        if getattr(self.layer, "renorm", False):
            assign([self.layer.moving_stddev], [np.sqrt(variance + self.layer.epsilon)])

    def _add(self, inputs: Any, mask: Any, mean: np.ndarray, variance: np.ndarray) -> None:
        """Joins the values of a batch to those before: means, and sums of squared deviations from them."""
        count = float(np.prod(inputs.shape)) / inputs.shape[self.layer.axis]
        if mask is not None:
            count *= float(np.mean(ops.convert_to_numpy(mask)))
        if not count:
            return
        mean, variance = mean.astype("float64"), variance.astype("float64")
        total = self.count + count
        gap = mean - self.mean
        self.squares = self.squares + variance * count + gap**2 * self.count * count / total
        self.mean = self.mean + gap * count / total
        self.count = total
