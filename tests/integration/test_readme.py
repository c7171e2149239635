"""What the README says is run here, block by block."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest

import kerasplus

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language, text=README):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_python_blocks_run(tmp_path, monkeypatch, capsys):
    """The ten lines train, save, load and evaluate; the others run after them, in order."""
    monkeypatch.chdir(tmp_path)
    ten_lines, by_name, checked = blocks("python")

    class MyLoss(keras.losses.Loss):
        def __init__(self, gamma=2.0, reduction="sum_over_batch_size", name="my_loss", dtype=None):
            super().__init__(reduction=reduction, name=name, dtype=dtype)
            self.gamma = gamma

        def call(self, y_true, y_pred):
            return keras.ops.zeros_like(y_pred)  # not one value per sample

        def get_config(self):
            return {**super().get_config(), "gamma": self.gamma}

    variables = {"MyLoss": MyLoss}
    exec(ten_lines, variables)
    logs = variables["model"].evaluate(variables["x"], variables["y"], return_dict=True, verbose=0)
    assert 0 < logs["categorical_true_positives"] <= len(variables["x"])
    assert "categorical_true_positives" in capsys.readouterr().out
    exec(by_name, variables)
    assert float(variables["model"].optimizer.learning_rate) == pytest.approx(1e-3 / 500)
    with pytest.raises(AssertionError):
        exec(checked, variables)


def test_there_are_two_commands_and_they_come_first():
    """One installs and runs the main job, one installs and runs the tests."""
    commands = blocks("console")
    assert len(commands) == 2
    assert "kerasplus demo" in commands[0]
    assert "pytest" in commands[1]
    assert README.index(commands[1]) < README.index("```python")


def test_the_versions_are_those_of_the_package():
    """The README states the range of Python and Keras that pyproject.toml declares."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert "Keras 3.8 to 3.15 on Python 3.11 to 3.13" in README
    assert '"keras>=3.8"' in project
    assert 'requires-python = ">=3.11"' in project
    assert "Python :: 3.13" in project


def test_every_name_in_the_readme_is_a_name():
    """Names of components in the text are found by `kerasplus.get`'s lookup."""
    known = {name for record in kerasplus.names() for name in (record.name, record.class_name)}
    for name in ("custom_mse", "CategoricalTruePositives", "LogMetric", "PlateauDecay", "TensorBoardLogger"):
        assert name in README
        assert name in known


def test_links_lead_to_files():
    """Every relative link of the README exists."""
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_python_blocks_of_the_example_are_strings_that_work():
    """The example's README names a loss and two spellings of a metric."""
    text = (ROOT / "examples" / "kerasplus-example" / "README.md").read_text(encoding="utf-8")
    model = keras.Sequential([keras.layers.Dense(1)])
    exec(blocks("python", text)[0], {"model": model})
    assert "loss" in model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0).history


def test_the_guide_runs_from_top_to_bottom(tmp_path, monkeypatch):
    """The code of docs/guide.md is one program, and its assertions hold."""
    monkeypatch.chdir(tmp_path)
    program = "\n".join(blocks("python", (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")))
    exec(program, {})
    assert (tmp_path / "model.keras").is_file()
