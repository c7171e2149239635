"""What is written at the end of chosen epochs beside the curves, one class for each kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from keras import ops

from kerasplus.callbacks._gradients import gradients
from kerasplus.callbacks._layer_outputs import all_layers, find_layers, outputs
from kerasplus.callbacks._tensorboard import pictures, summaries
from kerasplus.callbacks._tensorboard.histograms import bucket_counts


class Part:
    """Writes summary values at the end of every so many epochs.

    Args:
        freq: The number of epochs, 1 or more.
    """

    def __init__(self, freq: int) -> None:
        self.freq = freq

    def due(self, epoch: int) -> bool:
        """Whether this epoch, counted from 0, is one of them."""
        return epoch % self.freq == 0

    def check(self, model: Any) -> None:
        """Raises a ValueError if the part cannot work with this model."""

    def values(self, model: Any, step: int) -> Iterator[Any]:
        """The summary values of the epoch that ended at this step."""
        raise NotImplementedError


class WeightHistograms(Part):
    """A histogram of every weight, those that a subclassed model owns itself included."""

    def values(self, model: Any, step: int) -> Iterator[Any]:
        """One histogram for each variable."""
        for name, weight in named_weights(model):
            yield summaries.histogram(f"{name}/histogram", bucket_counts(weight))


class WeightImages(Part):
    """A picture of every weight that has one."""

    def values(self, model: Any, step: int) -> Iterator[Any]:
        """One picture for each variable of one to four dimensions."""
        for name, weight in named_weights(model):
            picture = pictures.weight_picture(weight) if weight.size > 1 else None
            if picture is not None:
                yield summaries.image(f"{name}/image", picture)


class ActivationHistograms(Part):
    """A histogram of what layers put out for a fixed batch.

    Args:
        freq: As in `Part`.
        x: The inputs.
        names: The layers, or `"all"`.
    """

    def __init__(self, freq: int, x: Any, names: Sequence[str] | str) -> None:
        super().__init__(freq)
        self._x, self._names = x, names

    def check(self, model: Any) -> None:
        """Every layer named must be there."""
        self._layers(model)

    def values(self, model: Any, step: int) -> Iterator[Any]:
        """One histogram for each layer."""
        for name, output in outputs(model, self._layers(model), self._x).items():
            yield summaries.histogram(f"{name}/activation", bucket_counts(output))

    def _layers(self, model: Any) -> list[Any]:
        if self._names == "all":
            return [layer for layer in all_layers(model) if type(layer).__name__ != "InputLayer"]
        return find_layers(model, self._names, "activation_layers")


class GradientHistograms(Part):
    """A histogram of the gradient of every trainable weight on a fixed batch.

    Args:
        freq: As in `Part`.
        x: The inputs.
        y: The targets.
    """

    def __init__(self, freq: int, x: Any, y: Any) -> None:
        super().__init__(freq)
        self._x, self._y = x, y

    def values(self, model: Any, step: int) -> Iterator[Any]:
        """One histogram for each weight, and the norm of all as a curve."""
        total = 0.0
        for name, gradient in gradients(model, self._x, self._y).items():
            total += float(np.sum(np.square(gradient, dtype="float64")))
            yield summaries.histogram(f"{name}/gradient", bucket_counts(gradient))
        yield summaries.scalar("gradient_norm", float(np.sqrt(total)))


def named_weights(model: Any) -> Iterator[tuple[str, np.ndarray]]:
    """Every weight of a model under its path, numbered where two have the same."""
    seen: dict[str, int] = {}
    for variable in model.weights:
        path = variable.path.replace(":", "_")
        number = seen[path] = seen.get(path, -1) + 1
        value = variable.value
        if "bfloat16" in str(variable.dtype):
            value = ops.cast(value, "float32")
        yield (f"{path}_{number}" if number else path), _looked_at(value)


def _looked_at(value: Any) -> np.ndarray:
    """The values of a weight, to be read at once: of itself, where its backend lets others look into its memory."""
    try:
        return np.asarray(memoryview(ops.stop_gradient(value)))
    except TypeError:  # PyTorch does not
        return ops.convert_to_numpy(value)
