"""String names in real `compile` and `fit` calls, and `kerasplus.get` and `kerasplus.names`."""

import keras
import numpy as np
import pytest

import kerasplus
from kerasplus.losses import CustomMSE

RNG = np.random.default_rng(0)
X = RNG.normal(size=(48, 4)).astype("float32")
IDS = RNG.integers(0, 3, size=48)
ONE_HOT = np.eye(3, dtype="float32")[IDS]
LOSS_SPELLINGS = ["custom_mse", "CustomMSE", "kerasplus>CustomMSE"]
METRIC_SPELLINGS = [
    "categorical_true_positives",
    "CategoricalTruePositives",
    "kerasplus>CategoricalTruePositives",
]


def classifier():
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])


def two_outputs():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((4,))
    outputs = {name: keras.layers.Dense(3, activation="softmax", name=name)(inputs) for name in ("left", "right")}
    return keras.Model(inputs, outputs)


@pytest.mark.parametrize("spelling", LOSS_SPELLINGS)
def test_a_loss_string_trains_like_the_instance(spelling):
    """Each spelling gives the very history that `CustomMSE()` gives."""
    histories = []
    for loss in (spelling, CustomMSE()):
        model = classifier()
        model.compile("sgd", loss=loss)
        histories.append(model.fit(X, ONE_HOT, batch_size=16, epochs=2, shuffle=False, verbose=0).history["loss"])
    assert histories[0] == histories[1]


@pytest.mark.parametrize("spelling", METRIC_SPELLINGS)
def test_a_metric_string_is_the_key_in_the_logs(spelling):
    """The count in the logs is the offline count, under the spelling that was used."""
    model = classifier()
    model.compile("sgd", loss="sparse_categorical_crossentropy", metrics=[spelling])
    history = model.fit(X, IDS, epochs=1, verbose=0, validation_data=(X, IDS)).history
    hits = int(np.sum(model.predict(X, verbose=0).argmax(-1) == IDS))
    assert history[f"val_{spelling}"] == [hits]
    assert 0 <= history[spelling][0] <= len(X)


@pytest.mark.parametrize(
    ("loss", "metrics"),
    [
        (["custom_mse", "mse"], [["categorical_true_positives"], ["CategoricalTruePositives", "accuracy"]]),
        (
            {"left": "custom_mse", "right": "mse"},
            {"left": ["categorical_true_positives"], "right": ["CategoricalTruePositives", "accuracy"]},
        ),
    ],
    ids=["lists", "dicts"],
)
def test_strings_for_each_output_of_a_model(loss, metrics):
    """Lists and dicts of strings reach their own output, and `loss_weights` weigh the losses."""
    if isinstance(loss, list):
        inputs = keras.Input((4,))
        model = keras.Model(inputs, [keras.layers.Dense(3, name=name)(inputs) for name in ("left", "right")])
        targets, weights = [ONE_HOT, ONE_HOT], [2.0, 0.5]
    else:
        model, targets, weights = two_outputs(), {"left": ONE_HOT, "right": ONE_HOT}, {"left": 2.0, "right": 0.5}
    model.compile("sgd", loss=loss, loss_weights=weights, metrics=metrics)
    logs = model.fit(X, targets, epochs=1, verbose=0, batch_size=48).history
    assert logs["loss"][0] == pytest.approx(2.0 * logs["left_loss"][0] + 0.5 * logs["right_loss"][0], rel=1e-5)
    assert {"left_categorical_true_positives", "right_CategoricalTruePositives", "right_accuracy"} <= logs.keys()


def test_two_outputs_with_one_metric_of_many_results_show_them_all():
    """The keys of a dict get their output in front, as Keras does for a single number, where they would collide."""
    model = two_outputs()
    one = kerasplus.get("multiclass_recall", average=None)
    model.compile(
        "sgd", "custom_mse", metrics={"left": "classification_report", "right": ["classification_report", one]}
    )
    history = model.fit(X, {"left": ONE_HOT, "right": ONE_HOT}, verbose=0, validation_split=0.25).history
    for name in ("left_classification_report_accuracy", "right_classification_report_accuracy", "multiclass_recall_2"):
        assert name in history
        assert f"val_{name}" in history
    assert "classification_report_accuracy" not in history
    scores = model.predict(X, verbose=0)
    expected = {name: np.mean(scores[name].argmax(1) == IDS) for name in scores}
    logs = model.evaluate(X, {"left": ONE_HOT, "right": ONE_HOT}, verbose=0, return_dict=True)
    for name, accuracy in expected.items():
        assert logs[f"{name}_classification_report_accuracy"] == pytest.approx(accuracy)


def test_one_output_with_two_metrics_of_one_name_shows_both():
    """The second one's keys get the number that Keras gives it."""
    pair = [kerasplus.get("multiclass_recall", average=None, ignore_class=c) for c in (None, 1)]
    model = classifier()
    model.compile("sgd", "custom_mse", metrics=pair)
    logs = model.evaluate(X, ONE_HOT, verbose=0, return_dict=True)
    recalls = ["multiclass_recall_0", "multiclass_recall_1", "multiclass_recall_1_0", "multiclass_recall_1_2"]
    assert [name for name in logs if "recall" in name] == [*recalls[:2], "multiclass_recall_2", *recalls[2:]]


def test_weighted_metrics_take_strings_and_weights():
    """`weighted_metrics` counts weights, `metrics` counts samples."""
    model = classifier()
    name = "categorical_true_positives"
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[name], weighted_metrics=[name])
    weights = np.where(np.arange(48) % 2, 0.5, 0.0)
    logs = model.evaluate(X, IDS, sample_weight=weights, return_dict=True, verbose=0)
    hits = model.predict(X, verbose=0).argmax(-1) == IDS
    assert logs[name] == hits.sum()
    assert logs[f"weighted_{name}"] == (hits * weights).sum()


@pytest.mark.parametrize("identifier", LOSS_SPELLINGS)
def test_keras_get_takes_every_spelling_and_dicts(identifier):
    """`keras.losses.get` builds from a string and from a dict with a configuration."""
    assert isinstance(keras.losses.get(identifier), CustomMSE)
    loss = keras.losses.get({"class_name": identifier, "config": {"regularization_factor": 0.5}})
    assert loss.regularization_factor == 0.5


@pytest.mark.parametrize("identifier", METRIC_SPELLINGS)
def test_keras_get_takes_every_spelling_of_a_metric(identifier):
    """`keras.metrics.get` builds from a string and from a dict with a configuration."""
    assert keras.metrics.get(identifier).name == "categorical_true_positives"
    assert keras.metrics.get({"class_name": identifier, "config": {"name": "hits"}}).name == "hits"


def test_a_typo_is_answered_with_the_nearest_name():
    """An unknown name in `compile` fails with what was probably meant."""
    model = classifier()
    model.compile("sgd", loss="custom_msse")
    with pytest.raises(ValueError, match=r"Unknown loss: 'custom_msse'. Did you mean 'custom_mse'"):
        model.fit(X, ONE_HOT, verbose=0)
    with pytest.raises(ValueError, match="Did you mean 'categorical_true_positives'"):
        keras.metrics.get("categorical_true_positive")


def test_names_of_keras_still_mean_keras():
    """Aliases and classes of Keras go to Keras."""
    assert keras.losses.get("mse") is keras.losses.mean_squared_error
    assert type(keras.metrics.get("AUC")) is keras.metrics.AUC
    assert type(kerasplus.get("cosine_decay", initial_learning_rate=1.0, decay_steps=3)) is (
        keras.optimizers.schedules.CosineDecay
    )


def test_names_outlive_a_cleared_table_of_registered_objects():
    """`get_custom_objects().clear()` does not lose what our plug-ins hold."""
    config = keras.saving.serialize_keras_object(CustomMSE(regularization_factor=0.25))
    table = keras.saving.get_custom_objects()
    held = dict(table)
    try:
        table.clear()
        assert keras.saving.deserialize_keras_object(config).regularization_factor == 0.25
    finally:
        table.update(held)


def test_no_bare_name_is_among_the_registered_objects():
    """Keras would put the class in place of every equal string of a config."""
    assert "custom_mse" not in keras.saving.get_custom_objects()
    assert keras.saving.deserialize_keras_object({"note": "custom_mse"}) == {"note": "custom_mse"}


def test_get_builds_every_kind_with_a_configuration():
    """Layers, schedules and callbacks have no strings in Keras; `get` builds them."""
    layer = kerasplus.get("activity_regularization_layer", rate=0.25)
    schedule = kerasplus.get("WarmupCosine", learning_rate=0.5, total_steps=10)
    callback = kerasplus.get("kerasplus>PlateauDecay", kind="callback", factor=0.25)
    assert (layer.rate, schedule.total_steps, callback.factor) == (0.25, 10, 0.25)


def test_get_refuses_what_it_cannot_build():
    """Unknown names, kinds and types are told apart."""
    with pytest.raises(ValueError, match="Unknown component: 'warmup_cosin'. Did you mean 'warmup_cosine'"):
        kerasplus.get("warmup_cosin")
    with pytest.raises(ValueError, match="`kind` must be one of 'loss', 'metric'.*Received: kind='losses'"):
        kerasplus.get("custom_mse", kind="losses")
    with pytest.raises(ValueError, match="Unknown metric: 'custom_mse'"):
        kerasplus.get("custom_mse", kind="metric")
    with pytest.raises(ValueError, match="as a string. Received: 3 of type int"):
        kerasplus.get(3)


def test_names_lists_records_of_every_kind():
    """A record says what a component is, where it came from, and whether its name leads to it."""
    records = list(kerasplus.names())
    assert {record.kind for record in records} >= {"loss", "metric", "layer", "schedule", "callback"}
    record = next(record for record in kerasplus.names("loss") if record.name == "custom_mse")
    assert (record.qualified, record.distribution, record.state) == ("kerasplus>CustomMSE", "kerasplus", "ready")
    assert record.version == kerasplus.__version__


def test_every_name_of_ours_is_listed_in_its_folder():
    """The folder is the list: a file without its import line is told here."""
    from importlib import import_module
    from pathlib import Path

    for folder in ("losses", "metrics", "layers", "schedules", "callbacks"):
        module = import_module(f"kerasplus.{folder}")
        for path in sorted(Path(module.__file__).parent.glob("[a-z]*.py")):
            found = [name for name in module.__all__ if _file_of(getattr(module, name)) == path.stem]
            assert found, f"kerasplus/{folder}/__init__.py lacks: from kerasplus.{folder}.{path.stem} import ..."


def _file_of(value):
    return value.__module__.rpartition(".")[2] if hasattr(value, "__module__") else ""
