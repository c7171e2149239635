"""What the base of the wrappers owns: which metric is meant, its states, copies, and what it declares."""

import copy
import pickle

import keras
import numpy as np
import pytest

from kerasplus._replicas import simulated
from kerasplus.metrics import (
    Bootstrap,
    ConfusionMatrix,
    ExactMatch,
    MaxError,
    MeanBiasError,
    MinMax,
    PerClass,
    Perplexity,
    Running,
)
from kerasplus.metrics._wrapped_metric import adds_up

WRAPPERS = [Running, MinMax, PerClass, Bootstrap]
LABELS = np.array([0, 1, 2, 2, 1, 0])
SCORES = np.random.default_rng(0).dirichlet([1.0, 1.0, 1.0], 6).astype("float32")


def squared(y_true, y_pred):
    """A function as users write them."""
    return keras.ops.mean(keras.ops.square(keras.ops.cast(y_true, y_pred.dtype) - y_pred), axis=-1)


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize(
    "metric",
    [
        "kerasplus>MeanBiasError",
        "MeanBiasError",
        MeanBiasError,
        MeanBiasError(name="mean_bias_error"),
        keras.saving.serialize_keras_object(MeanBiasError()),
    ],
    ids=["qualified", "class name", "class", "instance", "configuration"],
)
def test_every_way_to_name_a_metric(wrapper, metric, run):
    """Names, classes, instances and configurations mean the same metric."""
    rows = np.eye(3, dtype="float32")[LABELS]
    assert run(wrapper(metric), rows, SCORES) == run(wrapper("mean_bias_error"), rows, SCORES)


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("metric", [squared, "mse", "mean_squared_error", keras.metrics.MeanSquaredError])
def test_functions_and_metrics_of_keras(wrapper, metric, run):
    """A function of values is averaged; Keras' short names are known."""
    rows = np.eye(3, dtype="float32")[LABELS]
    assert run(wrapper(metric), rows, SCORES) == pytest.approx(run(wrapper("mean_squared_error"), rows, SCORES))


@pytest.mark.parametrize("name", ["accuracy", "acc", "crossentropy", "ce"])
def test_what_compile_chooses_by_shapes_is_refused(name):
    """Keras would take the string for exact equality of targets and scores, which is never meant."""
    with pytest.raises(ValueError, match="must say which metric it is"):
        Running(name)


@pytest.mark.parametrize("metric", [3, None, ["mse"]])
def test_what_is_no_metric_is_refused(metric):
    """Neither numbers nor lists are metrics."""
    with pytest.raises(ValueError, match="`metric` must be"):
        MinMax(metric)


def test_unknown_name_has_suggestions():
    """The error names the nearest names."""
    with pytest.raises(ValueError, match="mean_bias_error"):
        Running("mean_bias_eror")


def test_an_instance_in_use_elsewhere_is_not_touched(number):
    """The metric that was given keeps its own state, and gives none of it."""
    inner = MeanBiasError()
    inner.update_state([[0.0]], [[8.0]])
    wrapper = MinMax(inner, name="bias")
    assert set(number(wrapper.result()).values()) == {0.0}
    wrapper.update_state([[0.0]], [[1.0]])
    wrapper.reset_state()
    assert number(inner.result()) == 8.0
    assert set(number(wrapper.result()).values()) == {0.0}


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("way", [copy.deepcopy, lambda metric: pickle.loads(pickle.dumps(metric))])
def test_copies_of_states_created_with_the_first_batch(wrapper, way, number):
    """A copy goes on where the metric was, also if the inner metric has no variables before it sees data."""
    inner = keras.metrics.F1Score(average="macro", threshold=0.5)
    assert inner.variables == []
    metric = wrapper(inner)
    rows = np.eye(3, dtype="float32")[LABELS]
    assert way(metric).variables == []
    metric.update_state(rows[:3], SCORES[:3])
    other = way(metric)
    assert number(other.result()) == number(metric.result())
    for each in (metric, other):
        each.update_state(rows[3:], SCORES[3:])
    assert number(other.result()) == number(metric.result())


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_metric_that_gives_an_array(wrapper):
    """An array is no number for the logs, which is said; a running one is the metric's own."""
    metric = wrapper(keras.metrics.F1Score(average=None))
    metric_of_array = {Running: (3,)}.get(wrapper)
    rows = np.eye(3, dtype="float32")[LABELS]
    if metric_of_array is None:
        with pytest.raises(ValueError, match="must give a number"):
            metric(rows, SCORES)
    else:
        assert metric(rows, SCORES).shape == metric_of_array


@pytest.mark.parametrize("wrapper", [Running, MinMax, Bootstrap])
def test_declarations_of_the_inner_metric(wrapper):
    """What is true of the inner metric is true of the wrapper."""
    metric = wrapper(Perplexity())
    assert metric.inputs == Perplexity().inputs
    assert metric.direction == "min"
    assert metric._direction == "down"
    assert wrapper(ConfusionMatrix()).scales_with_weight is True
    assert wrapper("auc").direction == "max"


def test_declarations_that_pass_through():
    """A wrapper around a wrapper depends on what the inner one depends on."""
    metric = PerClass(Bootstrap("brier_score", num_samples=2))
    assert (metric.any_split, metric.any_order, metric.any_replica) == (True, False, False)
    metric = Bootstrap(Running("brier_score", window=2), num_samples=2)
    assert (metric.any_split, metric.any_order, metric.any_replica) == (False, False, False)


def test_wrappers_of_wrappers(run, number):
    """Classes of a running metric are running metrics of the classes."""
    metric = PerClass(Running("brier_score", window=2), name="brier")
    for part in (slice(0, 2), slice(2, 4), slice(4, 6)):
        metric.update_state(LABELS[part], SCORES[part])
    expected = run(PerClass("brier_score", name="brier"), LABELS[2:], SCORES[2:])
    assert number(metric.result()) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (MeanBiasError(), True),
        (keras.metrics.AUC(), True),
        (ExactMatch(mode="multiclass"), True),
        (MaxError(), False),
        (PerClass("brier_score"), True),
        (PerClass(MaxError()), False),
        (Running("brier_score"), False),
        (Bootstrap("brier_score"), False),
    ],
    ids=repr,
)
def test_which_states_add_up(metric, expected):
    """Sums add up, maxima and windows do not."""
    assert adds_up(metric) is expected


def test_a_variable_that_replicas_do_not_add():
    """A variable with another aggregation is no sum."""

    class Last(keras.metrics.Mean):
        def __init__(self):
            super().__init__(name="last")
            self.add_variable((), "zeros", aggregation="only_first_replica", name="last")

    assert not adds_up(Last())


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_merge_refuses_others(wrapper):
    """Other classes, other configurations and states that do not add up are refused."""
    metric = wrapper("mean_bias_error")
    for other in (MeanBiasError(), wrapper("mean_squared_error"), (MinMax if wrapper is Running else Running)("mse")):
        with pytest.raises(ValueError, match="can only merge"):
            metric.merge_state([other])
    if wrapper is not Running:
        with pytest.raises(ValueError, match="can only merge"):
            wrapper("max_error").merge_state([wrapper("max_error")])


def test_merge_takes_what_has_seen_nothing(run):
    """Merging with a new metric changes nothing, also into a new one."""
    metric = PerClass("brier_score", name="seen")
    expected = run(metric, LABELS, SCORES)
    metric.merge_state([PerClass("brier_score")])
    new = PerClass("brier_score", name="seen")
    new.merge_state([metric])
    assert run(new, LABELS[:0], SCORES[:0]) == pytest.approx(expected)


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_in_a_real_fit_with_lazy_state(wrapper):
    """In `fit`, compiled, with XLA and eager, histories agree, with state that is created with the first batch."""
    histories = []
    options = [{}, {"run_eagerly": True}]
    if keras.backend.backend() != "torch":
        options.append({"jit_compile": True})
    for each in options:
        same = keras.layers.Dense(3, kernel_initializer=keras.initializers.Identity(), use_bias=False)
        model = keras.Sequential([keras.Input((3,)), same])
        metric = wrapper(keras.metrics.F1Score(average="macro", threshold=0.5), name="wrapped")
        model.compile(keras.optimizers.SGD(0.0), loss="mse", weighted_metrics=[metric], **each)
        rows = np.eye(3, dtype="float32")[LABELS]
        weight = np.array([1.0, 2.0, 0.0, 1.0, 1.0, 0.5])
        history = model.fit(
            SCORES, rows, sample_weight=weight, batch_size=4, epochs=2, shuffle=False, verbose=0
        ).history
        wanted = {name: values for name, values in history.items() if name.startswith("wrapped")}
        assert wanted
        histories.append(wanted)
        assert all(first == second for first, second in wanted.values())
    for other in histories[1:]:
        assert other.keys() == histories[0].keys()
        for name, values in histories[0].items():
            np.testing.assert_allclose(other[name], values, atol=1e-6)


def test_replicas_have_slots_of_their_own_inside():
    """Maxima of the inner metric keep their slots in the states, one for each replica."""
    replicas = []
    for replica, errors in enumerate(([[1.0]], [[-5.0]])):
        with simulated(replica, of=2):
            metric = Bootstrap("max_error", num_samples=2, name="worst")
            metric.update_state([[0.0]], errors)
            replicas.append(metric)
    first, second = replicas
    for variable, other in zip(first.variables, second.variables, strict=True):
        variable.assign(variable + other)
    assert float(first.result()["worst"]) == 5.0
