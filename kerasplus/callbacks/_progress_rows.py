"""Rows that show how far something is: bars in a terminal, and a line where a row ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from kerasplus.callbacks._live_lines import LiveLines


@dataclasses.dataclass
class Row:
    """Something that takes a number of steps, maybe unknown."""

    label: str
    total: int | None
    done: int
    started: float
    task: TaskID

    @property
    def count(self) -> str:
        """The steps made, of those to make."""
        return f"{self.done}/{'?' if self.total is None else self.total}"


class ProgressRows:
    """The rows of one loop.

    Args:
        console: Where to write.
        live: Whether rows are seen before they end.
        updates_per_second: How often they are drawn at most.
    """

    def __init__(self, console: Console, live: bool, updates_per_second: float) -> None:
        self._console = console
        self._live = LiveLines(console) if live else None
        self._interval = 1 / updates_per_second
        self._drawn = -float("inf")
        self._rows: dict[str, Row] = {}
        self._progress = Progress(
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, min_width=11)),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[count]}", markup=False, table_column=Column(no_wrap=True)),
            TimeElapsedColumn(table_column=Column(no_wrap=True)),
            TextColumn("left", table_column=Column(no_wrap=True)),
            TimeRemainingColumn(table_column=Column(no_wrap=True)),
            TextColumn("{task.fields[shown]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
            console=console,
            auto_refresh=False,
            speed_estimate_period=600.0,
        )

    def start(self, key: str, label: str, total: int | None, done: int = 0) -> None:
        """Another row, in the place of one with this key."""
        if key in self._rows:
            self._progress.remove_task(self._rows.pop(key).task)
        task = self._progress.add_task(label, total=total, completed=done, count="", shown="")
        self._rows[key] = row = Row(label, total, done, self._console.get_time(), task)
        self._progress.update(task, count=row.count)
        self._draw(now=True)

    def advance(self, key: str, done: int, shown: str = "", part: float = 0.0) -> None:
        """Tells how many steps a row has made; a late message of one that has made more changes nothing."""
        row = self._rows.get(key)
        if row is None or done < row.done:
            return
        row.done = done
        self._progress.update(row.task, completed=done + part, count=row.count, shown=shown)
        self._draw()

    def end(self, key: str, shown: str = "", stays: bool = False) -> int | None:
        """Takes a row away, with a line in its place if it stays, and tells how many steps it made."""
        row = self._rows.pop(key, None)
        if row is None:
            return None
        self._progress.remove_task(row.task)
        if stays:
            total = row.done if row.total is None else row.total
            seconds = int(self._console.get_time() - row.started)
            clock = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
            line = Text("  ".join(filter(None, (row.label, f"{row.done}/{total}", clock, shown))))
            if self._live:
                self._live.leave(line)
            else:
                self._console.print(line, soft_wrap=True, highlight=False)
        self._draw(now=True)
        return row.done

    def close(self) -> None:
        """Takes away what is there still."""
        if self._live:
            self._live.close()

    def _draw(self, now: bool = False) -> None:
        time = self._console.get_time()
        if self._live and (now or time - self._drawn >= self._interval):
            self._drawn = time
            self._live.draw(self._progress.get_renderable())


def shown(logs: Mapping[str, Any], names: list[str] | None) -> str:
    """The logs of these names, or all, as a person reads them."""
    chosen = logs if names is None else {name: logs[name] for name in names if name in logs}
    return "  ".join(f"{name}: {_number(value)}" for name, value in chosen.items())


def _number(value: Any) -> str:
    array = np.asarray(value)
    if array.ndim > 0 or array.dtype.kind not in "biuf":
        return f"[{array.size} values]" if array.ndim > 0 else "..."
    number = float(array)
    if np.isfinite(number) and number == round(number) and abs(number) < 1e15:
        return str(round(number))
    return f"{number:.4f}" if not np.isfinite(number) or 1e-3 <= abs(number) < 1e6 else f"{number:.3e}"
