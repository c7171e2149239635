"""Metrics of classes by name alone: the number of classes is found where Keras builds its metrics."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasplus.metrics import CohenKappa, MulticlassF1

NAMES = ["cohen_kappa", "matthews_correlation", "balanced_accuracy", "multiclass_f1", "classification_report"]


def model(**options):
    keras.utils.set_random_seed(0)
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    network.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy", metrics=list(NAMES), **options)
    return network


def data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 4)).astype("float32")
    return x, x[:, :3].argmax(1)


@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}, {"jit_compile": True}], ids=str)
def test_names_alone(tmp_path, options):
    """Fit, stop early on one of them, write a log file, and agree with the metrics offline."""
    if "jit_compile" in options and keras.backend.backend() == "torch":
        pytest.skip("PyTorch's own compiler warns of what it uses itself")
    x, y = data()
    network = model(**options)
    stop = keras.callbacks.EarlyStopping(monitor="val_classification_report_f1", mode="max", patience=9)
    log = keras.callbacks.CSVLogger(str(tmp_path / "log.csv"))
    history = network.fit(
        x, y, batch_size=16, epochs=3, validation_data=(x, y), verbose=0, callbacks=[stop, log]
    ).history
    assert "val_classification_report_cohen_kappa" in (tmp_path / "log.csv").read_text()
    offline = CohenKappa()
    offline.update_state(y, network.predict(x, verbose=0))
    expected = float(ops.convert_to_numpy(offline.result()))
    for name in ("val_cohen_kappa", "val_classification_report_cohen_kappa"):
        assert history[name][-1] == pytest.approx(expected, rel=1e-5)
    assert history["val_multiclass_f1"][-1] == pytest.approx(history["val_classification_report_f1"][-1], rel=1e-6)


def test_early_stopping_takes_the_direction():
    """`mode="auto"` knows that a higher kappa is better."""
    x, y = data()
    stop = keras.callbacks.EarlyStopping(monitor="val_cohen_kappa", patience=2)
    model().fit(x, y, epochs=2, validation_data=(x, y), verbose=0, callbacks=[stop])
    assert bool(stop.monitor_op(1.0, 0.0))


def test_saved_and_loaded(tmp_path):
    """A model compiled with names evaluates to the same after it was loaded."""
    x, y = data()
    network = model()
    expected = network.evaluate(x, y, verbose=0, return_dict=True)
    network.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.evaluate(x, y, verbose=0, return_dict=True) == pytest.approx(expected, rel=1e-6)


def test_a_label_outside_in_a_compiled_step():
    """It never counts for another class: in a compiled step, where it cannot raise, the result is NaN."""
    x, y = data()
    y[3] = 7
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    network.compile(loss=lambda y, p: ops.mean(p, axis=-1), metrics=["cohen_kappa"])
    if keras.backend.backend() == "torch":
        with pytest.raises(ValueError, match="must receive class ids"):
            network.evaluate(x, y, verbose=0)
    else:
        assert np.isnan(network.evaluate(x, y, verbose=0, return_dict=True)["cohen_kappa"])


def test_unknown_number_of_columns():
    """Predictions whose last axis has no static size say that the number of classes cannot be known."""
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("only TensorFlow traces a step with sizes that are not known")
    unknown = tf.TensorSpec((None, None), "float32")
    step = tf.function(CohenKappa().update_state)
    with pytest.raises(ValueError, match="must know the size of the last axis"):
        step.get_concrete_function(tf.TensorSpec((None,), "int32"), unknown)


def test_another_number_of_columns():
    """A metric that has been built for three columns refuses four."""
    metric = MulticlassF1()
    metric.update_state(np.array([0]), np.eye(3)[:1])
    with pytest.raises(ValueError, match="was built for predictions with a last axis of 3"):
        metric.update_state(np.array([0]), np.eye(4)[:1])


def test_merging_before_the_first_batch(number):
    """A metric that has seen nothing takes over what others have seen, and adds nothing to them."""
    seen, new = CohenKappa(), CohenKappa()
    seen.update_state(np.array([0, 1, 1]), np.eye(2)[[0, 1, 0]])
    new.merge_state([seen])
    assert number(new.result()) == number(seen.result()) != 0
    seen.merge_state([CohenKappa()])
    assert number(new.result()) == number(seen.result())
