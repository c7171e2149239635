"""The number of right predictions, held against scikit-learn's accuracy count and a loop over samples."""

import keras
import numpy as np
import pytest
from keras import ops
from sklearn.metrics import accuracy_score

from kerasplus.metrics import CategoricalTruePositives


def draw(samples, classes, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, classes, samples), rng.permuted(np.tile(np.arange(classes), (samples, 1)), axis=1) / 16


def oracle(labels, scores, weights=None):
    """One sample after the other: the first highest score must be that of the label."""
    total = 0.0
    for index, (label, row) in enumerate(zip(labels, scores, strict=True)):
        best = max(range(len(row)), key=lambda c: (row[c], -c))
        total += (1.0 if weights is None else weights[index]) * (best == label)
    return total


def value(metric, *batches):
    for batch in batches:
        metric.update_state(*batch)
    return float(ops.convert_to_numpy(metric.result()))


@pytest.mark.parametrize("form", [lambda y, c: y, lambda y, c: y[:, None], lambda y, c: np.eye(c)[y]])
@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "float32"])
def test_every_form_of_labels(form, dtype):
    """Ids of shape (N,) and (N, 1) and one-hot rows, of any dtype, count the same."""
    y, s = draw(60, 5)
    got = value(CategoricalTruePositives(), (form(y, 5).astype(dtype), s))
    assert got == oracle(y, s) == accuracy_score(y, s.argmax(1), normalize=False)


def test_sample_weights():
    """A hit counts its weight; scikit-learn agrees."""
    y, s = draw(40, 3)
    w = np.random.default_rng(1).integers(0, 9, 40) / 4
    got = value(CategoricalTruePositives(), (y, s, w))
    assert got == oracle(y, s, w)
    np.testing.assert_allclose(got, accuracy_score(y, s.argmax(1), normalize=False, sample_weight=w), rtol=1e-6)


def test_masked_steps_are_left_out():
    """The steps that a Masking layer hides are not counted, times the weights of their samples."""
    y, s = draw(12, 4)
    y, s = y.reshape(3, 4), s.reshape(3, 4, 4)
    mask = np.array([[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]], bool)
    padded = keras.layers.Masking(mask_value=-9.0)(np.where(mask[..., None], s, -9.0).astype("float32"))
    expected = oracle(y[mask], s[mask], np.repeat([2.0, 1.0, 5.0], 4).reshape(3, 4)[mask])
    assert value(CategoricalTruePositives(), (y, padded, np.array([2.0, 1.0, 5.0]))) == expected


@pytest.mark.parametrize("label", [254, 255, 256, 257, 258, 2**11 - 1, 2**11])
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_ids_are_exact(label, dtype):
    """Neighbouring class ids are told apart, also against half-precision predictions."""
    classes = 2**11 + 2
    scores = np.zeros((2, classes), "float32")
    scores[0, label], scores[1, label + 1] = 1, 1
    assert value(CategoricalTruePositives(), (np.array([label, label]), ops.cast(scores, dtype))) == 1


@pytest.mark.parametrize("shape", [(64,), (64, 1)])
def test_never_more_than_the_samples(shape):
    """As many samples as classes, the case in which comparing everything with everything passes unseen."""
    y, s = draw(64, 64)
    hits = value(CategoricalTruePositives(), (y.reshape(shape), s))
    assert hits == oracle(y, s) <= 64


def test_counts_past_2_to_the_24():
    """A single hit still counts after 2**24, where a float32 counter stands still."""
    one = (np.array([0]), np.array([[1.0, 0.0]]))
    metric = CategoricalTruePositives()
    metric.update_state(*one, sample_weight=np.array([2.0**24]))
    assert value(metric, one, one, one) == 2**24 + 3


def test_ties_and_rows_of_zeros():
    """The first of equal highest scores counts; a one-hot row of zeros names no class."""
    assert value(CategoricalTruePositives(), (np.array([0, 1]), np.array([[0.5, 0.5], [0.5, 0.5]]))) == 1
    assert value(CategoricalTruePositives(), (np.array([[0.0, 0.0]]), np.array([[0.9, 0.1]]))) == 0


def test_before_the_first_batch():
    """Nothing seen is zero hits."""
    assert value(CategoricalTruePositives()) == 0


@pytest.mark.parametrize("shapes", [((3,), (4, 2)), ((4, 3), (4, 2)), ((4,), (4,))])
def test_shapes_that_do_not_fit(shapes):
    """Both shapes are named."""
    with pytest.raises(ValueError, match="'categorical_true_positives' received"):
        CategoricalTruePositives().update_state(np.zeros(shapes[0]), np.zeros(shapes[1]))
