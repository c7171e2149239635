"""Held against NumPy on the samples that were given, in the order in which they came."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasplus._replicas import simulated
from kerasplus.metrics import _buffered_metric
from kerasplus.metrics._buffered_metric import BufferedMetric


class Held(BufferedMetric):
    """The weighted sum of targets times predictions, which any order gives."""

    def statistics(self, y_true, y_pred, sample_weight):
        return self.flat(ops.concatenate([y_true, y_pred], axis=-1), sample_weight)

    def compute(self, totals):
        return ops.sum(totals["weights"] * totals["rows"][:, 0] * totals["rows"][:, 1])

    def held(self):
        """Rows and weights of the places that are filled."""
        totals = self.totals()
        rows = np.concatenate([totals["rows"], ops.convert_to_numpy(totals["weights"])[:, None]], axis=1)
        return rows[rows[:, -1] != 0]


def draw(samples=10, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(-8, 9, (2, samples, 1)) / 4


def test_rows_are_in_the_order_in_which_they_came(run):
    """Three batches, of which each begins where the last one ended."""
    y, p = draw()
    w = np.arange(1.0, 11)
    metric = Held(capacity=16)
    result = run(metric, y, p, w, batches=3)
    np.testing.assert_array_equal(metric.held(), np.concatenate([y, p, w[:, None]], axis=1))
    assert result == (w[:, None] * y * p).sum()


def test_weights_of_zero_take_no_place(run):
    """As many samples as there are places, among others that weigh nothing, NaN or not."""
    y, p = draw(12)
    w = np.resize([0.0, 1.0, 2.0, 0.0], 12)
    p[w == 0] = np.nan
    metric = Held(capacity=6)
    assert run(metric, y, p, w, batches=5) == (w[:, None] * y * np.where(w[:, None] == 0, 0, p)).sum()
    np.testing.assert_array_equal(metric.held()[:, 1:2], p[w != 0])


@pytest.mark.parametrize("batches", [1, 4, 9])
def test_capacity(run, number, batches):
    """All places filled is right, one sample more is NaN, and a reset begins anew."""
    y, p = draw(9)
    assert run(Held(capacity=9), y, p, None, batches) == (y * p).sum()
    metric = Held(capacity=8)
    assert np.isnan(run(metric, y, p, None, batches))
    metric.reset_state()
    assert number(metric.result()) == 0
    assert run(metric, y[1:], p[1:], None, min(batches, 8)) == (y * p)[1:].sum()


def test_what_is_no_number_shows(run):
    """A NaN in a prediction or in a weight makes the result NaN."""
    y, p = draw(4)
    w = np.ones(4)
    spoiled = p.copy()
    spoiled[1] = np.nan
    assert np.isnan(run(Held(capacity=8), y, spoiled, w))
    w[2] = np.nan
    assert np.isnan(run(Held(capacity=8), y, p, w))


@pytest.mark.parametrize("samples", [3, 4, 5, 8, 9, 30, 31])
def test_only_what_is_filled_is_computed(run, monkeypatch, samples):
    """Numbers of samples around the sizes over which a result is computed."""
    monkeypatch.setattr(_buffered_metric, "SIZES", (4, 8))
    y, p = draw(samples)
    expected = (y * p).sum() if samples <= 30 else np.nan
    np.testing.assert_equal(run(Held(capacity=30), y, p, None, 3), expected)


def test_merged_metrics(run, number):
    """Merging appends, overfills, and keeps that another one was overfull."""
    y, p = draw(9)
    halves = [slice(0, 4), slice(4, 9)]

    def pair(capacity):
        metrics = [Held(capacity=capacity) for _ in halves]
        for metric, half in zip(metrics, halves, strict=True):
            run(metric, y[half], p[half])
        metrics[0].merge_state([metrics[1], Held(capacity=capacity)])
        return metrics[0]

    merged = pair(9)
    np.testing.assert_array_equal(merged.held()[:, 0], y[:, 0])
    assert number(merged.result()) == (y * p).sum()
    assert np.isnan(number(pair(8).result()))
    new, overfull = Held(capacity=4), Held(capacity=4)
    run(overfull, y, p)
    new.merge_state([overfull])
    assert np.isnan(number(new.result()))


def test_only_its_kind_is_merged():
    """Sums are not taken for samples."""
    metric, sums = Held(), Held()
    sums.holds_rows = False
    with pytest.raises(ValueError, match="hold their samples"):
        metric.merge_state([sums])


def test_replicas(run, number):
    """Each replica fills its own places; the states add up, and one that is overfull shows."""
    y, p = draw(9)
    for cut, right in ((4, True), (6, False)):
        replicas = []
        for replica, part in enumerate((slice(0, cut), slice(cut, 9))):
            with simulated(replica, of=2):
                replicas.append(Held(capacity=5))
                run(replicas[-1], y[part], p[part], None, 2)
        for variable, added in zip(*(metric.variables for metric in replicas), strict=True):
            variable.assign(variable + added)
        np.testing.assert_equal(number(replicas[0].result()), (y * p).sum() if right else np.nan)
        one = Held(capacity=9)
        one.merge_state(replicas[:1])
        np.testing.assert_equal(number(one.result()), (y * p).sum() if right else np.nan)


def test_two_metrics_in_a_fit(run):
    """Compiled steps of two sizes, also over an epoch that begins anew."""
    y, p = draw(10)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Identity()])
    model.compile(loss="mae", optimizer=None, metrics=[Held(capacity=10, name="held"), Held(capacity=9, name="full")])
    for _ in range(2):
        logs = model.evaluate(p, y, batch_size=4, verbose=0, return_dict=True)
        assert logs["held"] == (y * p).sum()
        assert np.isnan(logs["full"])


@pytest.mark.parametrize("capacity", [0, -1, 2.0, True, None, "8"])
def test_bad_capacity(capacity):
    """A number of places is a positive integer."""
    with pytest.raises(ValueError, match="`capacity` must be"):
        Held(capacity=capacity)
