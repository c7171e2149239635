"""Keras' own losses and metrics under the laws: what is broken in them is written down, strictly.

A release of Keras that mends or breaks something makes a test fail. docs/keras-findings.md shows the
ones that matter with plain Keras.
"""

import inspect

import keras
import pytest
from hypothesis import strategies as st
from keras import losses, metrics

from kerasplus.testing import check, strategies
from kerasplus.testing._law import LAWS

RECORDED_WITH = "3.15.1"
pytestmark = [
    pytest.mark.skipif(
        keras.__version__ != RECORDED_WITH, reason=f"the expected failures are those of Keras {RECORDED_WITH}"
    ),
    # What Keras says where it rounds the weights of an IoU metric; the law reports the result.
    pytest.mark.filterwarnings("ignore:You are passing weight as `float`:UserWarning"),
]

CLASS_IDS = strategies.SAMPLES.flatmap(
    lambda n: st.tuples(strategies.ids((n, 1)), strategies.ids((n, 1)).map(lambda ids: ids.astype("float32")))
)
CTC_PAIRS = strategies.SAMPLES.flatmap(
    lambda n: st.tuples(strategies.ids((n, 2), 2).map(lambda ids: ids + 1), strategies.grid((n, 4, 3), -2, 2))
)

ZERO_AND_SYMMETRIC = {"zero_at_equality": True, "bounds": (0.0, float("inf")), "symmetric": True}
ZERO = {"zero_at_equality": True, "bounds": (0.0, float("inf"))}
COUPLED = {"independent": False}
COUNT = {"scales_with_weight": True}
SHARE = {"bounds": (0.0, 1.0), "direction": "max"}
CORRELATION = {"bounds": (-1.0, 1.0), "direction": "max"}
ERROR = {"direction": "min"}

LOSSES = {
    "BinaryCrossentropy": (losses.BinaryCrossentropy(), "binary", {}),
    "BinaryCrossentropy of labels smoothed": (losses.BinaryCrossentropy(label_smoothing=0.25), "multilabel", {}),
    "BinaryCrossentropy of logits": (losses.BinaryCrossentropy(from_logits=True), "multilabel", {}),
    "BinaryFocalCrossentropy": (losses.BinaryFocalCrossentropy(), "binary", {}),
    "BinaryFocalCrossentropy balanced": (losses.BinaryFocalCrossentropy(apply_class_balancing=True), "multilabel", {}),
    "CategoricalCrossentropy": (losses.CategoricalCrossentropy(), "one_hot", {}),
    "CategoricalCrossentropy of logits": (
        losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.25),
        "one_hot",
        {},
    ),
    "CategoricalFocalCrossentropy": (losses.CategoricalFocalCrossentropy(), "one_hot", {}),
    "CategoricalGeneralizedCrossEntropy": (losses.CategoricalGeneralizedCrossEntropy(), "sparse", {}),
    "CategoricalHinge": (losses.CategoricalHinge(), "one_hot", {}),
    "Circle": (losses.Circle(), "embeddings", COUPLED),
    "CosineSimilarity": (losses.CosineSimilarity(), "regression", {}),
    "CTC": (losses.CTC(), CTC_PAIRS, {}),
    "Dice": (losses.Dice(), "multilabel", COUPLED),
    "Dice of samples": (losses.Dice(axis=-1), "multilabel", {}),
    "Hinge": (losses.Hinge(), "hinge", {}),
    "Huber": (losses.Huber(), "regression", ZERO_AND_SYMMETRIC),
    "KLDivergence": (losses.KLDivergence(), "probabilities", ZERO),
    "LogCosh": (losses.LogCosh(), "regression", ZERO_AND_SYMMETRIC),
    "MeanAbsoluteError": (losses.MeanAbsoluteError(), "regression", ZERO_AND_SYMMETRIC),
    "MeanAbsolutePercentageError": (losses.MeanAbsolutePercentageError(), "regression", ZERO),
    "MeanSquaredError": (losses.MeanSquaredError(), "regression", ZERO_AND_SYMMETRIC),
    "MeanSquaredLogarithmicError": (losses.MeanSquaredLogarithmicError(), "positive", ZERO_AND_SYMMETRIC),
    "Poisson": (losses.Poisson(), "positive", {}),
    "SparseCategoricalCrossentropy": (losses.SparseCategoricalCrossentropy(), "sparse", {}),
    "SparseCategoricalCrossentropy of logits": (
        losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1),
        "sparse",
        {},
    ),
    "SquaredHinge": (losses.SquaredHinge(), "hinge", {}),
    "Tversky": (losses.Tversky(), "multilabel", COUPLED),
    "Tversky of samples": (losses.Tversky(axis=-1), "multilabel", {}),
}
"""Keras' losses: an instance, its inputs, and what it promises, which is declared for it here."""

METRICS = {
    "AUC": (metrics.AUC(), "binary", SHARE),
    "AUC of labels": (metrics.AUC(multi_label=True, num_labels=3), "multilabel", {}),
    "AUC PR": (metrics.AUC(curve="PR"), "binary", {}),
    "Accuracy": (metrics.Accuracy(), CLASS_IDS, SHARE),
    "BinaryAccuracy": (metrics.BinaryAccuracy(), "binary", SHARE),
    "BinaryCrossentropy": (metrics.BinaryCrossentropy(), "binary", {}),
    "BinaryIoU": (metrics.BinaryIoU(), "binary", SHARE),
    "CategoricalAccuracy": (metrics.CategoricalAccuracy(), "one_hot", SHARE),
    "CategoricalCrossentropy": (metrics.CategoricalCrossentropy(), "one_hot", {}),
    "CategoricalHinge": (metrics.CategoricalHinge(), "one_hot", {}),
    "ConcordanceCorrelation": (metrics.ConcordanceCorrelation(), "regression", CORRELATION),
    "CosineSimilarity": (metrics.CosineSimilarity(), "regression", CORRELATION),
    "F1Score": (metrics.F1Score(), "one_hot", {}),
    "F1Score macro": (metrics.F1Score(average="macro"), "one_hot", SHARE),
    "FBetaScore": (metrics.FBetaScore(average="micro", threshold=0.5), "multilabel", SHARE),
    "FalseNegatives": (metrics.FalseNegatives(), "binary", COUNT),
    "FalsePositives": (metrics.FalsePositives(), "binary", COUNT),
    "Hinge": (metrics.Hinge(), "hinge", ERROR),
    "IoU": (metrics.IoU(num_classes=3, target_class_ids=[0, 1]), CLASS_IDS, SHARE),
    "KLDivergence": (metrics.KLDivergence(), "probabilities", ERROR),
    "LogCoshError": (metrics.LogCoshError(), "regression", ERROR),
    "MeanAbsoluteError": (metrics.MeanAbsoluteError(), "regression", ERROR),
    "MeanAbsolutePercentageError": (metrics.MeanAbsolutePercentageError(), "regression", ERROR),
    "MeanIoU": (metrics.MeanIoU(num_classes=3, sparse_y_pred=False), "sparse", SHARE),
    "MeanIoU of ids": (metrics.MeanIoU(num_classes=3), CLASS_IDS, {}),
    "MeanSquaredError": (metrics.MeanSquaredError(), "regression", ERROR),
    "MeanSquaredLogarithmicError": (metrics.MeanSquaredLogarithmicError(), "positive", ERROR),
    "OneHotIoU": (metrics.OneHotIoU(num_classes=3, target_class_ids=[0, 1]), "one_hot", SHARE),
    "OneHotMeanIoU": (metrics.OneHotMeanIoU(num_classes=3), "one_hot", SHARE),
    "PearsonCorrelation": (metrics.PearsonCorrelation(), "regression", CORRELATION),
    "Poisson": (metrics.Poisson(), "positive", ERROR),
    "Precision": (metrics.Precision(), "binary", SHARE),
    "Precision top 1": (metrics.Precision(top_k=1), "one_hot", SHARE),
    "PrecisionAtRecall": (metrics.PrecisionAtRecall(0.5), "binary", SHARE),
    "R2Score": (metrics.R2Score(), "regression", {"direction": "max"}),
    "Recall": (metrics.Recall(), "binary", SHARE),
    "RecallAtPrecision": (metrics.RecallAtPrecision(0.5), "binary", SHARE),
    "RootMeanSquaredError": (metrics.RootMeanSquaredError(), "regression", ERROR),
    "SensitivityAtSpecificity": (metrics.SensitivityAtSpecificity(0.5), "binary", SHARE),
    "SparseCategoricalAccuracy": (metrics.SparseCategoricalAccuracy(), "sparse", SHARE),
    "SparseCategoricalCrossentropy": (metrics.SparseCategoricalCrossentropy(), "sparse", {}),
    "SparseTopKCategoricalAccuracy": (metrics.SparseTopKCategoricalAccuracy(k=2), "sparse", SHARE),
    "SpecificityAtSensitivity": (metrics.SpecificityAtSensitivity(0.5), "binary", SHARE),
    "SquaredHinge": (metrics.SquaredHinge(), "hinge", {}),
    "TopKCategoricalAccuracy": (metrics.TopKCategoricalAccuracy(k=2), "one_hot", SHARE),
    "TrueNegatives": (metrics.TrueNegatives(), "binary", COUNT),
    "TruePositives": (metrics.TruePositives(), "binary", COUNT),
}
"""Keras' metrics: an instance, its inputs, and what it promises, which is declared for it here."""

NO_PAIRS = {
    "Loss": "the base class",
    "Metric": "the base class",
    "Mean": "takes values, not targets and predictions",
    "Sum": "takes values, not targets and predictions",
    "MeanMetricWrapper": "the base of others, which are here",
}
"""What Keras exports and no law of losses and metrics applies to, with the reason."""

REAL_RUNS = {
    "evaluate_gives_the_offline_number",
    "fit_at_rate_zero_shows_the_offline_number",
    "fit_shows_the_offline_numbers",
    "training_lowers_it",
    "class_weights_are_sample_weights",
    "accumulated_gradients_are_the_gradient",
    "mixed_precision_trains",
}
IN_REAL_RUNS = {"MeanSquaredError", "CategoricalCrossentropy", "BinaryAccuracy", "MeanIoU"}
"""Real runs take seconds each, so these four stand for the others in them."""
EXAMPLES = 2

WEIGHTS_AND_MASKS = {
    "a_weight_of_zero_leaves_out": "zero times NaN is NaN",
    "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
    "weights_of_samples_weigh_samples": "weights (n,) on values (n, n) weigh steps",
}
NAN = {
    "a_weight_of_zero_leaves_out": "zero times NaN is NaN",
    "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
}
BATCH = {
    "one_value_per_sample": "one value for the whole batch",
}
BROADCAST = {
    "nothing_is_broadcast": "shapes that do not fit are broadcast, or raise without naming both",
}
COPIES = {
    "copies_keep_the_state": "a copy starts anew",
}
NUMBERED = {
    "names_agree": "the default name is numbered, or is not that of the class",
}
EMPTY = {
    "reading_changes_nothing": "no result before the first update",
    "an_empty_metric_is_finite": "no finite result before the first update",
}
LISTS = {
    "every_form_of_the_targets_agrees": "lists of different depths are refused",
}
HALF = {
    "half_precision_gives_the_same": "epsilon is added or clipped in the precision of the predictions",
}
ROUNDED = {
    "double_precision_gives_the_same": "1 - 1e-7 is rounded in float32",
}
FLOAT32 = {
    "means_never_stop": "one float32 holds a total, which rounds what is added to it",
}
EXPECTED = {
    "loss": {
        "BinaryCrossentropy": {**WEIGHTS_AND_MASKS},
        "BinaryCrossentropy of labels smoothed": {**WEIGHTS_AND_MASKS, **ROUNDED},
        "BinaryCrossentropy of logits": {**WEIGHTS_AND_MASKS, **ROUNDED},
        "BinaryFocalCrossentropy": {**WEIGHTS_AND_MASKS},
        "BinaryFocalCrossentropy balanced": {**WEIGHTS_AND_MASKS, **ROUNDED},
        "CategoricalCrossentropy": {**WEIGHTS_AND_MASKS},
        "CategoricalCrossentropy of logits": {**WEIGHTS_AND_MASKS},
        "CategoricalFocalCrossentropy": {**WEIGHTS_AND_MASKS, **BROADCAST},
        "CategoricalGeneralizedCrossEntropy": {
            **WEIGHTS_AND_MASKS,
            **BROADCAST,
            **LISTS,
            "gradients_are_finite": "a power of zero below one has no finite slope",
        },
        "CategoricalHinge": {
            **WEIGHTS_AND_MASKS,
            **BROADCAST,
            "an_empty_batch_changes_nothing": "no maximum of no samples",
        },
        "Circle": {
            **BROADCAST,
            **LISTS,
            "reductions_follow_from_the_values": "the mean is over the samples that have a positive",
            "class_ids_are_exact": "class ids are rounded to the dtype of the predictions",
        },
        "CosineSimilarity": {**WEIGHTS_AND_MASKS, **BROADCAST},
        "CTC": {
            **BROADCAST,
            **LISTS,
            "a_weight_of_zero_leaves_out": "zero times NaN is NaN",
            "an_empty_batch_changes_nothing": "a batch without samples raises",
        },
        "Dice": {**BATCH, **BROADCAST, "weights_multiply_samples": "one value for the whole batch"},
        "Dice of samples": {**WEIGHTS_AND_MASKS, **BROADCAST},
        "Hinge": {**WEIGHTS_AND_MASKS, **BROADCAST},
        "Huber": {
            **WEIGHTS_AND_MASKS,
            **BROADCAST,
            **NUMBERED,
            "the_configuration_is_complete": "the configuration has no `delta`",
            "copies_do_the_same": "the configuration has no `delta`",
        },
        "KLDivergence": {**WEIGHTS_AND_MASKS, **BROADCAST},
        "LogCosh": {**WEIGHTS_AND_MASKS, **BROADCAST},
        "MeanAbsoluteError": {**WEIGHTS_AND_MASKS, **BROADCAST},
        "MeanAbsolutePercentageError": {**WEIGHTS_AND_MASKS, **BROADCAST},
        "MeanSquaredError": {**WEIGHTS_AND_MASKS, **BROADCAST},
        "MeanSquaredLogarithmicError": {**WEIGHTS_AND_MASKS, **BROADCAST},
        "Poisson": {**WEIGHTS_AND_MASKS, **BROADCAST},
        "SparseCategoricalCrossentropy": {**WEIGHTS_AND_MASKS, **LISTS},
        "SparseCategoricalCrossentropy of logits": {
            **WEIGHTS_AND_MASKS,
            **BROADCAST,
            **LISTS,
            "reductions_follow_from_the_values": "the mean is over the samples that are not ignored",
        },
        "SquaredHinge": {**WEIGHTS_AND_MASKS, **BROADCAST},
        "Tversky": {**BATCH, **BROADCAST, "weights_multiply_samples": "one value for the whole batch"},
        "Tversky of samples": {**WEIGHTS_AND_MASKS, **BROADCAST},
    },
    "metric": {
        "AUC": {
            **BROADCAST,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "AUC of labels": {
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "AUC PR": {
            **FLOAT32,
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "Accuracy": {**BROADCAST},
        "BinaryAccuracy": {
            **BROADCAST,
            **COPIES,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "BinaryCrossentropy": {**FLOAT32, **NAN, **COPIES},
        "BinaryIoU": {
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            "scaled_weights_scale_a_count": "weights are rounded to whole numbers",
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "CategoricalAccuracy": {
            **BROADCAST,
            **COPIES,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "CategoricalCrossentropy": {**FLOAT32, **NAN, **COPIES, **HALF},
        "CategoricalHinge": {
            **FLOAT32,
            **NAN,
            **BROADCAST,
            **COPIES,
            "an_empty_batch_changes_nothing": "a batch without samples raises",
        },
        "ConcordanceCorrelation": {**NAN, **BROADCAST, **COPIES},
        "CosineSimilarity": {
            **NAN,
            **BROADCAST,
            **COPIES,
            **HALF,
            "a_loss_of_the_same_name_agrees": "the loss has the opposite sign, as documented",
        },
        "F1Score": {
            **BROADCAST,
            **COPIES,
            **EMPTY,
            "weights_weigh_samples": "weights (n, 1) are not weights (n,)",
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
            "an_empty_batch_changes_nothing": "a batch without samples raises",
        },
        "F1Score macro": {
            **BROADCAST,
            **COPIES,
            **EMPTY,
            "weights_weigh_samples": "weights (n, 1) are not weights (n,)",
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
            "an_empty_batch_changes_nothing": "a batch without samples raises",
        },
        "FBetaScore": {
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            **EMPTY,
            "weights_weigh_samples": "weights (n, 1) are not weights (n,)",
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "FalseNegatives": {
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
            "totals_never_stop": "counts stop at 2**24",
        },
        "FalsePositives": {
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
            "totals_never_stop": "counts stop at 2**24",
        },
        "Hinge": {**FLOAT32, **NAN, **BROADCAST, **COPIES},
        "IoU": {**BROADCAST, **NUMBERED},
        "KLDivergence": {**NAN, **BROADCAST, **COPIES, **HALF},
        "LogCoshError": {**FLOAT32, **NAN, **BROADCAST, **COPIES, **NUMBERED},
        "MeanAbsoluteError": {**FLOAT32, **NAN, **BROADCAST, **COPIES},
        "MeanAbsolutePercentageError": {**FLOAT32, **NAN, **BROADCAST, **COPIES},
        "MeanIoU": {
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            "scaled_weights_scale_a_count": "weights are rounded to whole numbers",
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "MeanIoU of ids": {**BROADCAST, **NUMBERED},
        "MeanSquaredError": {**FLOAT32, **NAN, **BROADCAST, **COPIES},
        "MeanSquaredLogarithmicError": {**FLOAT32, **NAN, **BROADCAST, **COPIES},
        "OneHotIoU": {
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "OneHotMeanIoU": {
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            "scaled_weights_scale_a_count": "weights are rounded to whole numbers",
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "PearsonCorrelation": {
            **NAN,
            **BROADCAST,
            **COPIES,
        },
        "Poisson": {**FLOAT32, **NAN, **BROADCAST, **COPIES},
        "Precision": {
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "Precision top 1": {
            **FLOAT32,
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "PrecisionAtRecall": {
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "R2Score": {**NAN, **BROADCAST, **COPIES, **EMPTY},
        "Recall": {
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "RecallAtPrecision": {
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "RootMeanSquaredError": {**FLOAT32, **NAN, **BROADCAST, **COPIES},
        "SensitivityAtSpecificity": {
            **BROADCAST,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "SparseCategoricalAccuracy": {
            **BROADCAST,
            **COPIES,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
            "class_ids_are_exact": "class ids are rounded to the dtype of the predictions",
        },
        "SparseCategoricalCrossentropy": {**FLOAT32, **NAN, **COPIES, **LISTS, **HALF},
        "SparseTopKCategoricalAccuracy": {
            **BROADCAST,
            **COPIES,
            **ROUNDED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
            "class_ids_are_exact": "TensorFlow has no top k in float16",
            "half_precision_gives_the_same": "TensorFlow has no top k in float16",
        },
        "SpecificityAtSensitivity": {
            **BROADCAST,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "SquaredHinge": {**FLOAT32, **NAN, **BROADCAST, **COPIES},
        "TopKCategoricalAccuracy": {
            **BROADCAST,
            **COPIES,
            **ROUNDED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
            "half_precision_gives_the_same": "TensorFlow has no top k in float16",
        },
        "TrueNegatives": {
            **BROADCAST,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
        },
        "TruePositives": {
            **BROADCAST,
            **COPIES,
            **NUMBERED,
            "masked_steps_are_left_out": "a masked step that is NaN counts, or masks are not supported",
            "totals_never_stop": "counts stop at 2**24",
        },
    },
}
"""What is broken in each, by the law that says so, and why."""


def held(kind, name):
    """The report of a component of Keras, with what is expected of it."""
    component, inputs, promises = {"loss": LOSSES, "metric": METRICS}[kind][name]
    component = type(component).from_config(component.get_config())
    for attribute, value in promises.items():
        setattr(component, attribute, value)
    laws = {law.name for law in LAWS[kind]} - (set() if name in IN_REAL_RUNS else REAL_RUNS)
    expected = {law: why for law, why in EXPECTED[kind].get(name, {}).items() if law in laws}
    return check(
        component, inputs=inputs, laws=laws, expected_failures=expected, max_examples=EXAMPLES, on_fail="report"
    )


@pytest.mark.parametrize(("kind", "name"), [*(("loss", n) for n in LOSSES), *(("metric", n) for n in METRICS)])
def test_only_the_recorded_laws_are_broken(kind, name):
    """Keras breaks the laws that are recorded for it, and no others."""
    assert held(kind, name).failed == {}


def test_no_loss_or_metric_of_keras_is_forgotten():
    """Every class that Keras exports is here, or is named with the reason why not."""
    for module, table in ((losses, LOSSES), (metrics, METRICS)):
        exported = {name for name, value in vars(module).items() if inspect.isclass(value)}
        held_here = {type(component).__name__ for component, _, _ in table.values()}
        assert exported == held_here | (exported & NO_PAIRS.keys())


def test_records_are_of_what_is_here():
    """No expectation is left of a component or a law that does not exist."""
    for kind, table in (("loss", LOSSES), ("metric", METRICS)):
        assert EXPECTED[kind].keys() <= table.keys()
        assert {law for broken in EXPECTED[kind].values() for law in broken} <= {law.name for law in LAWS[kind]}
