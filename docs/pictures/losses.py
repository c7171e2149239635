"""Draws the pictures of docs/losses.md: python docs/pictures/losses.py."""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from keras import ops

from kerasplus import losses

mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "kerasplus", "font.size": 8})

FOLDER = Path(__file__).parent / "losses"


def values(loss, y_true, y_pred):
    loss.reduction = "none"
    return ops.convert_to_numpy(loss(y_true, y_pred))


def save(name, x, curves, xlabel):
    figure, axes = plt.subplots(figsize=(5, 3), layout="constrained")
    for label, y in curves.items():
        axes.plot(x, y, label=label)
    axes.set(xlabel=xlabel, ylabel="loss")
    axes.legend(fontsize=8)
    FOLDER.mkdir(exist_ok=True)
    figure.savefig(FOLDER / f"{name}.svg", metadata={"Date": None})
    plt.close(figure)


def main():
    error = np.linspace(-2, 2, 201)
    zero = np.zeros_like(error)
    save(
        "regression",
        error,
        {
            "Pinball(0.9)": values(losses.Pinball(0.9), zero, error),
            "Pinball(0.5)": values(losses.Pinball(0.5), zero, error),
            "Charbonnier(0.5)": values(losses.Charbonnier(0.5), zero, error),
        },
        "prediction, for a target of 0",
    )
    probability = np.linspace(0.001, 0.999, 200)
    absent = np.zeros_like(probability)
    save(
        "multilabel",
        probability,
        {
            "binary cross-entropy": values(losses.AsymmetricMultilabel(0, 0, 0), absent, probability),
            "AsymmetricMultilabel()": values(losses.AsymmetricMultilabel(), absent, probability),
        },
        "probability of an absent label",
    )
    margin = np.linspace(-3, 3, 200)
    logits = np.stack([margin, np.zeros_like(margin)], axis=1)
    classes = np.zeros(len(margin), "int32")
    save(
        "sparsemax",
        margin,
        {
            "Sparsemax()": values(losses.Sparsemax(), classes, logits),
            "softmax cross-entropy": np.log1p(np.exp(-margin)),
        },
        "lead of the right class, in logits",
    )
    share = np.linspace(0, 1, 200)
    truth = np.tile([[[1.0]] * 4 + [[0.0]] * 12], (200, 1, 1))
    predicted = truth * share[:, None, None]
    save(
        "overlap",
        share,
        {
            "SegmentationDice": values(losses.SegmentationDice(smooth=0.0), truth, predicted),
            "Jaccard": values(losses.Jaccard(smooth=0.0), truth, predicted),
            "FocalTversky": values(losses.FocalTversky(smooth=0.0), truth, predicted),
        },
        "probability on the region, none elsewhere",
    )
    shift = np.linspace(0, 3, 200)
    target = np.tile([0.0, 0.0, 1.0, 1.0], (200, 1))
    moved = target + shift[:, None] * [1, 0, 1, 0]
    save(
        "boxes",
        shift,
        {variant: values(losses.BoundingBoxIoU(variant), target, moved) for variant in ("iou", "giou", "diou")},
        "shift of a box of side 1",
    )


main()
