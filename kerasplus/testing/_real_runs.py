"""Laws of losses in real runs: `evaluate`, `fit`, compiled, with half-precision policies."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from kerasplus.testing import strategies
from kerasplus.testing._law import NotSubject, holds, law, same
from kerasplus.testing._loss_laws import Table, is_independent, of_samples, values
from kerasplus.testing._subject import Subject

TORCH = keras.backend.backend() == "torch"
XLA: list[dict[str, Any]] = [] if TORCH else [{"jit_compile": True}]
"""How else a model can be compiled; PyTorch has no XLA."""

SEVERAL_STEPS: list[dict[str, Any]] = [] if TORCH else [{"steps_per_execution": 2}]
"""Several steps in one call, which the PyTorch backend refuses."""


def passing_on(y_pred: Any, loss: Any, rate: float = 0.0, **options: Any) -> Any:
    """A compiled model whose predictions are its inputs, plus an offset that training can move."""
    model = keras.Sequential([keras.Input(np.shape(y_pred)[1:]), Offset()])
    model.compile(keras.optimizers.SGD(rate), loss=loss, **options)
    return model


class Offset(keras.layers.Layer):
    """Adds a trained number, zero at first."""

    def build(self, input_shape: Any) -> None:
        self.offset = self.add_weight(shape=(), initializer="zeros", dtype="float32")

    def call(self, inputs: Any) -> Any:
        return inputs + keras.ops.cast(self.offset, inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


@law("loss")
def evaluate_gives_the_offline_number(subject: Subject) -> None:
    """A real `evaluate`, weighted or not, with any batch size, compiled or eager, gives the offline mean."""
    y_true, y_pred = subject.batch(12)
    weight = (np.arange(len(y_pred)) % 3 / 2.0).astype("float32")
    for label, make in subject.variants:
        loss = make()
        for batch_size, options in ((len(y_pred), {"run_eagerly": True}), *((5, each) for each in ({}, *XLA))):
            model = passing_on(y_pred, make(), **options)
            for sample_weight in (None, weight):
                got = model.evaluate(y_pred, y_true, sample_weight=sample_weight, batch_size=batch_size, verbose=0)
                expected = _offline(loss, y_true, y_pred, sample_weight, batch_size)
                same(
                    np.asarray(got),
                    expected,
                    f"{label}, evaluate with batch_size={batch_size}, {options}, weights {sample_weight}",
                    2e-4,
                )


def _offline(loss: Any, y_true: Any, y_pred: Any, weight: Any, batch_size: int) -> Any:
    """The mean of the losses of the batches, by the sizes of the batches, as Keras shows it."""
    slices = [slice(i, i + batch_size) for i in range(0, len(y_pred), batch_size)]
    losses = [float(values(loss, y_true[s], y_pred[s], None if weight is None else weight[s])) for s in slices]
    return np.average(losses, weights=[len(y_pred[s]) for s in slices])


@law("loss")
def fit_at_rate_zero_shows_the_offline_number(subject: Subject) -> None:
    """A real `fit` that moves nothing shows the offline mean in its history, also with steps gathered."""
    y_true, y_pred = subject.batch(12)
    for label, make in subject.variants:
        for options in ({}, *SEVERAL_STEPS):
            model = passing_on(y_pred, make(), **options)
            history = model.fit(y_pred, y_true, batch_size=6, epochs=1, shuffle=False, verbose=0).history
            expected = _offline(make(), y_true, y_pred, None, 6)
            same(np.asarray(history["loss"][0]), expected, f"{label}, fit at rate 0, {options}", 2e-4)


@law("loss")
def training_lowers_it(subject: Subject) -> None:
    """Small steps against the gradient make the loss smaller."""
    y_true, y_pred = subject.batch(6)
    for label, make in subject.variants:
        loss = make()
        model = keras.Sequential([keras.Input((1,)), Table(y_pred)])
        model.compile(keras.optimizers.SGD(1e-3), loss=loss)
        history = model.fit(
            np.zeros((len(y_pred), 1)), y_true, batch_size=len(y_pred), epochs=15, shuffle=False, verbose=0
        ).history["loss"]
        holds(
            history[-1] <= history[0] + 1e-6,
            history[-1],
            f"at most {history[0]}, the first one",
            f"{label}, 15 steps of SGD(0.001)",
        )


@law("loss")
def class_weights_are_sample_weights(subject: Subject) -> None:
    """`class_weight` in `fit` gives what the same weights per sample give."""
    if subject._strategy is not None or subject.domains[0] not in {"sparse", "one_hot"}:
        raise NotSubject("its targets are no classes")
    y_true, y_pred = subject.batch(12)
    labels = y_true if y_true.ndim == 1 else y_true.argmax(-1)
    weights = {0: 0.5, 1: 2.0, 2: 0.0}
    of_samples = np.array([weights[int(i)] for i in labels], "float32")
    for label, make in subject.variants:
        each = type(make()).from_config({**make().get_config(), "reduction": "none"})
        per_sample = values(each, y_true, y_pred)
        column = of_samples.reshape((-1,) + (1,) * (per_sample.ndim - 1))
        for options in ({"class_weight": weights}, {"sample_weight": of_samples}):
            model = passing_on(y_pred, make())
            got = model.fit(y_pred, y_true, epochs=1, batch_size=12, verbose=0, **options).history["loss"][0]
            same(np.asarray(got), (per_sample * column).mean(), f"{label}, fit with {options}", 1e-4)


@law("loss")
def accumulated_gradients_are_the_gradient(subject: Subject) -> None:
    """Two batches with accumulated gradients move the weights as one batch of both does."""
    y_true, y_pred = subject.batch(12)
    for label, make in subject.variants:
        if not is_independent(subject, make()):
            raise NotSubject("its samples are declared to depend on each other")
        moved = []
        for batch_size, steps in ((12, None), (6, 2)):
            model = keras.Sequential([keras.Input(y_pred.shape[1:]), Offset()])
            model.compile(keras.optimizers.SGD(0.01, gradient_accumulation_steps=steps), loss=make())
            model.fit(y_pred, y_true, batch_size=batch_size, epochs=1, shuffle=False, verbose=0)
            moved.append(np.asarray(model.get_weights()[0]))
        same(moved[1], moved[0], f"{label}, SGD(0.01) with gradient_accumulation_steps=2, batches of 6", 1e-4)


@law("loss")
def mixed_precision_trains(subject: Subject) -> None:
    """Under mixed_float16 and mixed_bfloat16 a training step is finite and near that of float32."""
    y_true, y_pred = subject.batch(6)
    before = keras.config.dtype_policy()
    for label, make in subject.variants:
        expected = _offline(make(), y_true, y_pred, None, 6)
        for policy in ("mixed_float16", "mixed_bfloat16"):
            keras.config.set_dtype_policy(policy)
            try:
                got = passing_on(y_pred, make()).train_on_batch(y_pred, y_true)
            finally:
                keras.config.set_dtype_policy(before)
            holds(np.isfinite(got), got, "finite", f"{label}, {policy}")
            room = 0.05 * (abs(expected) + 1)
            holds(abs(got - expected) <= room, got, f"near {expected}", f"{label}, {policy}")


@law("loss")
def rows_of_zeros_and_single_samples_work(subject: Subject) -> None:
    """A batch of one sample gives one finite value."""
    if subject._strategy is not None:
        raise NotSubject("its strategy chooses the size of batches")
    for label, loss in subject.with_copies(reduction="none"):
        for domain in subject.domains:
            for y_true, y_pred in strategies.directed(domain):
                got = of_samples(loss, y_true[:1], y_pred[:1])
                holds(
                    np.isfinite(got).all() and got.shape[:1] == (1,),
                    got,
                    "one finite value",
                    f"{label}, a batch of one",
                )
