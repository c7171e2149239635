"""Laws that need another process: one that has only imported kerasplus, with two logical CPUs.

One such process serves all components of a run. It is asked in lines of JSON, with arrays in files.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasplus.testing._law import Broken, NotSubject, law, number, same
from kerasplus.testing._subject import Subject

WORKER = """
import functools, json, sys
import numpy as np
import keras
import kerasplus
if keras.backend.backend() == "tensorflow":
    import tensorflow as tf
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2)

def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return np.asarray(keras.ops.convert_to_numpy(value)).tolist()

def nothing(y_true, y_pred):
    return keras.ops.zeros_like(keras.ops.reshape(y_pred, (keras.ops.shape(y_pred)[0], -1))[:, 0])

def behaviour(made, kind, y_true, y_pred):
    if kind == "loss":
        return plain(made(y_true, y_pred))
    if kind == "metric":
        made.update_state(y_true, y_pred)
        return plain(made.result())
    return [plain(made(step)) for step in (0, 1, 5, 17, 100, 1000)]

@functools.cache  # two strategies in a process get in each other's way
def two_replicas():
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])

def on_two_replicas(config, kind, y_true, y_pred):
    with two_replicas().scope():
        made = keras.saving.deserialize_keras_object(config)
        model = keras.Sequential([keras.Input(y_pred.shape[1:]), keras.layers.Identity()])
        if kind == "loss":
            model.compile(loss=made)
        else:
            model.compile(loss=nothing, weighted_metrics=[made])
    return model.evaluate(y_pred, y_true, batch_size=len(y_pred), verbose=0, return_dict=True)

def step_of_two_replicas(config, y_true, y_pred):
    with two_replicas().scope():
        model = keras.Sequential([keras.Input(y_pred.shape[1:]), keras.layers.Dense(
            y_pred.shape[-1], kernel_initializer=keras.initializers.Identity(), use_bias=False)])
        model.compile(keras.optimizers.SGD(0.1), loss=keras.saving.deserialize_keras_object(config))
    model.fit(y_pred, y_true, batch_size=len(y_pred), verbose=0)
    return model.get_weights()[0].tolist()

def answer(request):
    data = np.load(request["arrays"]) if "arrays" in request else {}
    if request["do"] == "predict":
        model = keras.models.load_model(request["model"])
        inputs = [data[name] for name in sorted(data)]
        return [plain(each) for each in keras.tree.flatten(model(inputs if len(inputs) > 1 else inputs[0]))]
    y_true, y_pred = (data["y_true"], data["y_pred"]) if data else (None, None)
    if request["do"] == "evaluate":
        return keras.models.load_model(request["model"]).evaluate(
            y_pred, y_true, batch_size=3, verbose=0, return_dict=True)
    if request["do"] == "fit":
        model = keras.models.load_model(request["model"])
        model.fit(y_pred, y_true, batch_size=1, verbose=0, shuffle=False)
        return [float(model.get_weights()[0][0, 0]), float(model.optimizer.learning_rate)]
    if request["do"] == "step":
        return step_of_two_replicas(request["config"], y_true, y_pred)
    if request["do"] == "replicas":
        return on_two_replicas(request["config"], request["kind"], y_true, y_pred)
    return behaviour(keras.saving.deserialize_keras_object(request["config"]), request["kind"], y_true, y_pred)

for line in sys.stdin:
    try:
        reply = {"answer": answer(json.loads(line))}
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write("\\n" + json.dumps(reply) + "\\n")
    sys.stdout.flush()
"""


@functools.cache
def _worker() -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "KERAS_BACKEND": keras.backend.backend()},
    )
    atexit.register(_stop, worker)
    return worker


def _stop(worker: subprocess.Popen[str]) -> None:
    for stream in (worker.stdin, worker.stdout):
        if stream is not None:
            stream.close()
    worker.kill()
    worker.wait()


def ask(request: dict[str, Any], **arrays: Any) -> Any:
    """What the other process answers.

    Raises:
        Broken: If it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        if arrays:
            path = Path(folder) / "arrays.npz"
            np.savez(path, **arrays)
            request = {**request, "arrays": str(path)}
        worker = _worker()
        if worker.stdin is None or worker.stdout is None:
            raise RuntimeError("the other process has no streams")
        worker.stdin.write(json.dumps(request) + "\n")
        worker.stdin.flush()
        for line in worker.stdout:
            if line.startswith('{"answer"') or line.startswith('{"error"'):
                reply = json.loads(line)
                break
        else:
            _worker.cache_clear()
            raise Broken("got the end of the process, but should be an answer, for a fresh process")
    if "error" in reply:
        raise Broken(f"got {reply['error']}, but should be no error, for a process that only imports kerasplus")
    return reply["answer"]


def offered(subject: Subject) -> None:
    """Refuses what another process cannot know of.

    Raises:
        NotSubject: If no installed plug-in offers the class.
    """
    import kerasplus

    if subject.function is not None or all(record.cls is not subject.cls for record in kerasplus.names(subject.kind)):
        raise NotSubject("no installed plug-in offers it, so another process cannot know it")


def _arrays(value: Any) -> Any:
    return {k: _arrays(v) for k, v in value.items()} if isinstance(value, dict) else np.asarray(value)


@law("loss", "metric", "schedule")
def a_fresh_process_does_the_same(subject: Subject) -> None:
    """In a process that only imports kerasplus, what was saved gives the same outputs."""
    from kerasplus.testing._every_laws import behaviour

    offered(subject)
    for label, make in subject.variants:
        instance = make()
        request = {"do": "behave", "kind": subject.kind, "config": keras.saving.serialize_keras_object(instance)}
        arrays = {} if subject.kind == "schedule" else dict(zip(("y_true", "y_pred"), subject.batch(6), strict=True))
        got = _arrays(ask(request, **arrays))
        same(got, _arrays(behaviour(subject, instance)), f"{label}, in a fresh process", 1e-5)


@law("loss", "metric")
def two_replicas_give_the_same(subject: Subject) -> None:
    """A real `evaluate` on two replicas gives what one gives."""
    if keras.backend.backend() != "tensorflow":
        raise NotSubject("distribution strategies are TensorFlow's")
    offered(subject)
    y_true, y_pred = subject.batch(12)
    for label, make in subject.variants:
        instance = make()
        if subject.kind == "loss" and not getattr(instance, "independent", True):
            raise NotSubject("its samples are declared to depend on each other")
        if not getattr(instance, "any_replica", True):
            raise NotSubject("it declares that its result depends on which replica sees a sample")
        request = {"do": "replicas", "kind": subject.kind, "config": keras.saving.serialize_keras_object(instance)}
        logs = {name: np.asarray(value) for name, value in ask(request, y_true=y_true, y_pred=y_pred).items()}
        if subject.kind == "loss":
            expected = {"loss": number(instance(y_true, y_pred))}
        else:
            instance.update_state(y_true, y_pred)
            value = number(instance.result())
            expected = value if isinstance(value, dict) else {instance.name: value}
            logs.pop("loss", None)
        same(logs, expected, f"{label}, evaluate on two replicas", 1e-4)
