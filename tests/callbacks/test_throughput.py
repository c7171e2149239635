"""`Throughput` on a clock that the test moves."""

import keras
import numpy as np
import pytest

from kerasplus.callbacks import throughput
from kerasplus.callbacks.throughput import Throughput

X = np.ones((10, 1), "float32")


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    now = [100.0]
    monkeypatch.setattr(throughput.time, "perf_counter", lambda: now[0])
    return now


class Takes(keras.callbacks.Callback):
    """Lets time pass: the first batch of a fit takes long, and so do validation and the ends of epochs."""

    def __init__(self, clock, batch=2.0, first=50.0, aside=1000.0):
        super().__init__()
        self.clock, self.batch, self.first, self.aside = clock, batch, first, aside

    def on_train_begin(self, logs=None):
        self.started = False

    def on_train_batch_end(self, batch, logs=None):
        self.clock[0] += self.batch if self.started else self.first
        self.started = True

    def on_test_batch_end(self, batch, logs=None):
        self.clock[0] += self.aside

    def on_epoch_end(self, epoch, logs=None):
        self.clock[0] += self.aside


def build(cls=keras.Sequential, **options):
    model = cls([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", **options)
    return model


def fit(clock, callback, model=None, x=X, y=X, **options):
    settings = {"batch_size": 4, "epochs": 2, "verbose": 0, "shuffle": False, **options}
    return (model or build()).fit(x, y, callbacks=[Takes(clock), callback], **settings).history


@pytest.mark.parametrize(
    "validation", [{}, {"validation_data": (X, X)}, {"validation_data": (X, X), "validation_freq": 2}]
)
def test_only_the_steps_count(clock, validation):
    """Neither the batch that is skipped, nor validation, nor what others do at the end of an epoch."""
    callback = Throughput()
    history = fit(clock, callback, **validation)
    assert history["samples_per_second"] == [6 / 4.0, 10 / 6.0]
    assert history["step_seconds"] == [2.0, 2.0]
    assert (callback.samples, callback.steps, callback.seconds) == (10, 3, 6.0)


@pytest.mark.parametrize(
    ("skip", "samples", "steps"), [(0, [10 / 54, 10 / 6], [18.0, 2.0]), (2, [2 / 2, 10 / 6], [2.0, 2.0])]
)
def test_as_many_batches_are_skipped_as_asked_for(clock, skip, samples, steps):
    """None of them, or two."""
    history = fit(clock, Throughput(skip=skip))
    assert history["samples_per_second"] == pytest.approx(samples)
    assert history["step_seconds"] == steps


def test_an_epoch_of_which_nothing_is_left_is_not_a_number(clock):
    """The rest of the batches to skip is taken from the next one; a second fit skips again."""
    callback = Throughput(skip=4)
    for _ in range(2):
        history = fit(clock, callback)
        assert history["samples_per_second"] == pytest.approx([np.nan, 6 / 4], nan_ok=True)
        assert history["step_seconds"] == pytest.approx([np.nan, 2.0], nan_ok=True)


def test_a_batch_size_that_is_given_counts(clock):
    """Each step is that many samples, also the smaller last one."""
    assert fit(clock, Throughput(skip=0, batch_size=4))["samples_per_second"][1] == 12 / 6


def test_a_model_that_does_not_count_needs_it(clock):
    """With a step of its own there is nothing to read."""

    class Own(keras.Sequential):
        def train_step(self, *arguments):
            return ({"loss": 1.0}, arguments[0]) if keras.config.backend() == "jax" else {"loss": 1.0}

    for batch_size, expected in ((None, 0), (4, 12)):
        callback = Throughput(skip=0, batch_size=batch_size)
        fit(clock, callback, build(Own))
        assert callback.samples == expected


def test_data_of_unknown_length_and_batches_of_any_size(clock):
    """Each batch counts as it is."""

    class Batches(keras.utils.PyDataset):
        @property
        def num_batches(self):
            return 4

        def __getitem__(self, index):
            return X[: index + 1], X[: index + 1]

    def endless():
        while True:
            for size in (3, 1, 2):
                yield X[:size], X[:size]

    callback = Throughput()
    fit(clock, callback, x=Batches(), y=None, batch_size=None)
    assert (callback.samples, callback.steps) == (10, 4)
    fit(clock, callback, x=endless(), y=None, batch_size=None, steps_per_epoch=3)
    assert (callback.samples, callback.steps) == (6, 3)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_a_generator_that_ends_by_itself(clock):
    """Its number of steps is known when it has ended."""
    callback = Throughput(skip=0)
    fit(clock, callback, x=((X[:2], X[:2]) for _ in range(3)), y=None, batch_size=None, epochs=1)
    assert (callback.samples, callback.steps) == (6, 3)


@pytest.mark.skipif(keras.config.backend() == "torch", reason="Keras has no executions of several steps on PyTorch")
def test_several_steps_in_an_execution(clock):
    """All of them count; what is skipped is a whole execution."""
    callback = Throughput(skip=1)
    fit(clock, callback, build(steps_per_execution=2), x=np.ones((20, 1)), y=np.ones((20, 1)), epochs=1)
    assert (callback.steps, callback.samples) == (3, 12)


def test_no_batch_waits_for_it():
    """Keras goes on with the next batch while this callback is told of the last one."""
    assert Throughput.async_safe
    threads = keras.callbacks.CallbackList([Throughput()])._async_train
    assert threads == keras.callbacks.CallbackList([])._async_train


@pytest.mark.parametrize("arguments", [{"skip": -1}, {"skip": True}, {"batch_size": 0}, {"batch_size": 1.5}])
def test_bad_arguments_raise_at_once(arguments):
    """With the name of the argument."""
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be"):
        Throughput(**arguments)


def test_its_config_is_complete():
    """And it can be built from it."""
    config = Throughput(skip=3, batch_size=5).get_config()
    assert Throughput.from_config(config).get_config() == config == {"skip": 3, "batch_size": 5}
