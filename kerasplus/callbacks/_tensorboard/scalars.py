"""Logs as named numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np


def named_numbers(logs: Mapping[str, Any], class_names: Sequence[str] | None = None) -> Iterator[tuple[str, float]]:
    """Each number of the logs with its name; a vector or a dict gives `name/class`.

    Args:
        logs: What Keras passes to callbacks.
        class_names: Names for the entries of a vector of that length; numbers otherwise.
    """
    for name, value in logs.items():
        if isinstance(value, float | int):
            yield name, float(value)
        elif isinstance(value, Mapping):
            yield from ((f"{name}/{key}", number) for key, number in named_numbers(value, class_names))
        else:
            yield from _entries(name, value, class_names)


def _entries(name: str, value: Any, class_names: Sequence[str] | None) -> Iterator[tuple[str, float]]:
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return
    if array.ndim == 0:
        yield name, float(array)
    elif array.ndim == 1 and class_names is not None and len(class_names) == len(array):
        yield from ((f"{name}/{label}", float(entry)) for label, entry in zip(class_names, array, strict=True))
    else:
        for index in np.ndindex(array.shape):
            yield f"{name}/{'_'.join(map(str, index))}", float(array[index])
