"""The command line: what it prints, and its exit codes."""

import json
import os
import subprocess
import sys

import pytest

from kerasplus import cli


def test_list_shows_every_kind_and_the_plugin_of_each_name(capsys):
    """The table has our names and those of the installed example."""
    assert cli.main(["list"]) == 0
    output = capsys.readouterr().out
    for word in ("custom_mse", "categorical_true_positives", "relative_error", "kerasplus-example", "1.0.0", "ready"):
        assert word in output


def test_list_as_json_can_be_read_by_a_program(capsys):
    """Each row has the columns of the table, filtered by kind."""
    assert cli.main(["list", "--json", "--kind", "loss"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["kind"] for row in rows} == {"loss"}
    row = next(row for row in rows if row["name"] == "custom_mse")
    assert (row["plugin"], row["class_name"], row["state"]) == ("kerasplus.losses", "CustomMSE", "ready")


@pytest.mark.parametrize("name", ["custom_mse", "CustomMSE", "kerasplus>CustomMSE"])
def test_show_prints_signature_and_docstring(capsys, name):
    """Every spelling shows the same page."""
    assert cli.main(["show", name]) == 0
    output = capsys.readouterr().out
    assert "regularization_factor: float = 0.1" in output
    assert "Mean squared error that also draws predictions towards 0.5." in output


def test_show_draws_a_schedule(capsys, tmp_path):
    """`--plot` writes the picture of a curve."""
    picture = tmp_path / "curve.png"
    assert cli.main(["show", "warmup_cosine", "--plot", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_wrong_name_is_an_error_message_and_exit_code_2(capsys):
    """No traceback, and the nearest name."""
    assert cli.main(["show", "custom_mes"]) == cli.UNUSABLE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Unknown component: 'custom_mes'. Did you mean 'custom_mse'" in captured.err
    assert "Traceback" not in captured.err


def test_a_broken_plugin_stands_in_the_list_and_gives_exit_code_1(tmp_path):
    """An installed plug-in that does not import is named with its cause; the others stay usable."""
    metadata = tmp_path / "broken_keras-3.1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-keras\nVersion: 3.1\n")
    (metadata / "entry_points.txt").write_text("[kerasplus.plugins]\nbroken = broken_keras_module\n")
    (tmp_path / "broken_keras_module.py").write_text("raise RuntimeError('no such device')\n")
    result = subprocess.run(
        [sys.executable, "-m", "kerasplus", "list"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert result.returncode == cli.BROKEN
    assert "custom_mse" in result.stdout
    assert "broken: RuntimeError: no such device" in result.stdout
    assert "Traceback" not in result.stderr


def test_an_unknown_command_prints_the_usage(capsys):
    """Argparse's own message and exit code."""
    with pytest.raises(SystemExit) as exit_info:
        cli.main(["frobnicate"])
    assert exit_info.value.code == 2
    assert "usage: kerasplus" in capsys.readouterr().err
