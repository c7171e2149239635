"""Oracle: the counts replayed with NumPy's unsigned integers, and the standard error of a mean."""

import math

import keras
import numpy as np
import pytest
from keras import ops
from scipy.stats import chisquare, poisson

from kerasplus._replicas import simulated
from kerasplus.metrics import Bootstrap, _poisson_counts


def mixed(x):
    """The hash, with integers that have no sign."""
    x = np.asarray(x, "uint32")
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def replayed(seed, replica, copies, samples):
    """How often each copy draws each sample: `(copies, samples)`; the first copy draws each once."""
    base = mixed(mixed([seed + 1]) ^ np.uint32(replica))
    keys = mixed(base ^ mixed(np.arange(copies)))
    drawn = mixed(mixed(np.arange(samples)) ^ keys[:, None]) & np.uint32(0x7FFFFFFF)
    counts = (drawn[..., None].astype("int64") >= np.floor(poisson.cdf(np.arange(12), 1) * 2**31)).sum(-1)
    counts[0] = 1
    return counts


def expected(errors, weights, counts, quantiles=()):
    """The statistics of the weighted mean over the copies."""
    weighted = counts * weights
    means = (weighted * errors).sum(1) / np.maximum(weighted.sum(1), 1e-30)
    found = {"b": means[0], "b_mean": means[1:].mean(), "b_std": means[1:].std(ddof=1)}
    return found | {f"b_quantile_{q:g}": np.quantile(means[1:], q) for q in quantiles}


@pytest.mark.parametrize("copies", [4, 30])
@pytest.mark.parametrize("batches", [1, 7])
def test_replay(copies, batches, run):
    """The results are those of the replayed counts, for few and many copies, in one batch and in several."""
    rng = np.random.default_rng(0)
    errors, weights = rng.normal(1.0, 2.0, 50), rng.integers(1, 5, 50) / 2
    metric = Bootstrap("mean_bias_error", num_samples=copies, seed=5, quantiles=[0.1, 0.5], name="b")
    found = run(metric, np.zeros((50, 1)), errors[:, None], weights, batches=batches)
    wanted = expected(errors, weights, replayed(5, 0, copies + 1, 50), (0.1, 0.5))
    assert found == pytest.approx(wanted, rel=1e-5)


def test_counts_of_every_seed_and_replica():
    """The counts agree with those of unsigned integers, also of large seeds and positions."""
    for seed, replica in ((0, 0), (1, 3), (2**31 - 1, 1)):
        keys = _poisson_counts.keys(seed, replica, 5)
        got = [ops.convert_to_numpy(_poisson_counts.counts(key, ops.arange(1000, dtype="int32"))) for key in keys]
        np.testing.assert_array_equal(got[1:], replayed(seed, replica, 5, 1000)[1:])


def test_counts_are_poisson():
    """Counts of many samples have the frequencies of a Poisson distribution, and copies are not correlated."""
    keys = _poisson_counts.keys(0, 0, 4)
    counts = np.array([ops.convert_to_numpy(_poisson_counts.counts(k, ops.arange(100000))) for k in keys])
    observed = np.bincount(np.minimum(counts.ravel(), 6), minlength=7)
    assert chisquare(observed, 400000 * np.append(poisson.pmf(range(6), 1), poisson.sf(5, 1))).pvalue > 1e-3
    neighbours = np.concatenate([counts[:, 1:], counts[:, :-1]])
    assert np.abs(np.corrcoef(neighbours) - np.eye(8)).max() < 5 / math.sqrt(1e5)


def test_standard_error_of_a_mean(run):
    """With 200 copies the deviation is the standard error of the mean but for a sixth, and the mean is near."""
    errors = np.random.default_rng(1).exponential(3.0, 2000)
    found = run(
        Bootstrap("mean_bias_error", num_samples=200, quantiles=[0.025, 0.975], name="b"),
        np.zeros((2000, 1)),
        errors[:, None],
    )
    standard_error = errors.std(ddof=1) / math.sqrt(2000)
    assert found["b"] == pytest.approx(errors.mean(), rel=1e-5)
    assert found["b_mean"] == pytest.approx(errors.mean(), abs=3 * standard_error / math.sqrt(200))
    assert found["b_std"] == pytest.approx(standard_error, rel=0.16)
    width = found["b_quantile_0.975"] - found["b_quantile_0.025"]
    assert width == pytest.approx(2 * 1.96 * standard_error, rel=0.25)


def test_standard_error_of_a_share(run):
    """Likewise for Keras' accuracy: the root of `p (1 - p) / n`."""
    right = np.random.default_rng(2).random(1500) < 0.8
    found = run(
        Bootstrap("binary_accuracy", num_samples=200, name="b"), np.ones((1500, 1)), right[:, None].astype("float32")
    )
    assert found["b_std"] == pytest.approx(math.sqrt(right.mean() * (1 - right.mean()) / 1500), rel=0.16)


def test_samples_of_weight_zero_have_no_position(run):
    """Leaving samples out gives what weights of zero give."""
    errors = np.arange(20.0)
    weights = (np.arange(20) % 3).astype("float32")
    found = run(Bootstrap("mean_bias_error", name="b"), np.zeros((20, 1)), errors[:, None], weights, batches=3)
    wanted = expected(errors[weights > 0], weights[weights > 0], replayed(0, 0, 21, 13))
    assert found == pytest.approx(wanted, rel=1e-5)


def test_sequences_are_drawn_as_a_whole(masked, number):
    """The steps of a sequence count alike, and a sequence that is all padding has no position."""
    errors = np.arange(12.0).reshape(4, 3)
    mask = np.array([[1, 1, 0], [0, 0, 0], [1, 1, 1], [1, 0, 0]], bool)
    metric = Bootstrap("mean_bias_error", num_samples=6, name="b")
    metric.update_state(np.zeros((4, 3, 1)), masked(errors[..., None], mask))
    counts = replayed(0, 0, 7, 3)
    steps = np.repeat(counts, [2, 3, 1], axis=1)
    assert number(metric.result()) == pytest.approx(expected(errors[mask], np.ones(6), steps), rel=1e-5)


def test_replicas_draw_otherwise(number):
    """Each replica has counts of its own, and the added states are a bootstrap of all samples."""
    errors = np.arange(10.0)
    sides = []
    for replica in range(2):
        with simulated(replica, of=2):
            sides.append(Bootstrap("mean_bias_error", num_samples=5, name="b"))
            sides[-1].update_state(np.zeros((5, 1)), errors[5 * replica : 5 * replica + 5, None])
    first, second = sides
    for variable, other in zip(first.variables, second.variables, strict=True):
        variable.assign(variable + other)
    counts = np.concatenate([replayed(0, replica, 6, 5) for replica in range(2)], axis=1)
    assert number(first.result()) == pytest.approx(expected(errors, np.ones(10), counts), rel=1e-5)


def test_every_epoch_draws_the_same():
    """In a training every epoch has the same draws, so that its deviation changes with the model only."""
    errors = np.random.default_rng(3).normal(size=(12, 1))
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    metric = Bootstrap("mean_bias_error", num_samples=12, name="b")
    model.compile(keras.optimizers.SGD(0.0), loss="mse", metrics=[metric])
    history = model.fit(errors, np.zeros((12, 1)), batch_size=5, epochs=2, shuffle=False, verbose=0).history
    for name, value in expected(errors[:, 0], np.ones(12), replayed(0, 0, 13, 12)).items():
        np.testing.assert_allclose(history[name], [value] * 2, rtol=1e-4)


def test_another_seed_draws_otherwise(run):
    """The seed changes the statistics, never the value."""
    data = np.zeros((9, 1)), np.arange(9.0)[:, None]
    found = [run(Bootstrap("mean_bias_error", seed=seed, name="b"), *data) for seed in (0, 1)]
    assert found[0]["b"] == found[1]["b"]
    assert found[0]["b_std"] != found[1]["b_std"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_samples": 1}, "`num_samples` must be"),
        ({"num_samples": 2.0}, "`num_samples` must be"),
        ({"seed": -1}, "`seed` must be"),
        ({"seed": 2**31}, "`seed` must be"),
        ({"seed": None}, "`seed` must be"),
        ({"quantiles": []}, "`quantiles` must be"),
        ({"quantiles": [1.5]}, "`quantiles` must be"),
    ],
)
def test_bad_arguments(arguments, message):
    """An argument out of its range is named."""
    with pytest.raises(ValueError, match=message):
        Bootstrap("mse", **arguments)
