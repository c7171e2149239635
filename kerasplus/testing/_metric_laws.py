"""The laws of metrics."""

from __future__ import annotations

import copy
import itertools
import pickle
from typing import Any

import numpy as np
from hypothesis import strategies as st
from keras import ops

from kerasplus._replicas import simulated
from kerasplus.testing import strategies
from kerasplus.testing._law import Broken, NotSubject, for_all, holds, law, number, same, shown_input
from kerasplus.testing._loss_weight_laws import batch_weighted, weighted
from kerasplus.testing._subject import Subject


def result(metric: Any, *batches: Any) -> Any:
    """The result after a reset and these batches, as NumPy."""
    metric.reset_state()
    for batch in batches:
        metric.update_state(*batch)
    return number(metric.result())


def need_any_split(metric: Any) -> None:
    """Refuses a metric of which every batch is another result.

    Raises:
        NotSubject: If it declares that.
    """
    if not getattr(metric, "any_split", True):
        raise NotSubject("it declares that its result depends on where the samples are cut into batches")


def need_any_order(metric: Any) -> None:
    """Refuses a metric of which the same sample, seen again, is another result.

    Raises:
        NotSubject: If it declares that.
    """
    if not getattr(metric, "any_order", True):
        raise NotSubject("it declares that its result depends on the order of the samples")


def need_any_replica(metric: Any) -> None:
    """Refuses a metric of which every replica sees a part of its own.

    Raises:
        NotSubject: If it declares that.
    """
    if not getattr(metric, "any_replica", True):
        raise NotSubject("it declares that its result depends on which replica sees a sample")


@law("metric")
def any_split_gives_the_same(subject: Subject) -> None:
    """Any split into batches, in any order, weighted or not, gives what one batch gives."""
    for label, metric in subject.with_copies():
        need_any_split(metric)
        step = -1 if getattr(metric, "any_order", True) else 1

        def claim(drawn: Any, metric: Any = metric, label: str = label, step: int = step) -> None:
            (y_true, y_pred), weight, cuts = drawn
            bounds = [0, *cuts, len(y_pred)]
            pieces = [slice(a, b) for a, b in itertools.pairwise(bounds) if b > a]
            for w in (None, weight):
                parts = [(y_true[s], y_pred[s], None if w is None else w[s]) for s in pieces[::step]]
                expected = result(metric, (y_true, y_pred, w))
                given = f"{label}, batches cut at {cuts}, {shown_input(y_true, y_pred, w)}"
                same(result(metric, *parts), expected, given, 1e-5)

        drawn = weighted(subject).flatmap(
            lambda d: st.tuples(st.just(d[0]), st.just(d[1]), strategies.splits(len(d[1])))
        )
        for_all(drawn, claim, [(*each, [1]) for each in batch_weighted(subject)])


@law("metric")
def state_adds_up(subject: Subject) -> None:
    """The states of two halves, added element by element, are the state of the whole: replicas do this."""
    y_true, y_pred = subject.batch(12)
    for label, make in subject.variants:
        need_any_replica(make())
        expected = result(make(), (y_true, y_pred))
        replicas = []
        for replica, half in enumerate((slice(0, 5), slice(5, 12))):
            with simulated(replica, of=2):
                replicas.append(make())
                result(replicas[-1], (y_true[half], y_pred[half]))
        metric, other = replicas
        for variable, added in zip(metric.variables, other.variables, strict=True):
            variable.assign(number(variable) + number(added))
        same(number(metric.result()), expected, f"{label}, the states of samples 0-4 and 5-11 added", 1e-5)
        if hasattr(metric, "merge_state"):
            first, second = make(), make()
            first.update_state(y_true[:5], y_pred[:5])
            second.update_state(y_true[5:], y_pred[5:])
            first.merge_state([second])
            same(number(first.result()), expected, f"{label}, merge_state of samples 0-4 and 5-11", 1e-5)


@law("metric")
def reset_restores_a_new_metric(subject: Subject) -> None:
    """After a reset, once or twice, the metric is as new."""
    for label, metric in subject.with_copies():
        y_true, y_pred = subject.batch(6)
        metric.update_state(y_true, y_pred)
        used = [number(variable) for variable in metric.variables]
        metric.reset_state()
        metric.update_state(y_true, y_pred)
        for variable, expected in zip(metric.variables, used, strict=True):
            same(number(variable), expected, f"{label}, update, reset_state, the same update again", 1e-6)
        metric.reset_state()
        empty = number(metric.result())
        metric.reset_state()
        same(number(metric.result()), empty, f"{label}, a second reset_state", 0)


@law("metric")
def reading_changes_nothing(subject: Subject) -> None:
    """`result` is pure, and works before the first update."""
    for label, metric in subject.with_copies():
        number(metric.result())
        metric.update_state(*subject.batch(6))
        before = [number(variable) for variable in metric.variables]
        first, second = number(metric.result()), number(metric.result())
        same(second, first, f"{label}, result() twice", 0)
        for variable, expected in zip(metric.variables, before, strict=True):
            same(number(variable), expected, f"{label}, the state after result()", 0)


@law("metric")
def an_empty_metric_is_finite(subject: Subject) -> None:
    """Without a sample the result is finite, unless it is declared to be NaN."""
    if subject.declared("nan_when_empty", False):
        raise NotSubject("it declares to be NaN without samples")
    for label, metric in subject.with_copies():
        got = number(metric.result())
        for value in got.values() if isinstance(got, dict) else [got]:
            holds(np.isfinite(value).all(), got, "finite", f"{label}, before the first update")


@law("metric")
def results_are_in_range(subject: Subject) -> None:
    """Every result is within the declared bounds, also on ties, constant targets and a single class."""
    low, high = subject.declared("bounds", (-np.inf, np.inf))
    for label, metric in subject.with_copies():

        def claim(pair: Any, metric: Any = metric, label: str = label) -> None:
            got = result(metric, pair)
            for value in got.values() if isinstance(got, dict) else [got]:
                known = value[~np.isnan(value)]
                right = ((known >= low - 1e-5) & (known <= high + 1e-5)).all()
                holds(right, got, f"within [{low}, {high}]", f"{label}, {shown_input(*pair)}")

        for_all(subject.pairs(), claim, subject.directed)


@law("metric")
def early_stopping_knows_the_direction(subject: Subject) -> None:
    """`EarlyStopping(mode="auto")` accepts the metric and takes the declared direction."""
    direction = subject.declared("direction", None)
    if direction is None:
        raise NotSubject("it declares no direction")
    metric = subject.again()
    holds(
        getattr(metric, "_direction", None) == {"max": "up", "min": "down"}[direction],
        getattr(metric, "_direction", None),
        direction,
        "the direction that Keras reads",
    )


@law("metric")
def stateless_is_stateful(subject: Subject) -> None:
    """The stateless functions that JAX uses give what the stateful ones give."""
    for label, metric in subject.with_copies():
        batch = subject.batch(6)
        metric.update_state(*batch)
        metric.reset_state()
        state = [variable.value for variable in metric.variables]
        for _ in range(2):
            state = metric.stateless_update_state(state, *batch)
        got = number(metric.stateless_result(state))
        same(got, result(metric, batch, batch), f"{label}, stateless_update_state twice", 1e-6)


@law("metric")
def class_ids_are_exact(subject: Subject) -> None:
    """Classes of great number are told apart, whatever the dtype of the predictions."""
    if subject._strategy is not None or "sparse" not in subject.domains:
        raise NotSubject("its targets are no class ids")
    metric = subject.again()
    if getattr(metric, "num_classes", None):
        raise NotSubject("it was given a number of classes")
    if "capacity" in metric.get_config():  # what holds its samples, of 2052 classes here, gets room for few
        metric = subject.cls.from_config({**metric.get_config(), "capacity": 64})
    ids = np.array([5, 254, 255, 256, 257, 2047, 2048, 2049])

    def scores(predicted: Any) -> Any:
        return ops.cast(np.eye(2052, dtype="float32")[predicted], "float16")

    few = np.arange(len(ids))
    expected = result(subject.again(), (few, np.eye(11, dtype="float32")[few]))
    if isinstance(expected, dict):
        raise NotSubject("its results are per class")
    right = result(metric, (ids, scores(ids)))
    same(right, expected, f"class ids {ids.tolist()}, all predicted right, in float16", 1e-3)
    for one, other in ((254, 255), (255, 256), (0, 256), (1, 257), (2047, 2048), (2048, 2049)):
        pair = np.array([5, one])
        right = result(metric, (pair, scores(pair)))
        got = result(metric, (pair, scores(np.array([5, other]))))
        given = f"class ids {pair.tolist()} with [5, {other}] predicted, in float16"
        holds(not np.allclose(got, right), got, f"other than {right}", given)


@law("metric")
def half_precision_gives_the_same(subject: Subject) -> None:
    """Predictions in float16 or bfloat16 give the numbers that they give in float32."""
    for label, metric in subject.with_copies():

        def claim(pair: Any, metric: Any = metric, label: str = label) -> None:
            y_true, y_pred = pair
            for dtype, tolerance in (("float16", 1e-3), ("bfloat16", 1e-2)):
                half = ops.cast(y_pred, dtype)
                expected = result(metric, (y_true, number(ops.cast(half, "float32"))))
                same(result(metric, (y_true, half)), expected, f"{label}, {dtype}, {shown_input(*pair)}", tolerance)

        for_all(subject.pairs(), claim)


@law("metric")
def every_form_of_the_targets_agrees(subject: Subject) -> None:
    """Targets as lists, of any dtype that holds them, and labels as (n,) or (n, 1) give the same."""
    for label, metric in subject.with_copies():

        def claim(pair: Any, metric: Any = metric, label: str = label) -> None:
            y_true, y_pred = pair
            expected = result(metric, pair)
            given = f"{label}, {shown_input(*pair)}"
            whole = np.array_equal(y_true, np.round(y_true)) and y_true.min() >= 0
            for dtype in ("float32", "float64", *(("int64", "uint8") if whole else ())):
                same(result(metric, (y_true.astype(dtype), y_pred)), expected, f"targets as {dtype}, {given}", 1e-5)
            same(result(metric, (y_true.tolist(), y_pred.tolist())), expected, f"lists, {given}", 1e-5)
            if y_true.ndim == 1:
                same(result(metric, (y_true[:, None], y_pred)), expected, f"targets (n, 1), {given}", 1e-5)

        for_all(subject.pairs(), claim)


@law("metric")
def copies_keep_the_state(subject: Subject) -> None:
    """Pickle and deepcopy keep configuration and state, and share nothing with the original."""
    for label, metric in subject.with_copies():
        batch = subject.batch(6)
        metric.update_state(*batch)
        expected = number(metric.result())
        try:
            copies = {"deepcopy": copy.deepcopy(metric), "pickle": pickle.loads(pickle.dumps(metric))}
        except Exception as error:  # what is raised is judged, whatever it is
            raise Broken(f"got {type(error).__name__}: {error}, but should be a copy, for {label}") from error
        for way, other in copies.items():
            same(number(other.result()), expected, f"{label}, after {way}", 1e-6)
            other.reset_state()
            same(number(metric.result()), expected, f"{label}, after reset_state of its {way}", 0)


@law("metric")
def names_in_the_logs_are_its_own(subject: Subject) -> None:
    """A dict of results has keys that hold the name of the metric, so that two metrics do not collide."""
    metric = subject.again()
    metric.update_state(*subject.batch(6))
    got = metric.result()
    if not isinstance(got, dict):
        raise NotSubject("its result is a single value")
    holds(all(metric.name in key for key in got), sorted(got), f"keys that hold {metric.name!r}", "result()")
    for key, value in got.items():
        holds(len(value.shape) == 0, tuple(value.shape), "a scalar", f"the result {key!r}")
