"""Oracle: NumPy over the values after every batch."""

import numpy as np
import pytest
from keras import ops

from kerasplus._replicas import simulated
from kerasplus.metrics import MinMax


def errors(*values):
    """One sample for each error."""
    return np.zeros((len(values), 1)), np.array(values, "float32")[:, None]


def test_extremes_of_the_running_mean(number):
    """The extremes are those of the mean of all errors so far, from the first batch on."""
    drawn = np.random.default_rng(0).normal(3.0, 2.0, (30, 4)).astype("float32")
    metric = MinMax("mean_bias_error", name="bias")
    means = []
    for index, batch in enumerate(drawn):
        metric.update_state(*errors(*batch))
        means.append(drawn[: index + 1].astype("float64").mean())
        expected = {"bias": means[-1], "bias_min": min(means), "bias_max": max(means)}
        assert number(metric.result()) == pytest.approx(expected, rel=1e-5)


def test_metric_of_keras_with_weights(run):
    """Sample weights go through to the metric."""
    y, p = np.array([0, 1, 1, 0]), np.eye(2)[[0, 0, 1, 0]]
    found = run(MinMax("sparse_categorical_accuracy", name="m"), y, p, np.array([1.0, 3.0, 4.0, 8.0]), batches=4)
    assert found == pytest.approx({"m": 13 / 16, "m_min": 1 / 4, "m_max": 1.0})


def test_batches_that_weigh_nothing_do_not_count(number):
    """An empty batch, zero weights and a reset leave no trace: the value 0 of no samples is no extreme."""
    metric = MinMax("mean_bias_error", name="m")
    metric.update_state(*errors())
    metric.update_state(*errors(-9.0), sample_weight=np.array([0.0]))
    metric.update_state(*errors(5.0))
    assert number(metric.result()) == {"m": 5.0, "m_min": 5.0, "m_max": 5.0}
    metric.reset_state()
    assert number(metric.result()) == {"m": 0.0, "m_min": 0.0, "m_max": 0.0}
    metric.update_state(*errors(-2.0))
    assert number(metric.result()) == {"m": -2.0, "m_min": -2.0, "m_max": -2.0}


def test_masked_batches_do_not_count(number, masked):
    """A batch of which every step is masked is none."""
    metric = MinMax("mean_bias_error", name="m")
    y, p = np.zeros((1, 2, 1)), np.ones((1, 2, 1), "float32")
    metric.update_state(y, masked(p, np.zeros((1, 2), bool)))
    metric.update_state(y, masked(3 * p, np.array([[True, False]])))
    assert number(metric.result()) == {"m": 3.0, "m_min": 3.0, "m_max": 3.0}


def test_a_value_that_is_no_number_is_no_extreme(number):
    """NaN shows in the value, and leaves the extremes as they were."""
    metric = MinMax("mean_bias_error", name="m")
    metric.update_state(*errors(1.0))
    metric.update_state(*errors(3.0))
    metric.update_state(*errors(float("nan")))
    found = number(metric.result())
    assert np.isnan(found.pop("m"))
    assert found == {"m_min": 1.0, "m_max": 2.0}


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_infinite_values(sign, number):
    """An infinite value is an extreme too."""
    metric = MinMax("mean_absolute_error" if sign > 0 else _negative, name="m")
    metric.update_state(*errors(2.0))
    metric.update_state(*errors(float("inf")))
    found = number(metric.result())
    assert found == {"m": sign * np.inf, "m_min": min(2 * sign, sign * np.inf), "m_max": max(2 * sign, sign * np.inf)}


def _negative(y_true, y_pred):
    """A function of values below zero."""
    return -ops.abs(ops.cast(y_true, y_pred.dtype) - y_pred)


def test_extremes_of_each_number_of_a_dict(run):
    """A metric with several results has extremes for each."""
    found = run(MinMax("confusion_matrix", name="m"), np.array([0, 0, 1]), np.eye(2)[[0, 1, 1]], batches=3)
    assert found["m_0_0"] == found["m_0_0_min"] == found["m_0_0_max"] == 1
    assert (found["m_1_1"], found["m_1_1_min"], found["m_1_1_max"]) == (1, 0, 1)
    assert len(found) == 12


def test_replicas_keep_extremes_of_their_own(number):
    """Added states have the value of all samples, and the extremes over what the replicas saw."""
    sides = []
    for replica, seen in enumerate(([-1.0, 5.0], [3.0, 7.0])):
        with simulated(replica, of=2):
            sides.append(MinMax("mean_bias_error", name="m"))
            for error in seen:
                sides[-1].update_state(*errors(error))
    first, second = sides
    for variable, other in zip(first.variables, second.variables, strict=True):
        variable.assign(variable + other)
    assert number(first.result()) == {"m": 3.5, "m_min": -1.0, "m_max": 5.0}


def test_merge_state(number):
    """Merging adds the samples, and takes the wider extremes."""
    first, second = MinMax("mean_bias_error", name="m"), MinMax("mean_bias_error", name="m")
    for metric, seen in ((first, [1.0, 2.0]), (second, [-4.0, 6.0])):
        for error in seen:
            metric.update_state(*errors(error))
    first.merge_state([second])
    assert number(first.result()) == {"m": 1.25, "m_min": -4.0, "m_max": 1.5}
