"""Laws of metrics about sample weights and masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasplus.testing._law import NotSubject, for_all, holds, law, same, shown_input
from kerasplus.testing._loss_weight_laws import batch_weighted, masked, sequences, weighted
from kerasplus.testing._metric_laws import need_any_order, need_any_split, result
from kerasplus.testing._subject import Subject


def counts_samples(subject: Subject, metric: Any) -> bool:
    """Whether a variant is a count, by what it says itself or what was said of the component."""
    return bool(getattr(metric, "scales_with_weight", subject.declared("scales_with_weight", False)))


@law("metric")
def weights_weigh_samples(subject: Subject) -> None:
    """None is weights of one, (n,) is (n, 1), and a weight of k counts as k samples."""
    for label, metric in subject.with_copies():

        def claim(drawn: Any, metric: Any = metric, label: str = label) -> None:
            (y_true, y_pred), weight = drawn
            given = f"{label}, {shown_input(y_true, y_pred, weight)}"
            plain = result(metric, (y_true, y_pred))
            same(result(metric, (y_true, y_pred, np.ones(len(y_pred)))), plain, f"weights of one, {given}")
            expected = result(metric, (y_true, y_pred, weight))
            same(result(metric, (y_true, y_pred, weight[:, None])), expected, f"weights (n, 1), {given}")
            if not getattr(metric, "any_order", True) or not getattr(metric, "independent", True):
                return
            whole = np.ceil(weight).astype("int32")
            repeated = np.repeat(y_true, whole, axis=0), np.repeat(y_pred, whole, axis=0)
            got = result(metric, (y_true, y_pred, whole.astype("float32")))
            same(got, result(metric, repeated), f"weights {whole.tolist()}, {given}", 1e-4)

        for_all(weighted(subject), claim, batch_weighted(subject))


@law("metric")
def a_weight_of_zero_leaves_out(subject: Subject) -> None:
    """A sample of weight zero changes nothing, even if it is not a number."""
    for label, metric in subject.with_copies():

        def claim(drawn: Any, metric: Any = metric, label: str = label) -> None:
            (y_true, y_pred), weight = drawn
            kept = weight != 0
            spoiled = y_pred.copy()
            spoiled[~kept] = np.nan
            expected = result(metric, (y_true[kept], y_pred[kept], weight[kept]))
            got = result(metric, (y_true, spoiled, weight))
            same(got, expected, f"{label}, {shown_input(y_true, spoiled, weight)}", 1e-5)

        for_all(weighted(subject), claim, batch_weighted(subject))


@law("metric")
def scaled_weights_scale_a_count(subject: Subject) -> None:
    """Weights twice as large double a count and leave a mean, as declared; None declares that it is neither."""
    for label, metric in subject.with_copies():
        if getattr(metric, "scales_with_weight", False) is None:
            continue
        factor = 2.0 if counts_samples(subject, metric) else 1.0

        def claim(drawn: Any, metric: Any = metric, label: str = label, factor: float = factor) -> None:
            (y_true, y_pred), weight = drawn
            once, twice = (result(metric, (y_true, y_pred, w)) for w in (weight, 2 * weight))
            given = f"{label}, weights doubled, {shown_input(y_true, y_pred, weight)}"
            expected = {k: factor * v for k, v in once.items()} if isinstance(once, dict) else factor * once
            same(twice, expected, given, 1e-5)

        for_all(weighted(subject), claim, batch_weighted(subject))


@law("metric")
def masked_steps_are_left_out(subject: Subject) -> None:
    """Masked steps are not there, also times weights; with everything masked the metric is as new."""
    y_true, y_pred, mask = sequences(subject)
    for label, metric in subject.with_copies():
        if getattr(metric, "per_sample", False):
            raise NotSubject("it has one value for a whole sequence")
        given = f"{label}, mask={mask.tolist()}, {shown_input(y_true, y_pred)}"
        expected = result(metric, (y_true[mask], y_pred[mask]))
        spoiled = np.where(mask[..., None], y_pred, np.nan).astype("float32")
        same(result(metric, (y_true, masked(spoiled, mask))), expected, given, 1e-5)
        weight = np.array([1.0, 2.0, 0.0], "float32")
        flat = np.broadcast_to(weight[:, None], mask.shape)[mask]
        expected = result(metric, (y_true[mask], y_pred[mask], flat))
        got = result(metric, (y_true, masked(y_pred, mask), weight))
        same(got, expected, f"weights {weight.tolist()}, {given}", 1e-5)
        new = result(metric)
        same(result(metric, (y_true, masked(y_pred, np.zeros_like(mask)))), new, f"everything masked, {label}")


@law("metric")
def totals_never_stop(subject: Subject) -> None:
    """Past 2**24 and past 2**30 samples, one more still counts."""
    counts = [(label, metric) for label, metric in subject.with_copies() if counts_samples(subject, metric)]
    if not counts:
        raise NotSubject("it is no count")
    for label, metric in counts:
        need_any_split(metric)
        need_any_order(metric)
        y_true, y_pred = subject.batch(6)
        once = result(metric, (y_true, y_pred))
        for size in (2.0**24, 2.0**30):
            small = size / 2**25
            weights = [np.full(6, size), *[np.full(6, small)] * 32]
            after = result(metric, *[(y_true, y_pred, weight) for weight in weights])
            for name, value in once.items() if isinstance(once, dict) else [(None, once)]:
                got = (after if name is None else after[name]).astype("float64") - size * value.astype("float64")
                gained = 32 * small * value.astype("float64")
                given = f"{label}, weights of {size:.0f}, then 32 times weights of {small}: what the latter add"
                holds((np.abs(got - gained) <= 0.3 * np.abs(gained)).all(), got, f"about {gained}", given)


@law("metric")
def means_never_stop(subject: Subject) -> None:
    """After samples of a total weight of 2**24 and more, the next ones still move a mean as much as they should."""
    updates, large, small = 256, 2.0**24, 3.0
    y_true, y_pred = subject.batch(12)
    half, size = len(y_pred) // 2, len(y_pred)
    if not half:
        raise NotSubject("its strategy gives single samples")
    first = (y_true[:half], y_pred[:half], np.full(half, large))
    later = (y_true[half:], y_pred[half:], np.full(size - half, small))
    at_once = (y_true, y_pred, np.array([large] * half + [small * updates] * (size - half)))
    for label, metric in subject.with_copies():
        if counts_samples(subject, metric):
            raise NotSubject("it is a count")
        need_any_split(metric)
        need_any_order(metric)
        if not getattr(metric, "independent", True):
            raise NotSubject("its samples are declared to depend on each other, so that one seen again is another one")
        before, expected = result(metric, first), result(metric, at_once)
        got = result(metric, first, *[later] * updates)
        for name, value in expected.items() if isinstance(expected, dict) else [(None, expected)]:
            start, end = (before, got) if name is None else (before[name], got[name])
            should, moved = (each.astype("float64") - start for each in (value, end))
            room = 0.3 * np.abs(should) + 2e-6 * np.abs(value)
            given = (
                f"{half} samples of weight 2**24, then {updates} updates with {size - half} samples of weight {small}"
            )
            holds(
                (np.abs(moved - should) <= room).all(),
                moved,
                f"about {should}",
                f"what the latter add, {label}, {given}",
            )
