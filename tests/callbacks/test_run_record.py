"""`RunRecord`: what the file holds, whatever happens to the process that writes it."""

import json
import os
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest

from kerasplus.callbacks import Resume, _json_lines
from kerasplus.callbacks.run_record import RunRecord

X = np.linspace(-1, 1, 12, dtype="float32").reshape(12, 1)


def build(rate=0.05, metrics=("mae",), loss="mse"):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, name="out")], name="line")
    model.compile(keras.optimizers.SGD(rate), loss, metrics=list(metrics))
    return model


def fit(callbacks, model=None, epochs=2, **options):
    model = model or build()
    return model.fit(X, 2 * X, epochs=epochs, batch_size=4, verbose=0, callbacks=callbacks, **options).history


def strict(path):
    """Every line by a reader that takes nothing but JSON as the standard has it."""

    def refuse(name):
        raise AssertionError(name)

    return [json.loads(line, parse_constant=refuse) for line in path.read_text().splitlines()]


class Shows(keras.callbacks.Callback):
    """Shows values in the logs."""

    def __init__(self, **values):
        super().__init__()
        self.values = values

    def on_epoch_end(self, epoch, logs=None):
        logs.update(self.values)


def test_a_run_is_a_beginning_epochs_and_an_end(tmp_path):
    """With all logs, the versions, and what the model was compiled with."""
    path = tmp_path / "deep" / "folder" / "run.jsonl"
    history = fit([RunRecord(path, notes={"seed": 3})], validation_data=(X, X))
    begin, first, second, end = strict(path)
    assert begin["event"] == "begin"
    assert begin["versions"]["keras"] == keras.__version__
    assert begin["versions"]["backend"] == keras.config.backend()
    assert "kerasplus" in begin["versions"]
    assert (begin["model"], begin["parameters"]) == ("line", 2)
    assert begin["compile"]["optimizer"]["config"]["learning_rate"] == pytest.approx(0.05)
    assert (begin["compile"]["loss"], begin["compile"]["metrics"]) == ("mse", ["mae"])
    assert (begin["params"]["epochs"], begin["params"]["steps"]) == (2, 3)
    assert (begin["notes"], begin["resumed"]) == ({"seed": 3}, False)
    assert [first["epoch"], second["epoch"]] == [0, 1]
    for name, values in history.items():
        assert [first["logs"][name], second["logs"][name]] == values
    assert (end["event"], end["outcome"], end["epochs"]) == ("end", "finished", 2)
    assert len({line["run"] for line in (begin, first, second, end)}) == 1
    assert begin["time"] <= first["time"] <= end["time"]


@pytest.mark.parametrize(
    ("update_freq", "expected"), [("batch", [0, 1, 2]), (2, [1]), (3, [2]), (4, []), ("epoch", [])]
)
def test_batches_are_recorded_when_asked_for(tmp_path, update_freq, expected):
    """Counted anew in each epoch."""
    path = tmp_path / "run.jsonl"
    fit([RunRecord(path, update_freq=update_freq)])
    batches = [line for line in strict(path) if line["event"] == "batch"]
    assert [(line["epoch"], line["batch"]) for line in batches] == [(e, b) for e in (0, 1) for b in expected]
    assert all(line["logs"].keys() == {"loss", "mae"} for line in batches)


def test_logs_of_any_kind_are_valid_json_and_come_back(tmp_path):
    """What is not finite, vectors, matrices and dicts."""
    path = tmp_path / "run.jsonl"
    shown = {
        "nan": float("nan"),
        "vector": np.array([1.0, np.inf], "float32"),
        "matrix": np.array([[1, 2], [3, 4]]),
        "dict": {"low": -np.inf, "count": np.int64(3)},
        "tensor": keras.ops.ones((2,)),
        "text": "NaNs",
    }
    fit([Shows(**shown), RunRecord(path)], epochs=1)
    _, line, _ = strict(path)
    assert line["logs"]["nan"] == "NaN"
    assert line["logs"]["vector"] == [1.0, "Infinity"]
    assert line["logs"]["dict"] == {"low": "-Infinity", "count": 3}
    logs = RunRecord.read(path)[1]["logs"]
    assert np.isnan(logs["nan"])
    assert logs["vector"] == [1.0, np.inf]
    assert logs["matrix"] == [[1, 2], [3, 4]]
    assert logs["dict"] == {"low": -np.inf, "count": 3}
    assert (logs["tensor"], logs["text"]) == ([1.0, 1.0], "NaNs")


def test_a_loss_that_cannot_be_saved_is_shown_as_it_prints(tmp_path):
    """A function of the moment does not stop the training."""
    path = tmp_path / "run.jsonl"
    model = build(loss=lambda y_true, y_pred: keras.ops.mean((y_true - y_pred) ** 2))
    fit([RunRecord(path)], model)
    assert "loss" in strict(path)[0]["compile"]


def test_the_end_says_what_it_was(tmp_path):
    """Stopped, or no end at all after an exception; each fit is a run, and no epoch is one, too."""

    class Stops(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = True

    class Fails(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise ArithmeticError

    path = tmp_path / "run.jsonl"
    record = RunRecord(path)
    fit([Stops(), record], epochs=5)
    with pytest.raises(ArithmeticError):
        fit([Fails(), record])
    fit([record], epochs=0)
    lines = strict(path)
    assert [line["event"] for line in lines] == ["begin", "epoch", "end", "begin", "begin", "end"]
    assert [line["outcome"] for line in lines if line["event"] == "end"] == ["stopped", "finished"]
    assert len({line["run"] for line in lines}) == 3


def test_a_resumed_run_is_the_same_run(tmp_path):
    """Its beginning says that it is resumed; an epoch that was made again is there again."""

    class Fails(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 2:
                raise ArithmeticError

    path = tmp_path / "run.jsonl"

    def run(*more):
        callbacks = Resume(tmp_path / "state", save_freq=2).with_callbacks([RunRecord(path)])
        fit([*callbacks, *more], epochs=4)

    with pytest.raises(ArithmeticError):
        run(Fails())
    run()
    lines = strict(path)
    assert [line["event"] for line in lines] == ["begin", *["epoch"] * 3, "begin", *["epoch"] * 2, "end"]
    assert [line["epoch"] for line in lines if line["event"] == "epoch"] == [0, 1, 2, 2, 3]
    assert [line["resumed"] for line in lines if line["event"] == "begin"] == [False, True]
    assert len({line["run"] for line in lines}) == 1


@pytest.mark.parametrize("torn", [b'{"event": "ep', b"{", b'{"a": "\xc3', b"\x00" * 9000])
@pytest.mark.parametrize("before", [b"", b'{"event": "begin"}\n', b'{"long": "' + b"x" * 10000 + b'"}\n'])
def test_an_unfinished_line_gives_way(tmp_path, before, torn):
    """It does not count when read, and the next line takes its place."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(before + torn)
    kept = [json.loads(line) for line in before.splitlines()]
    assert RunRecord.read(path) == kept
    _json_lines.append(path, {"event": "next"})
    assert path.read_bytes() == before + b'{"event": "next"}\n'
    assert RunRecord.read(path) == [*kept, {"event": "next"}]


def test_a_whole_line_without_its_end_counts(tmp_path):
    """Only the end is added."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(b'{"a": 1}\n{"b": 2}')
    assert RunRecord.read(path) == [{"a": 1}, {"b": 2}]
    _json_lines.append(path, {"c": 3})
    assert strict(path) == [{"a": 1}, {"b": 2}, {"c": 3}]


def test_another_line_that_is_no_json_is_named(tmp_path):
    """It is not passed over: the file is another one, or was damaged by somebody else."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(b'{"a": 1}\nhello\n{"b": 2}\n')
    with pytest.raises(ValueError, match=r"Line 2 of .*run\.jsonl must be a JSON object. Received: b'hello'"):
        RunRecord.read(path)


KILLED = """
import itertools, os, signal, sys
import keras, numpy as np
from kerasplus.callbacks import RunRecord, _json_lines

moments = iter([3, 1, 17, 400, 40])
real_fsync, file = os.fsync, sys.argv[1]


def run(moment):
    # A process that dies when so many bytes of its second line are written, or after so many lines.
    if os.fork() == 0:
        if moment < 100:
            real_dumps, calls = _json_lines.json.dumps, itertools.count()

            def dumps(*arguments, **options):
                text = real_dumps(*arguments, **options)
                if next(calls) == 1:
                    with open(file, "ab") as raw:
                        raw.write(text.encode()[:moment])
                    os.kill(os.getpid(), signal.SIGKILL)
                return text

            _json_lines.json.dumps = dumps
        else:
            calls = itertools.count()

            def fsync(descriptor):
                real_fsync(descriptor)
                if next(calls) == 3:
                    os.kill(os.getpid(), signal.SIGKILL)

            os.fsync = fsync
        record = RunRecord(file, update_freq=1)
        record.set_params({"epochs": 4, "steps": 2, "verbose": 0})
        record.set_model(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
        record.on_train_begin()
        for epoch in range(4):
            record.on_epoch_begin(epoch)
            record.on_train_batch_end(0, {"loss": 1.0})
            record.on_epoch_end(epoch, {"loss": float("nan")})
        os._exit(0)
    return os.waitstatus_to_exitcode(os.wait()[1])


print([run(moment) for moment in moments])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_process_that_is_killed_again_and_again_leaves_a_readable_file(tmp_path):
    """In the middle of a line, or between two: no whole line is lost, and none is damaged."""
    path = tmp_path / "run.jsonl"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLED, str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [-signal.SIGKILL] * 5
    events = [line["event"] for line in RunRecord.read(path)]
    assert events == ["begin"] * 4 + ["batch", "epoch", "batch"] + ["begin"]
    _json_lines.append(path, {"event": "last"})
    assert [line["event"] for line in strict(path)] == [*events, "last"]


def test_bad_arguments_raise_at_once(tmp_path):
    """With the name of the argument."""
    for path in (tmp_path, "gs://bucket/run.jsonl"):
        with pytest.raises(ValueError, match="`path` must be a file"):
            RunRecord(path)
    with pytest.raises(ValueError, match="`update_freq` must be"):
        RunRecord("run.jsonl", update_freq=0)
    with pytest.raises(ValueError, match="`notes` must be a dict"):
        RunRecord("run.jsonl", notes=[1])


def test_its_config_is_complete():
    """And it can be built from it."""
    config = RunRecord("a.jsonl", update_freq=3, notes={"a": 1}).get_config()
    assert (
        RunRecord.from_config(config).get_config() == config == {"path": "a.jsonl", "update_freq": 3, "notes": {"a": 1}}
    )
