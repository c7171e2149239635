"""Stops on several conditions, held against Keras' `EarlyStopping` and against plain loops over the values."""

import json

import keras
import numpy as np
import pytest

from kerasplus.callbacks import CompositeEarlyStopping, Resume

X = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


class Values(keras.callbacks.Callback):
    """Puts given values into the logs and sets the weights to the number of the epoch."""

    def __init__(self, **values):
        super().__init__()
        self.values = values

    def on_epoch_end(self, epoch, logs=None):
        logs.update({name: series[epoch] for name, series in self.values.items() if series[epoch] is not None})
        self.model.set_weights([np.full_like(weight, epoch) for weight in self.model.get_weights()])


def build(**arguments):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True, **arguments)
    return model


def run(callbacks, epochs, model=None, **options):
    """A fit; the number of its epochs, and that of the epoch whose weights it ends with."""
    model = model or build()
    history = model.fit(X, Y, epochs=epochs, batch_size=8, verbose=0, callbacks=callbacks, **options)
    return len(history.epoch), int(model.get_weights()[1].item())


def stop_of(callback, **values):
    """The epoch in which it stops when the logs have these values, without training; None if it does not."""
    model = build()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch in range(len(next(iter(values.values())))):
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, {"loss": 1.0, **{name: series[epoch] for name, series in values.items()}})
        if model.stop_training:
            break
    callback.on_train_end()
    return epoch if model.stop_training else None


def random_walk(seed, count=40):
    return (np.cumsum(np.random.default_rng(seed).integers(-2, 3, size=count)) / 4 + 10).tolist()


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("options", [{}, {"min_delta": 0.25}, {"baseline": 9.5}, {"baseline": 10.5, "min_delta": 0.2}])
@pytest.mark.parametrize("patience", [1, 2, 5])
def test_a_single_condition_stops_where_keras_does(mode, options, patience):
    """On random walks, with the same best value and the same wait."""
    stops = []
    for seed in range(12):
        theirs = keras.callbacks.EarlyStopping("score", mode=mode, patience=patience, **options)
        expected = stop_of(theirs, score=random_walk(seed))
        condition = {"monitor": "score", "mode": mode, "patience": patience, **options}
        ours = CompositeEarlyStopping([condition])
        assert stop_of(ours, score=random_walk(seed)) == expected
        assert ours.stopped_epoch == expected
        assert ours.stopped_by == ([condition] if expected is not None else [])
        (state,) = ours.get_state()["conditions"]
        assert (state["best"], state["wait"]) == (theirs.best, theirs.wait)
        stops.append(expected)
    assert len(set(stops)) > 2


def holding_since(values, patience=None, threshold=None, low=True):
    """Whether a condition holds after each epoch, from the whole past each time."""
    found = []
    for end in range(1, len(values) + 1):
        past = [value if low else -value for value in values[:end] if value == value]
        if not past:
            found.append(False)
        elif threshold is not None:
            found.append(past[-1] <= (threshold if low else -threshold))
        else:
            found.append(len(past) - 1 - past.index(min(past)) >= patience)
    return found


@pytest.mark.parametrize("combine", ["any", "all"])
def test_several_conditions(combine):
    """They stop in the first epoch in which any, or all, hold, and those that hold are named."""
    conditions = [
        {"monitor": "a", "mode": "min", "patience": 3},
        {"monitor": "b", "mode": "max", "patience": 2},
        {"monitor": "b", "mode": "max", "threshold": 10.5},
    ]
    stops = []
    for seed in range(30):
        a, b = random_walk(seed), random_walk(seed + 100)
        for gap in np.random.default_rng(seed).integers(0, 40, size=8):
            a[gap] = float("nan")
        each = np.array([holding_since(a, 3), holding_since(b, 2, low=False), holding_since(b, None, 10.5, False)])
        together = each.any(0) if combine == "any" else each.all(0)
        expected = int(np.argmax(together)) if together.any() else None
        callback = CompositeEarlyStopping(conditions, combine)
        assert stop_of(callback, a=a, b=b) == expected
        named = [] if expected is None else [c for c, h in zip(conditions, each[:, expected], strict=True) if h]
        assert callback.stopped_by == named
        stops.append(expected)
    assert len(set(stops)) > 4


def test_a_condition_that_has_ceased_does_not_count():
    """Of two that never hold in the same epoch, all do not stop it."""
    conditions = [
        {"monitor": "a", "mode": "min", "patience": 2},
        {"monitor": "b", "mode": "min", "threshold": 1.0},
    ]
    a = [3.0, 3.0, 3.0, 2.0, 1.0, 0.5]  # has stalled in epoch 2 alone
    assert stop_of(CompositeEarlyStopping(conditions, "all"), a=a, b=[9.0, 9.0, 9.0, 1.0, 1.0, 1.0]) is None
    assert stop_of(CompositeEarlyStopping(conditions, "all"), a=a, b=[1.0] * 6) == 2
    assert stop_of(CompositeEarlyStopping(conditions, "any"), a=a, b=[9.0, 9.0, 9.0, 9.0, 9.0, 1.0]) == 2


def test_nan_is_no_value():
    """It is neither waited for, nor does it undo a threshold that was reached."""
    nan = float("nan")
    stalled = CompositeEarlyStopping([{"monitor": "a", "mode": "min", "patience": 2}])
    assert stop_of(stalled, a=[nan, 3.0, nan, 3.0, nan, nan, 3.0, 3.0]) == 6
    conditions = [{"monitor": "a", "mode": "max", "threshold": 1.0}, {"monitor": "b", "mode": "max", "threshold": 1.0}]
    assert stop_of(CompositeEarlyStopping(conditions, "all"), a=[1.0, nan, 0.0], b=[0.0, 1.0, 1.0]) == 1
    callback = CompositeEarlyStopping([{"monitor": "a", "mode": "min", "patience": 2}], "any", "b", "min")
    with pytest.warns(UserWarning, match="found no value of 'a', 'b' in any epoch"):
        stop_of(callback, a=[nan] * 3, b=[nan] * 3)


@pytest.mark.parametrize(("mode", "best"), [("min", 2), ("max", 1)])
@pytest.mark.parametrize("stops", [True, False])
def test_the_best_weights_come_back(mode, best, stops):
    """By a value of its own, whether the training was stopped or not; of equal ones the earlier."""
    values = Values(score=[2.0, 3.0, 1.0, float("nan"), 1.0, 3.0], stop=[0.0] * 4 + [1.0 * stops] * 2)
    condition = {"monitor": "stop", "mode": "max", "threshold": 1.0}
    callback = CompositeEarlyStopping([condition], restore_best_weights="score", restore_mode=mode)
    assert run([values, callback], 6) == (5 if stops else 6, best)
    assert (callback.best_epoch, callback.best) == (best, 1.0 if mode == "min" else 3.0)
    callback = CompositeEarlyStopping([condition])
    assert run([values, callback], 6) == ((5, 4) if stops else (6, 5))


def test_directions_that_the_metrics_declare():
    """With the mode left out a loss is better when lower, an accuracy when higher."""
    values = {"loss": [1.0, 2.0], "accuracy": [1.0, 0.5]}
    for name, threshold, expected in (
        ("loss", 1.0, 0),
        ("loss", 0.5, None),
        ("accuracy", 0.75, 0),
        ("accuracy", 2, None),
    ):
        model = build(metrics=["accuracy"])
        run([], 1, model)
        callback = CompositeEarlyStopping([{"monitor": name, "threshold": threshold}], restore_best_weights=name)
        callback.set_model(model)
        callback.on_train_begin()
        model.stop_training = False
        for epoch in range(2):
            callback.on_epoch_end(epoch, {key: series[epoch] for key, series in values.items()})
        assert callback.best_epoch == 0
        assert bool(callback.stopped_by) == (expected is not None)
    with pytest.raises(ValueError, match="of 'score' is better is not declared"):
        stop_of(CompositeEarlyStopping([{"monitor": "score", "patience": 1}]), score=[1.0])
    with pytest.raises(ValueError, match="`monitor` must be a name in the logs: loss, score. Received: 'scores'"):
        stop_of(CompositeEarlyStopping([{"monitor": "scores", "patience": 1}]), score=[1.0])


def test_epochs_without_validation_do_not_count():
    """With `validation_freq=2` half the epochs have no value: a patience of 2 takes 4 of them."""
    model = build()
    model.optimizer.learning_rate = 0.0
    callback = CompositeEarlyStopping([{"monitor": "val_loss", "patience": 2}], restore_best_weights="val_loss")
    epochs, _ = run([callback], 20, model, validation_data=(X, Y), validation_freq=2)
    assert (epochs, callback.stopped_epoch, callback.best_epoch) == (6, 5, 1)


@pytest.mark.parametrize("epoch", [1, 3, 5])
def test_resumed_equals_uninterrupted(tmp_path, die_at, epoch):
    """A run that was killed stops in the same epoch, by the same condition, with the same weights."""
    score = [5.0, 2.0, 4.0, 3.0, 3.0, 3.0, 3.0, 3.0]

    def once(folder=None, more=()):
        conditions = [
            {"monitor": "score", "mode": "min", "patience": 5},
            {"monitor": "score", "mode": "min", "threshold": 0.0},
        ]
        callback = CompositeEarlyStopping(conditions, "any", "score", "min")
        made = [Values(score=score), callback]
        listed = Resume(folder).with_callbacks(made) if folder else made
        ends = run([*listed, *more], 8)
        state = callback.get_state()
        return ends, callback.stopped_by, {**state, "best_weights": [w.tolist() for w in state["best_weights"]]}

    expected = once()
    assert expected[0] == (7, 1)
    with pytest.raises(ArithmeticError):
        once(tmp_path, [die_at(epoch)])
    assert once(tmp_path) == expected
    assert once(tmp_path) == expected, "started again after its stop, it makes nothing more"


def test_two_fits_in_a_row():
    """The second fit forgets the first, also after a fit of no epochs with a state that was set."""
    condition = {"monitor": "score", "mode": "min", "patience": 2}
    callback = CompositeEarlyStopping([condition], "any", "score", "min")
    model = build()
    assert run([Values(score=[1.0, 2.0, 3.0, 4.0]), callback], 4, model) == (3, 0)
    callback.set_state(callback.get_state())
    run([callback], 0, model)
    assert callback.stopped_epoch == 2
    assert run([Values(score=[9.0, 8.0, 7.0, 6.0]), callback], 4, model) == (4, 3)
    assert (callback.stopped_by, callback.stopped_epoch) == ([], None)


def test_the_configuration_is_the_declaration():
    """It goes through JSON, and what the caller does to the dicts later changes nothing."""
    conditions = [{"monitor": "loss", "patience": 3}, {"monitor": "val_loss", "threshold": 0}]
    callback = CompositeEarlyStopping(conditions, "all", "val_loss", "min")
    config = json.loads(json.dumps(callback.get_config()))
    again = CompositeEarlyStopping.from_config(config)
    assert again.get_config() == config
    assert config["conditions"] == conditions
    conditions[0]["patience"] = 9
    callback.conditions[0]["patience"] = 9
    assert callback.get_config() == config


GOOD = {"monitor": "loss", "patience": 1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"conditions": []}, "`conditions` must be a list of one or more dicts. Received: conditions=\\[\\]"),
        ({"conditions": GOOD}, "`conditions` must be a list of one or more dicts"),
        (
            {"conditions": ["loss"]},
            "`conditions` must be dicts with the name of a value as 'monitor'. Received: 'loss'",
        ),
        ({"conditions": [{"patience": 1}]}, "as 'monitor'. Received: {'patience': 1}"),
        ({"conditions": [{"monitor": "loss"}]}, "must each have either 'patience' or 'threshold'"),
        ({"conditions": [{**GOOD, "threshold": 1.0}]}, "must each have either 'patience' or 'threshold'"),
        ({"conditions": [{**GOOD, "verbose": 1}]}, "must not have 'verbose' in this one"),
        ({"conditions": [{"monitor": "a", "threshold": 1, "min_delta": 1}]}, "must not have 'min_delta' in this one"),
        ({"conditions": [{**GOOD, "mode": "up"}]}, "'mode' in `conditions` must be 'auto', 'min' or 'max'"),
        ({"conditions": [{**GOOD, "patience": 0}]}, "'patience' in `conditions` must be a number of epochs, 1 or more"),
        ({"conditions": [{**GOOD, "patience": 1.5}]}, "'patience' in `conditions` must be a number of epochs"),
        (
            {"conditions": [{**GOOD, "min_delta": -1.0}]},
            "'min_delta' in `conditions` must be a finite number, 0 or more",
        ),
        ({"conditions": [{**GOOD, "baseline": "0"}]}, "'baseline' in `conditions` must be a finite number"),
        ({"conditions": [{"monitor": "a", "threshold": None}]}, "'threshold' in `conditions` must be a finite number"),
        ({"conditions": [GOOD], "combine": "both"}, "`combine` must be 'any' or 'all'. Received: combine='both'"),
        ({"conditions": [GOOD], "restore_best_weights": True}, "`restore_best_weights` must be the name of a value"),
        ({"conditions": [GOOD], "restore_mode": "up"}, "`restore_mode` must be 'auto', 'min' or 'max'"),
    ],
)
def test_bad_arguments(arguments, message):
    """Each error names the argument and what was given."""
    with pytest.raises(ValueError, match=message):
        CompositeEarlyStopping(**arguments)
