"""`kerasplus check`: the laws from a shell."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

import kerasplus
from kerasplus._keras_names import component_class
from kerasplus.testing._check import Report, check, laws_for
from kerasplus.testing._subject import build

HOLDS, BROKEN, UNUSABLE = 0, 1, 2


def run(targets: list[str], inputs: str | None, as_json: bool) -> int:
    """Checks targets and prints what came out: 0 all laws hold, 1 one is broken, 2 one could not be checked.

    Args:
        targets: `module:Class`, `module:instance`, the name of a component, or that of a plug-in for all
            that it offers.
        inputs: The domain of inputs, what each component declares unless given.
        as_json: Whether to print JSON instead of a table.

    Raises:
        ValueError: If a target cannot be found, or if there is no such domain.
    """
    components = [component for target in targets for component in resolve(target)]
    reports: list[Report] = []
    unusable: dict[str, str] = {}
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with progress:
        for name, component in components:
            try:
                component = build(component) if inspect.isclass(component) else component
                advance = _advance(progress, name, len(laws_for(component)))
                reports.append(check(component, inputs=inputs, on_fail="report", progress=advance))
            except ValueError as error:
                unusable[name] = str(error)
    if as_json:
        _print_json(reports, unusable)
    else:
        _print_table(reports, unusable)
    return UNUSABLE if unusable else BROKEN if any(report.failed for report in reports) else HOLDS


def _advance(progress: Progress, name: str, laws: int) -> Callable[[str], None]:
    """What to call with each law of a component to move its bar on."""
    task = progress.add_task(name, total=laws)
    return lambda law: progress.update(task, advance=1, description=f"{name}: {law}")


def resolve(target: str) -> list[tuple[str, Any]]:
    """The components that a target means, with their names.

    Raises:
        ValueError: If it means none.
    """
    if ":" in target:
        module_name, _, attribute = target.partition(":")
        if str(Path.cwd()) not in sys.path:
            sys.path.insert(0, str(Path.cwd()))
        try:
            return [(attribute, getattr(importlib.import_module(module_name), attribute))]
        except (ImportError, AttributeError) as error:
            raise ValueError(f"There is no {attribute!r} in a module {module_name!r}: {error}") from error
    of_plugin = [record for record in kerasplus.names() if record.cls and target in (record.plugin, record.package)]
    if of_plugin:
        return [(record.class_name, record.cls) for record in of_plugin]
    return [(target, component_class(target))]


def _print_json(reports: list[Report], unusable: dict[str, str]) -> None:
    rows = [vars(report) for report in reports]
    rows += [{"component": name, "error": error} for name, error in unusable.items()]
    sys.stdout.write(json.dumps(rows, indent=2) + "\n")


def _print_table(reports: list[Report], unusable: dict[str, str]) -> None:
    console = Console() if sys.stdout.isatty() else Console(width=160)
    table = Table("component", "hold", "broken", "no subject", box=None, header_style="bold")
    for report in reports:
        counts = (str(len(each)) for each in (report.passed, report.failed, report.skipped))
        table.add_row(report.component, *counts, style="red" if report.failed else "")
    console.print(table)
    for report in reports:
        for law, message in report.failed.items():
            console.print(f"\n[bold red]{report.component} breaks {law}[/bold red]")
            console.print(message, markup=False, highlight=False, soft_wrap=True)
            again = f'check({report.component}(...), laws=["{law}"])'
            console.print(f"to see it again: {again}", markup=False, highlight=False)
    for name, error in unusable.items():
        console.print(f"\n[bold red]{name} could not be checked[/bold red]\n", end="")
        console.print(error, markup=False, highlight=False, soft_wrap=True)
