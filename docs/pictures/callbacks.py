"""Draws the pictures of docs/callbacks.md: python docs/pictures/callbacks.py."""

from pathlib import Path

import keras
import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from kerasplus.callbacks import LearningRateFinder

mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "kerasplus", "font.size": 8, "figure.dpi": 72})

FOLDER = Path(__file__).parent / "callbacks"


def tested():
    """A finder after its test on a small regression."""
    x = np.random.default_rng(1).normal(size=(2048, 8)).astype("float32")
    y = np.sin(x).sum(axis=1, keepdims=True)
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(32, activation="tanh"), keras.layers.Dense(1)])
    model.compile("sgd", loss="mse")
    finder = LearningRateFinder()
    model.fit(x, y, epochs=2, verbose=0, callbacks=[finder])
    return finder


def main():
    figure = Figure(figsize=(5, 2.4), layout="constrained")
    tested().plot(ax=figure.subplots())
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / "learning_rate_finder.svg"
    figure.savefig(file, metadata={"Date": None})
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(line.rstrip() for line in lines) + "\n", encoding="utf-8")
    print(file)


main()
