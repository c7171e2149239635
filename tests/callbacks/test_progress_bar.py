"""`ProgressBar`: what a person sees, on a screen that does what a terminal does."""

import io
import re
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from rich.console import Console

from kerasplus.callbacks.progress_bar import ProgressBar

X = np.ones((20, 1), "float32")


class Screen(io.StringIO):
    """A terminal that keeps every state that it showed.

    It knows the end of a line, one line up, and clearing a line; anything else would be a surprise.
    """

    def __init__(self):
        super().__init__()
        self.rows, self.row, self.column, self.states = [""], 0, 0, []

    def isatty(self):
        return True

    def write(self, text):
        for part in re.findall(r"\x1b\[1A|\x1b\[2K|\n|[^\x1b\n]+|.", text):
            if part == "\x1b[1A":
                assert self.row > 0
                self.row -= 1
            elif part == "\x1b[2K":
                self.rows[self.row] = ""
            elif part == "\n":
                self.row, self.column = self.row + 1, 0
                self.rows += [""] * (self.row + 1 - len(self.rows))
            else:
                assert part.isprintable(), repr(part)
                old = self.rows[self.row].ljust(self.column)
                self.rows[self.row] = old[: self.column] + part + old[self.column + len(part) :]
                self.column += len(part)
        self.states.append(self.shown)
        return len(text)

    @property
    def shown(self):
        return [row.rstrip() for row in self.rows if row.strip()]


class Clock:
    """A clock that each batch moves."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def build(**options):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=["mae"], **options)
    return model


class Tick(keras.callbacks.Callback):
    """Lets a second pass for each batch, and does something in one of them.

    It looks at the ends of batches, so that Keras tells of them one after the other.
    """

    def __init__(self, clock, at=None, action=None):
        super().__init__()
        self.clock, self.at, self.action, self.epoch = clock, at, action, 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        self.clock.now += 1.0
        if (self.epoch, batch) == self.at:
            self.action()

    def on_test_batch_begin(self, batch, logs=None):
        self.clock.now += 1.0

    def on_predict_batch_begin(self, batch, logs=None):
        self.clock.now += 1.0

    def on_train_batch_end(self, batch, logs=None):
        pass

    def on_test_batch_end(self, batch, logs=None):
        pass

    def on_predict_batch_end(self, batch, logs=None):
        pass


def on_screen(width=100, **options):
    """A bar on a screen of its own, with each drawing shown."""
    screen, clock = Screen(), Clock()
    bar = ProgressBar(**{"updates_per_second": 1e9, **options})
    bar.console = Console(file=screen, force_terminal=True, width=width, color_system=None, get_time=clock)
    return bar, screen, clock


def fit(bar, *more, epochs=2, model=None, x=X, y=2 * X, **options):
    settings = {"epochs": epochs, "batch_size": 5, "shuffle": False, **options}
    return (model or build()).fit(x, y, callbacks=[*more, bar], **settings)


def test_bars_for_epochs_batches_and_validation():
    """With counts, times and metrics, while it runs; the lines of the epochs when it is over."""
    bar, screen, clock = on_screen()
    fit(bar, Tick(clock), validation_data=(X, 2 * X))
    middle = [state for state in screen.states if any("2/4" in row and "Epoch 2/2" in row for row in state)]
    done, of_all, of_epoch = middle[0]
    assert done == "Epoch 1/2  4/4  0:00:08  loss: 4  mae: 2  val_loss: 4  val_mae: 2"
    assert re.fullmatch(r"All +━+╸? + 1/2 0:00:1\d left 0:00:\d\d", of_all)
    assert re.fullmatch(r"Epoch 2/2 +━{10} + 2/4 0:00:02 left 0:00:02 loss: 4  mae: 2", of_epoch)
    validation = [state for state in screen.states if any(re.match(r"Validation.* 3/4 ", row) for row in state)]
    assert re.fullmatch(r"Validation +━{15} + 3/4 0:00:03 left 0:00:01 loss: 4  mae: 2", validation[-1][-1])
    assert any(re.match(r"Validation.* 3/\?", row) for state in screen.states for row in state)
    assert screen.shown == [done, done.replace("1/2", "2/2")]
    assert screen.column == 0


def test_the_bar_of_keras_gives_way(capsys):
    """There is one progress bar, whatever `verbose` is."""
    for verbose in ("auto", 0, 1, 2):
        bar, screen, _ = on_screen()
        fit(bar, verbose=verbose)
        assert len(screen.shown) == 2
        assert capsys.readouterr().out == ""


def test_one_epoch_has_no_bar_for_all():
    """And its line may go, too."""
    bar, screen, _ = on_screen(keep_epochs=False)
    fit(bar, epochs=1)
    assert not any(row.startswith("All") for state in screen.states for row in state)
    assert any(row.startswith("Epoch 1/1") for state in screen.states for row in state)
    assert screen.shown == []


def test_evaluation_and_prediction():
    """Each with a bar, of which a line stays."""
    bar, screen, clock = on_screen()
    model = build()
    model.evaluate(X, 2 * X, batch_size=5, callbacks=[bar, Tick(clock)])
    model.predict(X, batch_size=5, callbacks=[bar, Tick(clock)])
    assert screen.shown == ["Evaluation  4/4  0:00:04  loss: 4  mae: 2", "Prediction  4/4  0:00:04"]
    for label in ("Evaluation", "Prediction"):
        assert any(re.match(rf"{label} +━{{10}} +2/4", row) for state in screen.states for row in state)


def test_an_evaluation_within_a_training_leaves_it_as_it_is():
    """With a bar of its own, with Keras' bar, or with none."""
    bar, screen, _ = on_screen()

    class Evaluates(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.evaluate(X, X, batch_size=5, verbose=0)
            self.model.predict(X, verbose=0)

    class EvaluatesWithTheSame(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.evaluate(X, X, batch_size=5, callbacks=[bar])

    fit(bar, Evaluates())
    assert [row.split("  ")[0] for row in screen.shown] == ["Epoch 1/2", "Epoch 2/2"]
    fit(bar, EvaluatesWithTheSame())
    rows = [row.split("  ")[0] for row in screen.shown[2:]]
    assert [row for row in rows if row == "Evaluation"] == ["Evaluation"] * 2
    assert not any(re.search("━", row) for row in screen.shown)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_an_unknown_number_of_steps_is_known_after_an_epoch():
    """Before, there is a question mark."""
    signature = (tf.TensorSpec((None, 1)), tf.TensorSpec((None, 1)))
    data = tf.data.Dataset.from_generator(lambda: [(X[:5], 2 * X[:5])] * 3, output_signature=signature)
    bar, screen, clock = on_screen()
    fit(bar, Tick(clock), x=data, y=None, batch_size=None)
    for epoch, total in ((1, r"\?"), (2, "3")):
        assert any(re.match(rf"Epoch {epoch}/2 .* 2/{total} ", row) for state in screen.states for row in state)
    assert [row[:15] for row in screen.shown] == ["Epoch 1/2  3/3 ", "Epoch 2/2  3/3 "]


def test_what_others_print_stays(monkeypatch):
    """Above the bars, whole lines or parts of them, on both streams."""
    bar, screen, clock = on_screen()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(sys, "stderr", screen)

    def speak():
        sys.stdout.write("hello\n")
        sys.stdout.write("to ")
        sys.stderr.write("you\n")
        sys.stdout.writelines(["no ", "end"])

    fit(bar, Tick(clock, (1, 1), speak))
    first, *said, last = screen.shown
    assert said == ["hello", "to you", "no end"]
    assert first.startswith("Epoch 1/2")
    assert last.startswith("Epoch 2/2")
    assert sys.stdout is sys.stderr is screen
    assert any(state[-1].startswith("Epoch 2/2") and "hello" in state and "━" in state[-1] for state in screen.states)


def test_an_exception_leaves_the_terminal_as_it_should_be(monkeypatch):
    """What is printed then takes the place of the bars, and the next training begins anew."""
    bar, screen, clock = on_screen()
    monkeypatch.setattr(sys, "stdout", screen)

    def fail():
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fit(bar, Tick(clock, (1, 2), fail))
    assert "━" in screen.shown[-1]
    sys.stdout.write("what happened\n")
    assert [row.split("  ")[0] for row in screen.shown] == ["Epoch 1/2", "what happened"]
    fit(bar)
    assert [row.split("  ")[0] for row in screen.shown] == ["Epoch 1/2", "what happened", "Epoch 1/2", "Epoch 2/2"]
    assert sys.stdout is screen


def test_where_there_is_no_terminal_each_epoch_is_a_line(capsys):
    """And nothing else: no control codes, no validation, no bars."""
    fit(ProgressBar(), validation_data=(X, X))
    lines = capsys.readouterr().out.splitlines()
    assert [re.sub(r"\d:\d\d:\d\d", "time", line) for line in lines] == [
        f"Epoch {epoch}/2  4/4  time  loss: 4  mae: 2  val_loss: 1  val_mae: 1" for epoch in (1, 2)
    ]


@pytest.mark.parametrize("verbose", [0, 2])
def test_less_may_be_shown(capsys, verbose):
    """Nothing, or lines in a terminal, too."""
    bar, screen, _ = on_screen(verbose=verbose, metrics=["val_loss", "mae", "other"])
    fit(bar, validation_data=(X, X))
    shown = [re.sub(r"\d:\d\d:\d\d", "time", row) for row in screen.shown]
    assert shown == [f"Epoch {epoch}/2  4/4  time  val_loss: 1  mae: 2" for epoch in (1, 2)][: 2 if verbose else 0]
    assert not any("━" in row for state in screen.states for row in state)
    fit(ProgressBar(verbose=0))
    assert capsys.readouterr().out == ""


def test_numbers_of_any_kind_are_readable():
    """Small and large ones, counts, vectors, what is not finite, and names that look like markup."""

    class Shows(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs.clear()
            logs.update(small=1.25e-7, large=2.5e9 + 0.5, count=34567.0, vector=np.ones(3), nan=np.nan, inf=np.inf)
            logs["[bold]x"] = 0.12345

    bar, screen, _ = on_screen(width=200)
    fit(bar, Shows(), epochs=1)
    assert screen.shown[-1].endswith(
        "small: 1.250e-07  large: 2.500e+09  count: 34567  vector: [3 values]  nan: nan  inf: inf  [bold]x: 0.1235"
    )


@pytest.mark.parametrize("width", [100, 60, 30])
def test_bars_fit_into_the_width(width):
    """No row that is drawn is longer than a line, whatever there is to show."""
    metrics = [keras.metrics.MeanAbsoluteError(name=f"a_metric_of_a_long_name_{number}") for number in range(8)]
    model = build()
    model.compile("sgd", "mse", metrics=metrics)
    bar, screen, _ = on_screen(width=width, keep_epochs=False)
    fit(bar, model=model)
    assert max(len(row) for state in screen.states for row in state) <= width
    assert screen.shown == []


def test_it_is_drawn_no_more_often_than_asked_for():
    """Beginnings and ends apart."""
    counts = []
    for per_second in (0.25, 1e9):
        bar, screen, clock = on_screen(updates_per_second=per_second)
        fit(bar, Tick(clock), epochs=1, batch_size=1)
        counts.append(len({tuple(state) for state in screen.states if any("━" in row for row in state)}))
    assert counts[0] <= 6
    assert counts[1] >= 20


def test_it_goes_on_where_a_training_goes_on():
    """With a later first epoch, and after a stop."""

    class Stops(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    bar, screen, _ = on_screen()
    fit(bar, Stops(), epochs=5, initial_epoch=3)
    assert [row[:15] for row in screen.shown] == ["Epoch 4/5  2/4 "]
    assert any(re.match(r"All +━+ +3/5", row) for state in screen.states for row in state)


@pytest.mark.parametrize(
    "arguments",
    [{"verbose": 3}, {"verbose": True}, {"metrics": "loss"}, {"keep_epochs": 1}, {"updates_per_second": 0}],
)
def test_bad_arguments_raise_at_once(arguments):
    """With the name of the argument."""
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be"):
        ProgressBar(**arguments)


def test_its_config_is_complete():
    """And it can be built from it."""
    config = {"verbose": 2, "metrics": ["a"], "keep_epochs": False, "updates_per_second": 3.0}
    assert ProgressBar.from_config(config).get_config() == config
