"""Paths of files that are named after an epoch and the values in its logs."""

from __future__ import annotations

import glob
import re
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class PathTemplate:
    """A path such as `"{epoch:03d}-{val_loss:.2f}.keras"`.

    Raises:
        ValueError: If it is no valid format, or has a field without a name.
    """

    def __init__(self, template: str) -> None:
        self.template = str(Path(template))
        try:
            parts = list(string.Formatter().parse(self.template))
        except ValueError as error:
            raise ValueError(
                f"`filepath` must be a format. Received: filepath={template!r}, which has: {error}"
            ) from error
        self.fields = [field for _, field, _, _ in parts if field is not None]
        if not all(field.isidentifier() for field in self.fields):
            raise ValueError(f"`filepath` must have names in its braces. Received: filepath={template!r}")
        self._pattern = "".join(glob.escape(text) + ("" if field is None else "*") for text, field, _, _ in parts)
        expression = "".join(re.escape(text) + _expression(field) for text, field, _, _ in parts)
        self._expression = re.compile(expression.replace(_EPOCH, f"(?P<epoch>{_EPOCH})", 1))

    def path(self, epoch: int, logs: Mapping[str, Any]) -> str:
        """The path for an epoch, counted from 0 here and from 1 in the path.

        Raises:
            ValueError: If the logs lack a value, or if it cannot be formatted so.
        """
        try:
            return self.template.format(**{**logs, "epoch": epoch + 1})
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"`filepath` must have names in the logs, {', '.join(sorted(logs))}, and formats that fit their "
                f"values. Received: filepath={self.template!r}, which gives {type(error).__name__}: {error}"
            ) from error

    def files(self, first: int = 0, last: int | None = None) -> list[str]:
        """The files there are that may have been named so for one of these epochs."""
        found = []
        for path in sorted(glob.glob(self._pattern)):  # noqa: PTH207 - it spells paths as the template does
            match = self._expression.fullmatch(path)
            if match is not None:
                epoch = int(match["epoch"]) - 1 if "epoch" in self.fields else first
                if first <= epoch and (last is None or epoch <= last):
                    found.append(path)
        return found

    def beside(self, name: str) -> list[Path]:
        """The files of another name, a pattern, in the same folders."""
        return [Path(path) for path in glob.glob(str(Path(self._pattern).parent / name))]  # noqa: PTH207 - likewise


_EPOCH = r"\s*\d+"


def _expression(field: str | None) -> str:
    return "" if field is None else _EPOCH if field == "epoch" else r"[^/\\]*?"
