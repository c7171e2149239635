"""How much predicted and target regions overlap, for segmentation."""

from typing import Any

import keras

from kerasplus.metrics._overlap_metric import OverlapMetric


@keras.saving.register_keras_serializable(package="kerasplus")
class DiceScore(OverlapMetric):
    r"""Dice score of segmentations: twice the overlap of two regions over the sum of their sizes.

    For the pixels :math:`T_c` whose target and :math:`P_c` whose prediction is the class :math:`c`:

    .. math:: D_c = \frac{2 |T_c \cap P_c|}{|T_c| + |P_c|}, \qquad D_c = 1 \text{ if } T_c = P_c = \emptyset

    Predictions are decisions: the column of the highest score, or what is above `threshold` in a single
    column, which is the score of the foreground, class 1, alone. `SegmentationDice` is a loss of soft
    regions.

    Args:
        num_classes: The number of classes; found from the last axis of the predictions unless given.
        average: How classes are combined. `"macro"`: their mean. `"micro"`: the score of the sums of their
            overlaps and sizes. `"weighted"`: by the sizes of their targets. None: a dict of all classes.
        level: `"global"` for regions that go through all samples; `"sample"` for the mean over samples of
            the score of each.
        include_background: Whether class 0 has a score too; its pixels count against the others either way.
        absent: `"one"`, where a class that is in neither region scores 1, or `"skip"`, where it is left
            out of the mean.
        ignore_class: A target whose pixels are left out, and its column, if it has one, of the result.
        threshold: Where predictions have a single column, the score above which they are class 1.
        name: The name in the logs.
        dtype: The dtype of the computation, float32 at least.

    Shapes:
        `y_pred` `(batch, ..., classes)`, probabilities or logits, or one column of binary scores. `y_true`
        class ids `(batch, ...)` or `(batch, ..., 1)`, or one-hot rows, in which a row of zeros names no
        class and is left out. At the level of samples a sample has the largest weight of its pixels. A
        scalar, or a dict of `name_class`.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = DiceScore(average=None)
        >>> metric.update_state(np.array([[0, 0, 1, 1]]), np.eye(3)[[[0, 1, 1, 1]]])
        >>> {name: round(float(value), 4) for name, value in metric.result().items()}
        {'dice_score_0': 0.6667, 'dice_score_1': 0.8, 'dice_score_2': 1.0}

    References:
        Dice, `Measures of the Amount of Ecologic Association Between Species
        <https://doi.org/10.2307/1932409>`_, 1945;
        Maier-Hein et al., `Metrics reloaded <https://arxiv.org/abs/2206.01653>`_, 2022
    """

    def __init__(
        self,
        num_classes: int | None = None,
        average: str | None = "macro",
        level: str = "global",
        include_background: bool = True,
        absent: str = "one",
        ignore_class: int | None = None,
        threshold: float = 0.5,
        name: str = "dice_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_classes=num_classes,
            average=average,
            level=level,
            include_background=include_background,
            absent=absent,
            ignore_class=ignore_class,
            threshold=threshold,
            name=name,
            dtype=dtype,
        )

    def overlap(self, hits: Any, targets: Any, predictions: Any) -> tuple[Any, Any]:
        """Twice the overlap, and the sum of the sizes."""
        return 2 * hits, targets + predictions
