"""The layers of a model, those of inner models among them, in groups from the last to the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras


def leaves(layer: Any) -> list[Any]:
    """The layers of a model that are no models themselves, in their order; of another layer itself."""
    if not isinstance(layer, keras.Model):
        return [layer]
    return [part for part in _parts(layer) if not isinstance(part, keras.Model)]


def checked_groups(groups: Any) -> int | list[list[str]]:
    """Groups from an argument: a number of layers, or lists of their names.

    Raises:
        ValueError: If it is neither, or if a name is there twice.
    """
    if isinstance(groups, int) and not isinstance(groups, bool) and groups >= 1:
        return groups
    if not isinstance(groups, list | tuple) or not groups:
        raise ValueError(f"`groups` must be a number, 1 or more, or lists of names. Received: groups={groups!r}")
    if not all(isinstance(group, list | tuple) and group for group in groups):
        raise ValueError(f"`groups` must be lists of names, none empty. Received: groups={groups!r}")
    names = [name for group in groups for name in group]
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise ValueError(f"`groups` must have each name once. Received: groups={groups!r}")
    return [list(group) for group in groups]


def grouped(model: Any, layers: Sequence[Any], groups: int | list[list[str]]) -> list[list[Any]]:
    """Layers of a model, given from the first to the last, in groups from the last to the first.

    Raises:
        ValueError: If a name is that of none of the layers, or of several parts of the model.
    """
    if isinstance(groups, int):
        backwards = layers[::-1]
        return [list(backwards[start : start + groups]) for start in range(0, len(backwards), groups)]
    return [[layer for name in group for layer in _named(model, name, layers)] for group in groups]


def _named(model: Any, name: str, layers: Sequence[Any]) -> list[Any]:
    parts = [part for part in _parts(model) if part.name == name]
    inside = {id(leaf) for part in parts for leaf in leaves(part)}
    found = [layer for layer in layers if id(layer) in inside]
    if len(parts) != 1 or not found:
        what = "several layers" if len(parts) > 1 else "no layer to be trained"
        names = ", ".join(repr(layer.name) for layer in layers)
        raise ValueError(f"`groups` must have names of layers, {names}. Received: {name!r}, that of {what}")
    return found


def _parts(model: Any) -> list[Any]:
    """All layers of a model, with inner models and their layers, each once."""
    inner = [[layer, *_parts(layer)] if isinstance(layer, keras.Model) else [layer] for layer in model.layers]
    return list({id(layer): layer for layers in inner for layer in layers}.values())
