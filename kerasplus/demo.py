"""The main job on real data: train with strings, save, load in a fresh process, compare."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
from rich.console import Console
from rich.table import Table

import kerasplus

HITS = "categorical_true_positives"
BATCH = 64
Arrays = tuple[np.ndarray, np.ndarray]

_RELOAD = """
import json, sys
import numpy as np
import keras
import kerasplus
data = np.load(sys.argv[2])
logs = keras.models.load_model(sys.argv[1]).evaluate(data["x"], data["y"], batch_size=64, verbose=0, return_dict=True)
print(json.dumps({name: float(value) for name, value in logs.items()}))
"""


def run(data: str = "auto", epochs: int = 5, out: Path | None = None, log_dir: Path | None = None) -> int:
    """Runs the demonstration and returns its exit code: 1 if the reloaded model gives other numbers.

    Args:
        data: `"auto"`, `"mnist"`, `"digits"` or the path of a file like `mnist.npz`.
        epochs: How often to go through the training data, 1 or more.
        out: Where to save the model, a file that does not exist yet.
        log_dir: Where to write the TensorBoard logs.

    Raises:
        ValueError: If an argument cannot be used.
    """
    if epochs < 1:
        raise ValueError(f"`--epochs` must be 1 or more. Received: --epochs {epochs}")
    folder = Path("kerasplus-demo") / time.strftime("%Y%m%d-%H%M%S")
    out, log_dir = out or folder / "model.keras", log_dir or folder / "logs"
    _check_new_file(out)
    source, train, test = load(data)
    side = round(train[0].shape[-1] ** 0.5)
    logger = kerasplus.get(
        "tensor_board_logger",
        log_dir=str(log_dir),
        preset="full",
        data=(test[0][:300], test[1][:300]),
        image_shape=(side, side),
        embedding_layers=["hidden"],
    )
    out.parent.mkdir(parents=True, exist_ok=True)

    console = Console()
    console.print(f"{len(train[0])} training and {len(test[0])} test samples: {source}")
    model = build(train[0].shape[-1], epochs * -(-len(train[0]) // BATCH))
    monitor = kerasplus.get("learning_rate_monitor")
    history = model.fit(
        *train, batch_size=BATCH, epochs=epochs, validation_data=test, callbacks=[monitor, logger], verbose=1
    ).history
    console.print(results_table(history, len(train[0]), len(test[0])))

    model.save(out)
    here = model.evaluate(*test, batch_size=BATCH, verbose=0, return_dict=True)
    there = _evaluate_in_fresh_process(out, test)
    same = here.keys() == there.keys() and all(abs(here[k] - there[k]) <= 1e-6 * abs(here[k]) for k in here)
    console.print(f"Saved to {out}; a fresh process that only imports kerasplus loads it and gives")
    console.print("  " + ", ".join(f"{name} {value:.6g}" for name, value in there.items()), highlight=False)
    console.print("  the same numbers" if same else f"  OTHER NUMBERS; here they were {here}")
    console.print(f"See the curves:  tensorboard --logdir {log_dir}", soft_wrap=True)
    return 0 if same else 1


def build(features: int, total_steps: int) -> keras.Model:
    """The network of the Keras guide, compiled by names."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((features,)),
            keras.layers.Dense(64, activation="relu", name="hidden"),
            kerasplus.get("activity_regularization_layer", rate=1e-4, reduction="sum_over_batch_size"),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    schedule = kerasplus.get(
        "warmup_cosine", learning_rate=3e-3, total_steps=total_steps, warmup_steps=total_steps // 20
    )
    model.compile(keras.optimizers.Adam(schedule), loss="custom_mse", metrics=["accuracy", HITS])
    return model


def results_table(history: dict[str, list[float]], train_size: int, test_size: int) -> Table:
    """The last epoch of training and of validation, with the hits beside the number of samples."""
    table = Table("", "training", "validation", title="After the last epoch")
    for name in (name for name in history if f"val_{name}" in history):
        values = history[name][-1], history[f"val_{name}"][-1]
        if name == HITS:
            cells = [f"{value:.0f} of {size}" for value, size in zip(values, (train_size, test_size), strict=True)]
        else:
            cells = [f"{value:.4f}" for value in values]
        table.add_row(name, *cells)
    rates = history["learning_rate"]
    table.add_row("learning_rate", f"{rates[0]:.2e} to {rates[-1]:.2e}", "")
    return table


def load(data: str) -> tuple[str, Arrays, Arrays]:
    """What the data is, and flat images in 0..1 with one-hot labels, for training and for test.

    Raises:
        ValueError: If the data is not to be had.
    """
    described = "the handwritten digits of scikit-learn (8 x 8)"
    if data == "digits":
        return described, *digits()
    if data == "mnist":
        waits = socket.getdefaulttimeout()
        socket.setdefaulttimeout(10)  # or a network that swallows packets would hold us up for minutes
        try:
            train, test = keras.datasets.mnist.load_data()
        except Exception as error:  # Keras raises a bare Exception for a failed download
            raise ValueError(
                f"MNIST is neither cached nor can it be downloaded ({error}). "
                "Use `--data digits`, or `--data FILE` with a copy of mnist.npz."
            ) from error
        finally:
            socket.setdefaulttimeout(waits)
        return "MNIST", _prepared(train), _prepared(test)
    if data == "auto":
        try:
            return load("mnist")
        except ValueError:
            return described, *digits()
    return _from_file(Path(data))


def digits() -> tuple[Arrays, Arrays]:
    """Scikit-learn's 1,797 handwritten digits, for training and for test, as `load` gives them.

    Raises:
        ValueError: If scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ValueError(
            "The bundled digits come with scikit-learn, which is not installed: "
            "pip install 'kerasplus[demo]', or use `--data mnist` or `--data FILE`."
        ) from error
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    images, labels = images[order] / 16.0 * 255.0, labels[order]
    return _prepared((images[360:], labels[360:])), _prepared((images[:360], labels[:360]))


def _from_file(path: Path) -> tuple[str, Arrays, Arrays]:
    keys = ("x_train", "y_train", "x_test", "y_test")
    if not path.is_file():
        raise ValueError(f"`--data` must be mnist, digits, auto or a file. Received: {path}, which is no file")
    try:
        with np.load(path) as arrays:
            x_train, y_train, x_test, y_test = (arrays[key] for key in keys)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"`--data {path}` must be an .npz file with the arrays {', '.join(keys)}: {error}") from error
    return str(path), _prepared((x_train, y_train)), _prepared((x_test, y_test))


def _prepared(arrays: Any) -> Arrays:
    images, labels = arrays
    flat = np.asarray(images, "float32").reshape(len(images), -1) / 255.0
    return flat, np.eye(10, dtype="float32")[np.asarray(labels).reshape(-1)]


def _check_new_file(out: Path) -> None:
    if out.suffix != ".keras":
        raise ValueError(f"`--out` must be the path of a .keras file. Received: --out {out}")
    if out.exists():
        raise ValueError(f"`--out` must not exist yet, so that no model is lost. Received: --out {out}")


def _evaluate_in_fresh_process(path: Path, test: Arrays) -> dict[str, float]:
    data = path.with_suffix(".test.npz")
    np.savez(data, x=test[0], y=test[1])
    try:
        result = subprocess.run(
            [sys.executable, "-c", _RELOAD, str(path), str(data)], capture_output=True, text=True, check=False
        )
    finally:
        data.unlink()
    if result.returncode:
        raise ValueError(f"The saved model could not be loaded in a fresh process:\n{result.stderr}")
    logs: dict[str, float] = json.loads(result.stdout.strip().splitlines()[-1])
    return logs
