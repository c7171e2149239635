"""`ExactMetrics` against the functions called by hand on all predictions."""

import json

import keras
import numpy as np
import pytest
import sklearn.metrics

from kerasplus.callbacks import RunRecord
from kerasplus.callbacks.exact_metrics import ExactMetrics

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 3)).astype("float32")
BINARY = (X[:, 0] + 0.5 * RNG.normal(size=24) > 0).astype("int32")
IDS = np.argmax(X + RNG.normal(size=(24, 3)), axis=1)
WEIGHTS = RNG.uniform(0.1, 3, size=24)


def ranked(y_true, y_pred):
    """A function of this module, which has a name."""
    return float(np.mean(np.argsort(y_pred) == np.argsort(y_true)))


@keras.saving.register_keras_serializable(package="test_exact_metrics")
def registered(y_true, y_pred):
    """A function that Keras has a name for."""
    return y_pred.shape == y_true.shape


def build(units=1, activation="sigmoid"):
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dense(4, "tanh"), keras.layers.Dropout(0.5), keras.layers.Dense(units, activation)]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile(
        keras.optimizers.Adam(0.05), "binary_crossentropy" if units == 1 else "sparse_categorical_crossentropy"
    )
    return model


def fit(model, y, callbacks, epochs=2, **options):
    return model.fit(X, y, epochs=epochs, batch_size=5, verbose=0, callbacks=callbacks, **options).history


class Predicts(keras.callbacks.Callback):
    """The predictions after each epoch."""

    def on_train_begin(self, logs=None):
        self.found = []

    def on_epoch_end(self, epoch, logs=None):
        self.found.append(self.model.predict(X, verbose=0))


@pytest.mark.parametrize("weighted", [False, True])
def test_scikit_learn_on_the_whole_set(weighted):
    """Scores, and classes by a threshold, with arguments and weights; by name or as the function itself."""
    data = (X, BINARY, WEIGHTS) if weighted else (X, BINARY)
    weights = {"sample_weight": WEIGHTS} if weighted else {}
    metrics = {
        "auc": sklearn.metrics.roc_auc_score,
        "ap": "sklearn.metrics:average_precision_score",
        "f2": "sklearn.metrics:fbeta_score",
        "low": "sklearn.metrics:accuracy_score",
    }
    exact = ExactMetrics(metrics, data, transform={"f2": 0.5, "low": 0}, arguments={"f2": {"beta": 2.0}}, batch_size=7)
    predicts = Predicts()
    history = fit(build(), BINARY, [predicts, exact])
    for epoch, scores in enumerate(predicts.found):
        scores, classes = scores[:, 0], scores[:, 0] > 0.5
        expected = {
            "auc": sklearn.metrics.roc_auc_score(BINARY, scores, **weights),
            "ap": sklearn.metrics.average_precision_score(BINARY, scores, **weights),
            "f2": sklearn.metrics.fbeta_score(BINARY, classes, beta=2.0, **weights),
            "low": sklearn.metrics.accuracy_score(BINARY, np.ones(24), **weights),
        }
        for name, value in expected.items():
            assert history[f"val_{name}"][epoch] == pytest.approx(value, rel=1e-5), name


@pytest.mark.parametrize("y", [IDS, IDS[:, None], np.eye(3)[IDS]], ids=["ids", "column", "one_hot"])
def test_classes_are_those_of_the_highest_scores(y):
    """Whatever form the targets have; results may be arrays, which a record holds too."""
    exact = ExactMetrics(
        {"f1": "sklearn.metrics:f1_score", "confusion": sklearn.metrics.confusion_matrix},
        (X, y),
        transform="argmax",
        arguments={"f1": {"average": "macro"}},
    )
    predicts = Predicts()
    history = fit(build(3, "softmax"), IDS, [predicts, exact], epochs=1)
    classes = predicts.found[0].argmax(axis=1)
    assert history["val_f1"] == pytest.approx([sklearn.metrics.f1_score(IDS, classes, average="macro")])
    assert (history["val_confusion"][0] == sklearn.metrics.confusion_matrix(IDS, classes)).all()


def test_a_column_is_not_broadcast():
    """Targets of shape (n,) and predictions of shape (n, 1) meet as (n,), and the other way round."""
    shapes = []
    for y in (BINARY, BINARY[:, None]):
        exact = ExactMetrics({"gap": lambda *pair: shapes.extend(each.shape for each in pair) or 0.0}, (X, y))
        fit(build(), BINARY, [exact], epochs=1)
    assert shapes == [(24,)] * 4


def test_callbacks_after_it_see_the_values(tmp_path):
    """They stop, save and record by them."""
    values = iter([0.5, 0.9, 0.8, 0.7, 0.6])
    exact = ExactMetrics({"auc": lambda *_: next(values)}, (X, BINARY))
    early = keras.callbacks.EarlyStopping("val_auc", mode="max", patience=2)
    best = keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", "val_auc", mode="max", save_best_only=True)
    record = RunRecord(tmp_path / "run.jsonl")
    history = fit(build(), BINARY, [exact, early, best, record], epochs=5, validation_data=(X, BINARY))
    assert history["val_auc"] == [0.5, 0.9, 0.8, 0.7]
    assert (early.best, best.best) == (0.9, 0.9)
    assert [line["logs"]["val_auc"] for line in RunRecord.read(tmp_path / "run.jsonl")[1:-1]] == history["val_auc"]


def test_the_training_stays_as_it_is():
    """Weights and losses are bit for bit those without it."""
    results = []
    for callbacks in ([], [ExactMetrics({"auc": sklearn.metrics.roc_auc_score}, (X, BINARY))]):
        model = build()
        history = fit(model, BINARY, callbacks, epochs=3, validation_data=(X, BINARY))
        results.append(([w.tolist() for w in model.get_weights()], history["loss"], history["val_loss"]))
    assert results[0] == results[1]


def test_functions_are_named_in_the_configuration():
    """By Keras' name, by that of their module, or as they were given; through JSON and back."""
    metrics = {"a": registered, "b": ranked, "c": "sklearn.metrics:f1_score", "d": sklearn.metrics.roc_auc_score}
    exact = ExactMetrics(metrics, (X, BINARY, WEIGHTS), {"c": 0.3}, {"c": {"beta": 1}}, batch_size=3)
    config = json.loads(json.dumps(exact.get_config()))
    assert config["metrics"]["b"] == f"{__name__}:ranked"
    assert config["metrics"]["c"] == "sklearn.metrics:f1_score"
    again = ExactMetrics.from_config(config)
    assert again.metrics["a"] is registered
    assert again.get_config() == exact.get_config()
    for got, expected in zip(again.data, (X, BINARY, WEIGHTS), strict=True):
        np.testing.assert_array_equal(got, expected)


def test_a_function_without_a_name_cannot_be_saved():
    """Which is said, with what to do."""
    exact = ExactMetrics({"mine": lambda *_: 0.0}, (X, BINARY))
    with pytest.raises(ValueError, match=r"must have a name to be saved. Received: 'mine'"):
        exact.get_config()


def test_a_configuration_imports_nothing():
    """Only a training does."""
    config = ExactMetrics({"bad": "no_such_package:thing"}, (X, BINARY)).get_config()
    exact = ExactMetrics.from_config(config)
    with pytest.raises(ValueError, match="that can be imported. Received: 'no_such_package:thing'"):
        fit(build(), BINARY, [exact])
    for name in ("numpy:no_such_function", "numpy:pi"):
        with pytest.raises(ValueError, match=f"`metrics` must name functions.*{name}"):
            fit(build(), BINARY, [ExactMetrics({"bad": name}, (X, BINARY))])


def test_names_must_be_free():
    """A metric of `compile` keeps its value."""
    exact = ExactMetrics({"loss": sklearn.metrics.log_loss}, (X, BINARY))
    with pytest.raises(ValueError, match=r"names that the logs do not have already. Received: \['val_loss'\]"):
        fit(build(), BINARY, [exact], validation_data=(X, BINARY))


def test_several_outputs_are_refused():
    """Which of them it should be about is not known."""
    inputs = keras.Input((3,))
    model = keras.Model(inputs, [keras.layers.Dense(1)(inputs), keras.layers.Dense(1)(inputs)])
    model.compile("sgd", ["mse", "mse"])
    exact = ExactMetrics({"r2": sklearn.metrics.r2_score}, (X, BINARY))
    with pytest.raises(ValueError, match="must have a model with one output"):
        model.fit(X, [BINARY, BINARY], verbose=0, callbacks=[exact])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metrics": {}}, "`metrics` must be a dict"),
        ({"metrics": [ranked]}, "`metrics` must be a dict"),
        ({"metrics": {"a": "not a name"}}, "`metrics` must be a dict"),
        ({"data": X}, "`data` must be"),
        ({"data": (X,)}, "`data` must be"),
        ({"data": (X, {"a": BINARY})}, "`data` must have one array"),
        ({"data": (X[:0], BINARY[:0])}, "`data` must have one array"),
        ({"transform": "softmax"}, "`transform` must be None"),
        ({"transform": {"a": True}}, "`transform` must be None"),
        ({"transform": {"b": 0.5}}, "`transform` must be for names"),
        ({"arguments": {"b": {}}}, "`arguments` must be for names"),
        ({"batch_size": 0}, "`batch_size` must be"),
    ],
)
def test_bad_arguments_raise_at_once(arguments, message):
    """With the name of the argument."""
    with pytest.raises(ValueError, match=message):
        ExactMetrics(**{"metrics": {"a": ranked}, "data": (X, BINARY), **arguments})
