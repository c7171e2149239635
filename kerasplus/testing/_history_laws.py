"""Laws of metrics about what a user reads: the history of a real `fit`, and which way is better."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasplus._keras_names import component_class
from kerasplus.testing._law import NotSubject, holds, law, same, shown_input
from kerasplus.testing._loss_laws import values
from kerasplus.testing._metric_laws import result
from kerasplus.testing._real_runs import XLA, Offset
from kerasplus.testing._subject import Subject, default_name
from kerasplus.testing.strategies import one_hot


def history(
    subject: Subject, make: Any, y_true: Any, y_pred: Any, batch_size: int, weight: Any = None, **options: Any
) -> Any:
    """The logs of a real `evaluate` of a model whose predictions are its inputs."""
    model = keras.Sequential([keras.Input(y_pred.shape[1:]), keras.layers.Identity()])
    metric = make()
    model.compile(loss=_nothing, weighted_metrics=[metric], **options)
    return model.evaluate(y_pred, y_true, sample_weight=weight, batch_size=batch_size, verbose=0, return_dict=True)


def offline(metric: Any, y_true: Any, y_pred: Any, weight: Any, batch_size: int) -> Any:
    """What the metric gives for all samples at once, or for the same batches where it declares that they matter."""
    size = len(y_pred) if getattr(metric, "any_split", True) else batch_size
    slices = [slice(start, start + size) for start in range(0, len(y_pred), size)]
    expected = result(metric, *[(y_true[s], y_pred[s], None if weight is None else weight[s]) for s in slices])
    return expected if isinstance(expected, dict) else {metric.name: expected}


@law("metric")
def evaluate_gives_the_offline_number(subject: Subject) -> None:
    """A real `evaluate`, weighted or not, with any batch size, compiled or eager, gives what the metric gives."""
    y_true, y_pred = subject.batch(12)
    weight = np.arange(len(y_pred)) % 3 / 2.0
    for label, make in subject.variants:
        metric = make()
        for batch_size, sample_weight, options in (
            (len(y_pred), None, {"run_eagerly": True}),
            (5, weight, {}),
            *((5, weight, each) for each in XLA),
        ):
            logs = history(subject, make, y_true, y_pred, batch_size, sample_weight, **options)
            expected = offline(metric, y_true, y_pred, sample_weight, batch_size)
            given = (
                f"{label}, evaluate, batch_size={batch_size}, {options}, {shown_input(y_true, y_pred, sample_weight)}"
            )
            for name, value in expected.items():
                holds(name in logs, sorted(logs), f"logs with {name!r}", given)
                same(np.asarray(logs[name]), value, given, 1e-5)


@law("metric")
def fit_shows_the_offline_numbers(subject: Subject) -> None:
    """In a real `fit` each epoch starts anew, and shows the offline numbers of training and validation."""
    y_true, y_pred = subject.batch(12)
    weight = (np.arange(len(y_pred)) % 3 / 2.0).astype("float32")
    seen, kept = slice(0, 8), slice(8, None)
    for label, make in subject.variants:
        metric = make()
        model = keras.Sequential([keras.Input(y_pred.shape[1:]), Offset()])
        model.compile(keras.optimizers.SGD(0.0), loss=_nothing, weighted_metrics=[make()])
        history = model.fit(
            y_pred[seen],
            y_true[seen],
            sample_weight=weight[seen],
            validation_data=(y_pred[kept], y_true[kept], weight[kept]),
            batch_size=3,
            epochs=2,
            shuffle=False,
            verbose=0,
        ).history
        for prefix, part in (("", seen), ("val_", kept)):
            expected = offline(metric, y_true[part], y_pred[part], weight[part], 3)
            for name, value in expected.items():
                shown = shown_input(y_true[part], y_pred[part], weight[part])
                given = f"{label}, {prefix + name!r} in the history, {shown}"
                holds(prefix + name in history, sorted(history), f"a history with {prefix + name!r}", given)
                for epoch in range(2):
                    same(np.asarray(history[prefix + name][epoch]), value, f"epoch {epoch}, {given}", 1e-4)


def _nothing(y_true: Any, y_pred: Any) -> Any:
    """A loss that is zero, and whose gradient is."""
    return 0.0 * ops.mean(ops.reshape(y_pred, (ops.shape(y_pred)[0], -1)), axis=-1)


def perfect(subject: Subject, y_true: Any, y_pred: Any) -> Any:
    """The predictions that no others are better than."""
    domain = subject.domains[0]
    if domain == "sparse":
        return one_hot(y_true, y_pred.shape[-1])
    if domain not in {"regression", "positive", "binary", "multilabel", "one_hot", "hinge", "images", "boxes"}:
        raise NotSubject(f"the domain {domain!r} does not say what a perfect prediction is")
    if y_true.shape != y_pred.shape:
        raise NotSubject("its predictions have another shape than its targets")
    return y_true.astype("float32")


@law("metric")
def a_perfect_prediction_is_best(subject: Subject) -> None:
    """By the declared direction no prediction is better than the targets themselves."""
    direction = subject.declared("direction", None)
    if direction is None or subject._strategy is not None:
        raise NotSubject("it declares no direction")
    y_true, y_pred = subject.batch(12)
    sign = 1.0 if direction == "max" else -1.0
    for label, metric in subject.with_copies():
        best = perfect(subject, y_true, y_pred) * (16 if getattr(metric, "from_logits", False) else 1)
        of_best, of_other = result(metric, (y_true, best)), result(metric, (y_true, y_pred))
        if isinstance(of_best, dict):
            raise NotSubject("its result is a dict, of which each value may have a direction of its own")
        holds(
            not sign * of_best < sign * of_other - 1e-5,
            of_best,
            f"at {'least' if direction == 'max' else 'most'} {of_other}, what {shown_input(y_true, y_pred)} gives",
            f"{label}, {shown_input(y_true, best)}",
        )


@law("metric")
def a_loss_of_the_same_name_agrees(subject: Subject) -> None:
    """Where a loss has the same name, its mean over the samples is the metric."""
    try:
        loss = component_class(default_name(subject.cls), "loss")()
    except (ValueError, TypeError) as error:
        raise NotSubject("no loss has its name") from error
    batch = subject.batch(12)
    metric = subject.cls()
    same(
        result(metric, batch),
        values(loss, *batch),
        f"{default_name(subject.cls)!r} as a loss, {shown_input(*batch)}",
        1e-4,
    )
