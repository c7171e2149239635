"""What metrics cost in a step of fit, and how fast they take many samples, beside Keras' and torchmetrics.

    python benchmarks/metrics.py [step] [updates]

Everything is measured in turn in one process; medians, and ratios of them. torchmetrics is in the
dependency group `benchmarks`; its rows are left out where it is not installed.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import functools
import importlib.util
import statistics
import sys
import time

import keras
import numpy as np

import kerasplus

SEVEN = ("accuracy", "balanced_accuracy", "precision", "recall", "f1", "cohen_kappa", "matthews_correlation")
FIVE = ("cohen_kappa", "matthews_correlation", "balanced_accuracy", "multiclass_f1", "multiclass_recall")
ROUNDS, CALLS = 15, 7


def report(**arguments):
    """A new classification report."""
    return kerasplus.get("classification_report", **arguments)


STEPS = {
    "Keras SparseCategoricalAccuracy": lambda: [keras.metrics.SparseCategoricalAccuracy()],
    "Keras MeanIoU, a confusion matrix": lambda: [keras.metrics.MeanIoU(10, sparse_y_pred=False)],
    "categorical_true_positives": lambda: ["categorical_true_positives"],
    "cohen_kappa": lambda: ["cohen_kappa"],
    "multiclass_f1": lambda: ["multiclass_f1"],
    "brier_score": lambda: ["brier_score"],
    "classification_report, 7 results": lambda: [report(results=SEVEN)],
    "5 metrics of a confusion matrix": lambda: list(FIVE),
    "classification_report, 5 results": lambda: [report(results=SEVEN[-5:])],
    "exact_auroc, 4096 places": lambda: [kerasplus.get("exact_auroc", capacity=4096)],
}


def paired(rounds, works):
    """The median seconds of each piece of work, all done in turn."""
    times = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(each) for name, each in times.items()}


def step():
    """A step of fit, 784-64-64-10 at batch 64, over one without metrics."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(64 * 40, 784)).astype("float32"), rng.integers(0, 10, 64 * 40)
    works = {}
    for name, metrics in {"none": list, **STEPS}.items():
        layers = [keras.layers.Dense(64, "relu"), keras.layers.Dense(64, "relu"), keras.layers.Dense(10, "softmax")]
        model = keras.Sequential([keras.Input((784,)), *layers])
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=metrics())
        works[name] = functools.partial(model.fit, x, y, batch_size=64, verbose=0)
        works[name]()
    found = paired(ROUNDS, works)
    print(f"a step without metrics: {found['none'] / 40 * 1e3:.2f} ms")
    for name in STEPS:
        print(f"{name:36} {found[name] / found['none']:.2f}")


def compiled(metric, *batch):
    """An update in a compiled function, with what it needs made and traced."""
    import tensorflow as tf

    metric.update_state(*batch)
    function = tf.function(lambda: metric.update_state(*batch))
    function()
    return function


def updates():
    """A million samples in one update."""
    import tensorflow as tf

    rng = np.random.default_rng(0)
    scores, ids = rng.normal(size=(1_000_000, 10)).astype("float32"), rng.integers(0, 10, 1_000_000).astype("int32")
    real = rng.normal(size=1_000_000).astype("float32")
    other = (real + rng.normal(size=1_000_000)).astype("float32")
    wide, labels, pair = tf.constant(scores), tf.constant(ids), (tf.constant(real), tf.constant(other))
    softmax = tf.nn.softmax(wide)

    works = {
        "confusion matrix: Keras": compiled(keras.metrics.MeanIoU(10, sparse_y_pred=False), labels, wide),
        "confusion matrix: kerasplus": compiled(kerasplus.get("confusion_matrix"), labels, wide),
        "confusion matrix: NumPy argmax and bincount": lambda: np.bincount(
            ids * 10 + scores.argmax(axis=1), minlength=100
        ),
        "macro F1: Keras": compiled(keras.metrics.F1Score("macro"), tf.one_hot(labels, 10), wide),
        "macro F1: kerasplus": compiled(kerasplus.get("multiclass_f1"), labels, wide),
        "calibration error: kerasplus": compiled(kerasplus.get("calibration_error"), labels, softmax),
        "R2: Keras": compiled(keras.metrics.R2Score(), pair[0][:, None], pair[1][:, None]),
        "R2: kerasplus": compiled(kerasplus.get("coefficient_of_determination"), *pair),
        "Pearson: kerasplus": compiled(kerasplus.get("pearson_r"), *pair),
    }
    if importlib.util.find_spec("torchmetrics"):
        import torch
        import torchmetrics.functional as peers

        tensors = torch.tensor(scores), torch.tensor(ids, dtype=torch.int64)
        values, probabilities = (torch.tensor(real), torch.tensor(other)), torch.tensor(softmax.numpy())
        classes = {"task": "multiclass", "num_classes": 10}
        works |= {
            "confusion matrix: torchmetrics": lambda: peers.confusion_matrix(*tensors, **classes),
            "macro F1: torchmetrics": lambda: peers.f1_score(*tensors, average="macro", **classes),
            "calibration error: torchmetrics": lambda: peers.calibration_error(probabilities, tensors[1], **classes),
            "R2: torchmetrics": lambda: peers.r2_score(*values),
            "Pearson: torchmetrics": lambda: peers.pearson_corrcoef(*values),
        }
    for name, seconds in sorted(paired(CALLS, works).items()):
        print(f"{name:44} {seconds * 1e3:8.1f} ms")


if __name__ == "__main__":
    for name in sys.argv[1:] or ("step", "updates"):
        {"step": step, "updates": updates}[name]()
