"""A run that is killed and started again ends as if it had never been killed."""

import copy
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasplus._keras_names import start_at_epoch
from kerasplus.callbacks._saved_state import restore, split_arrays, state_of
from kerasplus.callbacks._whole_file import to_disk

_PREFIX = "epoch_"
_WEIGHTS, _STATE, _ARRAYS = "model.weights.h5", "state.json", "arrays.npz"


@keras.saving.register_keras_serializable(package="kerasplus")
class Resume(keras.callbacks.Callback):
    """At the end of epochs saves the model, its optimizer, the history and all callbacks; `fit` goes on from there.

    `keras.callbacks.BackupAndRestore` brings the weights back, but not the patience of `EarlyStopping`,
    the value of the best checkpoint or the history. This one does, for Keras' `EarlyStopping`,
    `ModelCheckpoint` and `ReduceLROnPlateau` and for every callback that has `get_state` and
    `set_state`, as all of kerasplus have. Curves of a `TensorBoardLogger` go on, and what a killed
    run wrote after the last save is void.

    Each save is a folder of its own, which gets its name when it is complete; then older ones go. A
    run that is killed, at whatever moment, goes on from the last complete one. Run the same script
    again: `fit` with the same `epochs` makes what is missing, nothing if nothing is. Delete the folder to
    start afresh. The result is that of an uninterrupted run as far as the data come in the same
    order: Keras' own shuffling depends on a random state that cannot be saved.

    Args:
        folder: Where to save.
        save_freq: Every how many epochs, 1 or more. The last one and a stop are always saved.

    Raises:
        ValueError: If an argument cannot be used; at the start of training, if the saved state is that
            of other callbacks.

    Examples:
        >>> import keras, numpy as np, tempfile
        >>> def train(folder, epochs):
        ...     keras.utils.set_random_seed(0)
        ...     model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        ...     model.compile("sgd", "mse")
        ...     callbacks = Resume(folder).with_callbacks([keras.callbacks.EarlyStopping("loss", patience=9)])
        ...     return model.fit(np.ones((4, 1)), np.ones(4), epochs=epochs, verbose=0, callbacks=callbacks).history
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     first, second = train(folder, 2), train(folder, 5)  # the second run makes three more
        >>> first["loss"] == second["loss"][:2], len(second["loss"])
        (True, 5)

    References:
        `Keras: BackupAndRestore <https://keras.io/api/callbacks/backup_and_restore/>`_
    """

    alternatives = {"folder": "elsewhere", "save_freq": 3}

    def __init__(self, folder: str, save_freq: int = 1) -> None:
        super().__init__()
        if isinstance(save_freq, bool) or not isinstance(save_freq, int) or save_freq < 1:
            raise ValueError(f"`save_freq` must be a number of epochs, 1 or more. Received: save_freq={save_freq!r}")
        if Path(folder).exists() and not Path(folder).is_dir():
            raise ValueError(f"`folder` must be a folder. Received: folder={folder}, which is a file")
        self.folder = str(folder)
        self.save_freq = save_freq
        self._callbacks: list[Any] = []
        self._history: dict[str, Any] | None = None

    def with_callbacks(self, callbacks: Sequence[Any]) -> list[Any]:
        """The list for `fit`: these callbacks, whose state is saved too, and this one after them."""
        self._callbacks = list(callbacks)
        return [*self._callbacks, self]

    def on_train_begin(self, logs: Any = None) -> None:
        """Brings back what was saved last, and where to go on."""
        self._history = None
        saved = self._saved()
        if not saved:
            for callback in self._callbacks:
                if hasattr(callback, "void_later_steps"):
                    callback.void_later_steps()  # of a run that was killed before its first save
            return
        state = json.loads((saved[-1] / _STATE).read_text())
        self._check(state)
        model = self.model
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        model.load_weights(saved[-1] / _WEIGHTS)
        with np.load(saved[-1] / _ARRAYS) as arrays:
            for index, (callback, known) in enumerate(zip(self._callbacks, state["states"], strict=True)):
                for name in state["arrays"][index]:
                    keys = sorted(key for key in arrays if key.startswith(f"{index}/{name}/"))
                    known[name] = [arrays[key] for key in keys]
                restore(callback, known)
        self._history = state["history"]
        start_at_epoch(model, self.params["epochs"] if state["stopped"] else state["epoch"] + 1)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Brings the history back, which starts anew after `on_train_begin`."""
        self._bring_history_back()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Saves, if it is time or if this is the last epoch."""
        model = self.model
        last = epoch + 1 == (self.params or {}).get("epochs") or model.stop_training
        if (epoch + 1) % self.save_freq == 0 or last:
            self._save(model, epoch, logs or {})

    def on_train_end(self, logs: Any = None) -> None:
        """Brings the history back where there was no epoch left, and lets later fits start where they like."""
        self._bring_history_back()
        start_at_epoch(self.model, None)

    def get_state(self) -> dict[str, Any]:
        """Nothing: the state is in the folder."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Nothing, likewise."""

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {"folder": self.folder, "save_freq": self.save_freq}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Resume":
        """A callback with these arguments."""
        return cls(**config)

    def _bring_history_back(self) -> None:
        if self._history is not None:
            self.model.history.epoch = self._history["epoch"]
            self.model.history.history = self._history["history"]
            self._history = None

    def _saved(self) -> list[Path]:
        return sorted(Path(self.folder).glob(f"{_PREFIX}[0-9]*"))

    def _check(self, state: Mapping[str, Any]) -> None:
        kinds = [type(callback).__name__ for callback in self._callbacks]
        if kinds != state["kinds"]:
            raise ValueError(
                f"`folder` holds the state of other callbacks. Saved: {state['kinds']}. Received: {kinds}. "
                "Pass the same ones to `with_callbacks`, or delete the folder to start afresh."
            )

    def _save(self, model: Any, epoch: int, logs: Mapping[str, Any]) -> None:
        unfinished = Path(self.folder) / ".saving"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        model.save_weights(unfinished / _WEIGHTS)
        parts = [split_arrays(state_of(callback)) for callback in self._callbacks]
        named: dict[str, Any] = {
            f"{index}/{name}/{number:06d}": array
            for index, (_, lists) in enumerate(parts)
            for name, arrays in lists.items()
            for number, array in enumerate(arrays)
        }
        np.savez(unfinished / _ARRAYS, **named)
        state = {
            "epoch": epoch,
            "stopped": bool(model.stop_training),
            "kinds": [type(callback).__name__ for callback in self._callbacks],
            "states": [plain for plain, _ in parts],
            "arrays": [list(arrays) for _, arrays in parts],
            "history": _history_with(model.history, epoch, logs),
        }
        (unfinished / _STATE).write_text(json.dumps(state))
        for path in unfinished.iterdir():
            to_disk(path)
        older = self._saved()
        target = Path(self.folder) / f"{_PREFIX}{epoch:08d}"
        if target.exists():
            shutil.rmtree(target)
            older.remove(target)
        unfinished.rename(target)
        to_disk(target.parent)
        for path in older:
            shutil.rmtree(path, ignore_errors=True)


def _history_with(history: Any, epoch: int, logs: Mapping[str, Any]) -> dict[str, Any]:
    """The history after this epoch, which Keras adds after all callbacks have run."""
    values = copy.deepcopy(history.history)
    for name, value in logs.items():
        values.setdefault(name, []).append(value)
    plain = {name: [np.asarray(each).tolist() for each in series] for name, series in values.items()}
    return {"epoch": [*history.epoch, epoch], "history": plain}
