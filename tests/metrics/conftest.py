"""What the oracle tests share: feeding a metric, and samples on an exact grid."""

import keras
import numpy as np
import pytest
from keras import ops


def _number(result):
    if isinstance(result, dict):
        return {name: float(ops.convert_to_numpy(value)) for name, value in result.items()}
    return float(ops.convert_to_numpy(result))


def _run(metric, y_true, y_pred, sample_weight=None, batches=1):
    for part in np.array_split(np.arange(len(y_pred)), batches):
        metric.update_state(y_true[part], y_pred[part], None if sample_weight is None else sample_weight[part])
    return _number(metric.result())


def _masked(y_pred, mask):
    padding = -77.0
    marked = np.where(mask[..., None], y_pred, padding).astype("float32")
    return keras.layers.Masking(mask_value=padding)(ops.convert_to_tensor(marked))


def _scores(samples=50, classes=4, seed=0, last_is_absent=False):
    """Labels, scores without ties, and weights; the last class may be absent from both."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes - last_is_absent, samples)
    scores = rng.permuted(np.tile(np.arange(1, classes + 1), (samples, 1)), axis=1) / 16
    if last_is_absent:
        scores[:, -1] = 0
    return labels, scores, rng.integers(1, 9, samples) / 4


@pytest.fixture
def run():
    """Feeds a metric with targets, predictions and weights, in so many batches, and reads the result."""
    return _run


@pytest.fixture
def number():
    """A result as a float, or as a dict of floats."""
    return _number


@pytest.fixture
def masked():
    """The predictions as a layer that masks hands them on."""
    return _masked


@pytest.fixture
def scores():
    """Draws labels, scores and weights of a classification."""
    return _scores
