"""The correlation of the ranks of targets and predictions."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasplus import _compensated
from kerasplus.metrics._confusion import counted
from kerasplus.metrics._rank_correlation import RankCorrelation
from kerasplus.metrics._tie_groups import mid_ranks, sorted_groups, summed


@keras.saving.register_keras_serializable(package="kerasplus")
class SpearmanRho(RankCorrelation):
    r"""Linear correlation of the ranks of targets and predictions, over all samples seen.

    With the ranks :math:`r_i` of the targets and :math:`q_i` of the predictions, less their means:

    .. math:: \rho = \frac{\sum_i w_i r_i q_i}{\sqrt{\sum_i w_i r_i^2 \sum_i w_i q_i^2}}

    Equal values share their mean rank. A rank counts the weight of the lower values, so that a sample of
    weight 2 is two samples. Constant targets or predictions give 0.

    All samples are held, and sorted for each result, which Keras computes in every step: a `fit` step of a
    small model takes 3 to 5 times as long up to 8192 samples, and 17 to 25 times beyond. For long
    trainings, take it in `evaluate`, at the end of epochs through the callback `ExactMetrics`, or with
    `num_bins`: 64 of them make a step 1.2 to 1.4 times as long. They count pairs of cells instead, with no
    limit on the samples: the result is that of values rounded down to a cell, and is off by at most
    :math:`\alpha_y + \alpha_p`, where

    .. math:: \tan^2 \alpha = \frac{\sum_g c_g^3}{12 \operatorname{Var} r}

    with the share :math:`c_g` of the weight in each cell of a variable and the variance of its rounded
    ranks as shares: about :math:`2 / K` for :math:`K` cells that are filled evenly.

    Args:
        multioutput: `"uniform_average"`, the mean over outputs; or `"raw_values"`, a dict with one value
            for each output.
        value_range: With `num_bins`, the lowest and the highest value of targets and predictions; what
            is beyond counts for the outer cells.
        num_bins: None for the exact value, or the number of equal cells, 2 or more, of each variable. The
            state is `2 * outputs * num_bins**2` numbers.
        capacity: How many samples each replica can hold, at least 1; with more of them the result is
            NaN. The state is `capacity * (2 * outputs + 1)` numbers. Not used with `num_bins`.
        name: The name in the logs.
        dtype: The dtype of the values, float32 at least.

    Shapes:
        `y_true` and `y_pred` `(batch, ..., outputs)`, or `(batch,)`, which is read as `(batch, 1)`.
        A scalar, or a dict of `name_output`.

    Raises:
        ValueError: If an argument is out of its range, or if the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> metric = SpearmanRho()
        >>> metric.update_state(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 9.0, 4.0, 99.0]))
        >>> round(float(metric.result()), 4)
        0.8

    References:
        `SciPy <https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.spearmanr.html>`_
    """

    alternatives = {"multioutput": "raw_values", "value_range": (-2.0, 2.0), "num_bins": 16, "capacity": 2**12}

    def __init__(
        self,
        multioutput: str = "uniform_average",
        value_range: Sequence[float] | None = None,
        num_bins: int | None = None,
        capacity: int = 2**16,
        name: str = "spearman_rho",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            multioutput=multioutput,
            value_range=value_range,
            num_bins=num_bins,
            capacity=capacity,
            name=name,
            dtype=dtype,
        )

    def of_samples(self, y_true: Any, y_pred: Any, weights: Any) -> Any:
        """From the rank of each sample."""
        outputs, samples = y_true.shape
        values = ops.concatenate([y_true, y_pred])
        order, groups = sorted_groups(values)
        weights = ops.cast(weights, _compensated.widest_dtype())
        first = samples * ops.expand_dims(ops.arange(2 * outputs, dtype="int32"), -1)
        ranks = ops.reshape(mid_ranks(summed(groups, ops.take(weights, order))), (-1,))
        ranks = ops.take(ranks, groups + first)
        ranks = ops.reshape(counted(order + first, ranks, 2 * outputs * samples), (2, outputs, samples))
        r, q = ranks[0], ranks[1]
        return _correlation(*(ops.sum(weights * a * b, axis=-1) for a, b in ((r, q), (r, r), (q, q))))

    def of_cells(self, counts: Any) -> Any:
        """From the rank of each cell."""
        rows, columns = ops.sum(counts, axis=2), ops.sum(counts, axis=1)
        r, q = mid_ranks(rows), mid_ranks(columns)
        products = ops.sum(ops.sum(counts * ops.expand_dims(q, 1), axis=2) * r, axis=1)
        squares = (ops.sum(sums * ops.square(ranks), axis=1) for sums, ranks in ((rows, r), (columns, q)))
        return _correlation(products, *squares)


def _correlation(products: Any, r_squares: Any, q_squares: Any) -> Any:
    """The quotient; 0 where a variance is zero, as it is exactly of a single group."""
    scale = ops.sqrt(r_squares) * ops.sqrt(q_squares)
    constant = scale <= 0
    return ops.clip(ops.where(constant, 0.0, products / ops.where(constant, 1.0, scale)), -1.0, 1.0)
