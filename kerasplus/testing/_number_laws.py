"""Laws of losses and metrics about numbers: class ids, logits, empty batches, double precision, independence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from keras import ops

from kerasplus._compensated import widest_dtype
from kerasplus.testing._law import NotSubject, for_all, holds, law, number, same, shown_input
from kerasplus.testing._loss_laws import gradient, values
from kerasplus.testing._metric_laws import result
from kerasplus.testing._subject import Subject

LARGE = np.array([254, 255, 256, 257, 258, 2047, 2048, 2049, 2050])
"""Class ids around those at which bfloat16 and float16 stop to tell neighbours apart."""

HUGE = np.array([2**24, 2**24 + 1, 2**30, 2**30 + 1])
"""Class ids that float32 does not tell apart."""


def given_by(subject: Subject, instance: Any, *batch: Any) -> Any:
    """What a loss or a metric gives for a batch, as NumPy."""
    return values(instance, *batch) if subject.kind == "loss" else result(instance, batch)


def _finite(value: Any) -> bool:
    return all(map(_finite, value.values())) if isinstance(value, dict) else bool(np.isfinite(value).all())


def _copies(subject: Subject, **arguments: Any) -> Iterator[tuple[str, Any]]:
    """The variants with other arguments of the frame; a loss gives the values of its samples."""
    frame = {"reduction": "none"} if subject.kind == "loss" else {}
    return subject.with_copies(**frame, **arguments)


@law("loss")
def class_ids_are_exact(subject: Subject) -> None:
    """Classes of great number are told apart, whatever the dtypes of targets and predictions."""
    if subject._strategy is not None or not {"sparse", "embeddings"} & set(subject.domains):
        raise NotSubject("its targets are no class ids")
    for label, loss in subject.with_copies(reduction="none"):
        if getattr(loss, "num_classes", None) or getattr(loss, "class_weights", None):
            continue
        if "embeddings" in subject.domains:
            _labels_are_told_apart(loss, label)
        else:
            _columns_are_told_apart(loss, label)


def _labels_are_told_apart(loss: Any, label: str) -> None:
    """Labels only say which samples are of one class, so that others that say the same give the same."""
    rows = (np.random.default_rng(1).integers(-16, 17, (9, 3)) / 16).astype("float32")
    for ids in (LARGE, np.resize(HUGE, 9)):
        small = np.unique(ids, return_inverse=True)[1].astype("int32")
        expected = values(loss, small, rows)
        for dtype in ("int32", "int64"):
            given = f"{label}, class ids {ids.tolist()} ({dtype}), y_pred={rows.tolist()}"
            same(values(loss, ids.astype(dtype), rows), expected, given, 1e-4)
            got = values(loss, ids.astype(dtype), ops.cast(rows, "float16"))
            same(got.astype("float32"), expected, f"y_pred in float16, {given}", 1e-2)


def _columns_are_told_apart(loss: Any, label: str) -> None:
    """A row with three quarters at its class and one at the next costs less than at the next."""
    rows = np.zeros((len(LARGE), 2052), "float32")
    rows[np.arange(len(LARGE)), LARGE] = 0.75
    rows[np.arange(len(LARGE)), LARGE + 1] = 0.25
    right, next_one = values(loss, LARGE.astype("int32"), rows), values(loss, LARGE.astype("int32") + 1, rows)
    given = f"{label}, rows of 2052 scores with 0.75 at {LARGE.tolist()} and 0.25 at the next"
    holds((next_one > right).all(), next_one, f"more than {right}", f"class ids {(LARGE + 1).tolist()}, {given}")
    for dtype in ("int64", "uint16", "float32"):
        same(values(loss, LARGE.astype(dtype), rows), right, f"class ids {LARGE.tolist()} as {dtype}, {given}", 1e-5)
    for dtype in ("float16", "bfloat16"):
        got = values(loss, LARGE.astype("int32"), ops.cast(rows, dtype)).astype("float32")
        same(got, right, f"class ids {LARGE.tolist()}, y_pred in {dtype}, {given}", 2e-2)


def _logits(subject: Subject) -> tuple[Any, Any, Any]:
    """Targets, logits and the scores that they mean."""
    domain = subject.domains[0]
    config = subject.component.get_config() if hasattr(subject.component, "get_config") else {}
    if "from_logits" not in config or subject._strategy is not None:
        raise NotSubject("it has no argument from_logits")
    if domain not in {"sparse", "one_hot", "binary", "multilabel"}:
        raise NotSubject(f"logits of the domain {domain!r} are not defined")
    y_true, y_pred = subject.batch(6)
    logits = (np.random.default_rng(2).integers(-64, 65, y_pred.shape) / 16).astype("float32")
    several = domain in {"sparse", "one_hot"}
    scores = ops.softmax(logits, axis=-1) if several else ops.sigmoid(logits)
    return y_true, logits, number(scores)


@law("loss", "metric")
def logits_and_scores_agree(subject: Subject) -> None:
    """`from_logits=True` gives for logits what `from_logits=False` gives for their softmax or sigmoid."""
    y_true, logits, scores = _logits(subject)
    pairs = zip(_copies(subject, from_logits=True), _copies(subject, from_logits=False), strict=True)
    for (label, of_logits), (_, of_scores) in pairs:
        got, expected = given_by(subject, of_logits, y_true, logits), given_by(subject, of_scores, y_true, scores)
        same(got, expected, f"{label}, {shown_input(y_true, logits)}", 1e-4)


@law("loss", "metric")
def saturated_logits_are_finite(subject: Subject) -> None:
    """Logits of +-88 and +-1e4 give numbers, which are finite for a loss, and so is its gradient."""
    y_true, logits, _ = _logits(subject)
    for label, instance in _copies(subject, from_logits=True):
        for size in (88.0, 1e4):
            saturated = np.where(logits >= 0, size, -size).astype("float32")
            given = f"{label}, {shown_input(y_true, saturated)}"
            got = given_by(subject, instance, y_true, saturated)
            if subject.kind == "metric":
                numbers = got.values() if isinstance(got, dict) else [got]
                holds(not any(np.isnan(value).any() for value in numbers), got, "no NaN", given)
            else:
                holds(_finite(got), got, "finite", given)
                slope = gradient(
                    type(instance).from_config({**instance.get_config(), "reduction": "sum"}), y_true, saturated
                )
                holds(_finite(slope), slope, "a finite gradient", given)


@law("loss", "metric")
def an_empty_batch_changes_nothing(subject: Subject) -> None:
    """A batch without samples is a finite loss, and leaves a metric as it was."""
    y_true, y_pred = subject.batch(6)
    empty = y_true[:0], y_pred[:0]
    if subject.kind == "loss":
        for reduction in ("sum", "sum_over_batch_size"):
            for label, loss in subject.with_copies(reduction=reduction):
                got = values(loss, *empty)
                holds(_finite(got), got, "finite", f"{label}, reduction={reduction!r}, no samples")
        return
    for label, metric in subject.with_copies():
        expected = result(metric, (y_true, y_pred))
        same(result(metric, empty, (y_true, y_pred), empty), expected, f"{label}, empty batches around one of 6", 1e-6)


@law("loss", "metric")
def instances_share_nothing(subject: Subject) -> None:
    """What one instance has seen, and what is done to its configuration, changes no other one."""
    if subject.function is not None:
        raise NotSubject("a function has no instances")
    batch = subject.batch(6)
    for label, make in subject.variants:
        first = make()
        expected = given_by(subject, first, *batch)
        other = make()
        for _ in range(2):
            other(*batch)
        _spoil(other.get_config())
        same(given_by(subject, make(), *batch), expected, f"{label}, a new instance after calls of another one", 1e-6)
        same(given_by(subject, first, *batch), expected, f"{label}, an instance after calls of another one", 1e-6)


def _spoil(config: Any) -> None:
    """Empties every list and dict of a configuration in place."""
    for value in list(config.values()) if isinstance(config, dict) else list(config):
        if isinstance(value, (dict, list)):
            _spoil(value)
    config.clear()


@law("loss", "metric")
def double_precision_gives_the_same(subject: Subject) -> None:
    """With `dtype="float64"` the numbers are those of float32, but for rounding."""
    if widest_dtype() != "float64":
        raise NotSubject("this backend does not compute in float64")
    try:
        precise = list(_copies(subject, dtype="float64"))
    except TypeError as error:
        raise NotSubject(f"it takes no dtype: {error}") from error
    for (label, single), (_, double) in zip(_copies(subject), precise, strict=True):

        def claim(pair: Any, single: Any = single, double: Any = double, label: str = label) -> None:
            y_true, y_pred = pair
            got = given_by(subject, double, y_true, y_pred.astype("float64"))
            same(got, given_by(subject, single, *pair), f"{label}, float64, {shown_input(*pair)}", 2e-4)

        for_all(subject.pairs(), claim, [subject.batch(6)])
