"""Many numbers of one confusion matrix, in one result."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasplus.metrics._class_metric import ClassMetric, marginals, ratio

RESULTS = (
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "cohen_kappa",
    "matthews_correlation",
)
"""What the report can hold."""


@keras.saving.register_keras_serializable(package="kerasplus")
class ClassificationReport(ClassMetric):
    r"""Accuracy, averages, kappa and correlation from one count of predicted and target classes.

    The definitions are those of the metrics of the same names: `accuracy`, the share of hits;
    `balanced_accuracy`, `matthews_correlation` and `cohen_kappa`; and the macro averages `precision`,
    `recall` and `f1` over the classes that occur. All of them cost one pass over the predictions, and
    each costs what Keras takes to show a number: leave out what is not looked at.

    Args:
        num_classes: The number of classes; found from the last axis of the predictions unless given.
        results: Which of the results to give; all seven unless given.
        ignore_class: A target whose samples are left out, in or outside the range of the classes.
        threshold: Where predictions have a single column, the score above which they are class 1.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` `(batch, ..., classes)`, probabilities or logits, or one column of binary scores. `y_true`
        class ids `(batch, ...)` or `(batch, ..., 1)`, or one-hot rows, in which a row of zeros names no
        class and is left out. A dict of `name_result`.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = ClassificationReport()
        >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]]))
        >>> round(float(metric.result()["classification_report_f1"]), 4)
        0.7333

    References:
        `scikit-learn
        <https://scikit-learn.org/stable/modules/generated/sklearn.metrics.classification_report.html>`_
    """

    bounds = (-1.0, 1.0)
    alternatives = {"num_classes": 12, "ignore_class": 1, "threshold": 0.25, "results": ["f1", "accuracy"]}

    def __init__(
        self,
        num_classes: int | None = None,
        results: Sequence[str] = RESULTS,
        ignore_class: int | None = None,
        threshold: float = 0.5,
        name: str = "classification_report",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_classes=num_classes,
            ignore_class=ignore_class,
            threshold=threshold,
            name=name,
            dtype=dtype,
        )
        results = list(results)
        unknown = [result for result in results if result not in RESULTS]
        if unknown or not results:
            raise ValueError(f"`results` must be some of {list(RESULTS)}. Received: results={results}")
        self.results = results

    def from_counts(self, counts: Any) -> Any:
        """A dict of the chosen results."""
        hits, targets, predictions = marginals(counts)
        total = ops.sum(targets)
        present = ops.cast(targets + predictions > 0, counts.dtype)
        seen = ops.sum(ops.cast(targets > 0, counts.dtype))
        share = [ratio(each, total) for each in (hits, targets, predictions)]
        chance = ops.sum(share[1] * share[2])
        spread = (1 - ops.sum(ops.square(share[1]))) * (1 - ops.sum(ops.square(share[2])))
        alone = ops.any(share[1] >= 1) | ops.any(share[2] >= 1) | (spread <= 0)

        def macro(numerator: Any, denominator: Any) -> Any:
            return ratio(ops.sum(ratio(numerator, denominator) * present), ops.sum(present))

        values = {
            "accuracy": lambda: ops.sum(share[0]),
            "balanced_accuracy": lambda: ratio(ops.sum(ratio(hits, targets)), seen),
            "precision": lambda: macro(hits, predictions),
            "recall": lambda: macro(hits, targets),
            "f1": lambda: macro(2 * hits, targets + predictions),
            "cohen_kappa": lambda: ops.where(chance >= 1, 0.0, ratio(ops.sum(share[0]) - chance, 1 - chance)),
            "matthews_correlation": lambda: ops.where(
                alone, 0.0, (ops.sum(share[0]) - chance) / ops.sqrt(ops.where(alone, 1.0, spread))
            ),
        }
        return {f"{self.name}_{result}": values[result]() for result in self.results}

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "results": None if self.results is None else list(self.results),
        }
