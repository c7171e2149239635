"""Presets of the logger, and what its options must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasplus.callbacks._arrays import arrays

_CURVES = {
    "histogram_freq": 0,
    "write_graph": False,
    "write_images": False,
    "write_steps_per_second": False,
    "update_freq": "epoch",
    "embeddings_freq": 0,
    "validation_update_freq": "epoch",
    "prediction_freq": 0,
    "activation_layers": [],
    "write_gradients": False,
    "write_text": False,
    "write_hparams": False,
}
_STANDARD = {**_CURVES, "write_graph": True, "write_text": True, "write_hparams": True}
_FULL = {
    **_STANDARD,
    "histogram_freq": 1,
    "write_images": True,
    "write_steps_per_second": True,
    "update_freq": 1,
    "embeddings_freq": 1,
}
_FULL_WITH_DATA = {"activation_layers": "all"}
_FULL_WITH_CLASSES = {"prediction_freq": 1, "write_gradients": True}

PRESETS = {"curves": _CURVES, "standard": _STANDARD, "full": _FULL}
"""The options of each preset."""


def resolved(preset: str, x: Any, y: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, and the preset's where there is None.

    Raises:
        ValueError: If there is no such preset.
    """
    if preset not in PRESETS:
        raise ValueError(f"`preset` must be one of {', '.join(map(repr, PRESETS))}. Received: preset={preset!r}")
    options: dict[str, Any] = dict(PRESETS[preset])
    if preset == "full" and x is not None:
        options.update(_FULL_WITH_DATA)
        if y is not None and np.array_equal(y, np.round(y)):
            options.update(_FULL_WITH_CLASSES)
    options.update({name: value for name, value in given.items() if value is not None})
    for name in ("activation_layers", "embedding_layers"):
        options[name] = "all" if options[name] == "all" else list(options[name])
    for name in ("update_freq", "validation_update_freq"):
        check_update_frequency(name, options[name])
        options[name] = 1 if options[name] == "batch" else options[name]
    for name in ("histogram_freq", "embeddings_freq", "prediction_freq"):
        check_frequency(name, options[name])
    check_data(x, y, options)
    return options


def check_frequency(name: str, value: Any) -> None:
    """Refuses what is no number of epochs.

    Raises:
        ValueError: If it is not an integer, or negative.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"`{name}` must be a number of epochs, 0 for never. Received: {name}={value!r}")


def check_update_frequency(name: str, value: Any) -> None:
    """Refuses what is neither `"epoch"`, `"batch"` nor a number of batches.

    Raises:
        ValueError: If it is none of them.
    """
    if value in ("epoch", "batch"):
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(
            f'`{name}` must be "epoch", "batch" or a number of batches, 1 or more. Received: {name}={value!r}'
        )


def check_data(x: Any, y: Any, options: Mapping[str, Any]) -> None:
    """Refuses options that have nothing to work on.

    Raises:
        ValueError: If one needs `data`, or targets in it, or the number of epochs.
    """
    for name in ("activation_layers", "embedding_layers", "write_gradients", "prediction_freq"):
        if options.get(name) and x is None:
            raise ValueError(f"`{name}` needs `data`, the fixed samples that it is about. Received: data=None")
    for name in ("write_gradients", "prediction_freq"):
        if options[name] and y is None:
            raise ValueError(f"`{name}` needs `data` with targets, a pair `(x, y)`. Received: inputs alone")
    for name, freq in (
        ("activation_layers", "histogram_freq"),
        ("write_gradients", "histogram_freq"),
        ("embedding_layers", "embeddings_freq"),
    ):
        if options.get(name) and not options[freq]:
            raise ValueError(f"`{name}` needs `{freq}`, every how many epochs. Received: {freq}=0")


def check_tensorboard() -> None:
    """Finds out at once whether the package that reads and writes the logs is there.

    Raises:
        ImportError: If it is not installed.
    """
    try:
        import tensorboard.compat.proto.event_pb2  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise ImportError(
            "TensorBoardLogger needs the package tensorboard, which TensorFlow 2.21 and later do not bring: "
            "pip install tensorboard"
        ) from error


def inputs_and_targets(data: Any) -> tuple[Any, Any]:
    """A pair as two parts; anything else is inputs."""
    if isinstance(data, tuple):
        if len(data) != 2:
            raise ValueError(f"`data` must be inputs, or a pair of inputs and targets. Received: {len(data)} parts")
        x, y = data
        return arrays(x), arrays(y)
    return arrays(data), None
