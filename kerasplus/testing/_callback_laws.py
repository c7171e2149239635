"""The laws of callbacks."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from kerasplus.callbacks._saved_state import split_arrays
from kerasplus.testing._law import Broken, NotSubject, holds, law
from kerasplus.testing._subject import Subject

X = (np.arange(24, dtype="float32").reshape(12, 2) - 12) / 16
IDS = np.arange(12) % 3


def trained(callbacks: list[Any], **options: Any) -> tuple[Any, dict[str, Any]]:
    """A small classifier after a real fit with validation, and its history."""
    keras.utils.set_random_seed(4)
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(3, activation="softmax")]
    )
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, fitted(model, callbacks, **options)


def fitted(model: Any, callbacks: list[Any], **options: Any) -> dict[str, Any]:
    """The history of one more fit."""
    settings = {"epochs": 2, "batch_size": 4, "verbose": 0, "shuffle": False, "validation_data": (X, IDS), **options}
    history: dict[str, Any] = model.fit(X, IDS, callbacks=callbacks, **settings).history
    return history


@contextlib.contextmanager
def elsewhere() -> Iterator[None]:
    """A temporary current folder: callbacks write files."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        yield


@law("callback")
def it_works_in_every_loop(subject: Subject) -> None:
    """`fit`, `evaluate`, `predict`, no epochs, unknown numbers of steps, and a later first epoch all work."""
    for label, make in subject.variants:
        for options in ({}, {"epochs": 0}, {"initial_epoch": 1}, {"batch_size": None, "steps_per_epoch": 2}):
            with elsewhere():  # files of another run may be in its way
                if "steps_per_epoch" in options:
                    _run(label, options, lambda make=make: _from_generator(make()))
                else:
                    _run(label, options, lambda make=make, options=options: trained([make()], **options))
        with elsewhere():
            model, _ = trained([])
            _run(
                label, "evaluate", lambda make=make, model=model: model.evaluate(X, IDS, verbose=0, callbacks=[make()])
            )
            _run(label, "predict", lambda make=make, model=model: model.predict(X, verbose=0, callbacks=[make()]))


def _from_generator(callback: Any) -> None:
    model, _ = trained([])
    batches = ((X[:4], IDS[:4]) for _ in range(8))
    settings = {"steps_per_epoch": 2, "epochs": 2, "verbose": 0, "shuffle": False, "validation_data": (X, IDS)}
    model.fit(batches, callbacks=[callback], **settings)


def _run(label: str, options: Any, action: Any) -> None:
    try:
        action()
    except Exception as error:  # what is raised is judged, whatever it is
        raise Broken(f"got {type(error).__name__}: {error}, but should be no error, for {label}, {options}") from error


@law("callback")
def two_fits_leak_nothing(subject: Subject) -> None:
    """A second fit with the same callback gives what a new callback gives."""
    for label, make in subject.variants:
        with elsewhere():
            used = make()
            trained([used])
            _, again = trained([used])
        with elsewhere():
            _, new = trained([make()])
        holds(again.keys() == new.keys(), sorted(again), sorted(new), f"{label}, the history of a second fit")
        for name in new:
            if "second" not in name and "time" not in name:
                right = np.allclose(again[name], new[name], equal_nan=True)
                holds(right, again[name], new[name], f"{label}, {name!r} in the history of a second fit")


@law("callback")
def others_see_their_logs(subject: Subject) -> None:
    """The values that others put in the logs are as they would be without the callback."""
    if subject.declared("changes_training", False):
        raise NotSubject("it declares to change the training")
    for label, make in subject.variants:
        with elsewhere():
            model, history = trained([make()])
        plain, expected = trained([])
        if len(history.get("loss", [])) < len(expected["loss"]):
            raise NotSubject("it stops the training")
        for name in expected:
            holds(
                np.allclose(history[name], expected[name]),
                history[name],
                expected[name],
                f"{label}, {name!r} in the history",
            )
        for got, value in zip(model.get_weights(), plain.get_weights(), strict=True):
            holds(np.allclose(got, value), got, "the weights of a fit without it", label)


class _Shows(keras.callbacks.Callback):
    """Shows a number of its own in the logs."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["shown"] = float(epoch)


@law("callback")
def its_place_in_the_list_does_not_matter(subject: Subject) -> None:
    """Before or after another callback that shows a number in the logs, it does the same."""
    for label, make in subject.variants:
        ends = []
        for before in (True, False):
            with elsewhere():
                model, history = trained([make(), _Shows()] if before else [_Shows(), make()])
            ends.append((model.get_weights(), history))
        (weights, history), (others, other) = ends
        given = f"{label}, in the list after another callback and before it"
        holds(history.keys() == other.keys(), sorted(other), sorted(history), f"the history, {given}")
        for name in history:
            if "second" not in name and "time" not in name:
                right = np.allclose(history[name], other[name], equal_nan=True)
                holds(right, other[name], history[name], f"{name!r} in the history, {given}")
        for got, expected in zip(others, weights, strict=True):
            holds(np.allclose(got, expected), got, expected, f"a weight, {given}")


@law("callback")
def its_state_is_json(subject: Subject) -> None:
    """`get_state` is JSON and lists of arrays, and `set_state` gives it back to a new callback."""
    if not hasattr(subject.component, "get_state"):
        raise NotSubject("it has no state to save")
    for label, make in subject.variants:
        with elsewhere():
            callback = make()
            trained([callback])
            state, arrays = split_arrays(callback.get_state())
            try:
                text = json.dumps(state, sort_keys=True)
            except (TypeError, ValueError) as error:
                raise Broken(f"got {error}, but should be JSON, for get_state() {label}") from error
            again = make()
            again.set_state({**json.loads(text), **arrays})
            given = f"{label}, get_state() after set_state()"
            state, brought_back = split_arrays(again.get_state())
            got = json.dumps(state, sort_keys=True)
        holds(got == text, got, text, given)
        holds(brought_back.keys() == arrays.keys(), sorted(brought_back), sorted(arrays), f"the arrays, {given}")
        for name, expected in arrays.items():
            for one, other in zip(brought_back[name], expected, strict=True):
                holds(np.array_equal(one, other, equal_nan=True), one, other, f"{name!r}, {given}")


@law("callback")
def an_exception_leaves_it_usable(subject: Subject) -> None:
    """After an exception in the middle of a fit, the next fit works."""

    class Fails(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 1:
                raise ArithmeticError("on purpose")

    for label, make in subject.variants:
        with elsewhere():
            callback = make()
            with contextlib.suppress(ArithmeticError):
                trained([callback, Fails()])
            _run(label, "a fit after an exception in the last one", lambda callback=callback: trained([callback]))
