"""Two replicas, a compiled step and gathered steps train as one plain process does."""

import pytest

pytest.importorskip("tensorflow")

TRAIN = """
import json, sys
import numpy as np
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
import keras
import kerasplus

rng = np.random.default_rng(0)
x = rng.normal(size=(64, 4)).astype("float32")
ids = rng.integers(0, 3, 64)
y = np.eye(3, dtype="float32")[ids]
weight = rng.integers(1, 4, 64).astype("float32")

def history(strategy=None, **options):
    with (strategy or tf.distribute.get_strategy()).scope():
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
        hits = "categorical_true_positives"
        model.compile(keras.optimizers.SGD(0.5), "custom_mse", metrics=[hits], weighted_metrics=[hits], **options)
    logs = model.fit(x, y, sample_weight=weight, batch_size=16, epochs=3, shuffle=False, verbose=0,
                     validation_data=(x, y)).history
    return {**logs, "weights": model.get_weights()[0].ravel().tolist()}

results = {
    "plain": history(),
    "eager": history(run_eagerly=True),
    "compiled by XLA": history(jit_compile=True),
    "four steps an execution": history(steps_per_execution=4),
    "two replicas": history(tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])),
}
print(json.dumps(results))
"""


def test_every_way_of_running_gives_the_same_history_and_weights(fresh_python):
    """Losses are shared out to replicas, metric totals are summed over them."""
    results = fresh_python(TRAIN)
    plain = results.pop("plain")
    assert plain["weighted_categorical_true_positives"][-1] > plain["categorical_true_positives"][-1] > 20
    for way, history in results.items():
        assert history.keys() == plain.keys(), way
        for name, values in history.items():
            assert values == pytest.approx(plain[name], rel=2e-5), (way, name)
