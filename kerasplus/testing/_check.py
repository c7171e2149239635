"""Holds components to the laws of their kind: as one call, and as tests of pytest."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pytest

from kerasplus.testing import (
    _callback_laws,
    _every_laws,
    _fresh_process,
    _history_laws,
    _layer_laws,
    _loss_laws,
    _loss_weight_laws,
    _metric_laws,
    _metric_weight_laws,
    _number_laws,
    _real_runs,
    _saved_file_laws,
    _schedule_laws,
)
from kerasplus.testing._law import LAWS, Broken, Law, NotSubject, examples
from kerasplus.testing._subject import Subject

__all__ = ["Report", "check", "laws_for", "parametrize_with_laws"]

MODULES = (
    _every_laws,
    _loss_laws,
    _loss_weight_laws,
    _metric_laws,
    _metric_weight_laws,
    _number_laws,
    _schedule_laws,
    _layer_laws,
    _callback_laws,
    _real_runs,
    _history_laws,
    _saved_file_laws,
    _fresh_process,
)
"""Where the laws are defined."""


@dataclasses.dataclass
class Report:
    """What came out for a component.

    Attributes:
        component: Its name.
        passed: The laws that hold.
        failed: The laws that are broken, each with its message.
        skipped: The laws that it cannot be subject to, and the failures that were expected, with the reason.
    """

    component: str
    passed: list[str] = dataclasses.field(default_factory=list)
    failed: dict[str, str] = dataclasses.field(default_factory=dict)
    skipped: dict[str, str] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        head = f"{self.component}: {len(self.passed)} laws hold, {len(self.failed)} are broken"
        return "\n".join([head, *(f"- {name}: {message}" for name, message in self.failed.items())])


def laws_for(component: Any) -> list[Law]:
    """The laws that a component is subject to, by its kind.

    Args:
        component: An instance, a class, or a function of `(y_true, y_pred)`.

    Raises:
        ValueError: If it is no component.
    """
    return list(LAWS[Subject.of(component).kind])


def check(
    component: Any,
    *,
    inputs: Any = None,
    expected_failures: Mapping[str, str] | None = None,
    on_fail: str = "raise",
    laws: Iterable[str] | None = None,
    max_examples: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Holds a component to the laws of its kind.

    Args:
        component: An instance, a class that needs no arguments, or a function of `(y_true, y_pred)`,
            which is checked as a loss. It need not know of kerasplus.
        inputs: The name of a domain of inputs, or a hypothesis strategy of `(y_true, y_pred)`; what the
            component declares in its attribute `inputs` unless given, else `"regression"`.
        expected_failures: Laws that are known to be broken, each with a reason. One that holds after
            all is reported as broken, so that the note does not outlive its cause.
        on_fail: `"raise"`, `"warn"` or `"report"`.
        laws: The names of the laws to check, all unless given.
        max_examples: How many random examples each law draws.
        progress: Called with the name of each law before it is checked.

    Returns:
        The report.

    Raises:
        AssertionError: If a law is broken and `on_fail` is `"raise"`.
        ValueError: If an argument is none of the above.

    Examples:
        >>> import keras
        >>> report = check(keras.losses.LogCosh(), laws=["order_does_not_matter"], on_fail="report")
        >>> report.passed
        ['order_does_not_matter']
    """
    if on_fail not in ("raise", "warn", "report"):
        raise ValueError(f"`on_fail` must be 'raise', 'warn' or 'report'. Received: on_fail={on_fail!r}")
    subject = Subject.of(component, inputs)
    expected = dict(expected_failures or {})
    known = {law.name for law in LAWS[subject.kind]}
    chosen = known if laws is None else set(laws)
    unknown = sorted((chosen | expected.keys()) - known)
    if unknown:
        raise ValueError(
            f"There is no law {', '.join(unknown)} of a {subject.kind}. There are: {', '.join(sorted(known))}"
        )
    report = Report(subject.name)
    with examples(max_examples):
        for law in LAWS[subject.kind]:
            if law.name in chosen:
                if progress is not None:
                    progress(law.name)
                _judge(law, subject, expected.get(law.name), report)
    if report.failed and on_fail == "raise":
        raise AssertionError(str(report))
    if report.failed and on_fail == "warn":
        warnings.warn(str(report), stacklevel=2)
    return report


def _judge(law: Law, subject: Subject, reason: str | None, report: Report) -> None:
    message = None
    try:
        law(subject)
    except NotSubject as why:
        report.skipped[law.name] = str(why)
        return
    except Broken as broken:
        message = str(broken)
    except Exception as error:  # a component may raise anything; it is then not as the law says
        message = f"got {type(error).__name__}: {error}, but should be no error"
    if reason is None and message is None:
        report.passed.append(law.name)
    elif reason is None:
        report.failed[law.name] = str(message)
    elif message is None:
        report.failed[law.name] = f"it was expected to be broken ({reason}), and holds: remove the expectation"
    else:
        report.skipped[law.name] = f"expected to be broken: {reason}"


def parametrize_with_laws(
    components: Sequence[Any],
    *,
    inputs: Any = None,
    expected_failures: Mapping[str, str] | Callable[[Any], Mapping[str, str]] | None = None,
) -> Any:
    """Makes a test of pytest run once for each component and each law of its kind.

    The test takes `component` and `law` and calls `law(component)`. A law that the component cannot
    be subject to skips the test; an expected failure is a strict xfail.

    Args:
        components: Instances, classes or functions, as for `check`.
        inputs: The domain of inputs of all of them, what each declares unless given.
        expected_failures: Laws that are known to be broken, with reasons, or a function from a
            component to them.
    """
    cases = []
    for component in components:
        subject = Subject(component, inputs)
        known = expected_failures(component) if callable(expected_failures) else expected_failures
        for law in LAWS[subject.kind]:
            reason = (known or {}).get(law.name)
            marks = [] if reason is None else [pytest.mark.xfail(reason=reason, strict=True)]
            identity = f"{subject.name}-{law.name}"
            cases.append(pytest.param(subject, _Skipping(law), id=identity, marks=marks))
    return pytest.mark.parametrize(("component", "law"), cases)


@dataclasses.dataclass(frozen=True)
class _Skipping:
    """A law as a test calls it: what cannot be subject to it is skipped."""

    law: Law

    def __call__(self, component: Any) -> None:
        try:
            self.law(component)
        except NotSubject as why:
            pytest.skip(str(why))
