"""Functions by the name of their module, for configurations."""

from __future__ import annotations

import contextlib
import functools
import importlib
import re
from typing import Any

import keras


def is_function(function: Any) -> bool:
    """Whether it is a function, or spelled as one; nothing is imported."""
    return callable(function) or (isinstance(function, str) and re.fullmatch(r"[\w.]+:[\w.]+", function) is not None)


def found(function: Any) -> Any:
    """The function of a name, imported.

    Raises:
        ValueError: If there is none.
    """
    if not isinstance(function, str):
        return function
    module, _, path = function.partition(":")
    try:
        value = functools.reduce(getattr, path.split("."), importlib.import_module(module))
    except (ImportError, AttributeError) as error:
        raise ValueError(f"`metrics` must name functions that can be imported. Received: {function!r}") from error
    if not callable(value):
        raise ValueError(f"`metrics` must name functions. Received: {function!r}, which is {value!r}")
    return value


def spelled(name: str, function: Any) -> Any:
    """What a configuration holds for a function.

    Raises:
        ValueError: If it has no name by which it can be found again.
    """
    if isinstance(function, str):
        return function
    if keras.saving.get_registered_object(keras.saving.get_registered_name(function)) is function:
        return keras.saving.serialize_keras_object(function)
    name_there = f"{getattr(function, '__module__', '')}:{getattr(function, '__qualname__', '')}"
    with contextlib.suppress(ValueError):
        if found(name_there) is function:
            return name_there
    raise ValueError(
        f"A function in `metrics` must have a name to be saved. Received: {name!r}: {function!r}. Define it in a "
        "module, or register it with keras.saving.register_keras_serializable; `arguments` can bind arguments."
    )
