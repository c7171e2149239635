"""What TensorBoardLogger costs beside Keras' TensorBoard, in one run, as ratios.

    python benchmarks/tensorboard_logger.py [ROUNDS]

Medians of paired rounds. Targets: histograms at least 25 times cheaper, scalars of each batch at most
1.02 of a step without a callback, embeddings at most 1.2 of writing the one matrix.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import keras
import numpy as np

from kerasplus.callbacks import TensorBoardLogger


def paired(rounds, *works):
    """The medians of several pieces of work, done in turn."""
    times = [[] for _ in works]
    for _ in range(rounds):
        for record, work in zip(times, works, strict=True):
            start = time.perf_counter()
            work()
            record.append(time.perf_counter() - start)
    return [statistics.median(record) for record in times]


def ready(callback, model):
    """A callback as `fit` would have it when an epoch ends."""
    callback.set_params({"epochs": 1, "steps": 1})
    callback.set_model(model)
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    return callback


def dense(width, depth):
    """Layers of width x width weights."""
    model = keras.Sequential([keras.Input((width,)), *[keras.layers.Dense(width) for _ in range(depth)]])
    model.compile("sgd", "mse")
    return model


def histograms(rounds, folder):
    """An epoch's weight histograms."""
    for label, model in (
        ("1M parameters", dense(1000, 1)),
        ("10M parameters", dense(3162, 1)),
        ("1M in 100 layers", dense(100, 100)),
    ):
        theirs = ready(keras.callbacks.TensorBoard(folder, histogram_freq=1, write_graph=False), model)
        ours = ready(TensorBoardLogger(folder, histogram_freq=1, preset="curves"), model)
        old, new = paired(rounds, partial(theirs._log_weights, 0), partial(ours.on_epoch_end, 0, {}))
        print(
            f"histograms, {label:18} Keras {old * 1e3:8.1f} ms   ours {new * 1e3:7.1f} ms   {old / new:6.1f} x cheaper"
        )


def scalars(rounds, folder):
    """A step of fit with a scalar of each batch."""
    x, y = np.zeros((64 * 400, 784), "float32"), np.zeros(64 * 400, "int32")

    def fit(callbacks):
        model.fit(x, y, batch_size=64, epochs=1, shuffle=False, verbose=0, callbacks=callbacks)

    layers = [keras.layers.Dense(64, "relu"), keras.layers.Dense(64, "relu"), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential([keras.Input((784,)), *layers])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    fit([])
    none, ours, theirs = paired(
        rounds,
        lambda: fit([]),
        lambda: fit([TensorBoardLogger(folder, update_freq=1, preset="curves")]),
        lambda: fit([keras.callbacks.TensorBoard(folder, update_freq=1, write_graph=False)]),
    )
    print(
        f"scalars of each batch    none {none / 400 * 1e3:.3f} ms a step"
        f"   ours {ours / none:.3f}   Keras {theirs / none:.3f}"
    )


def embeddings(rounds, folder):
    """An epoch's embeddings of a model of 10M parameters, 1.5M of them in the matrix."""
    layers = [keras.layers.Embedding(15000, 100), keras.layers.Flatten(), keras.layers.Dense(8500)]
    model = keras.Sequential([keras.Input((10,), dtype="int32"), *layers])
    model.compile("sgd", "mse")
    theirs = ready(keras.callbacks.TensorBoard(folder, embeddings_freq=1, write_graph=False), model)
    ours = ready(TensorBoardLogger(folder, embeddings_freq=1, preset="curves"), model)
    Path(folder, "train").mkdir(exist_ok=True)

    def matrix():
        Path(folder, "matrix").write_bytes(model.layers[0].get_weights()[0].tobytes())

    limit, new, old = paired(rounds, matrix, lambda: ours.on_epoch_end(0, {}), lambda: theirs._log_embeddings(0))
    print(
        f"embeddings               the matrix {limit * 1e3:.1f} ms   ours {new * 1e3:.1f} ms, {new / limit:.2f} of it"
        f"   Keras {old * 1e3:.1f} ms, {old / limit:.2f} of it"
    )


def main(rounds):
    """Prints all ratios."""
    for part in (histograms, scalars, embeddings):
        with tempfile.TemporaryDirectory() as folder:
            part(rounds, folder)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
