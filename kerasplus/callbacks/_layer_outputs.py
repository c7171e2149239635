"""The layers of a model by name, and what they put out for a batch, on any backend and for any model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from keras import ops, tree

from kerasplus._registry import nearest
from kerasplus.callbacks._kept_state import kept_state


def all_layers(model: Any) -> Iterator[Any]:
    """The layers of a model and, after each model among them, its layers."""
    for layer in getattr(model, "layers", ()):
        yield layer
        yield from all_layers(layer)


def find_layers(model: Any, names: Iterable[str], argument: str) -> list[Any]:
    """The layers of these names.

    Raises:
        ValueError: If the model has no layer of a name.
    """
    known = {layer.name: layer for layer in all_layers(model)}
    for name in names:
        if name not in known:
            near = " or ".join(map(repr, nearest(name, known))) or f"one of {', '.join(known)}"
            raise ValueError(f"`{argument}` must name layers of the model. Received: {name!r}; did you mean {near}?")
    return [known[name] for name in names]


def outputs(model: Any, layers: Sequence[Any], x: Any) -> dict[str, np.ndarray]:
    """What each layer puts out when the model is applied to `x`, as at inference.

    The layers' `call` is listened to for one eager pass, which works for subclassed models too. A
    layer that is called several times gives its last output, one with several outputs the first.
    """
    heard: dict[str, np.ndarray] = {}

    def listener(layer: Any, call: Any) -> Any:
        def listen(*args: Any, **kwargs: Any) -> Any:
            result = call(*args, **kwargs)
            heard[layer.name] = ops.convert_to_numpy(ops.cast(tree.flatten(result)[0], "float32"))
            return result

        return listen

    for layer in layers:
        object.__setattr__(layer, "call", listener(layer, layer.call))
    try:
        with kept_state(model):
            model(x, training=False)
    finally:
        for layer in layers:
            object.__delattr__(layer, "call")
    return heard
