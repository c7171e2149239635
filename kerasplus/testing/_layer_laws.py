"""The laws of layers."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasplus.testing._fresh_process import ask, offered
from kerasplus.testing._law import NotSubject, holds, law, number, same
from kerasplus.testing._subject import Subject


def shapes(subject: Subject) -> list[tuple[int, ...]]:
    """The shapes of its inputs, without the batch."""
    declared = subject.declared("input_shape_example", (8,))
    return list(declared) if isinstance(declared, list) else [tuple(declared)]


def inputs(subject: Subject, samples: int) -> Any:
    """Inputs of this many samples, as the layer takes them."""
    rng = np.random.default_rng(3)
    given = shapes(subject)
    domains = list(subject.declared("input_domains", ())) or ["real"]
    domains += ["real"] * (len(given) - len(domains))
    made = []
    for shape, domain in zip(given, domains, strict=False):
        if domain == "sparse":
            made.append(rng.integers(0, 3, (samples, *shape)).astype("int32"))
        elif domain == "probabilities":
            made.append((rng.integers(1, 16, (samples, *shape)) / 16).astype("float32"))
        else:
            made.append((rng.integers(-16, 17, (samples, *shape)) / 16).astype("float32"))
    return made if isinstance(subject.declared("input_shape_example", ()), list) else made[0]


def outputs(layer: Any, given: Any) -> list[Any]:
    """What a layer gives, as NumPy."""
    return [number(each) for each in keras.tree.flatten(layer(given))]


def twin(layer: Any, given: Any) -> Any:
    """The same layer from its configuration, with the same weights."""
    again = type(layer).from_config(copy.deepcopy(layer.get_config()))
    again(given)
    again.set_weights(layer.get_weights())
    return again


def _random(subject: Subject) -> bool:
    return bool(subject.declared("seed", None) is not None) or "seed" in subject.alternatives


@law("layer")
def a_pass_through_layer_returns_its_input(subject: Subject) -> None:
    """Where it is declared, the output is the input, bit for bit."""
    if not subject.declared("pass_through", False):
        raise NotSubject("it does not declare to pass its input through")
    given = inputs(subject, 4)
    for label, make in subject.variants:
        for got, expected in zip(outputs(make(), given), keras.tree.flatten(given), strict=True):
            holds(got.tobytes() == expected.tobytes(), got, "the input, bit for bit", label)


@law("layer")
def symbolic_shapes_are_real_ones(subject: Subject) -> None:
    """Shapes and dtypes of a symbolic call are those of a real one, for batches of 4, 1 and 0."""
    for label, make in subject.variants:
        for samples in (4, 1, 0):
            layer = make()
            given = inputs(subject, samples)
            symbolic = keras.tree.map_structure(
                lambda a: keras.KerasTensor((None, *a.shape[1:]), dtype=str(a.dtype)), given
            )
            expected = [(tuple(t.shape[1:]), t.dtype) for t in keras.tree.flatten(layer(symbolic))]
            got = [(a.shape[1:], str(a.dtype)) for a in outputs(layer, given)]
            holds(got == expected, got, expected, f"{label}, a batch of {samples}")


@law("layer")
def a_rebuilt_layer_gives_the_same(subject: Subject) -> None:
    """Built anew from its configuration, with its weights, a layer gives the same, bit for bit."""
    if _random(subject):
        raise NotSubject("its output is random")
    given = inputs(subject, 4)
    for label, make in subject.variants:
        layer = make()
        expected = outputs(layer, given)
        for got, value in zip(outputs(twin(layer, given), given), expected, strict=True):
            holds(got.tobytes() == value.tobytes(), got, str(value), f"{label}, from its configuration")


@law("layer")
def a_saved_layer_gives_the_same(subject: Subject) -> None:
    """In a `.keras` file, loaded here and in a process that only imports kerasplus, it gives the same."""
    subject.registered  # noqa: B018 - raises NotSubject where there is no registered name
    given = inputs(subject, 4)
    for label, make in subject.variants:
        symbolic = keras.tree.map_structure(lambda a: keras.Input(a.shape[1:], dtype=str(a.dtype)), given)
        model = keras.Model(symbolic, make()(symbolic))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.keras"
            model.save(path)
            here = [number(each) for each in keras.tree.flatten(keras.models.load_model(path)(given))]
            names = {f"input_{i}": a for i, a in enumerate(keras.tree.flatten(given))}
            offered(subject)
            there = ask({"do": "predict", "model": str(path)}, **names)
        if _random(subject):
            continue
        expected = [number(each) for each in keras.tree.flatten(model(given))]
        for got, other, value in zip(here, there, expected, strict=True):
            same(got, value, f"{label}, saved and loaded", 0)
            same(np.asarray(other, value.dtype), value, f"{label}, loaded in a fresh process", 1e-6)


@law("layer")
def an_exported_layer_gives_the_same(subject: Subject) -> None:
    """A model with it can be exported for serving, and the export gives the same."""
    if keras.backend.backend() != "tensorflow":
        raise NotSubject("what is exported is a SavedModel of TensorFlow")
    given = inputs(subject, 4)
    layer = subject.again()
    symbolic = keras.tree.map_structure(lambda a: keras.Input(a.shape[1:], dtype=str(a.dtype)), given)
    model = keras.Model(symbolic, layer(symbolic))
    expected = outputs(model, given)
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False)
        served = keras.layers.TFSMLayer(folder, call_endpoint="serve")
        got = outputs(served, given)
    holds(len(got) == len(expected), len(got), len(expected), "the number of outputs of the export")
    for one, value in zip(got, expected, strict=True):
        holds(one.shape == value.shape, one.shape, value.shape, "the shape of an output of the export")
        if not _random(subject):
            same(one, value, "exported", 1e-5)


@law("layer")
def losses_are_added_once_per_call(subject: Subject) -> None:
    """Each call adds its losses, and the next one does not find them again."""
    given = inputs(subject, 4)
    for label, make in subject.variants:
        model = _model(subject, make(), given)
        model(given)
        first = [number(loss) for loss in model.losses]
        model(given)
        second = [number(loss) for loss in model.losses]
        holds(len(first) == len(second), len(second), len(first), f"{label}, the number of losses after a second call")
        holds(all(np.isfinite(loss).all() for loss in second), second, "finite losses", label)


def _model(subject: Subject, layer: Any, given: Any) -> Any:
    symbolic = keras.tree.map_structure(lambda a: keras.Input(a.shape[1:], dtype=str(a.dtype)), given)
    out = keras.tree.flatten(layer(symbolic))[0]
    flat = keras.layers.Flatten(dtype="float32")(out)
    return keras.Model(symbolic, keras.layers.Dense(1, dtype="float32")(flat))


@law("layer")
def it_trains_under_every_policy(subject: Subject) -> None:
    """In a real `fit` the loss is finite, under float32, mixed_float16 and mixed_bfloat16."""
    given = inputs(subject, 8)
    before = keras.config.dtype_policy()
    for label, make in subject.variants:
        for policy in ("float32", "mixed_float16", "mixed_bfloat16"):
            keras.config.set_dtype_policy(policy)
            try:
                model = _model(subject, make(), given)
                model.compile(keras.optimizers.SGD(1e-3), loss="mse")
                history = model.fit(given, np.zeros((8, 1)), batch_size=4, epochs=1, verbose=0).history
            finally:
                keras.config.set_dtype_policy(before)
            holds(np.isfinite(history["loss"][0]), history["loss"], "finite", f"{label}, {policy}")


@law("layer")
def gradients_reach_every_weight(subject: Subject) -> None:
    """A training step moves every trainable weight, and leaves it finite."""
    given = inputs(subject, 8)
    targets = np.linspace(-2, 2, 8, dtype="float32")[:, None]
    for label, make in subject.variants:
        layer = make()
        model = _model(subject, layer, given)
        if not layer.trainable_weights:
            raise NotSubject("it has no trainable weight")
        before = [number(weight) for weight in layer.trainable_weights]
        model.compile(keras.optimizers.SGD(0.5), loss="mse")
        model.train_on_batch(given, targets)
        for weight, value in zip(layer.trainable_weights, before, strict=True):
            got = number(weight)
            holds(np.isfinite(got).all(), got, "finite", f"{label}, the weight {weight.name!r} after a step")
            holds((got != value).any(), got, "another value than before", f"{label}, the weight {weight.name!r}")


@law("layer")
def inference_is_deterministic(subject: Subject) -> None:
    """Two calls with `training=False` give the same."""
    if _random(subject):
        raise NotSubject("its output is random")
    given = inputs(subject, 4)
    for label, make in subject.variants:
        layer = make()
        first = outputs(layer, given)
        for got, expected in zip(outputs(layer, given), first, strict=True):
            same(got, expected, f"{label}, called twice", 0)
