"""A training process that is killed with SIGKILL, again and again, and started again, ends as one left alone."""

import json
import os
import signal
import subprocess
import sys

import pytest
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

SCRIPT = """
import json, os, pathlib, shutil, signal, sys
import numpy as np
import keras
from kerasplus.callbacks import Resume, TensorBoardLogger

folder, moment = pathlib.Path(sys.argv[1]), sys.argv[2]
kind, _, number = moment.partition(" ")


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class Killer(keras.callbacks.Callback):
    epoch = None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if kind == "batch" and (self.epoch, batch) == (int(number), 2):
            die()
        if kind == "after" and self.epoch == int(number.split()[0]) and batch == 0:
            signal.signal(signal.SIGALRM, lambda *_: die())
            signal.setitimer(signal.ITIMER_REAL, float(number.split()[1]))


killer = Killer()


def dying(function, at, before):
    def call(*arguments, **named):
        now = kind == at and killer.epoch == int(number)
        if now and before:
            die()
        result = function(*arguments, **named)
        if now:
            die()
        return result

    return call


pathlib.Path.write_text = dying(pathlib.Path.write_text, "before_state", True)
pathlib.Path.rename = dying(dying(pathlib.Path.rename, "before_rename", True), "after_rename", False)
keras.Model.save_weights = dying(keras.Model.save_weights, "after_weights", False)
np.savez = dying(np.savez, "before_arrays", True)

keras.utils.set_random_seed(4)
rng = np.random.default_rng(0)
x = rng.normal(size=(32, 3)).astype("float32")
y = (x @ np.array([1.0, -2.0, 0.5], "float32"))[:, None]
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(0.02), "mse")
early = keras.callbacks.EarlyStopping("val_loss", patience=20, restore_best_weights=True)
callbacks = [
    early,
    keras.callbacks.ModelCheckpoint(
        folder / "best.weights.h5", "val_loss", save_best_only=True, save_weights_only=True
    ),
    TensorBoardLogger(folder / "logs", preset="curves", update_freq=1, validation_update_freq=1, histogram_freq=1),
]
history = model.fit(
    x, y, batch_size=8, epochs=10, shuffle=False, validation_data=(x[:16], y[:16]), verbose=0,
    callbacks=[*Resume(folder / "state").with_callbacks(callbacks), killer],
)
model.load_weights(folder / "best.weights.h5")
print(json.dumps({
    "epoch": history.epoch, "history": history.history, "early": [early.wait, float(early.best), early.best_epoch],
    "best": [weight.tolist() for weight in model.get_weights()], "updates": int(model.optimizer.iterations),
}))
"""

MOMENTS = [
    "batch 0",
    "after_weights 0",
    "batch 1",
    "before_arrays 1",
    "before_state 2",
    "batch 3",
    "before_rename 4",
    "after_rename 5",
    "batch 6",
    "after 7 0.02",
    "after 8 0.005",
]
"""Where the process is killed: in an epoch, at each step of a save, or so many seconds after the first batch."""


def run(folder, moment):
    folder.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), moment],
        capture_output=True,
        text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        check=False,
        timeout=300,
    )


def curves(folder):
    """Every curve and histogram of a run, as TensorBoard shows them."""
    reader = EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()
    return {
        tag: [(event.step, tensor_util.make_ndarray(event.tensor_proto).tolist()) for event in reader.Tensors(tag)]
        for tag in reader.Tags()["tensors"]
    }


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_killed_runs_end_as_one_left_alone(tmp_path):
    """The same history, best checkpoint, patience and curves, after kills in epochs and in saves."""
    alone = run(tmp_path / "alone", "never")
    assert alone.returncode == 0, alone.stderr
    killed = 0
    for moment in MOMENTS:
        result = run(tmp_path / "killed", moment)
        assert result.returncode in (0, -signal.SIGKILL), result.stderr
        killed += result.returncode != 0
    assert killed >= 9
    last = run(tmp_path / "killed", "never")
    assert last.returncode == 0, last.stderr
    expected, found = (json.loads(each.stdout.strip().splitlines()[-1]) for each in (alone, last))
    assert found == expected
    assert found["epoch"] == list(range(10))
    for name in ("train", "validation", "validation_batches"):
        one, other = curves(tmp_path / "alone" / "logs" / name), curves(tmp_path / "killed" / "logs" / name)
        assert one.keys() == other.keys()
        for tag in one:
            assert other[tag] == one[tag], tag
