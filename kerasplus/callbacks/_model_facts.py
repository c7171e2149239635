"""What a training runs on, and what its model was compiled with."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

import kerasplus


def versions() -> dict[str, str]:
    """The versions of what takes part."""
    return {
        "keras": keras.__version__,
        "backend": keras.config.backend(),
        "kerasplus": kerasplus.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def compiled(model: Any) -> Mapping[str, Any]:
    """What `compile` was given, in Keras' form for configurations where it has one."""
    if not getattr(model, "compiled", False):
        return {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a lambda is only to be looked at, not to be loaded again
            return model.get_compile_config() or {}
    except Exception:  # what cannot be serialized is shown as it prints
        return {"optimizer": model.optimizer, "loss": model.loss}
