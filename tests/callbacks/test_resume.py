"""`Resume`: what an interrupted run has when it goes on."""

import json

import keras
import numpy as np
import pytest

from kerasplus.callbacks import PlateauDecay, Resume

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 3)).astype("float32")
Y = (X @ np.array([1.0, -2.0, 0.5], "float32"))[:, None]


def build(rate=0.05):
    keras.utils.set_random_seed(4)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(rate), "mse")
    return model


class Die(Exception):
    pass


class DieAt(keras.callbacks.Callback):
    """Ends a run in the middle of an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch, self.now = epoch, 0

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.now == self.epoch and batch == 1:
            raise Die


def callbacks():
    return [
        keras.callbacks.EarlyStopping("val_loss", patience=50, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau("val_loss", patience=2, min_delta=0.1),
        PlateauDecay("val_loss", patience=3, min_delta=0.2),
    ]


def fit(folder, die_at=None, epochs=9, made=None, save_freq=1, build=build):
    model, made = build(), callbacks() if made is None else made
    listed = Resume(folder, save_freq).with_callbacks(made) if folder else made
    listed = [*listed, DieAt(die_at)] if die_at is not None else listed
    history = model.fit(
        X, Y, epochs=epochs, batch_size=8, shuffle=False, validation_data=(X, Y), verbose=0, callbacks=listed
    )
    return model, history, made


def facts(model, history, made):
    """What must be the same."""
    early, reduce, plateau = made
    return {
        "epoch": history.epoch,
        "history": history.history,
        "weights": [weight.tolist() for weight in model.get_weights()],
        "optimizer": [keras.ops.convert_to_numpy(v).tolist() for v in model.optimizer.variables],
        "early": [early.wait, float(early.best), early.best_epoch, [w.tolist() for w in early.best_weights]],
        "reduce": [reduce.wait, float(reduce.best), reduce.cooldown_counter],
        "plateau": plateau.get_state(),
    }


@pytest.mark.parametrize("save_freq", [1, 2])
def test_an_interrupted_run_ends_as_an_uninterrupted_one(tmp_path, save_freq):
    """Weights, optimizer, history, patience and best values, bit for bit."""
    expected = facts(*fit(None))
    for epoch in (0, 3, 7):
        with pytest.raises(Die):
            fit(tmp_path, die_at=epoch, save_freq=save_freq)
    assert facts(*fit(tmp_path, save_freq=save_freq)) == expected


def test_a_run_that_has_ended_makes_nothing_more(tmp_path):
    """Started again it gives the same model and the same history; with more epochs it goes on."""
    first = facts(*fit(tmp_path))
    assert facts(*fit(tmp_path)) == first
    _, history, _ = fit(tmp_path, epochs=11)
    assert history.epoch == list(range(11))


def test_a_stopped_run_stays_stopped(tmp_path):
    """The best weights are those that the stop restored."""
    made = [keras.callbacks.EarlyStopping("val_loss", patience=0, min_delta=0.5, restore_best_weights=True)]
    first, history, _ = fit(tmp_path, made=made)
    assert len(history.epoch) < 9
    made = [keras.callbacks.EarlyStopping("val_loss", patience=0, min_delta=0.5, restore_best_weights=True)]
    again, repeated, _ = fit(tmp_path, made=made)
    assert repeated.history == history.history
    for one, other in zip(first.get_weights(), again.get_weights(), strict=True):
        assert one.tolist() == other.tolist()


def test_the_best_checkpoint_stays_the_best(tmp_path):
    """A worse epoch after the interruption does not overwrite it."""

    class Worse(keras.callbacks.Callback):
        """Gives the epochs the values 3, 1, 2, 2, 2."""

        def on_epoch_end(self, epoch, logs=None):
            logs["quality"] = [3.0, 1.0, 2.0, 2.0, 2.0][epoch]

    def made():
        checkpoint = keras.callbacks.ModelCheckpoint(
            tmp_path / "best.keras", "quality", save_best_only=True, mode="min"
        )
        return [Worse(), checkpoint]

    with pytest.raises(Die):
        fit(tmp_path / "state", die_at=2, epochs=5, made=made())
    best = (tmp_path / "best.keras").read_bytes()
    _, _, (_, checkpoint) = fit(tmp_path / "state", epochs=5, made=made())
    assert (tmp_path / "best.keras").read_bytes() == best
    assert checkpoint.best == 1.0


def test_a_save_that_was_cut_off_is_passed_over(tmp_path):
    """Only complete saves count, and the folder holds one of them."""
    expected = facts(*fit(None))
    with pytest.raises(Die):
        fit(tmp_path, die_at=4)
    (tmp_path / ".saving").mkdir()
    (tmp_path / ".saving" / "state.json").write_text("{")
    assert facts(*fit(tmp_path)) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["epoch_00000008"]


def test_the_state_of_other_callbacks_is_refused(tmp_path):
    """With both lists in the message."""
    fit(tmp_path, epochs=1)
    with pytest.raises(ValueError, match="holds the state of other callbacks.*EarlyStopping"):
        fit(tmp_path, made=[])


def test_a_later_fit_without_it_starts_at_its_own_epoch(tmp_path):
    """Nothing leaks into the model."""
    fit(tmp_path, epochs=3)
    model, _, _ = fit(tmp_path, epochs=3)
    assert model.fit(X, Y, epochs=2, verbose=0).epoch == [0, 1]


def test_its_config_is_complete():
    """Through JSON and back."""
    config = Resume("somewhere", save_freq=3).get_config()
    assert Resume.from_config(json.loads(json.dumps(config))).get_config() == config


@pytest.mark.parametrize("save_freq", [0, -1, 1.5, True])
def test_bad_arguments_raise_at_once(save_freq):
    """With the name of the argument."""
    with pytest.raises(ValueError, match="`save_freq` must be a number of epochs"):
        Resume("somewhere", save_freq)
