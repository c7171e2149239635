"""The files of the best epochs, and no others."""

import uuid
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from kerasplus.callbacks._monitored_value import improved, lower_is_better, monitored_value
from kerasplus.callbacks._path_template import PathTemplate
from kerasplus.callbacks._whole_file import sign, whole_file, writer_of


@keras.saving.register_keras_serializable(package="kerasplus")
class TopKCheckpoint(keras.callbacks.Callback):
    """At the end of each epoch, saves the model if it is one of the best `k`, and deletes the file of the one it beats.

    A file gets its name when it is complete, and only then another one is deleted: whenever the process is
    killed, the best `k` so far are on the disk. Of equal values the earlier stays. An epoch whose value
    is NaN, or that has no validation, is not saved. A file that somebody has deleted or put something
    else in the place of is no longer one of the `k`.

    Each file says inside which training wrote it. Files of others are neither deleted nor overwritten: if
    one has a name that a coming epoch could need, training does not begin. So give each training a
    folder of its own. With `Resume` it goes on with its list, and what a killed run wrote after the last
    save goes; if it was killed before its first save, move its files away yourself. A second fit with
    the same callback starts a new list, leaves the files of the first where they are, and overwrites
    those whose names come again.

    Args:
        filepath: Where to save: a path that ends in `.keras`, or in `.weights.h5` for weights only, with
            `{epoch}`, counted from 1, and names of values in the logs in braces, as in
            `"best/{epoch:03d}-{val_loss:.4f}.keras"`. It needs `{epoch}` unless `k` is 1. Folders are made.
        monitor: The name of the value in the logs.
        k: How many files to keep, 1 or more.
        mode: `"min"` or `"max"`, what is better; `"auto"` for what the metric declares.
        save_weights_only: Whether to save the weights, instead of the whole model with its optimizer.

    Raises:
        ValueError: If an argument cannot be used; when the first epoch begins or a file is to be written, if
            a file of others has its name; at the end of an epoch, if the logs lack a value, or if
            `mode="auto"` does not say what is better.

    Examples:
        >>> import keras, numpy as np, tempfile
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.SGD(0.01), "mse")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     best = TopKCheckpoint(folder + "/{epoch}.keras", "loss", k=2)
        ...     history = model.fit(np.ones((4, 1)), np.ones(4), epochs=5, verbose=0, callbacks=[best])
        ...     loaded = keras.models.load_model(best.best_path)
        >>> [path[-7:] for path in best.paths]
        ['5.keras', '4.keras']

    References:
        `Keras: ModelCheckpoint <https://keras.io/api/callbacks/model_checkpoint/>`_, which keeps the best
        or all.
    """

    alternatives = {
        "filepath": "best/{epoch:02d}-{val_accuracy:.3f}.weights.h5",
        "monitor": "val_accuracy",
        "k": 1,
        "mode": "max",
        "save_weights_only": True,
    }

    def __init__(
        self,
        filepath: str = "checkpoints/{epoch:04d}.keras",
        monitor: str = "val_loss",
        k: int = 3,
        mode: str = "auto",
        save_weights_only: bool = False,
    ) -> None:
        super().__init__()
        if not isinstance(save_weights_only, bool):
            raise ValueError(
                f"`save_weights_only` must be True or False. Received: save_weights_only={save_weights_only!r}"
            )
        if isinstance(k, bool) or not isinstance(k, int) or k < 1:
            raise ValueError(f"`k` must be a number of files, 1 or more. Received: k={k!r}")
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"`mode` must be 'auto', 'min' or 'max'. Received: mode={mode!r}")
        suffix = ".weights.h5" if save_weights_only else ".keras"
        if not str(filepath).endswith(suffix):
            raise ValueError(
                f"`filepath` must end in {suffix!r} with save_weights_only={save_weights_only}. "
                f"Received: filepath={str(filepath)!r}"
            )
        self._template = PathTemplate(str(filepath))
        if k > 1 and "epoch" not in self._template.fields:
            raise ValueError(
                f"`filepath` must have {{epoch}} for more than one file. Received: filepath={str(filepath)!r}, k={k}"
            )
        self.filepath = str(filepath)
        self.monitor = monitor
        self.k = k
        self.mode = mode
        self.save_weights_only = save_weights_only
        self._suffix = suffix
        self._kept: list[dict[str, Any]] = []
        self._runs: list[str] = []
        self._restored = self._begun = self._seen = False

    @property
    def paths(self) -> list[str]:
        """The files that are kept, the best first."""
        return [each["path"] for each in self._kept]

    @property
    def best_path(self) -> str | None:
        """The file of the best epoch; None if there is none."""
        return self._kept[0]["path"] if self._kept else None

    @property
    def best(self) -> float | None:
        """The value of the best epoch; None if there is none."""
        return self._kept[0]["value"] if self._kept else None

    def on_train_begin(self, logs: Any = None) -> None:
        """Starts with an empty list, unless a state has been set."""
        self._begun = self._seen = False
        if not self._restored:
            self._kept = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """At the first epoch, looks for files in its way, or removes what a killed run has written too much."""
        if self._begun:
            return
        if self._restored:
            self._void_later_files()
        else:
            self._runs = [*self._runs, uuid.uuid4().hex]
            epochs = (self.params or {}).get("epochs")
            coming = self._template.files(epoch, None if epochs is None else epochs - 1)
            self._refuse([path for path in coming if not self._is_own(path)])
        self._begun, self._restored = True, False

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Saves the model if it is good enough, and then deletes the file of the worst."""
        logs = logs or {}
        value = monitored_value(self.monitor, logs)
        if value is None:
            return
        self._seen = True
        low = self.mode == "min" or (self.mode == "auto" and lower_is_better(self.monitor, self.model))
        path = self._template.path(epoch, logs)
        self._kept = [each for each in self._kept if self._is_there(each)]
        if len(self._kept) >= self.k and not improved(value, self._kept[-1]["value"], low, 0.0):
            return
        self._save(path, epoch)
        kept = [each for each in self._kept if each["path"] != path]
        kept.append({"path": path, "value": value, "epoch": epoch})
        kept.sort(key=lambda each: each["value"] if low else -each["value"])
        self._kept, beaten = kept[: self.k], kept[self.k :]
        for each in beaten:
            Path(each["path"]).unlink()

    def on_train_end(self, logs: Any = None) -> None:
        """Says so if the value was never there."""
        self._restored = False
        if self._begun and not self._seen and not self._kept:
            warnings.warn(
                f"`TopKCheckpoint` found no value of {self.monitor!r} in any epoch, so nothing was saved. "
                "Does `fit` have validation data, and are the values finite?",
                stacklevel=2,
            )

    def get_state(self) -> dict[str, Any]:
        """The files that are kept with their values, and which trainings of this callback wrote files."""
        return {"kept": [dict(each) for each in self._kept], "runs": list(self._runs)}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on where `get_state` was taken, in the fit that follows or that has just begun."""
        self._kept = [dict(each) for each in state["kept"]]
        self._runs = list(state["runs"])
        self._restored = True

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {name: getattr(self, name) for name in self.alternatives}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "TopKCheckpoint":
        """A callback with these arguments."""
        return cls(**config)

    def _is_own(self, path: str) -> bool:
        """Whether this callback wrote a file, in this training or an earlier one."""
        return (writer_of(Path(path)) or "").partition("/")[0] in self._runs

    def _is_there(self, kept: Mapping[str, Any]) -> bool:
        """Whether a file of the list still is what was saved: it may be deleted, or that of a later epoch."""
        return writer_of(Path(kept["path"])) == f"{self._runs[-1]}/{kept['epoch']}"

    def _refuse(self, paths: list[str]) -> None:
        if paths:
            raise ValueError(
                "`filepath` must name files that are not there yet, or a training to be resumed with `Resume`. "
                f"Received: filepath={self.filepath!r}, where others wrote {', '.join(paths)}"
            )

    def _save(self, path: str, epoch: int) -> None:
        if Path(path).exists() and not self._is_own(path):
            self._refuse([path])
        model, run = self.model, self._runs[-1]
        unfinished = Path(path).parent / f".{run}{self._suffix}"
        with whole_file(Path(path), unfinished):
            if self.save_weights_only:
                model.save_weights(unfinished)
            else:
                model.save(unfinished)
            sign(unfinished, f"{run}/{epoch}")

    def _void_later_files(self) -> None:
        """Deletes what the run wrote and does not know of: it was killed before its state was saved."""
        run = self._runs[-1]
        self._kept = [each for each in self._kept if self._is_there(each)]
        unknown = [Path(path) for path in self._template.files() if path not in self.paths]
        later = [path for path in unknown if (writer_of(path) or "").startswith(f"{run}/")]
        for path in later + self._template.beside(f".{run}*"):
            path.unlink()
