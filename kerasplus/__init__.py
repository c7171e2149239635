"""The extension pack of Keras 3: losses, metrics, layers, schedules and callbacks by name.

Importing it connects the names; a component is loaded when its name is first used.
"""

import importlib
from typing import Any

from kerasplus import _keras_names
from kerasplus._keras_names import get, names

__all__ = ["__version__", "get", "names"]
__version__ = "0.1.0"

_SUBPACKAGES = ("callbacks", "demo", "layers", "losses", "metrics", "schedules", "testing")

_keras_names.bridge.install()


def __getattr__(name: str) -> Any:
    """Makes `kerasplus.losses` and the other folders usable without an import of their own."""
    if name in _SUBPACKAGES:
        return importlib.import_module(f"kerasplus.{name}")
    raise AttributeError(f"module 'kerasplus' has no attribute {name!r}")


def __dir__() -> list[str]:
    """What completion shows."""
    return sorted((*__all__, *_SUBPACKAGES))
