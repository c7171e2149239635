"""Lines at the bottom of a terminal that are drawn again and again, and leave nothing to clean up.

Between two drawings the cursor stands below them and is visible, no thread runs, and whatever else
is written takes their place, so that an exception may come at any moment.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

from rich.console import Console, RenderableType
from rich.control import Control
from rich.segment import ControlType, Segment, Segments


class LiveLines:
    """The lines of one console.

    Args:
        console: A terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.RLock()
        self._height = 0
        self._busy = self._in_line = False
        self._watched: list[tuple[str, _Watched]] = []
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is not None and (stream is console.file or stream.isatty()):
                self._watched.append((name, _Watched(stream, self)))
                setattr(sys, name, self._watched[-1][1])

    def draw(self, lines: RenderableType) -> None:
        """Shows these lines in the place of those before."""
        self._write(lines, stays=False)

    def leave(self, line: RenderableType) -> None:
        """Writes a line that stays, in the place of those drawn, which are to be drawn again."""
        self._write(line, stays=True)

    def close(self) -> None:
        """Takes the lines away, and lets others write as before."""
        self.make_room("")
        for name, watched in self._watched:
            if getattr(sys, name) is watched:
                setattr(sys, name, watched.stream)

    def make_room(self, text: str) -> None:
        """Takes the lines away, because this text is about to be written by somebody else."""
        with self._lock:
            if not self._busy:
                self._write(None, stays=True)
                self._in_line = bool(text) and not text.endswith("\n")

    def _write(self, lines: RenderableType | None, stays: bool) -> None:
        with self._lock:
            self._busy = True
            try:
                with self._console:  # which writes all of it at once when it is left
                    self._replace(lines, stays)
                self._console.file.flush()
            finally:
                self._busy = False

    def _replace(self, lines: RenderableType | None, stays: bool) -> None:
        if lines is not None and self._in_line:
            self._console.print()
            self._in_line = False
        up = ((ControlType.CURSOR_UP, 1), (ControlType.ERASE_IN_LINE, 2))
        self._console.control(Control(*up * self._height))
        self._height = 0
        if lines is not None and stays:
            self._console.print(lines, soft_wrap=True, highlight=False)
        elif lines is not None:
            rendered = self._console.render_lines(lines, pad=False)
            self._height = len(rendered)
            ended = [segment for line in rendered for segment in (*line, Segment.line())]
            self._console.print(Segments(ended), end="")


class _Watched:
    """A stream that tells the lines when somebody writes to it."""

    def __init__(self, stream: Any, lines: LiveLines) -> None:
        self.stream = stream
        self._lines = lines

    def write(self, text: str) -> Any:
        """Writes when there is room."""
        if text:
            self._lines.make_room(text)
        return self.stream.write(text)

    def writelines(self, texts: Any) -> None:
        """Writes one after the other."""
        for text in texts:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)
