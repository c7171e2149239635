"""What `TensorBoardLogger` writes beside curves, read back by TensorBoard's own readers."""

import io
import json

import keras
import numpy as np
import pytest
from google.protobuf import text_format
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.graph.keras_util import keras_model_to_graph_def
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.plugins.projector import projector_plugin
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig
from tensorboard.util import tensor_util

from kerasplus.callbacks import TensorBoardLogger
from kerasplus.callbacks._tensorboard.histograms import bucket_counts
from kerasplus.callbacks._tensorboard.pictures import confusion_picture, to_pixels
from kerasplus.callbacks._tensorboard.png import encode
from kerasplus.callbacks._tensorboard.projector import labels_file, sprite_sheet, tensor_file
from kerasplus.callbacks._tensorboard.summaries import precision_recall_curve

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4, 4)).astype("float32")
Y = RNG.integers(0, 3, size=60)


class Own(keras.Model):
    """A subclassed model that owns a weight itself."""

    def __init__(self):
        super().__init__(name="own")
        self.flat = keras.layers.Flatten(name="flat")
        self.head = keras.layers.Dense(3, name="head")
        self.gain = self.add_weight(name="gain", shape=(3,), initializer="ones")

    def call(self, x, training=False):
        return self.head(self.flat(x)) * self.gain


def sequential():
    return keras.Sequential(
        [
            keras.Input((4, 4)),
            keras.layers.Flatten(name="flat"),
            keras.layers.Dense(5, activation="relu", name="hidden"),
            keras.layers.Dense(3, activation="softmax", name="head"),
        ],
        name="net",
    )


def embedding(rows=7):
    return keras.Sequential(
        [
            keras.Input((2,), dtype="int32"),
            keras.layers.Embedding(rows, 4, name="words"),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )


def fit(model, logger, x=X, y=Y, epochs=2):
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=isinstance(model, Own)))
    model.fit(x, y, batch_size=20, epochs=epochs, verbose=0, callbacks=[logger])
    return model


def tensors(folder):
    """Each tensor of a run: `{tag: [(step, array), ...]}`."""
    reader = EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()
    return {
        tag: [(event.step, tensor_util.make_ndarray(event.tensor_proto)) for event in reader.Tensors(tag)]
        for tag in reader.Tags()["tensors"]
    }


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(size=10_000),
        np.arange(31.0),
        np.array([2.5]),
        np.full(40, -3.0),
        np.array([]),
        np.array([1e-30, 2e-30, 5e-30]),
        np.array([-1e300, 0.0, 1e300]),
        RNG.integers(0, 9, size=(20, 20)),
        RNG.normal(size=100_001).astype("float32").astype("float64"),
    ],
    ids=["normal", "grid", "one", "equal", "none", "small", "large", "integers", "blocks"],
)
def test_buckets_are_those_of_tensorboard(values):
    """The same edges and counts as TensorBoard's own function."""
    expected = tensor_util.make_ndarray(histogram_pb("h", values).value[0].tensor)
    found = bucket_counts(values)
    assert np.allclose(found[:, :2], expected[:, :2], rtol=1e-12, atol=0)
    assert found[:, 2].sum() == values.size
    if values.size and np.ptp(values) > 1e-29:
        assert np.abs(np.cumsum(found[:, 2]) - np.cumsum(expected[:, 2])).max() <= 1


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_buckets_of_extremes_hold_every_finite_value(dtype):
    """The largest numbers of a type overflow nothing; NaN and infinity are in no bucket."""
    largest = np.finfo(dtype).max
    found = bucket_counts(np.array([-largest, largest, 0, np.nan, np.inf], dtype))
    assert found[:, 2].sum() == 3
    assert found[0, 2] == found[-1, 2] == 1
    assert bucket_counts(np.array([np.nan, np.inf], dtype)).sum() == 0


@pytest.mark.parametrize("make", [sequential, Own])
def test_histograms_of_all_weights_activations_and_gradients(tmp_path, make):
    """At the chosen epochs, for any model, with every number counted."""
    data = {"data": (X[:20], Y[:20]), "activation_layers": ["flat", "head"], "write_gradients": True}
    model = fit(make(), TensorBoardLogger(tmp_path, histogram_freq=2, preset="curves", **data), epochs=3)
    found = tensors(tmp_path / "train")
    for weight in model.weights:
        histograms = found[f"{weight.path}/histogram"]
        assert [step for step, _ in histograms] == [3, 9]
        assert histograms[-1][1][:, 2].sum() == np.prod(weight.shape)
        value = keras.ops.convert_to_numpy(weight.value)
        assert histograms[-1][1][[0, -1], [0, 1]] == pytest.approx([value.min(), value.max()])
        assert found[f"{weight.path}/gradient"][-1][1][:, 2].sum() == np.prod(weight.shape)
    outputs = keras.ops.convert_to_numpy(model(X[:20]))
    if isinstance(model, Own):
        outputs = outputs / keras.ops.convert_to_numpy(model.gain.value)
    edges = found["head/activation"][-1][1]
    assert edges[[0, -1], [0, 1]] == pytest.approx([outputs.min(), outputs.max()], rel=1e-4)
    assert found["flat/activation"][-1][1][:, 2].sum() == 20 * 16


def test_listening_to_layers_leaves_them_as_they_were(tmp_path):
    """The fit with every option of the preset is bit for bit the fit without."""
    weights = []
    for logger in (
        keras.callbacks.Callback(),
        TensorBoardLogger(tmp_path, preset="full", data=(X, Y), embedding_layers=["hidden"]),
    ):
        keras.utils.set_random_seed(2)
        model = fit(sequential(), logger)
        weights.append([weight.tolist() for weight in model.get_weights()])
        assert "call" not in vars(model.get_layer("hidden"))
    assert weights[0] == weights[1]


def test_the_projector_reads_every_embedding_back(tmp_path):
    """TensorBoard's own plug-in finds the run, the numbers, the labels, newest first, also after a second fit."""
    words = [f"word {i}\tx" for i in range(7)]
    ids = RNG.integers(0, 7, size=(60, 2))

    def logger():
        return TensorBoardLogger(tmp_path, embeddings_freq=1, embeddings_metadata={"words": words}, preset="curves")

    model = fit(embedding(), logger(), ids)
    model.fit(ids, Y, batch_size=20, epochs=1, verbose=0, callbacks=[logger()])
    folder = tmp_path / "train"
    config = text_format.Parse((folder / "projector_config.pbtxt").read_text(), ProjectorConfig())
    assert [info.tensor_name for info in config.embeddings] == [f"words at step {step}" for step in (9, 6, 3)]
    newest = config.embeddings[0]
    matrix = projector_plugin._read_tensor_binary_file(folder / newest.tensor_path, newest.tensor_shape)
    assert matrix.tolist() == model.get_layer("words").get_weights()[0].tolist()
    labels = (folder / newest.metadata_path).read_text().splitlines()
    assert labels == [f"word {i} x" for i in range(7)]


def test_the_projector_shows_outputs_of_layers_with_labels_and_images(tmp_path):
    """A row for each sample, named after its class."""
    logger = TensorBoardLogger(
        tmp_path,
        embeddings_freq=2,
        data=(X[:10], Y[:10]),
        embedding_layers=["hidden"],
        class_names=["ant", "bee", "cow"],
        preset="curves",
    )
    fit(sequential(), logger)
    folder = tmp_path / "train"
    config = text_format.Parse((folder / "projector_config.pbtxt").read_text(), ProjectorConfig())
    (info,) = config.embeddings
    assert info.tensor_name == "hidden at step 3"
    assert list(info.tensor_shape) == [10, 5]
    assert (folder / info.metadata_path).read_text().split() == [["ant", "bee", "cow"][i] for i in Y[:10]]
    assert (folder / info.sprite.image_path).read_bytes().startswith(b"\x89PNG")
    assert list(info.sprite.single_image_dim) == [16, 16]


@pytest.mark.parametrize(
    "matrix",
    [
        np.zeros((3, 2)),
        np.array([[0.5, 2.0], [0.25, 8.0]]),
        np.frombuffer(b"\x41\x0a\x80\x3f" * 4, "<f4").reshape(2, 2),
        np.frombuffer(b"\x0a\x0a\x80\x3f" * 4, "<f4").reshape(2, 2),
        RNG.normal(size=(50, 3)),
    ],
    ids=["zeros", "halves", "a line of text", "empty lines", "normal"],
)
def test_no_matrix_is_mistaken_for_text(tmp_path, matrix):
    """Read as the projector does: as text, and if that is no UTF-8, as raw numbers."""
    matrix = matrix.astype("float32")
    path = tmp_path / "tensor"
    path.write_bytes(tensor_file(matrix))
    try:
        found = projector_plugin._read_tensor_tsv_file(str(path))
    except UnicodeDecodeError:
        found = projector_plugin._read_tensor_binary_file(path, matrix.shape)
    assert found.tolist() == matrix.tolist()


def test_classifier_plots_show_what_is_wrong(tmp_path):
    """A confusion matrix, the misclassified images and a curve for each class."""
    logger = TensorBoardLogger(
        tmp_path, prediction_freq=1, data=(X, Y), class_names=["ant", "bee", "cow"], preset="curves"
    )
    model = fit(sequential(), logger, epochs=1)
    found = tensors(tmp_path / "train")
    assert found["confusion_matrix"][0][1][2].startswith(b"\x89PNG")
    assert found["misclassified"][0][1][2].startswith(b"\x89PNG")
    scores = model.predict(X, verbose=0)
    curve = found["precision_recall/bee"][0][1]
    true_positives, false_positives, true_negatives, false_negatives, precision, recall = curve
    for index in (0, 40, 63, 126):
        reached = scores[:, 1] >= index / 126
        assert true_positives[index] == (reached & (Y == 1)).sum()
        assert false_positives[index] == (reached & (Y != 1)).sum()
        assert true_negatives[index] + false_positives[index] == (Y != 1).sum()
        assert false_negatives[index] + true_positives[index] == (Y == 1).sum()
        assert recall[index] == pytest.approx(true_positives[index] / (Y == 1).sum(), abs=1e-6)
        if reached.any():
            assert precision[index] == pytest.approx((Y[reached] == 1).mean(), abs=1e-6)


@pytest.mark.parametrize("kind", ["binary", "one_hot", "several", "logits"])
def test_classifier_plots_take_every_kind_of_labels(tmp_path, kind):
    """Binary scores, one-hot rows, several labels a sample, and logits."""
    units, activation = {"binary": (1, "sigmoid"), "logits": (3, None)}.get(kind, (3, "sigmoid"))
    y = {
        "binary": (Y > 0).astype("float32")[:, None],
        "one_hot": np.eye(3)[Y],
        "several": RNG.integers(0, 2, (60, 3)),
        "logits": Y,
    }[kind]
    model = keras.Sequential([keras.Input((4, 4)), keras.layers.Flatten(), keras.layers.Dense(units, activation)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True) if kind == "logits" else "mse")
    logger = TensorBoardLogger(tmp_path, prediction_freq=1, data=(X, y), preset="curves")
    model.fit(X, y, epochs=1, verbose=0, callbacks=[logger])
    found = tensors(tmp_path / "train")
    assert ("confusion_matrix" in found) == (kind != "several")
    assert len([tag for tag in found if tag.startswith("precision_recall")]) == (1 if kind == "binary" else 3)


def test_precision_recall_curve_equals_tensorboards_counts():
    """Saturated scores included."""
    labels = np.array([True, False, True, True, False])
    scores = np.array([1.0, 0.0, 0.5, 0.999, 1.0])
    rows = tensor_util.make_ndarray(precision_recall_curve("c", labels, scores).tensor)
    assert rows[:4, 0].tolist() == [3, 2, 0, 0]
    assert rows[:4, -1].tolist() == [1, 1, 1, 2]
    assert rows[4:, -1].tolist() == pytest.approx([0.5, 1 / 3])


def test_the_layers_of_the_model_make_a_graph(tmp_path):
    """TensorBoard draws what is written; TensorFlow's operations too."""
    fit(sequential(), TensorBoardLogger(tmp_path))
    ((_, description),) = tensors(tmp_path / "train")["keras"]
    graph = keras_model_to_graph_def(json.loads(description.item()))
    assert {node.name for node in graph.node} >= {"net/flat", "net/hidden", "net/head"}
    reader = EventAccumulator(str(tmp_path / "train")).Reload()
    assert reader.Tags()["graph"] == (keras.backend.backend() == "tensorflow")
    if reader.Tags()["graph"]:
        assert any("MatMul" in node.op for node in reader.Graph().node)


def test_texts_tell_the_model_and_its_configuration(tmp_path):
    """The summary as it prints, the configuration as JSON."""
    fit(sequential(), TensorBoardLogger(tmp_path))
    found = tensors(tmp_path / "train")
    assert "hidden (Dense)" in found["model/summary"][0][1].item().decode()
    told = json.loads(found["model/configuration"][0][1].item().decode().strip("`").removeprefix("json"))
    assert told["fit"]["epochs"] == 2
    assert told["versions"]["backend"] == keras.backend.backend()


def test_hyperparameters_are_a_session(tmp_path):
    """Found by themselves and given, with the end of the training."""
    fit(sequential(), TensorBoardLogger(tmp_path, hparams={"depth": 2, "augmented": True, "note": "x"}))
    reader = EventAccumulator(str(tmp_path)).Reload()
    content = reader.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    hparams = hparams_metadata.parse_session_start_info_plugin_data(content).hparams
    assert hparams["depth"].number_value == 2
    assert hparams["augmented"].bool_value
    assert hparams["note"].string_value == "x"
    assert hparams["optimizer"].string_value == "SGD"
    assert hparams["learning_rate"].number_value == pytest.approx(0.01)
    assert "_hparams_/session_end_info" in reader.Tags()["tensors"]


def test_weights_are_shown_as_images(tmp_path):
    """Kernels of a convolution as a grid, matrices and vectors as they are."""
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(5, 3, name="conv"),
            keras.layers.Flatten(),
            keras.layers.Dense(3, name="head"),
        ],
        name="net",
    )
    x = RNG.normal(size=(20, 8, 8, 1))
    fit(model, TensorBoardLogger(tmp_path, write_images=True, preset="curves"), x, Y[:20], epochs=1)
    found = tensors(tmp_path / "train")
    assert {tag for tag in found if tag.endswith("/image")} == {
        "net/conv/kernel/image",
        "net/conv/bias/image",
        "net/head/kernel/image",
        "net/head/bias/image",
    }
    assert found["net/head/kernel/image"][0][1][:2].tolist() == [b"180", b"3"]


def test_pictures_are_png_files_that_others_read():
    """Every pixel survives."""
    image = pytest.importorskip("matplotlib.image")
    for channels in (1, 3):
        pixels = RNG.integers(0, 256, size=(5, 7, channels)).astype("uint8")
        found = np.round(image.imread(io.BytesIO(encode(pixels))) * 255)
        assert found.reshape(5, 7, -1)[..., :channels].astype(int).tolist() == pixels.astype(int).tolist()


def test_pictures_take_extreme_numbers():
    """Constant images, NaN, many classes and large sprites."""
    assert to_pixels(np.full((2, 3, 3), 5.0)).max() == 0
    assert to_pixels(np.array([[[np.nan, 1.0], [0.0, 2.0]]])).dtype == "uint8"
    assert confusion_picture(np.eye(300, dtype=int)).shape == (600, 600, 3)
    assert confusion_picture(np.array([[0, 0], [100_000, 1]])).shape == (108, 108, 3)
    sheet, side = sprite_sheet(np.zeros((400, 500, 500)))
    assert max(sheet.shape) <= 8192
    assert sheet.shape[0] == 20 * side[1]
    assert labels_file(["a\nb", 3]) == b"a b\n3\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"preset": "most"}, "`preset` must be one of"),
        ({"histogram_freq": 1, "activation_layers": ["a"]}, "`activation_layers` needs `data`"),
        ({"activation_layers": ["a"], "data": X}, "`activation_layers` needs `histogram_freq`"),
        ({"histogram_freq": 1, "write_gradients": True, "data": X}, "`write_gradients` needs `data` with targets"),
        ({"prediction_freq": 1, "data": X}, "`prediction_freq` needs `data` with targets"),
        ({"prediction_freq": 1, "data": (X, Y + 0.5)}, "`prediction_freq` needs class ids or one-hot rows"),
        ({"embedding_layers": ["a"], "data": X}, "`embedding_layers` needs `embeddings_freq`"),
        ({"prediction_freq": -1}, "`prediction_freq` must be a number of epochs"),
        ({"data": (X, Y, Y)}, "`data` must be inputs, or a pair"),
    ],
)
def test_options_without_what_they_need_raise_at_once(tmp_path, arguments, message):
    """Before any training."""
    with pytest.raises(ValueError, match=message):
        TensorBoardLogger(tmp_path, **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"histogram_freq": 1, "activation_layers": ["hiden"]}, "'hiden'; did you mean 'hidden'"),
        ({"embeddings_freq": 1, "embedding_layers": ["nothing"]}, "`embedding_layers` must name layers"),
        ({"embeddings_freq": 1, "embeddings_metadata": {"words": ["a"]}}, "`embeddings_metadata` must name"),
        (
            {"embeddings_freq": 1, "embedding_layers": ["head"], "embeddings_metadata": {"head": ["a"]}},
            "one entry for each of the 60 rows of 'head'. Received: 1 entries",
        ),
        (
            {"embeddings_freq": 1, "embedding_layers": ["head"], "embeddings_metadata": {"head": "no/file.tsv"}},
            "must name a file that exists",
        ),
    ],
)
def test_options_that_do_not_fit_the_model_raise_when_training_begins(tmp_path, arguments, message):
    """Not at the end of the first epoch."""
    started = []
    model = sequential()
    model.compile("sgd", "sparse_categorical_crossentropy")
    watch = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: started.append(epoch))
    with pytest.raises(ValueError, match=message):
        model.fit(X, Y, verbose=0, callbacks=[TensorBoardLogger(tmp_path, data=(X, Y), **arguments), watch])
    assert started == []


def test_the_config_keeps_every_argument(tmp_path):
    """Arrays too; through JSON and back."""
    logger = TensorBoardLogger(
        str(tmp_path),
        histogram_freq=2,
        write_graph=False,
        write_images=True,
        write_steps_per_second=True,
        update_freq=3,
        embeddings_freq=4,
        embeddings_metadata={"words": ["a", "b"]},
        preset="full",
        validation_update_freq=5,
        data=(X[:2], Y[:2]),
        activation_layers=["a"],
        write_gradients=True,
        embedding_layers=["b"],
        embeddings_sprites={"words": X[:2]},
        prediction_freq=6,
        class_names=["c"],
        image_shape=(2, 8),
        write_text=False,
        write_hparams=False,
        hparams={"d": 1},
    )
    config = json.loads(json.dumps(logger.get_config()))
    again = TensorBoardLogger.from_config(config)
    assert json.loads(json.dumps(again.get_config())) == config
    assert again.data[0].tolist() == X[:2].tolist()
    assert again.embeddings_sprites["words"].tolist() == X[:2].tolist()
    assert again.embeddings_freq == 4
    assert set(config) == set(TensorBoardLogger.alternatives)
