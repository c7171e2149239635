"""What a run was and how it went, in a file that a killed process leaves readable."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keras

from kerasplus.callbacks import _json_lines
from kerasplus.callbacks._model_facts import compiled, versions
from kerasplus.callbacks._tensorboard.options import check_update_frequency


@keras.saving.register_keras_serializable(package="kerasplus")
class RunRecord(keras.callbacks.Callback):
    """At the beginning of a training, after each epoch and at the end, appends a line of JSON to a file.

    Each line has an `"event"`, the `"run"` that it belongs to and the `"time"` in UTC:

    - `"begin"`: the versions of Python, Keras, its backend and kerasplus, the name of the model and its
      number of parameters, what `compile` was given, the `params` of `fit`, your `notes`, and whether the
      run is `"resumed"`;
    - `"epoch"`: its number, counted from 0, and the logs as they are when this callback is called, so put
      it after those that add to them; likewise `"batch"`, if asked for;
    - `"end"`: the number of epochs that this part of the run made, and as `"outcome"` either
      `"finished"`, or `"stopped"` if a callback stopped it. A run that has no such line is still going
      on, was killed, or met an exception.

    A line is on the disk before the training goes on. If a process is killed while it writes, the next
    line takes the place of the unfinished one. Vectors are lists; what is not finite is one of the
    strings `"NaN"`, `"Infinity"` and `"-Infinity"`, which `read` makes numbers again. A run that is
    resumed has the same `"run"`; an epoch that it had to make again is there twice, and the later
    line counts.

    Args:
        path: The file, on this machine. Folders are made, and lines of earlier runs are kept.
        update_freq: `"epoch"`, `"batch"`, or every how many batches there is a line too.
        notes: Anything else to record, as a dict that JSON can hold.

    Raises:
        ValueError: If an argument cannot be used.

    Examples:
        >>> import keras, numpy as np, tempfile
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     record = RunRecord(f"{folder}/run.jsonl", notes={"data": "ones"})
        ...     history = model.fit(np.ones((4, 1)), np.ones(4), verbose=0, callbacks=[record])
        ...     begin, epoch, end = RunRecord.read(f"{folder}/run.jsonl")
        >>> begin["parameters"], begin["notes"], epoch["logs"] == {"loss": history.history["loss"][0]}, end["outcome"]
        (2, {'data': 'ones'}, True, 'finished')

    References:
        `JSON Lines <https://jsonlines.org>`_
    """

    alternatives = {"path": "folder/elsewhere.jsonl", "update_freq": 2, "notes": {"depth": 3}}

    def __init__(self, path: str, update_freq: int | str = "epoch", notes: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        check_update_frequency("update_freq", update_freq)
        if "://" in str(path) or Path(path).is_dir():
            raise ValueError(f"`path` must be a file on this machine. Received: path={path}")
        if notes is not None and not isinstance(notes, Mapping):
            raise ValueError(f"`notes` must be a dict. Received: notes={notes!r}")
        self.path = str(path)
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.notes = None if notes is None else dict(notes)
        self._file = Path(self.path)
        self._run = ""
        self._restored = self._begun = False
        self._epoch = self._epochs = self._batch = 0

    @property
    def async_safe(self) -> bool:
        """Whether Keras may go on with the next batch meanwhile: if no batch is recorded."""
        return self.update_freq == "epoch"

    def on_train_begin(self, logs: Any = None) -> None:
        """Starts another run, unless one is resumed."""
        self._file = Path(self.path).absolute()
        self._run = self._run if self._restored else uuid.uuid4().hex
        self._begun, self._epochs = False, 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Records the beginning, once it is known whether the run is resumed."""
        self._begin()
        self._epoch, self._batch = epoch, 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Records the batch, if its turn has come."""
        if isinstance(self.update_freq, int):
            done, self._batch = self._batch, batch + 1
            if self._batch // self.update_freq > done // self.update_freq:
                self._write("batch", epoch=self._epoch, batch=batch, logs=logs or {})

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Records the epoch."""
        self._epochs += 1
        self._write("epoch", epoch=epoch, logs=logs or {})

    def on_train_end(self, logs: Any = None) -> None:
        """Records how it ended."""
        self._begin()
        self._write("end", outcome="stopped" if self.model.stop_training else "finished", epochs=self._epochs)

    @classmethod
    def read(cls, path: str) -> list[dict[str, Any]]:
        """The lines of a file as dicts, without one at the end that is unfinished.

        Raises:
            ValueError: If another line is no JSON object.
        """
        lines = _json_lines.read(Path(path))
        return [{**line, "logs": _json_lines.numbers(line["logs"])} if "logs" in line else line for line in lines]

    def get_state(self) -> dict[str, Any]:
        """Which run it is."""
        return {"run": self._run}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on with the run, in the fit that follows or that has just begun."""
        self._run, self._restored = state["run"], True

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {"path": self.path, "update_freq": self.update_freq, "notes": self.notes}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "RunRecord":
        """A record with these arguments."""
        return cls(**config)

    def _begin(self) -> None:
        if not self._begun:
            model = self.model
            self._write(
                "begin",
                resumed=self._restored,
                versions=versions(),
                model=model.name,
                parameters=model.count_params() if model.built else None,
                compile=compiled(model),
                params=self.params,
                notes=self.notes,
            )
            self._begun, self._restored = True, False

    def _write(self, event: str, **facts: Any) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        _json_lines.append(self._file, {"event": event, "run": self._run, "time": now, **facts})
