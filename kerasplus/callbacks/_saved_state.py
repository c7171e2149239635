"""The state of callbacks: ours by `get_state`, Keras' own by their public attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

_ATTRIBUTES: dict[type, tuple[str, ...]] = {
    keras.callbacks.EarlyStopping: ("wait", "best", "best_epoch", "stopped_epoch", "best_weights"),
    keras.callbacks.ModelCheckpoint: ("best",),
    keras.callbacks.ReduceLROnPlateau: ("wait", "best", "cooldown_counter"),
}


def state_of(callback: Any) -> dict[str, Any]:
    """What a callback knows; lists of arrays among it stay arrays."""
    if hasattr(callback, "get_state"):
        return dict(callback.get_state())
    found: dict[str, Any] = {}
    for kind, names in _ATTRIBUTES.items():
        if isinstance(callback, kind):
            found.update({name: _plain(getattr(callback, name)) for name in names})
    return found


def restore(callback: Any, state: Mapping[str, Any]) -> None:
    """Gives a callback back what it knew."""
    if hasattr(callback, "set_state"):
        callback.set_state(state)
        return
    for name, value in state.items():
        setattr(callback, name, value)


def split_arrays(state: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[np.ndarray]]]:
    """What JSON can hold, and the lists of arrays."""
    arrays = {
        name: [np.asarray(each) for each in value]
        for name, value in state.items()
        if isinstance(value, list) and value and all(isinstance(each, np.ndarray) for each in value)
    }
    return {name: value for name, value in state.items() if name not in arrays}, arrays


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [np.asarray(keras.ops.convert_to_numpy(each)) for each in value]
    return value.item() if hasattr(value, "item") else value
