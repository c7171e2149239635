"""The files of the best epochs, held against sorting the values of all epochs."""

import json
import pathlib

import keras
import numpy as np
import pytest

from kerasplus.callbacks import Resume, TopKCheckpoint

X = np.zeros((4, 2), "float32")
Y = np.zeros((4, 1), "float32")
NAN = float("nan")


class Scores(keras.callbacks.Callback):
    """Puts given scores into the logs, and sets the weights to the number of the epoch, counted from 1."""

    def __init__(self, scores):
        super().__init__()
        self.scores = scores

    def on_epoch_end(self, epoch, logs=None):
        logs["score"] = self.scores[epoch]
        self.model.set_weights([np.full_like(weight, epoch + 1) for weight in self.model.get_weights()])


class Look(keras.callbacks.Callback):
    """Notes the files of a folder at the end of each epoch."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder
        self.files = []

    def on_epoch_end(self, epoch, logs=None):
        self.files.append(names(self.folder))


class DieAfter(keras.callbacks.Callback):
    """Ends a run at the end of an epoch; last in the list after the state is saved, else before."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 == self.epoch:
            raise ArithmeticError("on purpose")


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def build():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    return model


def fit(callbacks, epochs, **options):
    model = build()
    model.fit(X, Y, epochs=epochs, verbose=0, callbacks=callbacks, **options)
    return model


def epoch_in(path):
    """The epoch whose weights a file holds."""
    if str(path).endswith(".keras"):
        return int(keras.models.load_model(path).get_weights()[1].item())
    model = build()
    model.load_weights(path)
    return int(model.get_weights()[1].item())


def best(scores, k, mode):
    """The epochs of the best scores, counted from 1, the best first and of equal ones the earlier."""
    valued = [(score if mode == "min" else -score, epoch) for epoch, score in enumerate(scores, 1) if score == score]
    return [epoch for _, epoch in sorted(valued)[:k]]


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize(("k", "weights_only"), [(1, False), (1, True), (3, True), (99, True)])
def test_the_files_are_those_of_the_best_epochs(tmp_path, mode, k, weights_only):
    """After every epoch, on random scores with ties and gaps, and each holds the weights of its epoch."""
    scores = (np.random.default_rng(k).integers(0, 6, size=14) / 2).tolist()
    scores[0] = scores[7] = NAN
    suffix = ".weights.h5" if weights_only else ".keras"
    template = f"{tmp_path}/deep/{{epoch:03d}}/{{score:.1f}}{suffix}"
    callback, look = TopKCheckpoint(template, "score", k, mode, weights_only), Look(tmp_path)
    fit([Scores(scores), callback, look], len(scores))
    for end, files in enumerate(look.files, 1):
        expected = best(scores[:end], k, mode)
        assert files == sorted(f"deep/{epoch:03d}/{scores[epoch - 1]:.1f}{suffix}" for epoch in expected)
    assert callback.paths == [template.format(epoch=epoch, score=scores[epoch - 1]) for epoch in expected]
    assert callback.best_path == callback.paths[0]
    assert callback.best == scores[expected[0] - 1]
    assert [epoch_in(path) for path in callback.paths[:3]] == expected[:3]


def test_a_whole_model_goes_on_with_training(tmp_path):
    """A `.keras` file has the optimizer and its state, and `compile` is as it was."""
    callback = TopKCheckpoint(f"{tmp_path}/{{epoch}}.keras", "loss", 1)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.fit(X + 1, Y + 9, epochs=2, verbose=0, callbacks=[callback])
    loaded = keras.models.load_model(callback.best_path)
    assert int(loaded.optimizer.iterations) == 2
    for each in (model, loaded):
        each.fit(X + 1, Y + 9, epochs=1, verbose=0)
    for got, expected in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(got, expected)


def test_one_file_of_a_fixed_name(tmp_path):
    """With `k=1` the name may be always the same: the best one overwrites the one before."""
    callback = TopKCheckpoint(f"{tmp_path}/best.weights.h5", "score", 1, "min", True)
    fit([Scores([3.0, 1.0, 2.0, 1.0]), callback], 4)
    assert names(tmp_path) == ["best.weights.h5"]
    assert epoch_in(tmp_path / "best.weights.h5") == 2


def test_direction_that_the_metric_declares(tmp_path):
    """Of a loss less is better; a score that nobody knows needs a mode."""
    callback = TopKCheckpoint(f"{tmp_path}/{{epoch}}.weights.h5", "val_loss", 1, save_weights_only=True)
    fit([callback], 2, validation_data=(X, Y))
    assert callback.best == 0.0
    with pytest.raises(ValueError, match="of 'score' is better is not declared"):
        fit([Scores([1.0]), TopKCheckpoint(f"{tmp_path}/new/{{epoch}}.keras", "score")], 1)


@pytest.mark.parametrize("name", ["002.keras", "003.keras"])
def test_files_of_others_stop_the_training_before_it_begins(tmp_path, name):
    """Any that a coming epoch could overwrite; what is in them stays."""
    (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(ValueError, match=rf"`filepath` must name files that are not there yet.*others wrote .*{name}"):
        fit([Scores([9.0] * 3), TopKCheckpoint(f"{tmp_path}/{{epoch:03d}}.keras", "score", 1, "min")], 3)
    assert names(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b"mine"


def test_files_that_no_epoch_needs_are_not_in_the_way(tmp_path):
    """Other names, epochs before and after, and brackets in the path, which are no pattern."""
    folder = tmp_path / "[ab]*?"
    folder.mkdir()
    others = ["001.keras", "004.keras", "final.keras", "02.txt", "2x.keras"]
    for name in others:
        (folder / name).write_bytes(b"mine")
    callback = TopKCheckpoint(f"{folder}/{{epoch:03d}}.keras", "score", 2, "max")
    fit([Scores([1.0, 2.0, 3.0]), callback], 3, initial_epoch=1)
    assert names(folder) == sorted([*others, "002.keras", "003.keras"])
    assert all((folder / name).read_bytes() == b"mine" for name in others)


def test_the_files_of_another_training_are_files_of_others(tmp_path):
    """A second run of the same script does not overwrite what the first has found."""
    template = f"{tmp_path}/{{epoch}}-{{score:.1f}}.weights.h5"
    fit([Scores([1.0, 2.0]), TopKCheckpoint(template, "score", 1, "min", True)], 2)
    with pytest.raises(ValueError, match=r"others wrote .*/1-1.0.weights.h5"):
        fit([Scores([1.0, 2.0]), TopKCheckpoint(template, "score", 1, "min", True)], 2)
    assert epoch_in(tmp_path / "1-1.0.weights.h5") == 1


class Meddle(keras.callbacks.Callback):
    """Does something at the end of an epoch, counted from 1."""

    def __init__(self, epoch, action):
        super().__init__()
        self.epoch, self.action = epoch, action

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 == self.epoch:
            self.action()


def test_a_file_that_appears_in_the_way(tmp_path):
    """It is not overwritten either, and nothing half-written stays."""
    foreign = tmp_path / "2.keras"
    meddle = Meddle(1, lambda: foreign.write_bytes(b"mine"))
    with pytest.raises(ValueError, match=r"others wrote .*2.keras"):
        fit([meddle, Scores([2.0, 1.0]), TopKCheckpoint(f"{tmp_path}/{{epoch}}.keras", "score", 1, "min")], 2)
    assert names(tmp_path) == ["1.keras", "2.keras"]
    assert foreign.read_bytes() == b"mine"


def test_files_that_are_gone_or_replaced(tmp_path):
    """They no longer count, a file that somebody put there is not deleted, and the next best take their places."""

    def meddle():
        (tmp_path / "1.keras").unlink()
        (tmp_path / "2.keras").write_bytes(b"mine")

    callback = TopKCheckpoint(f"{tmp_path}/{{epoch}}.keras", "score", 3, "min")
    fit([Scores([1.0, 2.0, 3.0, 9.0, 8.0, 7.0]), callback, Meddle(3, meddle)], 6)
    assert names(tmp_path) == ["2.keras", "3.keras", "5.keras", "6.keras"]
    assert callback.paths == [f"{tmp_path}/{epoch}.keras" for epoch in (3, 6, 5)]
    assert (tmp_path / "2.keras").read_bytes() == b"mine"


def test_a_new_file_is_complete_before_an_old_one_goes(tmp_path, monkeypatch):
    """Whatever a write or a change of a name meets, the best files so far stay, and no piece of another."""
    scores = [2.0, 1.0]
    template = f"{tmp_path}/{{epoch}}.weights.h5"
    whole = pathlib.Path.replace

    def fails(self, target):
        if str(target).endswith("2.weights.h5"):
            raise OSError("no space")
        return whole(self, target)

    monkeypatch.setattr(pathlib.Path, "replace", fails)
    with pytest.raises(OSError, match="no space"):
        fit([Scores(scores), TopKCheckpoint(template, "score", 1, "min", True)], 2)
    assert names(tmp_path) == ["1.weights.h5"]
    assert epoch_in(tmp_path / "1.weights.h5") == 1


TEMPLATE = "{epoch}-{score:.2f}.weights.h5"


def part(tmp_path, scores, die_after=None, saved=True, save_freq=1, template=TEMPLATE, k=2):
    """A run of 6 epochs or what is left of it, which may be killed after or before the state is saved."""
    callback = TopKCheckpoint(f"{tmp_path}/files/{template}", "score", k, "min", True)
    listed = Resume(str(tmp_path / "state"), save_freq).with_callbacks([Scores(scores), callback])
    listed.insert(len(listed) if saved else -1, DieAfter(die_after))
    if die_after is None:
        fit(listed, 6)
    else:
        with pytest.raises(ArithmeticError):
            fit(listed, 6)
    return callback


@pytest.mark.parametrize("saved", [True, False])
@pytest.mark.parametrize("save_freq", [1, 2])
@pytest.mark.parametrize(("template", "k"), [(TEMPLATE, 2), ("best.weights.h5", 1)])
def test_resumed_equals_uninterrupted(tmp_path, saved, save_freq, template, k):
    """Killed before and after its state is saved, it ends with the same list, the same files and their weights."""
    scores = [4.0, 2.0, 3.0, 1.0, 2.0, 5.0]
    options = {"save_freq": save_freq, "template": template, "k": k}
    expected = part(tmp_path / "whole", scores, **options)
    for epoch in (3, 4, 5):
        part(tmp_path / "parts", scores, epoch, saved, **options)
    for _ in range(2):  # the second time there is nothing left to do
        callback = part(tmp_path / "parts", scores, **options)
        assert names(tmp_path / "parts/files") == names(tmp_path / "whole/files")
        assert [path.replace("/parts/", "/whole/") for path in callback.paths] == expected.paths
        assert [epoch_in(path) for path in callback.paths] == best(scores, k, "min")


def test_what_a_killed_run_wrote_after_its_last_save_goes(tmp_path):
    """Epochs that come out otherwise when they are made again leave no second file; one that was cut off goes too."""
    part(tmp_path, [4.0, 3.0, 2.0, 1.0, 0.5], 4, saved=False)
    run = json.loads(next((tmp_path / "state").glob("*/state.json")).read_text())["states"][1]["runs"][-1]
    (tmp_path / "files" / f".{run}.weights.h5").write_bytes(b"half")
    (tmp_path / "files" / "5-9.00.weights.h5").write_bytes(b"mine")
    callback = part(tmp_path, [4.0, 3.0, 2.0, 8.0, 7.0, 6.0])
    assert names(tmp_path / "files") == ["3-2.00.weights.h5", "5-9.00.weights.h5", "6-6.00.weights.h5"]
    assert [epoch_in(path) for path in callback.paths] == [3, 6]


def test_a_file_of_an_epoch_that_did_not_count_is_not_taken_for_another(tmp_path):
    """Under a fixed name a killed run has overwritten the best one that is known: the best from there on is kept."""
    options = {"template": "best.weights.h5", "k": 1}
    part(tmp_path, [4.0, 3.0, 2.0, 1.0], 4, saved=False, **options)
    callback = part(tmp_path, [4.0, 3.0, 2.0, 8.0, 7.0, 9.0], **options)
    assert callback.best == 7.0
    assert epoch_in(callback.best_path) == 5


def test_another_training_cannot_go_on_over_the_files_of_a_resumed_one(tmp_path):
    """Without the state it is another one."""
    part(tmp_path, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3)
    (tmp_path / "state").rename(tmp_path / "moved")
    with pytest.raises(ValueError, match="others wrote"):
        part(tmp_path, [1.0] * 6)


def test_two_fits_in_a_row(tmp_path):
    """The second has its own list; files of the first stay, apart from those whose names come again."""
    callback = TopKCheckpoint(f"{tmp_path}/{{epoch}}-{{score:.0f}}.weights.h5", "score", 1, "min", True)
    scores = Scores([3.0, 1.0])
    fit([scores, callback], 2)
    scores.scores = [3.0, 2.0]
    fit([scores, callback], 2)
    assert names(tmp_path) == ["2-1.weights.h5", "2-2.weights.h5"]
    callback.set_state(callback.get_state())
    fit([callback], 0)
    scores.scores = [9.0, 1.0]
    fit([scores, callback], 2)
    assert callback.paths == [f"{tmp_path}/2-1.weights.h5"]


def test_a_value_that_is_never_there(tmp_path):
    """A warning says so, and no file is written."""
    callback = TopKCheckpoint(f"{tmp_path}/{{epoch}}.keras", "score", mode="min")
    with pytest.warns(UserWarning, match="found no value of 'score' in any epoch, so nothing was saved"):
        fit([Scores([NAN, NAN]), callback], 2)
    assert (callback.paths, callback.best_path, callback.best, names(tmp_path)) == ([], None, None, [])


def test_epochs_without_validation(tmp_path):
    """They are not saved, and need not have what the path asks for."""
    callback = TopKCheckpoint(f"{tmp_path}/{{epoch}}-{{val_loss:.0f}}.weights.h5", k=9, save_weights_only=True)
    fit([callback], 4, validation_data=(X, Y), validation_freq=2)
    assert names(tmp_path) == ["2-0.weights.h5", "4-0.weights.h5"]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{epoch}-{acc}.keras", "`filepath` must have names in the logs, loss, score, and .* KeyError: 'acc'"),
        ("{epoch}-{score:d}.keras", "formats that fit their values.* ValueError"),
    ],
)
def test_paths_that_the_logs_cannot_fill(tmp_path, template, message):
    """The error says which names there are."""
    with pytest.raises(ValueError, match=message):
        fit([Scores([1.0]), TopKCheckpoint(f"{tmp_path}/{template}", "score", mode="min")], 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"filepath": "{epoch}.h5"},
            "`filepath` must end in '.keras' with save_weights_only=False. Received: .*'{epoch}",
        ),
        ({"save_weights_only": True}, "`filepath` must end in '.weights.h5' with save_weights_only=True"),
        ({"filepath": "best.keras"}, "`filepath` must have {epoch} for more than one file. Received: .*, k=3"),
        ({"filepath": "{epoch}{}.keras"}, "`filepath` must have names in its braces"),
        ({"filepath": "{epoch.keras"}, "`filepath` must be a format. Received: filepath='{epoch.keras'"),
        ({"k": 0}, "`k` must be a number of files, 1 or more. Received: k=0"),
        ({"k": True}, "`k` must be a number of files"),
        ({"mode": "best"}, "`mode` must be 'auto', 'min' or 'max'. Received: mode='best'"),
        ({"save_weights_only": 1}, "`save_weights_only` must be True or False"),
    ],
)
def test_bad_arguments(arguments, message):
    """Each error names the argument and what was given."""
    with pytest.raises(ValueError, match=message):
        TopKCheckpoint(**arguments)
