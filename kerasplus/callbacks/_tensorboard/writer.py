"""Event files, written without TensorFlow's summary operations and flushed at every write."""

from __future__ import annotations

import itertools
import os
import socket
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

_COUNTER = itertools.count()


def is_remote(path: str) -> bool:
    """Whether a path names another file system, as `gs://bucket/logs` does."""
    return "://" in path


def open_file(path: str, mode: str) -> IO[Any]:
    """Opens a file for writing and makes its folder; TensorFlow's file systems serve remote paths."""
    folder, _, _ = path.rpartition("/")
    if is_remote(path):
        import tensorflow as tf

        tf.io.gfile.makedirs(folder)
        return tf.io.gfile.GFile(path, mode)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return Path(path).open(mode)


def check_log_dir(log_dir: str) -> None:
    """Refuses a folder that cannot be made or written, before any training.

    Raises:
        ValueError: If the folder, or the nearest one above it that exists, is no writable folder.
    """
    if is_remote(log_dir):
        return
    existing = Path(log_dir).absolute()
    while not existing.exists():
        existing = existing.parent
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        why = "cannot be written" if existing.is_dir() else "is no folder"
        raise ValueError(
            f"`log_dir` must be a folder that can be written. Received: log_dir={log_dir}; {existing} {why}"
        )


class EventWriter:
    """The event file of one run. It is made at the first event, and again after `close`.

    Every write is handed to the operating system at once, so that neither an exception nor a killed
    process loses what was written.

    Args:
        folder: The folder of the run.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._records: Any = None

    def write(self, values: Iterable[Any], step: int) -> None:
        """Writes summary values as one event.

        Args:
            values: `Summary.Value` messages.
            step: The step of all of them.
        """
        from tensorboard.compat.proto import event_pb2, summary_pb2

        self.write_event(event_pb2.Event(summary=summary_pb2.Summary(value=values), step=step))

    def write_event(self, event: Any) -> None:
        """Writes an event, stamped with the time."""
        event.wall_time = time.time()
        if self._records is None:
            self._open()
        self._records.write(event.SerializeToString())
        self._records.flush()

    def restart(self, step: int) -> None:
        """Declares what was written for this step and later ones, by an earlier process, as void."""
        from tensorboard.compat.proto import event_pb2

        session = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        self.write_event(event_pb2.Event(session_log=session, step=step))

    def close(self) -> None:
        """Closes the file, if it is open."""
        if self._records is not None:
            self._records.close()
            self._records = None

    def _open(self) -> None:
        from tensorboard.compat.proto import event_pb2

        identity = f"{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}.{next(_COUNTER)}"
        path = f"{self.folder}/events.out.tfevents.{identity}.v2"
        if "tensorflow" in sys.modules or is_remote(path):
            import tensorflow as tf

            tf.io.gfile.makedirs(self.folder)
            self._records = tf.io.TFRecordWriter(path)
        else:
            from tensorboard.summary.writer.record_writer import RecordWriter

            self._records = RecordWriter(open_file(path, "wb"))
        self.write_event(event_pb2.Event(file_version="brain.Event:2"))
