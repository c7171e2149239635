"""Laws of losses about reductions, sample weights and masks."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from hypothesis import strategies as st
from keras import ops

from kerasplus.testing import strategies
from kerasplus.testing._law import NotSubject, for_all, holds, law, same, shown_input
from kerasplus.testing._loss_laws import need_independent, of_samples, values
from kerasplus.testing._subject import Subject


def weighted(subject: Subject) -> st.SearchStrategy[Any]:
    return subject.pairs().flatmap(lambda pair: st.tuples(st.just(pair), strategies.sample_weights(len(pair[1]))))


def batch_weighted(subject: Subject) -> list[Any]:
    """A small batch with weights of two, zero and a half, which a few random draws may miss."""
    y_true, y_pred = subject.batch(3)
    return [((y_true, y_pred), np.resize(np.array([2, 0, 0.5], "float32"), len(y_pred)))]


@law("loss")
def reductions_follow_from_the_values(subject: Subject) -> None:
    """Every reduction, weighted or not, is the one of the values of the samples."""
    for label, loss in subject.with_copies(reduction="none"):
        config = loss.get_config()
        names = ("sum", "sum_over_batch_size", "mean", "mean_with_sample_weight")
        reduced = {name: type(loss).from_config({**config, "reduction": name}) for name in names}

        def claim(drawn: Any, loss: Any = loss, reduced: Any = reduced, label: str = label) -> None:
            (y_true, y_pred), weight = drawn
            given = f"{label}, {shown_input(y_true, y_pred, weight)}"
            of_samples(loss, y_true, y_pred)
            for sample_weight in (None, weight):
                each = values(loss, y_true, y_pred, sample_weight)
                size = max(each.size, 1)
                of_weights = size if sample_weight is None else each[0].size * weight.sum()
                sizes = {"sum": 1, "sum_over_batch_size": size, "mean": size, "mean_with_sample_weight": of_weights}
                for name, divisor in sizes.items():
                    got = values(reduced[name], y_true, y_pred, sample_weight)
                    same(got, each.sum() / divisor, f"reduction={name!r}, {given}", 1e-4)

        for_all(weighted(subject), claim, batch_weighted(subject))


@law("loss")
def weights_multiply_samples(subject: Subject) -> None:
    """A sample weight multiplies the value of its sample; None is ones, and (n,) is (n, 1)."""
    for label, loss in subject.with_copies(reduction="none"):

        def claim(drawn: Any, loss: Any = loss, label: str = label) -> None:
            (y_true, y_pred), weight = drawn
            plain = values(loss, y_true, y_pred)
            given = f"{label}, {shown_input(y_true, y_pred, weight)}"
            column = weight.reshape((-1,) + (1,) * (plain.ndim - 1))
            same(values(loss, y_true, y_pred, weight), plain * column, given)
            columns = values(loss, y_true, y_pred, weight[:, None])
            if columns.size == plain.size:  # Keras gives (n, 1) for (n,), which harms nobody
                columns = columns.reshape(plain.shape)
            same(columns, plain * column, f"weights of shape (n, 1), {given}")
            same(values(loss, y_true, y_pred, np.ones_like(weight)), plain, f"weights of one, {given}")

        for_all(weighted(subject), claim, batch_weighted(subject))


@law("loss")
def a_weight_of_zero_leaves_out(subject: Subject) -> None:
    """A sample of weight zero changes nothing, even if it is not a number."""
    for label, loss in subject.with_copies(reduction="sum"):
        need_independent(subject, loss)

        def claim(drawn: Any, loss: Any = loss, label: str = label) -> None:
            (y_true, y_pred), weight = drawn
            kept = weight != 0
            spoiled = y_pred.copy()
            spoiled[~kept] = np.nan
            expected = values(loss, y_true[kept], y_pred[kept], weight[kept])
            same(
                values(loss, y_true, spoiled, weight),
                expected,
                f"{label}, {shown_input(y_true, spoiled, weight)}",
                1e-4,
            )

        for_all(weighted(subject), claim, batch_weighted(subject))


@law("loss")
def a_whole_weight_repeats(subject: Subject) -> None:
    """A sample of weight k counts as k samples."""
    for label, loss in subject.with_copies(reduction="sum"):
        need_independent(subject, loss)

        def claim(drawn: Any, loss: Any = loss, label: str = label) -> None:
            (y_true, y_pred), weight = drawn
            whole = np.ceil(weight).astype("int32")
            expected = values(loss, np.repeat(y_true, whole, axis=0), np.repeat(y_pred, whole, axis=0))
            got = values(loss, y_true, y_pred, whole.astype("float32"))
            same(got, expected, f"{label}, {shown_input(y_true, y_pred, whole)}", 1e-4)

        for_all(weighted(subject), claim, batch_weighted(subject))


class _Masked(keras.layers.Layer):
    """Passes predictions on with a mask of their steps."""

    def __init__(self, mask: Any) -> None:
        super().__init__()
        self.mask = mask

    def call(self, inputs: Any) -> Any:
        return inputs + 0

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return ops.convert_to_tensor(self.mask)


def masked(y_pred: Any, mask: Any) -> Any:
    """Predictions that carry a Keras mask."""
    return _Masked(mask)(ops.convert_to_tensor(y_pred))


def sequences(subject: Subject) -> tuple[Any, Any, Any]:
    """Targets and predictions `(3, 4, ...)` and a mask of their steps."""
    if subject._strategy is not None or subject.domains[0] not in strategies.ELEMENTWISE | {"sparse"}:
        raise NotSubject("its inputs have no steps to mask")
    y_true, y_pred = subject.batch(12)
    steps = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [1, 0, 0, 0]], "bool")
    return y_true.reshape(3, 4, *y_true.shape[1:]), y_pred.reshape(3, 4, *y_pred.shape[1:]), steps


@law("loss")
def masked_steps_are_left_out(subject: Subject) -> None:
    """Masked steps count neither in the sum nor in the mean, also times weights; all masked is finite."""
    y_true, y_pred, mask = sequences(subject)
    for label, loss in subject.with_copies(reduction="none"):
        need_independent(subject, loss)
        per_step = values(loss, y_true, y_pred)
        if per_step.shape != mask.shape:
            raise NotSubject("it has one value for a whole sequence")
        mean = type(loss).from_config({**loss.get_config(), "reduction": "sum_over_batch_size"})
        spoiled = np.where(mask[..., None], y_pred, np.nan).astype("float32")
        given = f"{label}, mask={mask.tolist()}, {shown_input(y_true, y_pred)}"
        same(values(mean, y_true, masked(spoiled, mask)), per_step[mask].mean(), given, 1e-4)
        weight = np.array([1.0, 2.0, 0.0], "float32")
        expected = (per_step * mask * weight[:, None]).sum() / mask.sum()
        same(values(mean, y_true, masked(y_pred, mask), weight), expected, f"weights {weight.tolist()}, {given}", 1e-4)
        nothing = values(mean, y_true, masked(y_pred, np.zeros_like(mask)))
        holds(np.isfinite(nothing), nothing, "finite", f"everything masked, {label}")


@law("loss")
def weights_of_samples_weigh_samples(subject: Subject) -> None:
    """Weights (n,) on sequences (n, n, ...) weigh samples, never steps."""
    y_true, y_pred, _ = sequences(subject)
    y_true, y_pred = y_true[:, :3], y_pred[:, :3]
    weight = np.array([1.0, 2.0, 0.0], "float32")
    for label, loss in subject.with_copies(reduction="none"):
        need_independent(subject, loss)
        plain = values(loss, y_true, y_pred)
        expected = plain * (weight[:, None] if plain.ndim == 2 else weight)
        same(values(loss, y_true, y_pred, weight), expected, f"{label}, {shown_input(y_true, y_pred, weight)}", 1e-4)
