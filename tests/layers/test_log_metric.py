"""Metrics from inside the model, in the logs under their own names."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasplus
from kerasplus.layers import LogMetric

RNG = np.random.default_rng(0)
X = RNG.normal(size=(10, 3)).astype("float32")
IDS = RNG.integers(0, 3, (10, 1)).astype("int32")


def test_the_mean_over_an_epoch_for_training_and_validation():
    """Batches of unequal size count by their samples, and every epoch starts anew."""
    model = keras.Sequential([keras.Input((3,)), LogMetric(name="level"), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(
        X, np.zeros(10), validation_data=(2 * X, np.zeros(10)), batch_size=4, epochs=2, verbose=0
    ).history
    assert history["level"] == pytest.approx([X.mean()] * 2, rel=1e-4)
    assert history["val_level"] == pytest.approx([2 * X.mean()] * 2, rel=1e-4)


@pytest.mark.parametrize(
    "metric",
    [
        "categorical_true_positives",
        "CategoricalTruePositives",
        "kerasplus>CategoricalTruePositives",
        kerasplus.get("categorical_true_positives", name="other"),
        keras.saving.serialize_keras_object(kerasplus.get("categorical_true_positives")),
    ],
    ids=["name", "class", "qualified", "instance", "configuration"],
)
def test_any_metric_of_targets_and_predictions(metric, logged):
    """By name, instance or configuration; the instance keeps its own name."""
    logs = logged(LogMetric(metric, name="hits"), [IDS, X])
    assert logs["hits"] == sum(int(np.argmax(row)) == int(i) for row, (i,) in zip(X, IDS, strict=True))
    assert getattr(metric, "name", "other") == "other"


def test_a_plain_value_on_a_side_path(logged):
    """Of a list the last tensor is aggregated, and never taken for weights."""
    assert logged(LogMetric("mean", name="side"), [X, X**2])["side"] == pytest.approx((X**2).mean(), rel=1e-5)
    assert logged(LogMetric("sum", name="total"), X)["total"] == pytest.approx(X.sum(), rel=1e-4)


def test_masks_weigh_a_metric_of_pairs():
    """Masked steps are no hits."""
    layer = LogMetric("categorical_true_positives")
    ids = np.array([[0, 1, 1]])
    scores = np.eye(2, dtype="float32")[ids]
    layer([ids, scores], mask=[None, ops.convert_to_tensor([[True, True, False]])])
    assert float(layer.metric.result()) == 2


def test_a_long_epoch_under_mixed_precision_counts_on(logged):
    """State is float32: half precision would stop at 2048."""
    keras.config.set_dtype_policy("mixed_float16")
    ones = np.ones((5000, 1), "float32")
    assert logged(LogMetric("sum", name="total"), ones, batch_size=500)["total"] == 5000


def test_a_metric_of_pairs_refuses_a_single_tensor():
    """And says how to log a plain value."""
    with pytest.raises(ValueError, match=r"takes\s*`\[y_true, y_pred\]`.*metric='mean'"):
        LogMetric("mean_squared_error")(X)


@pytest.mark.parametrize("metric", [3, None, "no_such_metric"])
def test_bad_metrics(metric):
    """Are refused when the layer is made."""
    with pytest.raises(ValueError, match="metric"):
        LogMetric(metric)
