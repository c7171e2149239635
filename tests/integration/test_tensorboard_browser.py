"""The logs of a real fit in the real TensorBoard: its HTTP interface, and its pages in a real browser.

With `KERASPLUS_SCREENSHOTS=FOLDER` the pages are kept as pictures for the documentation.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

from kerasplus.callbacks import TensorBoardLogger

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
EPOCHS = 4
HELD_OUT = 300
TRAIN = "digits/train"


def train(folder):
    """A small network on real digits, with every option of the logger, and an Embedding layer."""
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype("float32").reshape(-1, 8, 8, 1)
    held_out = x[:HELD_OUT], y[:HELD_OUT]
    image, word = keras.Input((8, 8, 1), name="image"), keras.Input((1,), dtype="int32", name="word")
    hidden = keras.layers.Flatten()(keras.layers.Conv2D(8, 3, activation="relu", name="conv")(image))
    hidden = keras.layers.Dense(32, activation="relu", name="hidden")(hidden)
    hidden = hidden + keras.layers.Flatten()(keras.layers.Embedding(10, 32, name="words")(word))
    model = keras.Model([image, word], keras.layers.Dense(10, activation="softmax", name="head")(hidden), name="net")
    schedule = keras.optimizers.schedules.CosineDecay(3e-3, 24 * EPOCHS)
    model.compile(keras.optimizers.Adam(schedule), "sparse_categorical_crossentropy", metrics=["accuracy"])

    def with_words(images):
        return [images, (np.arange(len(images)) % 10)[:, None]]

    logger = TensorBoardLogger(
        folder,
        preset="full",
        data=(with_words(held_out[0]), held_out[1]),
        class_names=NAMES,
        embedding_layers=["hidden"],
        embeddings_metadata={"words": NAMES},
        hparams={"filters": 8},
    )
    history = model.fit(
        with_words(x[HELD_OUT:]),
        y[HELD_OUT:],
        batch_size=64,
        epochs=EPOCHS,
        validation_data=(with_words(held_out[0]), held_out[1]),
        callbacks=[logger],
        verbose=0,
    ).history
    return model, history


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A trained model, its history and the folder of its logs."""
    folder = tmp_path_factory.mktemp("logs")
    keras.utils.set_random_seed(0)
    return (*train(folder / "digits"), folder)


@pytest.fixture(scope="module")
def server(run):
    """The address of a TensorBoard that serves the logs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(run[2]), "--host", "127.0.0.1"]
    with (run[2].parent / "tensorboard.log").open("w") as log:
        process = subprocess.Popen([*command, "--port", str(port), "--load_fast", "false"], stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                if {"digits/train", "digits/validation"} <= set(read(f"{address}/data/runs")):
                    break
            except OSError:
                assert process.poll() is None, (run[2].parent / "tensorboard.log").read_text()
            time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def read(address, raw=False, body=None, **query):
    """The answer of the server, as JSON or as bytes."""
    address += "?" + urllib.parse.urlencode(query) if query else ""
    request = urllib.request.Request(address, data=None if body is None else json.dumps(body).encode())
    if body is not None:
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as answer:
        data = answer.read()
    return data if raw else json.loads(data)


def plugin(server, path, raw=False, **query):
    return read(f"{server}/data/plugin/{path}", raw, **query)


def test_scalars_are_those_of_the_history(server, run):
    """Tags and values, epoch by epoch and batch by batch."""
    _, history, _ = run
    tags = plugin(server, "scalars/tags")
    expected = {"epoch_loss", "epoch_accuracy", "epoch_learning_rate", "batch_loss", "batch_learning_rate"}
    assert expected <= set(tags[TRAIN])
    assert {"epoch_loss", "epoch_accuracy", "evaluation_loss_vs_iterations"} <= set(tags["digits/validation"])
    for name, key in ((TRAIN, "loss"), ("digits/validation", "val_loss")):
        points = plugin(server, "scalars/scalars", run=name, tag="epoch_loss")
        assert [step for _, step, _ in points] == [24, 48, 72, 96]
        assert [value for _, _, value in points] == pytest.approx(history[key], rel=1e-6)
    assert len(plugin(server, "scalars/scalars", run=TRAIN, tag="batch_loss")) == 24 * EPOCHS


def test_histograms_and_distributions_are_served(server, run):
    """Of weights, of activations and of gradients."""
    model, _, _ = run
    tags = set(plugin(server, "histograms/tags")[TRAIN])
    assert {f"{weight.path}/histogram" for weight in model.weights} <= tags
    assert {"conv/activation", "hidden/activation", "words/activation"} <= tags
    assert {f"{weight.path}/gradient" for weight in model.trainable_weights} <= tags
    points = plugin(server, "histograms/histograms", run=TRAIN, tag=f"{model.weights[0].path}/histogram")
    assert len(points) == EPOCHS
    assert sum(count for _, _, count in points[-1][2]) == np.prod(model.weights[0].shape)
    assert plugin(server, "distributions/distributions", run=TRAIN, tag="hidden/activation")


def test_images_are_served(server):
    """The confusion matrix of each epoch, as a PNG."""
    assert {"confusion_matrix", "misclassified"} <= set(plugin(server, "images/tags")[TRAIN])
    found = plugin(server, "images/images", run=TRAIN, tag="confusion_matrix", sample=0)
    assert len(found) == EPOCHS
    picture = read(f"{server}/data/plugin/images/individualImage?{found[-1]['query']}", raw=True)
    assert picture.startswith(b"\x89PNG")


def test_the_projector_serves_points_labels_and_images(server, run):
    """The bytes of the tensor are the weights of the layer."""
    model, _, _ = run
    assert plugin(server, "projector/runs") == [TRAIN]
    embeddings = plugin(server, "projector/info", run=TRAIN)["embeddings"]
    by_name = {each["tensorName"]: each for each in embeddings}
    assert {"words at step 96", "hidden at step 96"} <= set(by_name)
    data = plugin(server, "projector/tensor", raw=True, run=TRAIN, name="words at step 96")
    expected = model.get_layer("words").get_weights()[0]
    assert np.frombuffer(data, "float32").reshape(expected.shape).tolist() == expected.tolist()
    labels = plugin(server, "projector/metadata", raw=True, run=TRAIN, name="hidden at step 96").decode().split()
    assert len(labels) == HELD_OUT
    assert set(labels) == set(NAMES)
    sprites = plugin(server, "projector/sprite_image", raw=True, run=TRAIN, name="hidden at step 96")
    assert sprites.startswith(b"\x89PNG")


def test_hyperparameters_are_compared_with_the_metrics(server):
    """One session, whose metrics are those of its runs."""
    experiment = plugin_post(server, "hparams/experiment", {"experimentName": ""})
    names = {info["name"] for info in experiment["hparamInfos"]}
    assert {"optimizer", "schedule", "filters", "loss"} <= names
    metrics = {(info["name"]["group"], info["name"]["tag"]) for info in experiment["metricInfos"]}
    assert ("validation", "epoch_accuracy") in metrics


def plugin_post(server, path, body):
    return read(f"{server}/data/plugin/{path}", body=body)


def test_precision_recall_curves_graphs_and_texts_are_served(server):
    """A curve for each class, both graphs, the summary and the configuration."""
    assert {f"precision_recall/{name}" for name in NAMES} <= set(plugin(server, "pr_curves/tags")[TRAIN])
    curves = plugin(server, "pr_curves/pr_curves", run=TRAIN, tag="precision_recall/zero")[TRAIN]
    assert curves[-1]["step"] == 96
    graphs = plugin(server, "graphs/info")[TRAIN]
    assert graphs["tags"]["keras"]["conceptual_graph"]
    assert graphs["run_graph"] == (keras.backend.backend() == "tensorflow")
    drawn = plugin(server, "graphs/graph", raw=True, run=TRAIN, tag="keras", conceptual="true")
    assert b"hidden" in drawn
    assert set(plugin(server, "text/tags")[TRAIN]) == {"model/summary", "model/configuration"}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A headless Chromium; its absence is a reason to skip, but never where the change is judged."""
    missing = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    try:
        from selenium import webdriver
    except ImportError:
        missing.append("selenium")
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"a browser test needs {', '.join(missing)}")
    assert not missing, f"CI must have a browser; missing: {', '.join(missing)}"
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (
        "--headless",
        "--no-sandbox",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-gl=angle",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        "--disable-dev-shm-usage",
        "--window-size=1200,800",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    driver.set_page_load_timeout(60)
    yield driver
    driver.quit()


ALL_ELEMENTS = """
const found = [];
(function walk(root) {
  for (const element of root.querySelectorAll("*")) {
    found.push(element);
    if (element.shadowRoot) walk(element.shadowRoot);
    if (element.tagName === "IFRAME" && element.contentDocument) walk(element.contentDocument);
  }
})(document);
"""


def wait_for(browser, condition, what):
    """Waits until the JavaScript condition on `found`, every element of the page, is true."""
    for _ in range(120):
        if browser.execute_script(f"{ALL_ELEMENTS} return {condition};"):
            return
        time.sleep(0.5)
    raise AssertionError(f"{what} did not appear; the page says: {page_text(browser)[:2000]}")


def page_text(browser):
    return browser.execute_script(
        f"{ALL_ELEMENTS} return found.map(e => e.tagName === 'BODY' ? e.innerText : '').join(' ');"
    )


def says(text):
    """The condition that some element has exactly this text."""
    return f"found.some(e => e.childElementCount === 0 && (e.textContent || '').trim() === {json.dumps(text)})"


def keep(browser, name):
    """Keeps the page as a picture, if asked to."""
    folder = os.environ.get("KERASPLUS_SCREENSHOTS")
    if folder:
        time.sleep(3)
        browser.save_screenshot(str(Path(folder) / f"tensorboard_{name}.png"))


DASHBOARDS = {
    "scalars": ("timeseries", says("epoch_loss"), "found.filter(e => e.tagName === 'CANVAS').length >= 2"),
    "histograms": (
        "histograms",
        "found.some(e => (e.textContent || '').trim() === 'conv/activation')",
        "found.filter(e => e.tagName === 'path' && (e.getAttribute('d') || '').length > 100).length >= 4",
    ),
    "distributions": (
        "distributions",
        "found.some(e => /activation/.test(e.textContent || ''))",
        "found.some(e => e.tagName === 'path' && (e.getAttribute('d') || '').length > 40)",
    ),
    "images": (
        "images",
        "found.some(e => /confusion_matrix/.test(e.textContent || ''))",
        "found.some(e => e.tagName === 'IMG' && e.naturalWidth > 300)",
    ),
    "pr_curves": (
        "pr_curves",
        "found.some(e => /precision_recall/.test(e.textContent || ''))",
        "found.some(e => e.tagName === 'path' && (e.getAttribute('d') || '').length > 40)",
    ),
    "hparams": ("hparams", says("filters"), says("optimizer")),
    "text": (
        "text",
        "found.some(e => /model\\/summary|summary/.test(e.textContent || ''))",
        "found.some(e => e.tagName === 'CODE' && /hidden/.test(e.textContent))",
    ),
    "graphs": (
        "graphs",
        "found.some(e => e.tagName.toLowerCase() === 'tf-graph-scene')",
        "found.filter(e => e.classList && e.classList.contains('node')).length >= 2",
    ),
}


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_draws_what_was_logged(server, browser, name):
    """Names of tags are to be read, and something is drawn."""
    page, title, drawn = DASHBOARDS[name]
    browser.get(f"{server}/#{page}")
    browser.refresh()
    wait_for(browser, title, f"the tags of {name}")
    wait_for(browser, drawn, f"the drawing of {name}")
    keep(browser, name)


def test_the_projector_draws_its_points(server, browser):
    """The number of points and their dimension are to be read, and the canvas is drawn."""
    browser.get(f"{server}/#projector")
    browser.refresh()
    wait_for(browser, "found.some(e => /hidden at step 96|words at step 96/.test(e.textContent || ''))", "a tensor")
    wait_for(browser, "found.some(e => e.tagName === 'CANVAS' && e.width > 200)", "the canvas")
    wait_for(
        browser, "found.some(e => e.id === 'numDataPoints' || /Points:\\s*\\d/.test(e.textContent || ''))", "points"
    )
    keep(browser, "projector")
