"""What holds for every layer, drawn from what its class declares."""

import json

import keras
import numpy as np
import pytest
from keras import ops

import kerasplus
from kerasplus.layers import (
    ActivityRegularizationLayer,
    AddLoss,
    EntropyRegularization,
    GaussianKL,
    KLSparsity,
    LogMetric,
    VectorQuantizer,
)

TERMS = ("LogMetric", "Sampling", "ArcFace", "CosFace", "ActivationStatistics")  # add nothing to the loss


def arrays(outputs):
    return [ops.convert_to_numpy(each) for each in keras.tree.flatten(outputs)]


def adds_a_term(cls):
    return cls.__name__ not in TERMS


def connected(layer, inputs):
    """A model that has the layer in its path and a weight to train."""
    first = keras.tree.flatten(inputs)[0]
    outputs = keras.tree.flatten(layer(inputs))[0] if layer.pass_through else layer(inputs)
    mixed = keras.layers.Concatenate(dtype="float32")([first, outputs])
    return keras.Model(inputs, keras.layers.Dense(1, dtype="float32")(mixed))


def targets(values):
    first = keras.tree.flatten(values)[0]
    return np.zeros((*first.shape[:-1], 1), "float32")


def test_pass_through_layers_return_their_input_bit_for_bit(layer_class, make, draw):
    """Also float32 values under a half-precision policy, NaN and infinities."""
    if not layer_class.pass_through:
        pytest.skip("changes its input, as declared")
    values = draw(layer_class)
    first = values[0] if isinstance(values, list) else values
    first[0, 0], first[1, 1] = np.nan, np.inf
    for policy in ("float32", "mixed_float16", "float64"):
        layer = make(layer_class, dtype=policy)
        for got, given in zip(arrays(layer(values)), keras.tree.flatten(values), strict=True):
            assert got.dtype == given.dtype, policy
            assert got.tobytes() == given.tobytes(), policy


def test_symbolic_and_real_shapes_and_dtypes_agree(layer_class, make, draw, symbolic):
    """For batches of 1, 3 and 0, and the shape worked out from shapes."""
    layer = make(layer_class)
    inputs = symbolic(layer_class)
    outputs = keras.tree.flatten(layer(inputs))
    for batch in (1, 3, 0):
        for got, promised in zip(arrays(layer(draw(layer_class, batch))), outputs, strict=True):
            assert got.shape == (batch, *promised.shape[1:])
            assert got.dtype.name == promised.dtype
    shapes = keras.tree.map_structure(lambda x: tuple(x.shape), inputs)
    worked_out = layer.compute_output_shape(shapes)
    assert [tuple(s) for s in (worked_out if isinstance(worked_out, list) else [worked_out])] == [
        tuple(o.shape) for o in outputs
    ]


def test_a_loss_is_added_once_per_call_and_gone_at_the_next(layer_class, make, draw):
    """It is a finite scalar of at least float32, also where the batch is empty."""
    layer = make(layer_class)
    for batch in (4, 1, 0, 4):
        layer(draw(layer_class, batch))
        assert len(layer.losses) == adds_a_term(layer_class)
        for loss in layer.losses:
            assert loss.shape == ()
            assert np.isfinite(float(loss))


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
def test_a_fit_is_finite_under_every_policy(layer_class, make, draw, symbolic, policy):
    """Terms are near those of float32."""
    values = draw(layer_class, 8)
    logs, weights = {}, None
    for each in ("float32", policy):
        keras.config.set_dtype_policy(each)
        keras.utils.set_random_seed(0)
        layer = make(layer_class, name="layer")
        model = connected(layer, symbolic(layer_class))
        model.compile(keras.optimizers.SGD(0.0), "mse")
        weights = weights or model.get_weights()
        model.set_weights(weights)
        history = model.fit(values, targets(values), epochs=1, verbose=0).history
        assert all(np.isfinite(numbers).all() for numbers in history.values())
        logs[each] = history
    assert logs[policy].keys() == logs["float32"].keys()
    if adds_a_term(layer_class):
        assert logs[policy]["layer"] == pytest.approx(logs["float32"]["layer"], rel=0.02, abs=1e-3)


def test_a_term_is_in_the_logs_of_training_and_validation_under_its_name(layer_class, make, draw, symbolic):
    """The loss is the compiled loss plus the term, and both histories are reset in every epoch."""
    if not adds_a_term(layer_class):
        pytest.skip("adds nothing to the loss, as declared")
    values, other = draw(layer_class, 6, seed=1), draw(layer_class, 4, seed=2)
    layer = make(layer_class, name="my_term")
    model = connected(layer, symbolic(layer_class))
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=["mse"])
    history = model.fit(
        values, targets(values), validation_data=(other, targets(other)), epochs=2, batch_size=2, verbose=0
    ).history
    for prefix in ("", "val_"):
        for epoch in (0, 1):
            total = history[f"{prefix}loss"][epoch]
            assert total == pytest.approx(
                history[f"{prefix}mse"][epoch] + history[f"{prefix}my_term"][epoch], rel=1e-5, abs=1e-6
            )
    if layer_class.__name__ not in ("CenterLoss", "VectorQuantizer"):
        assert history["my_term"][0] == pytest.approx(history["my_term"][1], rel=1e-5)


@pytest.mark.parametrize("layer", [AddLoss, ActivityRegularizationLayer, KLSparsity, EntropyRegularization])
@pytest.mark.parametrize("style", ["functional", "sequential", "subclassed", "nested"])
def test_every_style_of_model_counts_the_term_once(layer, style, draw):
    """A model in a model too."""
    values = draw(KLSparsity, 4)
    term = layer(name="term")
    inputs = keras.Input((8,))
    if style == "functional":
        model = keras.Model(inputs, keras.layers.Dense(1)(term(inputs)))
    elif style == "sequential":
        model = keras.Sequential([term, keras.layers.Dense(1)])
    elif style == "nested":
        inner = keras.Sequential([inputs, term], name="inner")
        model = keras.Sequential([keras.Input((8,)), inner, keras.layers.Dense(1)])
    else:

        class Mine(keras.Model):
            def __init__(self):
                super().__init__()
                self.term = term
                self.dense = keras.layers.Dense(1)

            def call(self, x):
                return self.dense(self.term(x))

        model = Mine()
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=["mse"])
    logs = model.evaluate(values, np.zeros((4, 1)), return_dict=True, verbose=0)
    alone = layer()
    alone(values)
    assert logs["term"] == pytest.approx(float(alone.losses[0]), rel=1e-5)
    assert logs["loss"] == pytest.approx(logs["mse"] + logs["term"], rel=1e-5)


def test_a_shared_layer_adds_a_term_per_call_and_shows_their_mean(draw):
    """Both calls of a step act on the loss."""
    values = draw(AddLoss, 4)[0]
    inputs = keras.Input((8,))
    term = AddLoss(name="term")
    model = keras.Model(inputs, keras.layers.Dense(1)(term(keras.layers.Rescaling(2.0)(term(inputs)))))
    model.compile("sgd", "mse", metrics=["mse"])
    logs = model.evaluate(values, np.zeros((4, 1)), return_dict=True, verbose=0)
    assert logs["loss"] - logs["mse"] == pytest.approx(3 * values.mean(), rel=1e-4, abs=1e-6)
    assert logs["term"] == pytest.approx(1.5 * values.mean(), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize(
    "layer",
    [
        ActivityRegularizationLayer(name="term"),
        AddLoss(name="term"),
        AddLoss(reduction="sum", name="term"),
        EntropyRegularization(from_logits=True, name="term"),
        KLSparsity(name="term"),
        LogMetric(name="term"),
        VectorQuantizer(num_codes=3, name="term"),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_masked_steps_count_for_nothing_and_the_mask_goes_on(layer, rng_rows):
    """The number is that of the kept steps alone, even if the others are NaN."""
    rows, mask = rng_rows
    padded = ops.convert_to_tensor(rows)
    output = layer(padded, mask=ops.convert_to_tensor(mask))
    got = [float(loss) for loss in layer.losses] or [float(layer.metrics[0].result())]
    layer.metrics[0].reset_state()
    kept = rows[mask]
    layer(ops.convert_to_tensor(kept))
    expected = [float(loss) for loss in layer.losses] or [float(layer.metrics[0].result())]
    assert got == pytest.approx(expected, rel=1e-5)
    assert np.array_equal(ops.convert_to_numpy(output._keras_mask), mask)


@pytest.fixture
def rng_rows():
    """Rows of three steps, of which the mask leaves out those that are NaN."""
    rng = np.random.default_rng(5)
    rows = rng.uniform(0.1, 0.9, (5, 3, 4)).astype("float32")
    mask = rng.random((5, 3)) < 0.6
    rows[~mask] = np.nan
    return rows, mask


def test_free_bits_and_means_leave_masked_steps_out(rng_rows):
    """The divergence of kept steps alone."""
    rows, mask = rng_rows
    layer = GaussianKL(free_bits=0.1)
    layer([rows, rows], mask=[ops.convert_to_tensor(mask), None])
    masked = float(layer.losses[0])
    layer([rows[mask], rows[mask]])
    assert masked == pytest.approx(float(layer.losses[0]), rel=1e-5)


def test_inference_is_deterministic(layer_class, make, draw):
    """Two calls give the same bits."""
    layer, values = make(layer_class), draw(layer_class)
    for first, second in zip(arrays(layer(values)), arrays(layer(values)), strict=True):
        assert first.tobytes() == second.tobytes()


def test_gradients_reach_every_trainable_weight(layer_class, make, draw):
    """After a step of training none is what it was."""
    layer, values = make(layer_class), draw(layer_class, 8)
    layer(values)
    if not layer.trainable_weights:
        pytest.skip("has no trainable weight")
    tf = pytest.importorskip("tensorflow")
    with tf.GradientTape() as tape:
        output = layer(values, training=True) if not layer.losses else layer(values)
        loss = ops.sum(ops.square(keras.tree.flatten(output)[0])) + sum(layer.losses)
    for gradient in tape.gradient(loss, layer.trainable_weights):
        assert gradient is not None
        assert np.isfinite(ops.convert_to_numpy(ops.convert_to_tensor(gradient))).all()
        assert np.any(ops.convert_to_numpy(ops.convert_to_tensor(gradient)) != 0)


def test_every_argument_survives_config_and_changes_what_is_rebuilt(layer_class, make):
    """Each with the value that its class declares as not its default."""
    for name, value in layer_class.alternatives.items():
        layer = make(layer_class, **({name: value} if name not in make(layer_class).get_config() else {}))
        layer = layer_class(**{**layer.get_config(), name: value})
        config = json.loads(json.dumps(layer.get_config()))
        again = layer_class.from_config(config)
        assert again.get_config() == layer.get_config()
        plain = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
        assert plain.get_config() == layer.get_config()


def test_found_by_name(layer_class, make):
    """By string and by qualified class name."""
    arguments = {name: value for name, value in make(layer_class).get_config().items() if name != "name"}
    record = next(c for c in kerasplus.names("layer") if c.class_name == layer_class.__name__)
    for spelling in (record.name, record.class_name, record.qualified):
        built = kerasplus.get(spelling, kind="layer", **arguments)
        assert type(built) is layer_class


RELOAD = """
import json, pathlib, sys
import numpy as np
import keras
import kerasplus
same = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    model = keras.models.load_model(path)
    data = np.load(path.with_suffix(".npz"))
    inputs = [data[f"input_{i}"] for i in range(len(model.inputs))]
    outputs = keras.tree.flatten(model.predict(inputs, verbose=0))
    logs = model.evaluate(inputs, np.zeros(data["targets"]), verbose=0, return_dict=True)
    same[path.stem] = all(o.tobytes() == data[f"output_{i}"].tobytes() for i, o in enumerate(outputs)), logs
print(json.dumps(same))
"""


@pytest.fixture
def run_fresh(tmp_path):
    """A function that runs source in a fresh process and reads the last line that it prints."""
    import subprocess
    import sys

    def run(source, *arguments):
        result = subprocess.run(
            [sys.executable, "-c", source, *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
            timeout=300,
        )
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout.strip().splitlines()[-1])

    return run


def test_models_reload_bit_equal_in_a_fresh_process(tmp_path, run_fresh, make, draw, symbolic):
    """Every layer, after training, with only `import kerasplus`."""
    expected = {}
    for name in kerasplus.layers.__all__:
        cls = getattr(kerasplus.layers, name)
        values = draw(cls, 8)
        model = connected(make(cls, name="layer"), symbolic(cls))
        model.compile("adam", "mse")
        model.fit(values, targets(values), epochs=2, verbose=0)
        flat = keras.tree.flatten(values)
        outputs = keras.tree.flatten(model.predict(values, verbose=0))
        expected[name] = model.evaluate(values, targets(values), verbose=0, return_dict=True)
        model.save(tmp_path / f"{name}.keras")
        data = {f"input_{i}": v for i, v in enumerate(flat)} | {f"output_{i}": v for i, v in enumerate(outputs)}
        np.savez(tmp_path / f"{name}.npz", targets=targets(values).shape, **data)
    got = run_fresh(RELOAD, tmp_path)
    assert got.keys() == expected.keys()
    for name, (same, logs) in got.items():
        assert same, name
        assert logs == expected[name], name


def test_export_serves_the_same_numbers(layer_class, make, draw, symbolic, tmp_path):
    """As a TensorFlow SavedModel."""
    tf = pytest.importorskip("tensorflow")
    values = draw(layer_class, 4)
    model = connected(make(layer_class), symbolic(layer_class))
    model.export(tmp_path / "served", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "served"))
    got = served.serve(values if isinstance(values, list) else [values][0])
    np.testing.assert_allclose(ops.convert_to_numpy(got), model.predict(values, verbose=0), rtol=1e-5, atol=1e-6)


REPLICAS = """
import json
import numpy as np
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
import keras
import kerasplus
from kerasplus import layers

rng = np.random.default_rng(0)
half = rng.uniform(0.1, 0.9, (4, 8)).astype("float32")
labels = rng.integers(0, 3, (4, 1)).astype("int32")
x, ids = np.concatenate([half, half]), np.concatenate([labels, labels])  # each replica sees the same

CASES = {
    "activity_sum": (lambda: layers.ActivityRegularizationLayer(name="layer"), 1),
    "activity_mean": (lambda: layers.ActivityRegularizationLayer(reduction="sum_over_batch_size", name="layer"), 1),
    "add_loss": (lambda: layers.AddLoss(name="layer"), 1),
    "kl_sparsity": (lambda: layers.KLSparsity(name="layer"), 1),
    "entropy": (lambda: layers.EntropyRegularization(from_logits=True, name="layer"), 1),
    "log_metric": (lambda: layers.LogMetric("sum", name="layer"), 1),
    "statistics": (lambda: layers.ActivationStatistics(name="layer"), 1),
    "gaussian_kl": (lambda: layers.GaussianKL(name="layer"), 2),
    "sampling": (lambda: layers.Sampling(name="layer"), 2),
    "center_loss": (lambda: layers.CenterLoss(3, momentum=0.0, name="layer"), 0),
    "arc_face": (lambda: layers.ArcFace(3, scale=1.0, name="layer"), 0),
    "cos_face": (lambda: layers.CosFace(3, scale=1.0, name="layer"), 0),
    "field": (lambda: layers.ConditionalRandomField(3, name="layer"), -1),
    "quantizer": (lambda: layers.VectorQuantizer(3, name="layer"), 1),
}

TWO = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])

def history(case, strategy=None):
    make, count = CASES[case]
    with (strategy or tf.distribute.get_strategy()).scope():
        keras.utils.set_random_seed(0)
        inputs, tags = keras.Input((8,)), keras.Input((1,), dtype="int32")
        hidden = keras.layers.Dense(8, activation="sigmoid")(inputs)
        if count == -1:
            steps = keras.layers.Reshape((1, 8))(hidden)
            output = keras.layers.Concatenate()([make()([steps, tags]), steps])
            output = keras.layers.Flatten()(output)
        else:
            given = {0: [hidden, tags], 1: hidden, 2: [hidden, hidden]}[count]
            output = keras.tree.flatten(make()(given))[0]
        model = keras.Model([inputs, tags], keras.layers.Dense(1)(output))
        model.compile(keras.optimizers.SGD(0.1), "mse")
    if case == "sampling":
        return model.evaluate([x, ids], np.zeros((8, 1)), batch_size=8, verbose=0, return_dict=True)
    logs = model.fit([x, ids], np.zeros((8, 1)), batch_size=8, epochs=2, shuffle=False, verbose=0).history
    return {**logs, "weights": [float(np.sum(np.abs(w))) for w in model.get_weights()[:2]]}

print(json.dumps({
    case: [history(case), history(case, TWO)] for case in CASES
}))
"""


def test_two_replicas_train_as_one_process_does(run_fresh):
    """Loss, terms, gradients and metrics of every layer, in one process with two logical devices."""
    for case, (plain, replicas) in run_fresh(REPLICAS).items():
        assert plain.keys() == replicas.keys(), case
        for name, numbers in plain.items():
            assert replicas[name] == pytest.approx(numbers, rel=1e-4, abs=1e-5), (case, name)
