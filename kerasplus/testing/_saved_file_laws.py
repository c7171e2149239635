"""Laws about what a `.keras` file keeps of a compiled model, loaded here and in another process."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasplus.testing._fresh_process import ask, offered
from kerasplus.testing._law import NotSubject, holds, law, number, same
from kerasplus.testing._subject import Subject

STEPS = 4


def _known_elsewhere(subject: Subject) -> bool:
    try:
        offered(subject)
    except NotSubject:
        return False
    return True


@law("loss", "metric")
def a_saved_model_evaluates_the_same(subject: Subject) -> None:
    """A `.keras` file of a model compiled with it evaluates the same, here and in a fresh process."""
    subject.registered  # noqa: B018 - raises NotSubject where there is no registered name
    y_true, y_pred = subject.batch(6)
    for label, make in subject.variants:
        # Keras evaluates no model without a loss: this one is zero.
        model = keras.Sequential([keras.Input(y_pred.shape[1:]), keras.layers.ActivityRegularization()])
        model.compile(**({"loss": make()} if subject.kind == "loss" else {"weighted_metrics": [make()]}))
        expected = model.evaluate(y_pred, y_true, batch_size=3, verbose=0, return_dict=True)
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "model.keras")
            model.save(path)
            again = keras.models.load_model(path)
            got = {"loaded here": again.evaluate(y_pred, y_true, batch_size=3, verbose=0, return_dict=True)}
            if _known_elsewhere(subject):
                request = {"do": "evaluate", "model": path}
                got["loaded in a fresh process"] = ask(request, y_true=y_true, y_pred=y_pred)
        for where, logs in got.items():
            holds(logs.keys() == expected.keys(), sorted(logs), sorted(expected), f"the logs, {label}, {where}")
            for name, value in expected.items():
                same(np.asarray(logs[name]), np.asarray(value), f"{name!r}, {label}, {where}", 1e-5)


def line() -> Any:
    """A model of one weight, whose gradient is one: each step moves it by the rate."""
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros", use_bias=False)])


@law("schedule")
def resuming_is_no_interruption(subject: Subject) -> None:
    """A run saved to a `.keras` file and resumed, here or in another process, ends as one that was not interrupted."""
    subject.registered  # noqa: B018 - raises NotSubject where there is no registered name
    x, y = np.ones((STEPS, 1), "float32"), np.zeros((STEPS, 1), "float32")
    for label, make in subject.variants:
        model = line()
        model.compile(keras.optimizers.SGD(make()), loss="mean_squared_error")
        model.set_weights([np.ones((1, 1), "float32")])
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "model.keras")
            model.fit(x, y, batch_size=1, verbose=0, shuffle=False)
            model.save(path)
            model.fit(x, y, batch_size=1, verbose=0, shuffle=False)
            again = keras.models.load_model(path)
            again.fit(x, y, batch_size=1, verbose=0, shuffle=False)
            got = {"resumed here": _end(again)}
            if _known_elsewhere(subject):
                got["resumed in a fresh process"] = ask({"do": "fit", "model": path}, y_true=y, y_pred=x)
        for where, end in got.items():
            same(np.asarray(end), np.asarray(_end(model)), f"weight and rate, {label}, {where}", 1e-5)


def _end(model: Any) -> list[float]:
    return [float(model.get_weights()[0][0, 0]), float(number(model.optimizer.learning_rate))]


@law("loss")
def two_replicas_move_the_weights_alike(subject: Subject) -> None:
    """A training step on two replicas moves the weights as one on a single device does."""
    if keras.backend.backend() != "tensorflow":
        raise NotSubject("distribution strategies are TensorFlow's")
    offered(subject)
    y_true, y_pred = subject.batch(12)
    for label, make in subject.variants:
        loss = make()
        if not getattr(loss, "independent", True):
            raise NotSubject("its samples are declared to depend on each other")
        model = keras.Sequential([keras.Input(y_pred.shape[1:]), scaling(y_pred)])
        model.compile(keras.optimizers.SGD(0.1), loss=loss)
        model.fit(y_pred, y_true, batch_size=len(y_pred), verbose=0)
        request = {"do": "step", "kind": "loss", "config": keras.saving.serialize_keras_object(loss)}
        got = ask(request, y_true=y_true, y_pred=y_pred)
        same(np.asarray(got), model.get_weights()[0], f"{label}, the weights after a step of SGD(0.1)", 1e-4)


def scaling(y_pred: Any) -> Any:
    """A layer that mixes the columns by weights, at first each with itself alone."""
    return keras.layers.Dense(y_pred.shape[-1], kernel_initializer=keras.initializers.Identity(), use_bias=False)
