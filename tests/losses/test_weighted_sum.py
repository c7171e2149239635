"""The weighted sum against its terms, and its terms in the logs of real fits."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasplus.losses import Pinball, SegmentationDice, WeightedSum


def regression(seed=0, rows=10):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, 2)), rng.normal(size=(rows, 2))


def halved(y_true, y_pred):
    """A plain function, a value for each row."""
    return ops.mean(ops.abs(y_true - y_pred), axis=-1) / 2


@pytest.mark.parametrize(
    "losses",
    [
        ["mean_squared_error", "pinball"],
        ["mse", "Pinball"],
        ["MeanSquaredError", "kerasplus>Pinball"],
        [keras.losses.MeanSquaredError(), Pinball()],
        [
            keras.saving.serialize_keras_object(keras.losses.MeanSquaredError()),
            keras.saving.serialize_keras_object(Pinball()),
        ],
    ],
)
def test_terms_by_name_instance_and_configuration(losses):
    """Every way of saying which losses gives the same sum."""
    y, p = regression()
    expected = 2 * np.mean((y - p) ** 2, axis=1) + 0.5 * np.mean(np.abs(y - p) / 2, axis=1)
    got = ops.convert_to_numpy(WeightedSum(losses, [2.0, 0.5], reduction="none")(y, p))
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_a_function_is_a_term():
    """It is called with targets and predictions."""
    y, p = regression()
    loss = WeightedSum([halved, "mse"])
    expected = np.mean(np.abs(y - p)) / 2 + np.mean((y - p) ** 2)
    np.testing.assert_allclose(float(loss(y, p)), expected, rtol=1e-5)


def test_weights_masks_and_reductions_are_those_of_one_loss():
    """Sample weights and reductions act on the sum, not on what the terms were built with."""
    y, p = regression()
    w = np.arange(10.0)
    terms = [keras.losses.MeanSquaredError(reduction="sum"), Pinball(0.9, reduction="none")]
    for reduction in ("sum", "sum_over_batch_size", "mean_with_sample_weight"):
        parts = [keras.losses.MeanSquaredError(reduction=reduction), Pinball(0.9, reduction=reduction)]
        expected = sum(float(part(y, p, w)) for part in parts)
        np.testing.assert_allclose(float(WeightedSum(terms, reduction=reduction)(y, p, w)), expected, rtol=1e-5)
    assert terms[0].reduction == "sum"


def test_a_term_per_pixel_joins_one_per_sample():
    """Cross-entropy is averaged over the pixels of a sample before the Dice loss is added."""
    rng = np.random.default_rng(1)
    ids, p = rng.integers(0, 3, (4, 5, 5)), rng.dirichlet(np.ones(3), (4, 5, 5))
    entropy = -np.log(np.take_along_axis(p, ids[..., None], axis=-1))[..., 0].mean(axis=(1, 2))
    dice = ops.convert_to_numpy(SegmentationDice(reduction="none")(ids, p))
    loss = WeightedSum(["sparse_categorical_crossentropy", "segmentation_dice"], [0.25, 1.0], reduction="none")
    np.testing.assert_allclose(ops.convert_to_numpy(loss(ids, p)), 0.25 * entropy + dice, rtol=1e-4)


def test_sequences_keep_their_steps():
    """Where every term has a value for each step, so has the sum."""
    y, p = np.zeros((3, 4, 2)), np.ones((3, 4, 2))
    assert WeightedSum(["mse", "pinball"], reduction="none")(y, p).shape == (3, 4)


@pytest.mark.parametrize("weighted", [False, True])
def test_terms_in_the_logs(weighted):
    """In a fit, training and validation logs hold each term under its name, and their sum is the loss."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(50, 2)).astype("float32")
    y = x.sum(axis=1, keepdims=True)
    w = rng.uniform(size=50).astype("float32") if weighted else None
    loss = WeightedSum(["mse", Pinball(0.9, name="upper"), halved], [1.0, 0.5, 3.0])
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", loss, **{"weighted_metrics" if weighted else "metrics": loss.term_metrics()})
    data = (x, y, w) if weighted else (x, y)
    history = model.fit(x, y, sample_weight=w, validation_data=data, epochs=2, batch_size=16, verbose=0).history
    for prefix in ("", "val_"):
        terms = [np.array(history[prefix + name]) for name in ("mean_squared_error", "upper", "halved")]
        total = terms[0] + 0.5 * terms[1] + 3.0 * terms[2]
        np.testing.assert_allclose(total, history[prefix + "loss"], rtol=1e-5)
    assert history["loss"][1] < history["loss"][0]


def test_saves_and_loads(tmp_path):
    """A compiled model with terms in its logs goes through a file and gives the same numbers."""
    x, y = regression(3)
    loss = WeightedSum(["mse", Pinball(0.9)], [0.5, 2.0])
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile("sgd", loss, metrics=loss.term_metrics())
    model.fit(x, y, verbose=0)
    expected = model.evaluate(x, y, verbose=0, return_dict=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.loss.weights == [0.5, 2.0]
    assert loaded.loss.losses[1].quantiles == 0.9
    assert loaded.evaluate(x, y, verbose=0, return_dict=True) == pytest.approx(expected)


def test_nested_sums_and_coupled_terms():
    """A sum may be a term; a term that compares samples makes the sum compare them."""
    ids, embeddings = np.array([0, 0, 1, 1]), np.random.default_rng(4).normal(size=(4, 3))
    inner = WeightedSum(["triplet_hard", "supervised_contrastive"], [1.0, 0.5], name="inner")
    outer = WeightedSum([inner, "lifted_structured"], [2.0, 1.0])
    assert not outer.independent
    parts = {name: float(WeightedSum([name])(ids, embeddings)) for name in ("triplet_hard", "supervised_contrastive")}
    lifted = float(WeightedSum(["lifted_structured"])(ids, embeddings))
    expected = 2 * (parts["triplet_hard"] + 0.5 * parts["supervised_contrastive"]) + lifted
    np.testing.assert_allclose(float(outer(ids, embeddings)), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"losses": []}, "`losses` must be a list"),
        ({"losses": "mse"}, "`losses` must be a list"),
        ({"losses": ["mse", "mean_squared_error"]}, "`losses` must have different names"),
        ({"losses": [3]}, "Each of `losses` must be"),
        ({"losses": ["pinbal"]}, "pinball"),
        ({"losses": ["mse"], "weights": [1, 2]}, "`weights` must be a finite number for each"),
        ({"losses": ["mse"], "weights": [float("nan")]}, "`weights` must be a finite number for each"),
    ],
)
def test_bad_arguments(arguments, message):
    """What is wrong with the terms or the weights is said at once."""
    with pytest.raises(ValueError, match=message):
        WeightedSum(**arguments)


def test_shapes_that_a_term_refuses():
    """The error is that of the term."""
    with pytest.raises(ValueError, match="'pinball' received"):
        WeightedSum(["pinball", "charbonnier"])(np.zeros((4, 2)), np.zeros((4, 3)))
