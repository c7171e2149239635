"""What the base of the metrics owns: totals, merging, resets, copies, weights, masks, shapes and precision."""

import copy
import pickle

import keras
import numpy as np
import pytest
from keras import ops

from kerasplus.metrics import StreamingMetric


@keras.saving.register_keras_serializable(package="tests")
class MeanSquare(StreamingMetric):
    """The mean of the squared errors, with a total of three parts and one of two."""

    direction = "min"

    def __init__(self, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.add_total("errors", parts=3)
        self.add_total("count")

    def statistics(self, y_true, y_pred, sample_weight):
        errors = ops.mean(ops.square(y_true - y_pred), axis=-1)
        return {
            "errors": self.weighted_sum(errors, sample_weight),
            "count": self.weighted_sum(ops.ones_like(errors), sample_weight),
        }

    def compute(self, totals):
        return ops.divide_no_nan(totals["errors"], totals["count"])


class Count(StreamingMetric):
    def __init__(self, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.add_total("count")

    def statistics(self, y_true, y_pred, sample_weight):
        return {"count": self.weighted_sum(ops.ones_like(y_pred[..., 0]), sample_weight)}

    def compute(self, totals):
        return totals["count"]


class IdSeen(Count):
    """How many samples have the label 257."""

    inputs = ("sparse",)

    def statistics(self, y_true, y_pred, sample_weight):
        return {"count": self.weighted_sum(ops.cast(ops.equal(y_true, 257), self.dtype), sample_weight)}


class Highest(Count):
    """Holds a state that does not start at zero."""

    def __init__(self, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.highest = self.add_variable((2,), keras.initializers.Constant(-7.0), name="highest")

    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true, y_pred, sample_weight)
        self.highest.assign(ops.maximum(self.highest, ops.max(ops.convert_to_tensor(y_pred, self.dtype))))


def grid(*shape, seed=0):
    return np.random.default_rng(seed).integers(-32, 33, shape).astype("float32") / 16


def value(metric):
    return float(ops.convert_to_numpy(metric.result()))


def state(metric):
    return [ops.convert_to_numpy(variable).copy() for variable in metric.variables]


def masked(y_pred, mask):
    padding = -77.0
    marked = np.where(mask[..., None], y_pred, padding).astype("float32")
    return keras.layers.Masking(mask_value=padding)(ops.convert_to_tensor(marked))


@pytest.mark.parametrize("start", [2.0**24, 2.0**30, 2.0**34])
def test_totals_go_on(start):
    """A count goes on one by one where float32 has no odd numbers any more."""
    metric = Count()
    one = np.zeros((1, 1))
    metric.update_state(one, one, np.array([start]))
    for _ in range(5):
        metric.update_state(one, one)
    assert metric.variables[0].dtype == "float32"
    assert sum(np.float64(part) for part in state(metric)[0]) == start + 5


def test_a_billion_samples():
    """A mean after a billion samples, entered through the weights, is right to 1e-6."""
    y, p = grid(64, 1), grid(64, 1, seed=1)
    w = np.full(64, 2.0**24)
    metric = MeanSquare()
    metric.update_state(y, p, w)
    metric.update_state(y[:9], p[:9])
    errors = np.float64(y - p).ravel() ** 2
    expected = (2.0**24 * errors.sum() + errors[:9].sum()) / (2.0**30 + 9)
    np.testing.assert_allclose(value(metric), expected, rtol=1e-6)


def test_any_split_gives_the_same_totals():
    """One batch, single samples and uneven batches end in one result."""
    y, p, w = grid(30, 2), grid(30, 2, seed=1), np.abs(grid(30, seed=2))
    values = []
    for cuts in ([], list(range(1, 30)), [1, 2, 17]):
        metric = MeanSquare()
        for part in np.split(np.arange(30), cuts):
            metric.update_state(y[part], p[part], w[part])
        values.append(value(metric))
    assert values[0] == values[1] == values[2]


def test_replicas_sum_their_state():
    """The state of two replicas, added element by element as Keras does, is the state of the whole."""
    y, p = 1000 + grid(40, 1), grid(40, 1, seed=1)
    whole, first, second = MeanSquare(), MeanSquare(), MeanSquare()
    whole.update_state(y, p)
    first.update_state(y[:13], p[:13])
    second.update_state(y[13:], p[13:])
    for variable, a, b in zip(first.variables, state(first), state(second), strict=True):
        variable.assign(a + b)
    assert value(first) == value(whole)


def test_merge_state():
    """Several metrics merge into one; those merged keep theirs."""
    y, p = grid(30, 1), grid(30, 1, seed=1)
    whole, parts = MeanSquare(), [MeanSquare() for _ in range(3)]
    whole.update_state(y, p)
    for index, metric in enumerate(parts):
        metric.update_state(y[index::3], p[index::3])
    before = value(parts[1])
    parts[0].merge_state(parts[1:])
    assert value(parts[0]) == value(whole)
    assert value(parts[1]) == before


def test_merge_refuses_other_totals():
    """A metric with other totals is no part of the same stream."""
    with pytest.raises(ValueError, match="can only merge metrics with the same totals"):
        Count().merge_state([MeanSquare()])


def test_reset_restores_initial_values():
    """A state that starts at -7 starts there again, and twice is as good as once."""
    metric = Highest()
    fresh = state(metric)
    metric.update_state(grid(4, 1), grid(4, 1, seed=1))
    assert state(metric)[1].max() > -7
    for _ in range(2):
        metric.reset_state()
        for before, after in zip(fresh, state(metric), strict=True):
            np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"])
def test_copies_keep_the_state(duplicate):
    """A copy goes on from the state of its original and shares nothing with it."""
    metric = MeanSquare(name="mine")
    metric.update_state(grid(5, 1), grid(5, 1, seed=1))
    twin = duplicate(metric)
    assert (twin.name, value(twin)) == ("mine", value(metric))
    before = value(metric)
    twin.update_state(grid(5, 1) + 9, grid(5, 1))
    assert value(metric) == before != value(twin)


def test_masks_leave_steps_out():
    """Masked steps do not count, times the weights of their samples."""
    y, p = grid(3, 4, 2), grid(3, 4, 2, seed=1)
    mask = np.array([[1, 1, 0, 0], [1, 0, 1, 1], [0, 0, 0, 0]], bool)
    weights = np.array([1.0, 3.0, 2.0])
    metric = MeanSquare()
    metric.update_state(y, masked(p, mask), weights)
    errors = ((np.float64(y) - p) ** 2).mean(-1)
    np.testing.assert_allclose(value(metric), np.average(errors, weights=mask * weights[:, None]), rtol=1e-6)


def test_all_masked_is_empty():
    """With every step masked the result is that of no sample."""
    metric = MeanSquare()
    metric.update_state(grid(2, 3, 1), masked(grid(2, 3, 1), np.zeros((2, 3), bool)))
    assert value(metric) == 0


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_weights_of_samples(shape):
    """`(n,)` and `(n, 1)` weights weigh samples, also where there are as many steps as samples."""
    y, p = grid(4, 4, 2), grid(4, 4, 2, seed=1)
    weights = np.array([1.0, 0.0, 2.0, 5.0])
    metric = MeanSquare()
    metric.update_state(y, p, weights.reshape(shape))
    errors = ((np.float64(y) - p) ** 2).mean(-1)
    expected = np.average(errors, weights=np.repeat(weights[:, None], 4, 1))
    np.testing.assert_allclose(value(metric), expected, rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_of_weight_zero(bad):
    """What weighs nothing is left out, even if it is no number."""
    metric = MeanSquare()
    metric.update_state(np.array([1.0, bad]), np.array([[0.0], [bad]]), np.array([1.0, 0.0]))
    assert value(metric) == 1


@pytest.mark.parametrize("shapes", [((4,), (4,)), ((4,), (4, 1)), ((4, 1), (4,)), ((4, 1), (4, 1))])
def test_ranks_are_aligned(shapes):
    """`(N,)` and `(N, 1)` mean the same on both sides."""
    y, p = grid(4), grid(4, seed=1)
    metric = MeanSquare()
    metric.update_state(y.reshape(shapes[0]), p.reshape(shapes[1]))
    assert value(metric) == np.mean((y - p) ** 2)


@pytest.mark.parametrize("shapes", [((4,), (4, 4)), ((4, 2), (4, 3)), ((1,), (4,)), ((), (4,))])
def test_shapes_that_differ_are_refused(shapes):
    """The error names both shapes and the metric."""
    with pytest.raises(ValueError, match="'mean_square' received") as error:
        MeanSquare().update_state(grid(*shapes[0]), grid(*shapes[1]))
    assert str(shapes[0]) in str(error.value)
    assert str(shapes[1]) in str(error.value)


@pytest.mark.parametrize("shape", [(3,), (4, 2), (2, 4)])
def test_weights_that_do_not_fit(shape):
    """Weights are never broadcast either."""
    with pytest.raises(ValueError, match="`sample_weight` of shape"):
        MeanSquare().update_state(grid(4, 1), grid(4, 1), np.ones(shape))


def test_direction_reaches_early_stopping():
    """`EarlyStopping(mode="auto")` knows that a lower value is better."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[MeanSquare()])
    stop = keras.callbacks.EarlyStopping(monitor="val_mean_square", mode="auto", patience=1)
    x = grid(8, 1)
    model.fit(x, x, epochs=2, validation_data=(x, x), verbose=0, callbacks=[stop])
    assert np.isfinite(stop.best)
    assert bool(stop.monitor_op(0.0, 1.0))
    assert not bool(stop.monitor_op(1.0, 0.0))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_predictions(dtype):
    """Half-precision predictions are computed in float32, and thousands of samples are counted."""
    metric = MeanSquare(dtype=f"mixed_{dtype}" if dtype == "float16" else dtype)
    assert metric.dtype == "float32"
    y, p = grid(5000, 1), grid(5000, 1, seed=1)
    metric.update_state(y, ops.cast(p, dtype))
    np.testing.assert_allclose(value(metric), np.mean((np.float64(y) - p) ** 2), rtol=1e-6)


def test_half_precision_as_the_default_float():
    """Where Keras' default float is float16, state and result stay float32."""
    before = keras.config.floatx()
    keras.config.set_floatx("float16")
    try:
        metric = Count()
        for _ in range(3):
            metric.update_state(np.zeros((2049, 1)), np.zeros((2049, 1)))
        assert value(metric) == 3 * 2049
    finally:
        keras.config.set_floatx(before)


@pytest.mark.parametrize("dtype", ["int64", "uint16", "float32", "int32"])
@pytest.mark.parametrize("shape", [(5,), (5, 1)])
def test_ids_are_exact(dtype, shape):
    """256, 257 and 258 stay apart, whatever the dtype of the labels and of the predictions."""
    y = np.array([255, 256, 257, 258, 257], dtype).reshape(shape)
    metric = IdSeen()
    metric.update_state(y, ops.zeros((5, 300), "float16"))
    assert value(metric) == 2


def test_names_are_stable():
    """The second instance of a process is called as the first."""
    assert MeanSquare().name == MeanSquare().name == "mean_square"


def test_result_is_pure():
    """Reading the result changes nothing, and works before the first batch."""
    metric = MeanSquare()
    assert value(metric) == value(metric) == 0
    metric.update_state(grid(3, 1), grid(3, 1, seed=1))
    before = state(metric)
    value(metric)
    for first, second in zip(before, state(metric), strict=True):
        np.testing.assert_array_equal(first, second)


def test_stateless_is_stateful():
    """The functional form of the interface gives the same state and result."""
    metric = MeanSquare()
    start = [ops.convert_to_tensor(array) for array in state(metric)]
    new = metric.stateless_update_state(start, grid(3, 1), grid(3, 1, seed=1))
    functional = float(ops.convert_to_numpy(metric.stateless_result(new)))
    assert value(metric) == 0
    metric.update_state(grid(3, 1), grid(3, 1, seed=1))
    assert value(metric) == functional
