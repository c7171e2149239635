"""Files of one JSON object a line, to which a process may append until the moment that it is killed."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasplus.callbacks._whole_file import to_disk

_NOT_FINITE = ("NaN", "Infinity", "-Infinity")


def append(path: Path, line: Mapping[str, Any]) -> None:
    """Adds a line, which is on the disk when this returns.

    What a killed process left of an unfinished line goes first.
    """
    new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+", buffering=0) as file:
        ending = _repair(file)
        text = memoryview(ending + json.dumps(plain(line), allow_nan=False).encode() + b"\n")
        while text:
            text = text[file.write(text) :]
        os.fsync(file.fileno())
    if new:
        to_disk(path.parent)


def read(path: Path) -> list[dict[str, Any]]:
    """The lines; one at the end that is unfinished does not count.

    Raises:
        ValueError: If another line is no JSON object.
    """
    *lines, rest = path.read_bytes().split(b"\n")
    found = []
    for number, line in enumerate(lines, 1):
        if not _whole(line):
            raise ValueError(f"Line {number} of {path} must be a JSON object. Received: {line[:80]!r}")
        found.append(json.loads(line))
    return [*found, json.loads(rest)] if _whole(rest) else found


def plain(value: Any) -> Any:
    """A value as JSON has it: arrays are lists, and `"NaN"`, `"Infinity"` and `"-Infinity"` are strings."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist()) if value.dtype.kind in "biufUS" else repr(value)
    if keras.ops.is_tensor(value):
        return plain(keras.ops.convert_to_numpy(value))
    return repr(value)


def numbers(value: Any) -> Any:
    """Logs as they were: the strings that stand for numbers that are not finite are numbers again."""
    if isinstance(value, Mapping):
        return {name: numbers(each) for name, each in value.items()}
    if isinstance(value, list):
        return [numbers(each) for each in value]
    return float(value) if value in _NOT_FINITE else value


def _repair(file: Any) -> bytes:
    """Cuts an unfinished last line off; a whole one without its end is to get it."""
    size = position = file.seek(0, os.SEEK_END)
    tail = b""
    while position > 0 and b"\n" not in tail:
        step = min(position, 1 << 12)
        position = file.seek(position - step)
        tail = file.read(step) + tail
    rest = tail.rpartition(b"\n")[2]
    if not rest or _whole(rest):
        return b"\n" if rest else b""
    file.truncate(size - len(rest))
    return b""


def _whole(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
