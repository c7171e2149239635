"""The data that a callback was given, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np


def arrays(value: Any) -> Any:
    """Tensors and lists as NumPy arrays, in the structure of inputs that they have."""
    if value is None or hasattr(value, "shape"):
        return None if value is None else keras.ops.convert_to_numpy(value)
    if isinstance(value, Mapping):
        return {name: arrays(each) for name, each in value.items()}
    if isinstance(value, list | tuple) and any(hasattr(each, "shape") for each in value):
        return [arrays(each) for each in value]
    return np.asarray(value)
