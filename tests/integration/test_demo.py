"""The main job, as a user runs it."""

import re
import subprocess
import sys

import keras
import numpy as np
import pytest

from kerasplus import cli, demo


@pytest.fixture
def no_mnist(monkeypatch):
    """As on a machine without a network or a cached MNIST."""

    def fail(*args, **kwargs):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", fail)


def test_the_demo_trains_saves_reloads_and_never_counts_more_hits_than_samples(tmp_path):
    """Run as a process: the table, the same numbers in a fresh process, and the command for the curves."""
    out, logs = tmp_path / "deep" / "model.keras", tmp_path / "logs"
    result = subprocess.run(
        [sys.executable, "-m", "kerasplus", "demo", "--data=digits", "--epochs=2", f"--out={out}", f"--log-dir={logs}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    assert "1437 training and 360 test samples" in result.stdout
    counts = re.findall(r"(\d+) of (\d+)", result.stdout)
    assert [int(size) for _, size in counts] == [1437, 360]
    assert all(int(hits) <= int(size) for hits, size in counts)
    assert int(counts[1][0]) > 0.5 * 360
    assert "the same numbers" in result.stdout
    assert f"tensorboard --logdir {logs}" in result.stdout
    assert out.is_file()
    assert list(logs.rglob("*tfevents*"))
    assert [path.name for path in out.parent.iterdir()] == ["model.keras"]


def test_auto_takes_the_digits_where_mnist_is_not_to_be_had(no_mnist):
    """The demonstration works without a network, on real data."""
    source, train, test = demo.load("auto")
    assert "scikit-learn" in source
    assert train[0].shape == (1437, 64)
    assert test[1].shape == (360, 10)
    assert 0 <= train[0].min() <= train[0].max() == 1


def test_asking_for_mnist_without_a_network_says_what_to_do(no_mnist, capsys):
    """`--data mnist` does not silently become something else."""
    assert cli.main(["demo", "--data", "mnist"]) == cli.UNUSABLE
    assert "Use `--data digits`" in capsys.readouterr().err


def test_a_file_like_mnist_npz_is_taken(tmp_path):
    """Any .npz with the four arrays of MNIST serves."""
    path = tmp_path / "mnist.npz"
    images, labels = np.full((20, 28, 28), 255, "uint8"), np.arange(20) % 10
    np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=labels)
    _, train, _ = demo.load(str(path))
    assert train[0].shape == (20, 784)
    assert (train[1].argmax(-1) == labels).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "0"], "`--epochs` must be 1 or more. Received: --epochs 0"),
        (["--data", "nowhere.npz"], "nowhere.npz, which is no file"),
        (["--out", "model.h5"], "must be the path of a .keras file"),
        (["--out", "there.keras"], "must not exist yet"),
        (["--log-dir", "there.keras/logs"], "there.keras"),
    ],
)
def test_what_cannot_be_used_is_told_before_anything_is_trained(tmp_path, monkeypatch, capsys, arguments, message):
    """Each bad argument is one line of error with what was expected."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.keras").write_text("somebody's model")
    assert cli.main(["demo", "--data", "digits", *arguments]) == cli.UNUSABLE
    assert message in " ".join(capsys.readouterr().err.split())
    assert (tmp_path / "there.keras").read_text() == "somebody's model"


def test_without_scikit_learn_the_extra_is_named(monkeypatch):
    """A missing optional package says how to get it."""
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ValueError, match=r"pip install 'kerasplus\[demo\]'"):
        demo.digits()
