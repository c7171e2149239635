"""The laws of losses."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from hypothesis import strategies as st
from keras import ops

from kerasplus.testing._law import Broken, NotSubject, for_all, holds, law, number, same, shown_input
from kerasplus.testing._subject import Subject


def values(loss: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
    """What a loss gives, as NumPy."""
    return number(loss(y_true, y_pred, sample_weight=sample_weight))


def of_samples(loss: Any, y_true: Any, y_pred: Any) -> Any:
    """The values of the samples, as NumPy.

    Raises:
        NotSubject: If there is one value for the whole batch, which another law reports.
    """
    got = values(loss, y_true, y_pred)
    if got.ndim == 0:
        raise NotSubject("it gives one value for a whole batch: see one_value_per_sample")
    return got


def is_independent(subject: Subject, instance: Any) -> bool:
    return bool(getattr(instance, "independent", True)) and bool(subject.declared("independent", True))


def need_independent(subject: Subject, instance: Any) -> None:
    if not is_independent(subject, instance):
        raise NotSubject("its samples are declared to depend on each other")


@law("loss")
def one_value_per_sample(subject: Subject) -> None:
    """With `reduction="none"` a batch gives one value for each sample."""
    for label, loss in subject.with_copies(reduction="none"):

        def claim(pair: Any, loss: Any = loss, label: str = label) -> None:
            got = values(loss, *pair)
            samples = len(pair[1])
            given = f"{label}, {shown_input(*pair)}"
            holds(got.shape[:1] == (samples,), got.shape, f"one value per sample, ({samples},)", given)

        for_all(subject.pairs(), claim, subject.directed)


@law("loss")
def order_does_not_matter(subject: Subject) -> None:
    """Samples in another order give their values in that order."""
    for label, loss in subject.with_copies(reduction="none"):

        def claim(drawn: Any, loss: Any = loss, label: str = label) -> None:
            (y_true, y_pred), order = drawn
            got = of_samples(loss, y_true[order], y_pred[order])
            same(got, values(loss, y_true, y_pred)[order], f"{label}, {shown_input(y_true, y_pred)}", 1e-4)

        shuffled = subject.pairs().flatmap(
            lambda pair: st.tuples(st.just(pair), st.permutations(range(len(pair[1]))).map(np.array))
        )
        for_all(shuffled, claim)


@law("loss")
def samples_are_independent(subject: Subject) -> None:
    """The value of a sample is the same alone and in a batch."""
    for label, loss in subject.with_copies(reduction="none"):
        need_independent(subject, loss)

        def claim(pair: Any, loss: Any = loss, label: str = label) -> None:
            y_true, y_pred = pair
            alone = np.concatenate([of_samples(loss, y_true[i : i + 1], y_pred[i : i + 1]) for i in range(len(y_pred))])
            same(values(loss, y_true, y_pred), alone, f"{label}, {shown_input(y_true, y_pred)}", 1e-4)

        for_all(subject.pairs(), claim, subject.directed)


@law("loss")
def values_are_finite_and_in_range(subject: Subject) -> None:
    """Every value is finite and within the declared bounds."""
    for label, loss in subject.with_copies(reduction="none"):
        low, high = subject.declared("bounds", (-np.inf, np.inf))

        def claim(pair: Any, loss: Any = loss, label: str = label, low: float = low, high: float = high) -> None:
            got = values(loss, *pair)
            given = f"{label}, {shown_input(*pair)}"
            holds(np.isfinite(got).all(), got, "finite", given)
            room = 1e-4 * (1 + np.abs(got))
            holds(((got >= low - room) & (got <= high + room)).all(), got, f"within [{low}, {high}]", given)

        for_all(subject.pairs(), claim, subject.directed)


@law("loss")
def least_at_the_target(subject: Subject) -> None:
    """Where it is declared, a perfect prediction costs nothing and no other one costs less."""
    if not subject.declared("zero_at_equality", False):
        raise NotSubject("it does not declare to be zero at a perfect prediction")
    for label, loss in subject.with_copies(reduction="none"):

        def claim(pair: Any, loss: Any = loss, label: str = label) -> None:
            y_true = pair[0].astype("float32")
            same(
                values(loss, y_true, y_true),
                np.zeros_like(values(loss, y_true, y_true)),
                f"{label}, {shown_input(y_true, y_true)}",
            )
            got = values(loss, *pair)
            holds((got >= -1e-5).all(), got, "zero or more", f"{label}, {shown_input(*pair)}")

        for_all(subject.pairs(), claim, subject.directed)


@law("loss")
def targets_and_predictions_may_swap(subject: Subject) -> None:
    """Where it is declared, targets and predictions may change places."""
    if not subject.declared("symmetric", False):
        raise NotSubject("it does not declare to be symmetric")
    for label, loss in subject.with_copies(reduction="none"):

        def claim(pair: Any, loss: Any = loss, label: str = label) -> None:
            same(values(loss, pair[1], pair[0]), values(loss, *pair), f"{label}, {shown_input(*pair)}", 1e-4)

        for_all(subject.pairs(), claim, subject.directed)


def gradient(loss: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
    """The gradient with respect to the predictions: the step that SGD takes from them at rate 1."""
    y_pred = np.asarray(y_pred)
    model = keras.Sequential([keras.Input((1,)), Table(y_pred)])
    model.compile(keras.optimizers.SGD(1.0), loss=loss, run_eagerly=True)
    model.train_on_batch(np.zeros((len(y_pred), 1)), y_true, sample_weight=sample_weight)
    return y_pred - number(model.layers[-1].table)


class Table(keras.layers.Layer):
    """A layer whose output is its weight, so that a training step moves predictions themselves."""

    def __init__(self, rows: Any) -> None:
        super().__init__()
        self.table = self.add_weight(shape=rows.shape, initializer="zeros")
        self.table.assign(rows)

    def call(self, inputs: Any) -> Any:
        return ops.reshape(self.table, self.table.shape) + 0 * ops.sum(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], *self.table.shape[1:])


@law("loss")
def gradients_are_finite(subject: Subject) -> None:
    """The gradient is finite everywhere: at ties, extremes, zero rows and a perfect prediction."""
    perfect = [
        (p, p) for _, p in subject.directed[:1] if subject.domains[0] in ("regression", "probabilities", "boxes")
    ]
    for label, loss in subject.with_copies(reduction="sum"):

        def claim(pair: Any, loss: Any = loss, label: str = label) -> None:
            got = gradient(loss, *pair)
            holds(np.isfinite(got).all(), got, "a finite gradient", f"{label}, {shown_input(*pair)}")

        for pair in [*subject.directed, *perfect, subject.batch(6)]:
            claim(pair)


@law("loss")
def gradients_are_those_of_the_values(subject: Subject) -> None:
    """The gradient is what finite differences of the loss give."""
    for label, loss in subject.with_copies(reduction="sum"):
        y_true, y_pred = subject.batch(4)
        rng = np.random.default_rng(0)
        y_pred = (y_pred * 0.9 + rng.uniform(1e-3, 5e-3, y_pred.shape)).astype("float32")  # off ties and kinks
        direction = rng.choice([-1.0, 1.0], y_pred.shape)
        step = 2e-3
        ahead = values(loss, y_true, (y_pred + step * direction).astype("float32"))
        behind = values(loss, y_true, (y_pred - step * direction).astype("float32"))
        slope = float((ahead.astype("float64") - behind) / (2 * step))
        got = float((gradient(loss, y_true, y_pred) * direction).sum())
        scale = 1 + abs(slope) + abs(float(ahead)) * 1e-7 / step
        holds(
            abs(got - slope) <= 0.03 * scale,
            got,
            f"{slope} along {direction.tolist()}",
            f"{label}, {shown_input(y_true, y_pred)}",
        )


@law("loss")
def half_precision_gives_the_same(subject: Subject) -> None:
    """Predictions in float16 or bfloat16 give the numbers that they give in float32."""
    for label, loss in subject.with_copies(reduction="none"):

        def claim(pair: Any, loss: Any = loss, label: str = label) -> None:
            y_true, y_pred = pair
            for dtype, tolerance in (("float16", 2e-3), ("bfloat16", 2e-2)):
                half = ops.cast(y_pred, dtype)
                got = number(ops.cast(loss(y_true, half), "float32"))
                expected = values(loss, y_true, number(ops.cast(half, "float32")))
                same(got, expected, f"{label}, {dtype}, {shown_input(*pair)}", tolerance)

        for_all(subject.pairs(), claim)


@law("loss")
def every_form_of_the_targets_agrees(subject: Subject) -> None:
    """Targets as lists, of any dtype that holds them, and labels as (n,) or (n, 1) give the same."""
    for label, loss in subject.with_copies(reduction="none"):

        def claim(pair: Any, loss: Any = loss, label: str = label) -> None:
            y_true, y_pred = pair
            expected = values(loss, y_true, y_pred)
            given = f"{label}, {shown_input(*pair)}"
            whole = np.array_equal(y_true, np.round(y_true)) and y_true.min() >= 0
            for dtype in ("float32", "float64", *(("int64", "uint8") if whole else ())):
                same(values(loss, y_true.astype(dtype), y_pred), expected, f"targets as {dtype}, {given}", 1e-4)
            same(values(loss, y_true.tolist(), y_pred.tolist()), expected, f"lists, {given}", 1e-4)
            if y_true.ndim == 1:
                same(values(loss, y_true[:, None], y_pred), expected, f"targets (n, 1), {given}", 1e-4)
            elif y_true.shape[-1] == 1 and y_true.ndim == 2:
                same(values(loss, y_true[:, 0], y_pred), expected, f"targets (n,), {given}", 1e-4)

        for_all(subject.pairs(), claim)


@law("loss", "metric")
def nothing_is_broadcast(subject: Subject) -> None:
    """Targets that do not fit the predictions raise a ValueError that names both shapes."""
    y_true, y_pred = subject.batch(4)
    wrong = [(y_true[:1], y_pred), (np.concatenate([y_true, y_true[:1]]), y_pred)]
    for target, prediction in wrong:
        component = subject.again()
        try:
            got = component(target, prediction)
        except ValueError as error:
            told = str(error)
            if all(_mentions(told, a) for a in (np.shape(target), np.shape(prediction))):
                continue
            got = f"the message {told!r}"
        except Exception as error:  # what is raised is judged, whatever it is
            got = f"{type(error).__name__}: {error}"
        given = f"y_true of shape {np.shape(target)}, y_pred of shape {np.shape(prediction)}"
        raise Broken(f"got {got}, but should be a ValueError that names both shapes, for {given}")


def _mentions(message: str, shape: Any) -> bool:
    return str(tuple(shape)) in message or str(list(shape)) in message
