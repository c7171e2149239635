"""Oracle: NumPy and scikit-learn over the samples of the last batches."""

import keras
import numpy as np
import pytest
from sklearn.metrics import f1_score

from kerasplus._replicas import simulated
from kerasplus.metrics import ExactAUROC, MaxError, MinMax, Running


def batches(count=7, seed=0):
    """Batches of uneven sizes of labels, scores and weights."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        size = int(rng.integers(2, 6))
        scores = rng.dirichlet([1.0, 1.0, 1.0], size).astype("float32")
        yield rng.integers(0, 3, size), scores, rng.integers(1, 5, size) / 2


def cross_entropy(y, p, w):
    """The weighted mean of the negative logarithms of what the targets were given."""
    return np.average(-np.log(p[np.arange(len(y)), y].astype("float64")), weights=w)


ORACLES = {
    "sparse_categorical_accuracy": lambda y, p, w: np.average(p.argmax(-1) == y, weights=w),
    "sparse_categorical_crossentropy": cross_entropy,
    "multiclass_f1": lambda y, p, w: f1_score(y, p.argmax(-1), sample_weight=w, average="macro"),
    "categorical_true_positives": lambda y, p, w: w[p.argmax(-1) == y].sum(),
    "perplexity": lambda y, p, w: np.exp(cross_entropy(y, p, w)),
}


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("window", [1, 3, 20])
def test_value_after_every_batch(name, window, number):
    """After every batch the value is that of the samples of the last ones, by their weights."""
    metric = Running(name, window=window)
    seen = []
    for batch in batches():
        seen.append(batch)
        metric.update_state(*batch)
        y, p, w = (np.concatenate(parts) for parts in zip(*seen[-window:], strict=True))
        assert number(metric.result()) == pytest.approx(ORACLES[name](y, p, w), rel=1e-5)


def test_logs_of_every_batch_of_a_fit():
    """A callback sees the running value after every batch, and the next epoch starts with an empty window."""
    errors = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    seen = []
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile(keras.optimizers.SGD(0.0), loss="mse", metrics=[Running("mean_bias_error", window=2)])
    watch = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs["running"]))
    model.fit(errors[:, None], np.zeros((5, 1)), batch_size=1, epochs=2, shuffle=False, verbose=0, callbacks=[watch])
    np.testing.assert_allclose(seen, [1, 1.5, 3, 6, 12] * 2)


def test_batches_without_samples_count(number):
    """An empty batch takes a place, as it must on a replica whose share of a batch is empty."""
    metric = Running("mean_bias_error", window=2)
    metric.update_state(np.zeros((1, 1)), np.array([[6.0]]))
    metric.update_state(np.zeros((0, 1)), np.zeros((0, 1)))
    assert number(metric.result()) == 6.0
    metric.update_state(np.zeros((0, 1)), np.zeros((0, 1)))
    assert number(metric.result()) == 0.0


def test_replicas_drop_the_same_batches(number):
    """The added states of two replicas are those of whole batches, and so they stay when more batches come."""
    sides = []
    for replica in range(2):
        with simulated(replica, of=2):
            sides.append(Running("mean_bias_error", window=2))
    for errors in ([9.0, 7.0], [1.0, 2.0], [3.0, 6.0]):
        for side, error in zip(sides, errors, strict=True):
            side.update_state(np.zeros((1, 1)), np.array([[error]]))
    first, second = sides
    for variable, other in zip(first.variables, second.variables, strict=True):
        variable.assign(variable + other)
    assert number(first.result()) == 3.0
    first.update_state(np.zeros((1, 1)), np.array([[12.0]]))
    assert number(first.result()) == (3 + 6 + 12) / 3


def test_names_of_a_dict(run):
    """The keys of a dict get the name of the wrapper in place of the metric's."""
    found = run(Running("confusion_matrix", window=2, name="recent"), np.array([0, 1]), np.eye(2)[[0, 0]])
    assert found == {"recent_0_0": 1, "recent_0_1": 0, "recent_1_0": 1, "recent_1_1": 0}


@pytest.mark.parametrize("metric", [MaxError(), ExactAUROC(), MinMax("mse"), Running("mse")], ids=repr)
def test_states_that_do_not_add_up_are_refused(metric):
    """Maxima, samples and windows cannot be added."""
    with pytest.raises(ValueError, match="must have a state of sums"):
        Running(metric)


@pytest.mark.parametrize("window", [0, -1, 2.0, True, None])
def test_bad_windows(window):
    """A window is a whole number of batches."""
    with pytest.raises(ValueError, match="`window` must be"):
        Running("mse", window=window)
