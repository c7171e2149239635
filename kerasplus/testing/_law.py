"""A law: one sentence, one function, and how it searches for a counterexample."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import hypothesis
import keras
import numpy as np
from hypothesis.strategies import SearchStrategy
from keras import ops

PROFILES = {"quick": 4, "ci": 25, "full": 150}
"""How many random examples each law draws, beside the directed ones that it always tries."""

LAWS: dict[str, list[Law]] = {kind: [] for kind in ("loss", "metric", "layer", "schedule", "callback")}
"""The laws of each kind, in the order of their definition."""

_examples = PROFILES[os.environ.get("KERASPLUS_LAWS", "ci")]


class Broken(AssertionError):
    """A law does not hold; the message has the smallest input that shows it."""


class NotSubject(Exception):
    """The component cannot be subject to the law; the message says why."""


@dataclasses.dataclass(frozen=True)
class Law:
    """One law.

    Attributes:
        name: Its name, that of its function.
        sentence: What it says.
        function: Raises `Broken` or `NotSubject` for a subject.
    """

    name: str
    sentence: str
    function: Callable[[Any], None]

    def __call__(self, component: Any, inputs: Any = None) -> None:
        """Holds a component to the law.

        Raises:
            Broken: If it does not hold.
            NotSubject: If the component cannot be subject to it.
        """
        from kerasplus.testing._subject import Subject

        self.function(Subject.of(component, inputs))

    def __repr__(self) -> str:
        return self.name


def law(*kinds: str) -> Callable[[Callable[[Any], None]], Law]:
    """Makes a law of these kinds of a function; its docstring is the sentence."""

    def make(function: Callable[[Any], None]) -> Law:
        sentence = " ".join((function.__doc__ or "").split())
        made = Law(function.__name__, sentence, function)
        for kind in kinds:
            LAWS[kind].append(made)
        return made

    return make


@contextlib.contextmanager
def examples(number: int | None) -> Iterator[None]:
    """Draws this many random examples meanwhile."""
    global _examples
    before, _examples = _examples, _examples if number is None else number
    try:
        yield
    finally:
        _examples = before


def for_all(drawn: SearchStrategy[Any], claim: Callable[[Any], None], directed: Iterable[Any] = ()) -> None:
    """Checks a claim on the directed examples, then on random ones, which hypothesis makes smaller."""
    for example in directed:
        claim(example)

    @hypothesis.settings(
        max_examples=_examples,
        deadline=None,
        derandomize=True,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(drawn)
    def search(example: Any) -> None:
        claim(example)

    search()


def number(value: Any) -> Any:
    """A tensor, or a dict of tensors, as NumPy."""
    if isinstance(value, dict):
        return {name: number(each) for name, each in value.items()}
    return np.asarray(ops.convert_to_numpy(value)) if keras.ops.is_tensor(value) else np.asarray(value)


def same(got: Any, expected: Any, given: str, tolerance: float = 1e-5) -> None:
    """Claims that two results are equal, NaN and infinity included.

    Raises:
        Broken: If they are not, in the words "got X, but should be Y, for this input".
    """
    got, expected = number(got), number(expected)
    if isinstance(expected, dict):
        if not isinstance(got, dict) or got.keys() != expected.keys():
            raise Broken(f"got {_shown(got)}, but should be {_shown(expected)}, for {given}")
        for name, value in expected.items():
            same(got[name], value, f"{name!r} of {given}", tolerance)
        return
    alike = got.shape == expected.shape and np.allclose(
        got.astype("float64"), expected.astype("float64"), rtol=tolerance, atol=tolerance, equal_nan=True
    )
    if not alike:
        raise Broken(f"got {_shown(got)}, but should be {_shown(expected)}, for {given}")


def holds(true: Any, got: Any, should: Any, given: str) -> None:
    """Claims a condition.

    Raises:
        Broken: If it is false.
    """
    if not true:
        raise Broken(f"got {_shown(got)}, but should be {should}, for {given}")


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        shape = f" of shape {value.shape}" if value.ndim else ""
        return np.array2string(value, precision=7, separator=", ", threshold=20).replace("\n", "") + shape
    return repr(value)


def shown_input(y_true: Any, y_pred: Any, sample_weight: Any = None) -> str:
    """An input, in the words that reproduce it."""
    text = f"y_true={_array(y_true)}, y_pred={_array(y_pred)}"
    return text if sample_weight is None else f"{text}, sample_weight={_array(sample_weight)}"


def _array(value: Any) -> str:
    return f"{np.array2string(np.asarray(value), separator=', ', threshold=40)}".replace("\n", "") + (
        f" ({np.asarray(value).dtype})"
    )
