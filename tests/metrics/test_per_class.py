"""Oracle: scikit-learn, one class against the rest."""

import keras
import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, f1_score, matthews_corrcoef, roc_auc_score

from kerasplus.metrics import ExactAUROC, MatthewsCorrelation, PerClass


@pytest.mark.parametrize("classes", [2, 5, 12])
@pytest.mark.parametrize("form", ["ids", "column", "rows"])
def test_brier_score_of_each_class(classes, form, scores, run):
    """Each class has the score of its column, whatever the form of the targets, in a loop or not."""
    y, p, w = scores(classes=classes)
    targets = {"ids": y, "column": y[:, None], "rows": np.eye(classes)[y]}[form]
    found = run(PerClass("brier_score", average="macro", name="b"), targets, p, w, batches=3)
    expected = {f"b_{c}": brier_score_loss(y == c, p[:, c], sample_weight=w, pos_label=1) for c in range(classes)}
    assert found == pytest.approx(expected | {"b": np.mean(list(expected.values()))}, rel=1e-5)


def test_area_under_the_curve_of_each_class(scores, run):
    """A metric that holds its samples has a buffer for each class."""
    y, p, w = scores(samples=40, classes=3)
    found = run(PerClass(ExactAUROC(capacity=64), name="auc"), y, p, w, batches=4)
    expected = {f"auc_{c}": roc_auc_score(y == c, p[:, c], sample_weight=w) for c in range(3)}
    assert found == pytest.approx(expected, rel=1e-5)


def test_several_labels(run):
    """Rows with several labels are taken column by column."""
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, (40, 3)), rng.integers(1, 16, (40, 3)) / 16
    found = run(PerClass(MatthewsCorrelation(threshold=0.4), name="m"), y.astype("float32"), p, batches=3)
    assert found == pytest.approx({f"m_{c}": matthews_corrcoef(y[:, c], p[:, c] > 0.4) for c in range(3)}, abs=1e-6)


def test_metric_of_keras_with_state_from_data(scores, run):
    """Keras' F1 score, whose state is created with the first batch, gets a column."""
    y, p, _ = scores(classes=4)
    inner = keras.metrics.F1Score(average="micro", threshold=0.15)
    found = run(PerClass(inner, name="f"), y, p, batches=2)
    assert found == pytest.approx({f"f_{c}": f1_score(y == c, p[:, c] > 0.15) for c in range(4)}, rel=1e-5)


def test_masked_steps_are_left_out(masked, run, number):
    """Steps that are masked do not reach the metric, times weights of samples, even NaN."""
    rng = np.random.default_rng(1)
    y, p = rng.integers(0, 3, (4, 5)), rng.dirichlet([1.0] * 3, (4, 5)).astype("float32")
    mask, w = rng.integers(0, 2, (4, 5)).astype(bool), np.array([1.0, 2.0, 0.0, 3.0])
    kept = mask & (w > 0)[:, None]
    flat = np.broadcast_to(w[:, None], (4, 5))[kept]
    for metric in ("mean_squared_error", "brier_score"):
        expected = run(PerClass(metric, name="m"), y[kept], p[kept], flat)
        of_sequences = PerClass(metric, name="m")
        of_sequences.update_state(y, masked(p, mask), w)
        assert number(of_sequences.result()) == pytest.approx(expected, rel=1e-5)


def test_dict_of_each_class(run):
    """A metric with several results has each of them for each class."""
    found = run(PerClass("confusion_matrix", name="m"), np.array([0, 1, 1]), np.eye(2)[[0, 1, 0]])
    assert found["m_1_0_1"] == 1  # a target of class 1 that is not predicted as such
    assert len(found) == 8


def test_an_id_that_is_no_class(run):
    """It is against every class."""
    found = run(PerClass("binary_accuracy", name="m"), np.array([-1, 0]), np.array([[1.0, 0.0], [1.0, 0.0]]))
    assert found == {"m_0": 0.5, "m_1": 1.0}


def test_before_the_first_batch(number):
    """Names are known with the number of classes, or there are none."""
    assert number(PerClass("brier_score", average="macro").result()) == {}
    found = number(PerClass("brier_score", num_classes=2, average="macro", name="b").result())
    assert found == {"b_0": 0.0, "b_1": 0.0, "b": 0.0}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"num_classes": 1}, "`num_classes` must be"), ({"average": "micro"}, "`average` must be")],
)
def test_bad_arguments(arguments, message):
    """An argument out of its range is named."""
    with pytest.raises(ValueError, match=message):
        PerClass("auc", **arguments)


@pytest.mark.parametrize(
    ("metric", "shape"), [(PerClass("mse"), (4, 1)), (PerClass("mse", num_classes=3), (4, 2)), (PerClass("mse"), (4,))]
)
def test_bad_shapes(metric, shape):
    """There is a column for each class."""
    with pytest.raises(ValueError, match="one column for each class"):
        metric.update_state(np.zeros(4, int), np.zeros(shape))


def test_other_columns_later():
    """The number of classes does not change."""
    metric = PerClass("mse")
    metric.update_state(np.zeros(4, int), np.zeros((4, 3)))
    with pytest.raises(ValueError, match="was built for predictions with a last axis of 3"):
        metric.update_state(np.zeros(4, int), np.zeros((4, 2)))
