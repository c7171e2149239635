"""Schedules and their callbacks train two replicas as they train one process."""

import pytest

pytest.importorskip("tensorflow")

TRAIN = """
import json
import numpy as np
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
import keras
from kerasplus.callbacks import LearningRateMonitor, PlateauDecay
from kerasplus.schedules import CosineRestarts, Warmup

x = np.random.default_rng(0).normal(size=(24, 3)).astype("float32")

def history(strategy):
    with strategy.scope():
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(Warmup(CosineRestarts(0.2, 3, 2, 0.5), 2)), "mse")
    monitor = LearningRateMonitor(per_batch=True)
    decay = PlateauDecay("loss", 0.5, patience=1, min_delta=10.0)
    logs = model.fit(x, x.sum(1, keepdims=True), batch_size=4, epochs=3, shuffle=False, verbose=0,
                     callbacks=[decay, monitor]).history
    return {**logs, "rates": monitor.rates["learning_rate"], "weights": model.get_weights()[0].ravel().tolist()}

plain = tf.distribute.get_strategy()
print(json.dumps([history(plain), history(tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]))]))
"""


def test_two_replicas_train_as_one_process(fresh_python):
    """Rates, decays at plateaus, losses and weights are the same."""
    one, two = fresh_python(TRAIN)
    assert two["rates"] == one["rates"]
    assert two["learning_rate"] == one["learning_rate"]
    assert two["loss"] == pytest.approx(one["loss"], rel=1e-5)
    assert two["weights"] == pytest.approx(one["weights"], rel=1e-5)
