"""The curves of `TensorBoardLogger`, read back by TensorBoard's own reader."""

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from kerasplus.callbacks import TensorBoardLogger

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4)).astype("float32")
Y = RNG.integers(0, 3, size=40)
BATCH = 8
PER_EPOCH = 5


class PerClassAccuracy(keras.metrics.Metric):
    """A vector result."""

    def __init__(self, name="per_class"):
        super().__init__(name=name)
        self.seen = self.add_weight(shape=(3,), initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.seen.assign(self.seen + keras.ops.sum(keras.ops.one_hot(keras.ops.argmax(y_pred, -1), 3), 0))

    def result(self):
        return self.seen / keras.ops.maximum(keras.ops.sum(self.seen), 1)


def build(rate=0.1, metrics=("accuracy",)):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax", name="head")])
    model.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy", metrics=list(metrics))
    return model


def fit(model, *callbacks, epochs=2, **arguments):
    arguments = {"validation_data": (X, Y), **arguments}
    return model.fit(X, Y, batch_size=BATCH, epochs=epochs, callbacks=list(callbacks), verbose=0, **arguments).history


def curves(folder):
    """Each curve of a run: `{tag: [(step, value), ...]}`."""
    reader = EventAccumulator(str(folder)).Reload()
    return {tag: [(e.step, e.value) for e in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}


def steps(curve):
    return [step for step, _ in curve]


@pytest.mark.parametrize("update_freq", ["epoch", "batch", 1, 3, 7, 1000])
def test_no_curve_is_lost_whatever_the_frequency_is(tmp_path, update_freq):
    """Curves of epochs, of validation and of the rate are complete, and equal to the history."""
    history = fit(build(), TensorBoardLogger(tmp_path, update_freq=update_freq))
    train, validation = curves(tmp_path / "train"), curves(tmp_path / "validation")
    for name in ("loss", "accuracy"):
        assert steps(train[f"epoch_{name}"]) == steps(validation[f"epoch_{name}"]) == [5, 10]
        assert [v for _, v in train[f"epoch_{name}"]] == pytest.approx(history[name], rel=1e-6)
        assert [v for _, v in validation[f"epoch_{name}"]] == pytest.approx(history[f"val_{name}"], rel=1e-6)
        assert validation[f"evaluation_{name}_vs_iterations"] == validation[f"epoch_{name}"]
    assert train["epoch_learning_rate"] == [(5, pytest.approx(0.1)), (10, pytest.approx(0.1))]
    every = {"epoch": 10**9, "batch": 1}.get(update_freq, update_freq)
    assert steps(train.get("batch_loss", [])) == list(range(every, 11, every))
    assert ("batch_loss" in train) == (every <= 10)
    assert "batch_loss" not in validation


def test_batches_of_validation_have_a_frequency_of_their_own(tmp_path):
    """Their step is the number of validation batches so far."""
    fit(build(), TensorBoardLogger(tmp_path, validation_update_freq=2))
    assert steps(curves(tmp_path / "validation_batches")["batch_loss"]) == [2, 4, 6, 8, 10]
    assert "batch_loss" not in curves(tmp_path / "train")


@pytest.mark.parametrize(
    "schedule",
    [
        keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5),
        keras.optimizers.schedules.CosineDecay(0.0, 300, warmup_steps=3, warmup_target=0.2),
        keras.optimizers.schedules.PiecewiseConstantDecay([2, 7], [0.3, 0.2, 0.1]),
    ],
    ids=lambda schedule: type(schedule).__name__,
)
def test_the_rate_of_a_schedule_is_that_of_each_update(tmp_path, schedule):
    """Update number n uses the rate of n - 1 updates; more than one block of steps is worked out."""
    fit(build(schedule), TensorBoardLogger(tmp_path, update_freq=1), epochs=60, validation_data=None)
    rates = curves(tmp_path / "train")["batch_learning_rate"]
    assert steps(rates) == list(range(1, 301))
    assert [v for _, v in rates] == pytest.approx([float(schedule(step)) for step in range(300)], rel=1e-5, abs=1e-9)


def test_a_rate_that_a_callback_sets_before_a_batch_is_seen(tmp_path):
    """A plain rate is read at each batch."""

    def set_rate(batch, logs):
        model.optimizer.learning_rate = 0.01 * (batch + 1)

    model = build()
    setter = keras.callbacks.LambdaCallback(on_train_batch_begin=set_rate)
    fit(model, setter, TensorBoardLogger(tmp_path, update_freq=1), epochs=1)
    rates = curves(tmp_path / "train")["batch_learning_rate"]
    assert [v for _, v in rates] == pytest.approx([0.01, 0.02, 0.03, 0.04, 0.05])


def test_steps_go_on_in_a_second_fit_and_after_a_reload(tmp_path):
    """The step is the number of updates that the optimizer has made."""
    model, logger = build(), TensorBoardLogger(tmp_path / "logs", update_freq=1)
    fit(model, logger)
    fit(model, logger, epochs=1)
    model.save(tmp_path / "model.keras")
    fit(keras.models.load_model(tmp_path / "model.keras"), TensorBoardLogger(tmp_path / "logs", update_freq=1))
    train = curves(tmp_path / "logs" / "train")
    assert steps(train["batch_loss"]) == list(range(1, 26))
    assert steps(train["epoch_loss"]) == [5, 10, 15, 20, 25]


def test_vectors_become_a_curve_for_each_class(tmp_path):
    """Named after the classes, or numbered."""
    fit(build(metrics=[PerClassAccuracy()]), TensorBoardLogger(tmp_path / "a", class_names=["cat", "dog", "eel"]))
    fit(build(metrics=[PerClassAccuracy()]), TensorBoardLogger(tmp_path / "b"), epochs=1)
    named = curves(tmp_path / "a" / "train")
    assert {"epoch_per_class/cat", "epoch_per_class/dog", "epoch_per_class/eel"} <= named.keys()
    assert sum(named[f"epoch_per_class/{name}"][1][1] for name in ("cat", "dog", "eel")) == pytest.approx(1)
    assert "epoch_per_class/2" in curves(tmp_path / "b" / "validation")


def test_an_exception_in_fit_leaves_every_curve_on_disk(tmp_path):
    """What was written before it can be read at once, and the next fit goes on."""

    def fail(batch, logs):
        batches.append(batch)
        if len(batches) == 8:
            raise RuntimeError("planned")

    batches = []

    model, logger = build(), TensorBoardLogger(tmp_path, update_freq=1)
    with pytest.raises(RuntimeError, match="planned"):
        fit(model, logger, keras.callbacks.LambdaCallback(on_train_batch_end=fail))
    train = curves(tmp_path / "train")
    assert steps(train["batch_loss"]) == list(range(1, 9))
    assert steps(train["epoch_loss"]) == [5]
    fit(model, logger, epochs=1)
    assert steps(curves(tmp_path / "train")["batch_loss"]) == list(range(1, 14))


def test_evaluation_alone_writes_its_results(tmp_path):
    """At the step of the model, and predicting writes nothing."""
    model, logger = build(), TensorBoardLogger(tmp_path)
    fit(model, epochs=1)
    loss, _ = model.evaluate(X, Y, verbose=0, callbacks=[logger])
    model.predict(X, verbose=0, callbacks=[logger])
    assert curves(tmp_path / "validation")["evaluation_loss_vs_iterations"] == [(5, pytest.approx(loss))]
    assert not (tmp_path / "train").exists()


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="PyTorch has one step per execution")
def test_several_steps_per_execution_count_as_that_many_updates(tmp_path):
    """The last step of each execution is written."""
    model = build()
    model.compile("sgd", "sparse_categorical_crossentropy", steps_per_execution=2)
    fit(model, TensorBoardLogger(tmp_path, update_freq=1), epochs=1)
    assert steps(curves(tmp_path / "train")["batch_loss"])[-1] == 5


def test_speed_is_a_curve_when_asked_for(tmp_path):
    """Of batches and of epochs."""
    fit(build(), TensorBoardLogger(tmp_path, update_freq=1, write_steps_per_second=True))
    train = curves(tmp_path / "train")
    assert len(train["batch_steps_per_second"]) == 10
    assert all(value > 0 for _, value in train["epoch_steps_per_second"])


def test_weights_and_logs_of_others_stay_as_they_are(tmp_path):
    """A fit with the logger is bit for bit a fit without it."""
    results = []
    for callbacks in ([], [TensorBoardLogger(tmp_path, update_freq=1)]):
        keras.utils.set_random_seed(1)
        model = build()
        history = fit(model, *callbacks)
        results.append((history, [w.tolist() for w in model.get_weights()]))
    assert results[0] == results[1]


def test_it_is_a_keras_tensorboard_callback_with_a_config(tmp_path):
    """Others look for the class of Keras; every argument survives the round trip."""
    logger = TensorBoardLogger(
        str(tmp_path), update_freq="batch", validation_update_freq=4, class_names=("a", "b"), write_graph=False
    )
    assert isinstance(logger, keras.callbacks.TensorBoard)
    config = logger.get_config()
    assert TensorBoardLogger.from_config(config).get_config() == config
    assert config["update_freq"] == 1
    assert config["validation_update_freq"] == 4
    other = TensorBoardLogger(tmp_path)
    other.set_state({**logger.get_state(), "validation_batches": 3})
    assert other.get_state()["validation_batches"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"histogram_freq": -1}, "`histogram_freq` must be a number of epochs"),
        ({"embeddings_freq": 1.5}, "`embeddings_freq` must be a number of epochs"),
        ({"update_freq": 0}, '`update_freq` must be "epoch", "batch" or a number'),
        ({"validation_update_freq": "epochs"}, "`validation_update_freq` must be"),
    ],
)
def test_bad_arguments_raise_at_once(tmp_path, arguments, message):
    """With the name of the argument."""
    with pytest.raises(ValueError, match=message):
        TensorBoardLogger(tmp_path, **arguments)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow profiles on every Python")
def test_a_range_to_profile_that_runs_backwards_raises_at_once(tmp_path):
    """As in Keras."""
    with pytest.raises(ValueError, match="profile_batch must be"):
        TensorBoardLogger(tmp_path, profile_batch=(5, 3))


def test_a_folder_that_cannot_be_made_raises_at_once(tmp_path):
    """A file is in the way."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="`log_dir` must be a folder that can be written.*is no folder"):
        TensorBoardLogger(tmp_path / "file" / "logs")
