"""A parameter of a model, its optimizer or its loss, by its path: reading it and making a new value act."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasplus._keras_names import loss_arguments


class Parameter:
    """What a path such as `"optimizer.weight_decay"` means in a model.

    Args:
        model: The compiled model.
        path: The names of parts, attributes, keys or inner layers, joined by points. It starts with
            `optimizer`, `loss`, the name of a layer, or an attribute of the model.

    Raises:
        ValueError: If there is nothing of the name, or no single number.
    """

    def __init__(self, model: Any, path: str) -> None:
        self.path = path
        self._owner, self._name = _walk(model, path)
        held = _parts(self._owner).get(self._name)
        if isinstance(held, keras.Variable):
            if math.prod(held.shape) != 1:
                raise ValueError(f"`parameter` must be a single number. Received: {path!r} of the shape {held.shape}")
        elif held is not None and not _is_number(held):
            follows = path == "optimizer.learning_rate" and not isinstance(held, str)
            advice = "; the rate follows a schedule, so pass another one to the optimizer" if follows else ""
            raise ValueError(
                f"`parameter` must be a number or a variable{advice}. Received: {path!r} of type {type(held).__name__}"
            )

    @property
    def value(self) -> float | None:
        """The number it has now."""
        held = _parts(self._owner)[self._name]
        return None if held is None else float(np.ravel(ops.convert_to_numpy(held))[0])

    def acts_at_once(self, model: Any) -> bool:
        """Whether a compiled step sees a new value by itself: that of a variable which belongs to its state."""
        if model.run_eagerly or keras.config.backend() == "torch":
            return True
        held = _parts(self._owner)[self._name]
        if not isinstance(held, keras.Variable) or keras.config.backend() == "tensorflow":
            return isinstance(held, keras.Variable)
        return any(each is held for each in [*model.variables, *model.optimizer.variables])

    def assign(self, value: float) -> None:
        """Gives it another value; an attribute that is a whole number stays one where it can."""
        held = _parts(self._owner)[self._name]
        if isinstance(held, keras.Variable):
            held.assign(ops.full(held.shape, value, held.dtype))
            return
        new = int(value) if isinstance(held, int) and float(value).is_integer() else value
        arguments = loss_arguments(self._owner)
        if self._name in arguments:
            arguments[self._name] = new
        if self._name not in arguments or hasattr(self._owner, self._name):
            setattr(self._owner, self._name, new)


def compile_anew(model: Any) -> None:
    """Makes the steps be traced again at their next call, so that plain attributes act."""
    for kind in ("train", "test", "predict"):
        if getattr(model, f"{kind}_function", None) is not None:
            getattr(model, f"make_{kind}_function")(force=True)


def _walk(model: Any, path: str) -> tuple[Any, str]:
    """The owner of the last name of a path, and that name."""
    at, gone, rest = model, "", path
    while True:
        parts = _parts(at)
        fitting = [name for name in parts if rest == name or rest.startswith(f"{name}.")]
        if not fitting:
            raise ValueError(
                f"`parameter` must lead to a number. There is no {rest.partition('.')[0]!r} in "
                f"{repr(gone) if gone else 'the model'}, which has: {_shown(at, parts) or 'no parameters'}. "
                f"Received: parameter={path!r}"
            )
        name = max(fitting, key=len)  # names of layers may have points
        if name == rest:
            return at, name
        at, rest, gone = parts[name], rest[len(name) + 1 :], f"{gone}.{name}" if gone else name
        if gone == "loss" and isinstance(at, str):
            raise ValueError(
                "`parameter` cannot lead into a loss that was compiled by its name. Pass an instance in place of "
                f"{at!r} to `compile`. Received: parameter={path!r}"
            )


def _parts(at: Any) -> dict[str, Any]:
    """Everything that a name can lead to from here."""
    if isinstance(at, Mapping):
        return {str(name): part for name, part in at.items()}
    if isinstance(at, list | tuple):
        return {str(index): part for index, part in enumerate(at)}
    parts = {name: getattr(at, name, None) for name in getattr(at, "__dict__", ()) if not name.startswith("_")}
    if isinstance(at, keras.optimizers.Optimizer):
        several = getattr(at, "optimizers", None)
        parts.update({"optimizers": several} if several else {"learning_rate": at.learning_rate})
    if isinstance(at, keras.losses.Loss):
        parts.update(loss_arguments(at))
    if isinstance(at, keras.Model):
        parts.update({layer.name: layer for layer in at.layers})
        parts.update({"loss": getattr(at, "loss", None)})
        optimizer = getattr(at, "optimizer", None)
        parts.update({"optimizer": getattr(optimizer, "inner_optimizer", optimizer)})
    return parts


def _shown(at: Any, parts: Mapping[str, Any]) -> str:
    """The names for a message: the parts of a model, elsewhere the numbers and variables."""
    names = [name for name, part in parts.items() if _is_number(part) or isinstance(part, keras.Variable)]
    if isinstance(at, keras.Model):
        names += ["optimizer", "loss", *(layer.name for layer in at.layers)]
    elif isinstance(at, keras.optimizers.Optimizer | Mapping | list | tuple):
        names += [name for name in parts if parts[name] is None or not isinstance(at, keras.optimizers.Optimizer)]
    return ", ".join(sorted(set(names)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
