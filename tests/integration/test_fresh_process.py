"""What is saved here loads elsewhere with only `import kerasplus`, and trains on."""

import json

import keras
import numpy as np
import pytest

import kerasplus

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4)).astype("float32")
Y = np.eye(3, dtype="float32")[RNG.integers(0, 3, size=40)]

imports_any_module = pytest.mark.skipif(
    keras.__version__.startswith("3.8."), reason="Keras 3.8 imports whatever module a file names, by itself"
)

LOAD = """
import json, pathlib, sys
import numpy as np
import keras
import kerasplus
assert not [name for name in sys.modules if name.startswith(("kerasplus.losses", "kerasplus.metrics"))]
results = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    model = keras.models.load_model(path)
    data = np.load(path.with_suffix(".npz"))
    model.evaluate(data["x"], data["y"], verbose=0)
    logs = model.evaluate(data["x"], data["y"], verbose=0, return_dict=True)
    step = int(model.optimizer.iterations)
    rate = float(model.optimizer.learning_rate)
    before = [float(np.sum(w)) for w in model.get_weights()]
    history = model.fit(data["x"], data["y"], epochs=1, verbose=0).history
    moved = before != [float(np.sum(w)) for w in model.get_weights()]
    results[path.stem] = {"logs": logs, "moved": moved, "keys": sorted(history), "step": step, "rate": rate}
print(json.dumps(results))
"""


def build(*, loss="custom_mse", metrics=("categorical_true_positives",), layer=None, rate=0.01):
    keras.utils.set_random_seed(3)
    layers = [keras.Input((4,)), keras.layers.Dense(5, activation="relu")]
    layers += [layer] if layer is not None else []
    model = keras.Sequential([*layers, keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.SGD(rate), loss=loss, metrics=list(metrics))
    model.fit(X, Y, epochs=2, verbose=0, batch_size=8)
    return model


def models():
    """One model for each thing that a file may hold."""
    yield "strings", build()
    yield "class_names", build(loss="CustomMSE", metrics=["CategoricalTruePositives"])
    yield "qualified", build(loss="kerasplus>CustomMSE", metrics=["kerasplus>CategoricalTruePositives"])
    yield (
        "instances",
        build(
            loss=kerasplus.losses.CustomMSE(regularization_factor=0.75),
            metrics=[kerasplus.metrics.CategoricalTruePositives(name="hits")],
        ),
    )
    yield "layer", build(layer=kerasplus.get("activity_regularization_layer", rate=0.03))
    schedule = kerasplus.get("warmup_cosine", learning_rate=0.02, total_steps=100, warmup_steps=7)
    yield "schedule", build(rate=schedule)
    yield "plug_in_strings", build(loss="relative_error", metrics=["within_tolerance"])
    yield (
        "plug_in_instances",
        build(
            loss=kerasplus.get("relative_error", offset=0.5),
            metrics=[kerasplus.get("within_tolerance", tolerance=0.25)],
            layer=kerasplus.get("learned_scale", initial=2.0),
            rate=kerasplus.get("half_life", initial_learning_rate=0.05, half_life=20),
        ),
    )


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Every model on disk, with what it gave in this process."""
    folder = tmp_path_factory.mktemp("models")
    expected = {}
    for name, model in models():
        model.save(folder / f"{name}.keras")
        np.savez(folder / f"{name}.npz", x=X, y=Y)
        expected[name] = {
            "logs": model.evaluate(X, Y, verbose=0, return_dict=True),
            "step": int(model.optimizer.iterations),
            "rate": float(model.optimizer.learning_rate),
        }
    return folder, expected


def test_every_saved_model_loads_with_one_import_and_trains_on(saved, fresh_python):
    """Losses, metrics, layers and schedules, ours and a plug-in's, by string and by instance."""
    folder, expected = saved
    found = fresh_python(LOAD, folder)
    assert found.keys() == expected.keys()
    for name, result in found.items():
        logs = expected[name]["logs"]
        if name == "qualified":  # Keras replaces such a string in a file by the class, whose own name is the key
            logs["categorical_true_positives"] = logs.pop("kerasplus>CategoricalTruePositives")
        assert result["logs"] == pytest.approx(logs, rel=1e-5), name
        assert result["step"] == expected[name]["step"] == 10, name
        assert result["rate"] == pytest.approx(expected[name]["rate"], rel=1e-6), name
        assert result["moved"], name
        assert set(result["keys"]) >= set(logs), name


@imports_any_module
def test_without_the_import_the_message_is_that_of_keras(saved, fresh_python):
    """Compiled by instance the load fails, compiled by string the fit does, each naming the class."""
    folder, _ = saved
    source = """
import json, sys, keras, numpy as np
errors = {}
try:
    keras.models.load_model(sys.argv[1] + "/instances.keras")
except Exception as error:
    errors["instances"] = str(error)
model = keras.models.load_model(sys.argv[1] + "/strings.keras")
try:
    model.fit(np.zeros((2, 4)), np.zeros((2, 3)), verbose=0)
except Exception as error:
    errors["strings"] = str(error)
print(json.dumps(errors))
"""
    errors = fresh_python(source, folder)
    assert "CustomMSE" in errors["instances"]
    assert "custom_mse" in errors["strings"]


def test_importing_loads_no_component_and_says_nothing(fresh_python):
    """Nor does iterating, copying or asking for the size of Keras' tables."""
    source = """
import json, sys, random
import numpy as np
import keras
random.seed(5); np.random.seed(5)
states = random.getstate(), np.random.get_state()[1].tolist()
import kerasplus
import keras.src.losses as home
dict(home.ALL_OBJECTS_DICT), list(home.ALL_OBJECTS_DICT.items()), len(home.ALL_OBJECTS_DICT)
{**keras.saving.get_custom_objects()}
keras.losses.get("mse"), keras.metrics.get("accuracy")
same = states == (random.getstate(), np.random.get_state()[1].tolist())
print(json.dumps([sorted(name for name in sys.modules if name.startswith("kerasplus")), same]))
"""
    result = fresh_python(source, check=False)
    assert "kerasplus" not in result.stderr
    modules, same = json.loads(result.stdout)
    assert modules == ["kerasplus", "kerasplus._keras_names", "kerasplus._plugins", "kerasplus._registry"]
    assert same


@imports_any_module
def test_a_service_can_shut_plugins_out(saved, fresh_python):
    """With `KERASPLUS_PLUGINS=0` a file cannot make another package load."""
    folder, _ = saved
    source = """
import sys, json, keras, kerasplus
keras.models.load_model(sys.argv[1] + "/instances.keras")
try:
    keras.models.load_model(sys.argv[1] + "/plug_in_instances.keras")
    answer = "loaded"
except Exception as error:
    answer = str(error)
print(json.dumps([answer, "kerasplus_example" in sys.modules]))
"""
    answer, imported = fresh_python(source, folder, KERASPLUS_PLUGINS="0")
    assert "LearnedScale" in answer
    assert not imported
