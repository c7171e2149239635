"""Files that are there whole or not at all, and that say who wrote them."""

from __future__ import annotations

import contextlib
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import h5py  # type: ignore[import-untyped]  # Keras writes its weights with it

_ATTRIBUTE = "kerasplus_writer"


@contextlib.contextmanager
def whole_file(path: Path, unfinished: Path) -> Iterator[None]:
    """Writes a file as `unfinished`, in the same folder, and gives it its name when it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
        to_disk(unfinished)
        unfinished.replace(path)
        to_disk(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def to_disk(path: Path) -> None:
    """Returns when a file or the names in a folder are on the disk; Windows opens no folders."""
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sign(path: Path, writer: str) -> None:
    """Notes in a `.keras` or `.weights.h5` file who wrote it; Keras reads it as before."""
    if path.suffix == ".keras":
        with zipfile.ZipFile(path, "a") as archive:
            archive.comment = f"{_ATTRIBUTE}={writer}".encode()
    else:
        with h5py.File(path, "a") as file:
            file.attrs[_ATTRIBUTE] = writer


def writer_of(path: Path) -> str | None:
    """Who wrote a file; None if it says nothing, is no such file, or is not there."""
    try:
        if path.suffix == ".keras":
            with zipfile.ZipFile(path) as archive:
                name, _, writer = archive.comment.decode(errors="replace").partition("=")
                return writer if name == _ATTRIBUTE else None
        with h5py.File(path, "r") as file:
            return str(file.attrs[_ATTRIBUTE])
    except (OSError, KeyError, zipfile.BadZipFile):
        return None
