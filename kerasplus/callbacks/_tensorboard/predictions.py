"""Pictures and curves of what a classifier gets right and wrong on fixed samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasplus.callbacks._tensorboard import pictures, summaries
from kerasplus.callbacks._tensorboard.parts import Part

MOST_CURVES = 20
"""Precision-recall curves are drawn for this many classes at most, the most frequent ones."""

_MOST_WRONG = 36
_BATCH = 256


class PredictionPlots(Part):
    """A confusion matrix, a grid of misclassified inputs and precision-recall curves.

    Args:
        freq: As in `Part`.
        x: The inputs.
        y: Class ids, one-hot rows, or rows of zeros and ones for several labels a sample.
        class_names: Names of the classes, or None for their numbers.
        image_shape: What the inputs are as images, if that is not their shape already.
    """

    def __init__(
        self, freq: int, x: Any, y: Any, class_names: Sequence[str] | None, image_shape: Sequence[int] | None
    ) -> None:
        super().__init__(freq)
        self._x, self._class_names = x, class_names
        self._y = np.asarray(y)
        if self._y.ndim > 1 and self._y.shape[-1] == 1:
            self._y = self._y[..., 0]
        if self._y.ndim > 2 or not np.array_equal(self._y, np.round(self._y)) or (self._y < 0).any():
            raise ValueError(
                "`prediction_freq` needs class ids or one-hot rows as the targets of `data`. "
                f"Received: targets of shape {self._y.shape} and dtype {self._y.dtype}"
            )
        self._images = as_images(x, image_shape)

    def check(self, model: Any) -> None:
        """The model must have a single output of one score, or of one for each class."""
        if len(getattr(model, "outputs", None) or [0]) != 1:
            raise ValueError(f"`prediction_freq` needs a model with one output. Received: {len(model.outputs)} outputs")

    def values(self, model: Any, step: int) -> Iterator[Any]:
        """The pictures and curves of the model as it is."""
        scores = _scores(model, self._x)
        if scores.ndim != 2:
            raise ValueError(f"`prediction_freq` needs outputs (batch, classes). Received: {scores.shape}")
        several = self._y.ndim == 2 and (self._y.sum(axis=1) != 1).any()
        if scores.shape[1] > 1 and not several:
            classes = scores.shape[1]
            true = self._y.argmax(axis=1) if self._y.ndim == 2 else self._y.astype(int)
            probabilities = scores if _in_unit_range(scores) else _softmax(scores)
            yield from self._of_classes(true, scores.argmax(axis=1), classes)
            targets = np.eye(classes, dtype=bool)[true]
        else:
            probabilities = scores if _in_unit_range(scores) else 1 / (1 + np.exp(-scores))
            targets = self._y.reshape(scores.shape).astype(bool)
            if scores.shape[1] == 1:
                yield from self._of_classes(targets[:, 0].astype(int), (probabilities[:, 0] > 0.5).astype(int), 2)
        yield from self._curves(targets, probabilities)

    def _of_classes(self, true: np.ndarray, predicted: np.ndarray, classes: int) -> Iterator[Any]:
        matrix = np.bincount(true * classes + predicted, minlength=classes**2).reshape(classes, classes)
        names = ", ".join(f"{i}: {self._name(i)}" for i in range(min(classes, 100)))
        yield summaries.image(
            "confusion_matrix",
            pictures.confusion_picture(matrix),
            f"Rows are true classes, columns predicted ones; {int(np.trace(matrix))} of {len(true)} are right. {names}",
        )
        wrong = np.flatnonzero(true != predicted)[:_MOST_WRONG]
        if self._images is not None and len(wrong):
            pixels = pictures.enlarged(pictures.to_pixels(self._images[wrong]), 48)
            sheet = pictures.grid(
                pictures.labelled(pixels, list(zip(true[wrong], predicted[wrong], strict=True))), gap=4
            )
            yield summaries.image("misclassified", sheet, f"True class in black, predicted one in red. {names}")

    def _curves(self, targets: np.ndarray, probabilities: np.ndarray) -> Iterator[Any]:
        if targets.shape[1] == 1:
            yield summaries.precision_recall_curve("precision_recall", targets[:, 0], probabilities[:, 0])
            return
        for index in sorted(np.argsort(-targets.sum(axis=0), kind="stable")[:MOST_CURVES]):
            tag = f"precision_recall/{self._name(index)}"
            yield summaries.precision_recall_curve(tag, targets[:, index], probabilities[:, index])

    def _name(self, index: int) -> str:
        names = self._class_names
        return str(names[index]) if names is not None and index < len(names) else str(index)


def as_images(x: Any, image_shape: Sequence[int] | None) -> np.ndarray | None:
    """The inputs as images, the first ones that are some, or None."""
    for images in [] if x is None else keras.tree.flatten(x):
        if image_shape is not None:
            return np.reshape(images, (len(images), *image_shape))
        if images.ndim == 3 or (images.ndim == 4 and images.shape[-1] in (1, 3)):
            return np.asarray(images)
    return None


def _scores(model: Any, x: Any) -> np.ndarray:
    """What `predict` gives, which would draw random numbers on PyTorch and so change the training."""
    samples = len(keras.tree.flatten(x)[0])
    batches = [
        model(keras.tree.map_structure(lambda each, first=first: each[first : first + _BATCH], x), training=False)
        for first in range(0, samples, _BATCH)
    ]
    return np.concatenate([np.asarray(ops.convert_to_numpy(batch), "float64") for batch in batches])


def _in_unit_range(scores: np.ndarray) -> bool:
    return bool(scores.min() >= 0 and scores.max() <= 1)


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
