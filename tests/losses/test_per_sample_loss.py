"""What the base of the losses owns: shapes, weights, masks, reductions, precision and exact class ids."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasplus.losses import PerSampleLoss


class Error(PerSampleLoss):
    """The squared error of each row: sequences keep their steps."""

    def call(self, y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred), axis=-1)


class SameId(PerSampleLoss):
    """1 for each sample that shares its id with the sample after it."""

    inputs = ("labels",)
    independent = False

    def call(self, y_true, y_pred):
        return ops.cast(ops.equal(y_true, ops.roll(y_true, -1, axis=0)), self.dtype)


class MeanOfBatch(PerSampleLoss):
    def call(self, y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred))


class MeanOverSamples(PerSampleLoss):
    def call(self, y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred), axis=0)


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).integers(-32, 33, shape).astype("float32") / 16


def as_array(value):
    return ops.convert_to_numpy(value)


def masked(y_pred, mask):
    """The same predictions as a layer that masks hands them on."""
    padding = -77.0
    marked = np.where(mask[..., None], y_pred, padding).astype("float32")
    return keras.layers.Masking(mask_value=padding)(ops.convert_to_tensor(marked))


@pytest.mark.parametrize("target_shape", [(5,), (5, 1)])
@pytest.mark.parametrize("shape", [(5,), (5, 1)])
def test_ranks_are_aligned(target_shape, shape):
    """`(N,)` and `(N, 1)` mean the same on both sides."""
    y, p = numbers(5), numbers(5, seed=1)
    values = as_array(Error(reduction="none")(y.reshape(target_shape), p.reshape(shape)))
    np.testing.assert_array_equal(values, (y - p) ** 2)


@pytest.mark.parametrize("shapes", [((3, 4), (3, 4, 1)), ((3, 4, 1), (3, 4))])
def test_ranks_of_sequences_are_aligned(shapes):
    """A missing last axis of size one is added on either side of a sequence too."""
    y, p = numbers(12), numbers(12, seed=1)
    value = float(Error()(y.reshape(shapes[0]), p.reshape(shapes[1])))
    assert value == np.mean((y - p) ** 2)


@pytest.mark.parametrize(
    ("target_shape", "shape"),
    [((4,), (4, 4)), ((4, 1), (4, 4)), ((4, 2), (4, 3)), ((1,), (4,)), ((4, 3), (1, 3)), ((), (4,)), ((4,), (4, 1, 1))],
)
def test_shapes_that_differ_are_refused(target_shape, shape):
    """Nothing is broadcast: the error names both shapes and the loss."""
    with pytest.raises(ValueError, match="'error' received") as error:
        Error()(numbers(*target_shape), numbers(*shape))
    assert str(target_shape) in str(error.value)
    assert str(shape) in str(error.value)


@pytest.mark.parametrize("loss", [MeanOfBatch(), MeanOverSamples()])
def test_values_that_are_not_per_sample_are_refused(loss):
    """A mean over the batch would silently ignore weights, so it is an error that says so."""
    with pytest.raises(ValueError, match="one value per sample"):
        loss(numbers(5, 3), numbers(5, 3, seed=1))


def test_weights_of_samples():
    """`(n,)` and `(n, 1)` weights multiply the values of their samples."""
    y, p, w = numbers(4, 3), numbers(4, 3, seed=1), np.array([0.5, 2.0, 0.0, 1.0], "float32")
    expected = np.mean((y - p) ** 2, axis=-1) * w
    for weights in (w, w[:, None], list(w)):
        np.testing.assert_allclose(as_array(Error(reduction="none")(y, p, weights)), expected, rtol=1e-6)


@pytest.mark.parametrize("steps", [2, 3])
def test_weights_of_sequences_weigh_samples(steps):
    """`(n,)` weights weigh the samples of `(n, T)` values, also where `n == T`; `(n, T)` weights the steps."""
    y, p = numbers(3, steps, 2), numbers(3, steps, 2, seed=1)
    w = np.array([0.0, 1.0, 2.0], "float32")
    values = np.mean((y - p) ** 2, axis=-1)
    for weights in (w, w[:, None]):
        np.testing.assert_allclose(as_array(Error(reduction="none")(y, p, weights)), values * w[:, None], rtol=1e-6)
    each = np.abs(numbers(3, steps, seed=2))
    np.testing.assert_allclose(as_array(Error(reduction="none")(y, p, each)), values * each, rtol=1e-6)


@pytest.mark.parametrize("shape", [(3,), (4, 3), (4, 2, 2)])
def test_weights_that_do_not_fit_are_refused(shape):
    """Weights of another number of samples or values are an error that names their shape."""
    with pytest.raises(ValueError, match="`sample_weight` of shape") as error:
        Error()(numbers(4, 2, 2), numbers(4, 2, 2), np.ones(shape, "float32"))
    assert str(shape) in str(error.value)


def test_weight_zero_leaves_out_even_nan(gradient):
    """A NaN in the target or the prediction of a sample that weighs nothing reaches neither value nor gradient."""
    y, p = numbers(4, 2), numbers(4, 2, seed=1)
    y[1], p[2] = np.nan, np.nan
    w = np.array([1.0, 0.0, 0.0, 2.0], "float32")
    values = as_array(Error(reduction="none")(y, p, w))
    np.testing.assert_allclose(values, [np.mean((y[0] - p[0]) ** 2), 0, 0, 2 * np.mean((y[3] - p[3]) ** 2)], rtol=1e-6)
    slope = gradient(lambda x: Error()(y, x, w), p)
    np.testing.assert_array_equal(slope[1:3], 0)
    np.testing.assert_allclose(slope[0], (p[0] - y[0]) / 4, rtol=1e-6)


def test_masked_steps_are_left_out():
    """Masked steps are neither summed nor counted, and a mask multiplies with weights."""
    y, p = numbers(3, 4, 2), numbers(3, 4, 2, seed=1)
    mask = np.array([[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]], bool)
    values = np.mean((y - p) ** 2, axis=-1)
    np.testing.assert_allclose(float(Error()(y, masked(p, mask))), values[mask].mean(), rtol=1e-6)
    w = np.array([2.0, 0.5, 3.0], "float32")
    weighted = as_array(Error(reduction="none")(y, masked(p, mask), w))
    np.testing.assert_allclose(weighted, values * mask * w[:, None], rtol=1e-6)


def test_everything_masked_is_zero():
    """With no step left the mean is 0, not NaN."""
    y, p = numbers(2, 3, 1), numbers(2, 3, 1, seed=1)
    for reduction in ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum"):
        assert float(Error(reduction=reduction)(y, masked(p, np.zeros((2, 3), bool)))) == 0


def test_an_empty_batch_is_zero():
    """No sample at all gives 0, not NaN."""
    assert float(Error()(np.zeros((0, 2), "float32"), np.zeros((0, 2), "float32"))) == 0


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("steps", [None, 3])
def test_every_reduction_follows_from_none(weighted, steps):
    """Sum, mean over values, mean over weights and no reduction, with and without weights."""
    shape = (4, 2) if steps is None else (4, steps, 2)
    y, p = numbers(*shape), numbers(*shape, seed=1)
    w = np.array([0.5, 2.0, 0.0, 1.0], "float32")
    values = np.mean((y - p) ** 2, axis=-1)
    each = (
        np.broadcast_to(w.reshape((4,) + (1,) * (values.ndim - 1)), values.shape) if weighted else np.ones_like(values)
    )
    expected = {
        "none": values * each,
        None: values * each,
        "sum": np.sum(values * each),
        "sum_over_batch_size": np.mean(values * each),
        "mean": np.mean(values * each),
        "mean_with_sample_weight": np.sum(values * each) / np.sum(each),
    }
    for reduction, number in expected.items():
        got = as_array(Error(reduction=reduction)(y, p, w if weighted else None))
        np.testing.assert_allclose(got, number, rtol=1e-5, err_msg=str(reduction))


def test_weights_that_sum_to_zero_give_zero():
    """A mean over weights of which none counts is 0, not NaN."""
    y, p = numbers(3, 2), numbers(3, 2, seed=1)
    assert float(Error(reduction="mean_with_sample_weight")(y, p, np.zeros(3, "float32"))) == 0


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_computed_in_float32(dtype):
    """A half-precision dtype or policy still computes in float32: 300 squared is more than float16 can hold."""
    loss = Error(dtype=dtype)
    assert loss.dtype == "float32"
    half = "bfloat16" if "bf" in dtype else "float16"
    value = loss(np.zeros((2, 1)), ops.cast(ops.convert_to_tensor([[300.0], [300.0]]), half))
    assert abs(float(value) - 90000) < 600


def test_half_precision_default_float():
    """So it does where Keras' default float is a half-precision one."""
    before = keras.config.floatx()
    keras.config.set_floatx("float16")
    try:
        assert Error().dtype == "float32"
    finally:
        keras.config.set_floatx(before)


def test_float64_is_kept():
    """A wider dtype is computed as asked."""
    assert Error(dtype="float64").dtype == "float64"


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint32", "float64"])
def test_ids_past_two_to_the_24_are_exact(dtype):
    """Neighbouring ids above 2**24 stay different: they are not rounded to float32."""
    if dtype == "float64" and keras.backend.backend() == "jax":
        pytest.skip("JAX has no float64 here")
    ids = np.array([2**24, 2**24 + 1, 2**24 + 1, 2**24 + 3], dtype)
    for labels in (ids, ids[:, None]):
        values = as_array(SameId(reduction="none")(labels, numbers(4, 2)))
        np.testing.assert_array_equal(values, [0, 1, 0, 0])


def test_weights_of_coupled_samples_weigh_anchors():
    """A loss of a batch as a whole is called with every sample; weights act on its values alone."""
    ids = np.array([3, 3, 3, 5])
    values = as_array(SameId(reduction="none")(ids, numbers(4, 2), np.array([2.0, 0.0, 1.0, 1.0])))
    np.testing.assert_array_equal(values, [2, 0, 0, 0])


def test_config_holds_the_base_arguments():
    """Reduction, name and dtype come back from the config."""
    loss = Error.from_config(Error(reduction="sum", name="other", dtype="float64").get_config())
    assert (loss.reduction, loss.name, loss.dtype) == ("sum", "other", "float64")


def test_name_is_the_snake_case_class_name():
    """A second instance has the same name as the first."""
    assert Error().name == Error().name == "error"


def test_bad_reduction_is_refused():
    """An unknown reduction raises at once."""
    with pytest.raises(ValueError, match="reduction"):
        Error(reduction="median")


def test_evaluate_counts_every_sample_once():
    """`evaluate` with weights and a smaller last batch gives the number that NumPy gives."""
    x, y = numbers(7, 2), numbers(7)
    w = np.abs(numbers(7, seed=3))
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile(loss=Error())
    expected = np.mean((y - x.sum(axis=-1)) ** 2 * w)
    got = model.evaluate(x, y, sample_weight=w, batch_size=3, verbose=0)
    np.testing.assert_allclose(got, expected, rtol=1e-5)
