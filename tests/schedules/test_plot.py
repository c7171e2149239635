"""The drawing of schedules: what is drawn is what they give."""

import keras
import matplotlib as mpl
import numpy as np
import pytest

from kerasplus.cli import main
from kerasplus.schedules import MultiStep, Triangular, plot, plot_by_name

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def test_draws_the_rates(curve):
    """The line has the rate of each of its steps, from the first to the last."""
    schedule = Triangular(0.1, 0.3, 4)
    line = plot(schedule, steps=16).lines[0]
    np.testing.assert_array_equal(line.get_xdata(), np.arange(17))
    np.testing.assert_allclose(line.get_ydata(), curve(schedule, np.arange(17)))
    assert line.get_label() == "triangular"


def test_long_runs_are_sampled():
    """A long run has a few hundred points, both ends among them."""
    line = plot(0.1, steps=10**8).lines[0]
    assert 100 < len(line.get_xdata()) < 1000
    assert (line.get_xdata()[0], line.get_xdata()[-1]) == (0, 10**8)


def test_two_in_the_same_axes():
    """Keras' schedules are drawn too, beside others, at the steps that are asked for."""
    axes = plot(MultiStep(1.0, [5]), steps=[4, 5, 6])
    assert plot(keras.optimizers.schedules.CosineDecay(1.0, 10), 10, axes=axes, label="cosine") is axes
    assert [line.get_label() for line in axes.lines] == ["multi_step", "cosine"]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [1.0, 0.1, 0.1])


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_shown_by_the_command_line(tmp_path, capsys, ending):
    """`kerasplus show NAME --plot FILE` writes a picture of the example."""
    file = tmp_path / f"curve.{ending}"
    assert main(["show", "WarmupCosine", "--plot", str(file)]) == 0
    assert file.read_bytes()[:5] in (b"<?xml", b"\x89PNG\r")
    assert str(file) in capsys.readouterr().out.replace("\n", "")


def test_own_arguments(tmp_path):
    """Arguments take the place of the example's."""
    plot_by_name("cosine_decay", tmp_path / "a.svg", steps=50, initial_learning_rate=0.1, decay_steps=50)
    assert "CosineDecay" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_no_example(tmp_path):
    """A schedule without an example says what to do instead."""
    with pytest.raises(ValueError, match="'cosine_decay' has no example to draw.*kerasplus.schedules.plot"):
        plot_by_name("cosine_decay", tmp_path / "a.svg")
    with pytest.raises(ValueError, match="Unknown schedule: 'warmup_cosin'"):
        plot_by_name("warmup_cosin", tmp_path / "a.svg")


def test_bad_steps():
    """There must be something to draw."""
    with pytest.raises(ValueError, match="`steps` must be 1 or more"):
        plot(0.1, steps=0)


def test_without_matplotlib(monkeypatch):
    """Without matplotlib the error names what to install."""
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'kerasplus\[plot\]'"):
        plot(0.1, steps=10)
