"""What a training is: its model and configuration as text, its hyperparameters for comparison."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from kerasplus.callbacks._learning_rate import optimizers
from kerasplus.callbacks._model_facts import compiled, versions
from kerasplus.callbacks._tensorboard import summaries
from kerasplus.callbacks._tensorboard.rates import rates_now


def texts(model: Any, params: Mapping[str, Any]) -> Iterator[Any]:
    """The summary of the model and how it is trained, as Markdown."""
    lines: list[str] = []
    model.summary(print_fn=lambda line, **_: lines.append(line), line_length=100)
    yield summaries.text("model/summary", "```\n" + "\n".join(lines) + "\n```")
    told = {"fit": dict(params), "compile": compiled(model), "versions": versions()}
    yield summaries.text("model/configuration", f"```json\n{json.dumps(told, indent=2, default=str)}\n```")


def hyperparameters(model: Any, params: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What the optimizer, the loss and `fit` were set to, and what the caller adds."""
    found: dict[str, Any] = {"parameters": int(model.count_params()) if model.built else 0}
    if getattr(model, "optimizer", None) is not None:
        first = next(iter(optimizers(model).values()))
        found["optimizer"] = type(first).__name__
        found["learning_rate"] = next(iter(rates_now(model).values()))
        rate = keras.optimizers.serialize(first)["config"].get("learning_rate")
        if isinstance(rate, Mapping):
            found["schedule"] = str(rate.get("class_name"))
    loss = getattr(model, "loss", None)
    if loss is not None:
        found["loss"] = loss if isinstance(loss, str) else getattr(loss, "name", type(loss).__name__)
    found.update({name: params[name] for name in ("epochs", "steps") if params.get(name) is not None})
    return {**found, **{name: _plain(value) for name, value in given.items()}}


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
