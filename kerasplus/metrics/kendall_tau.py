"""The balance of pairs in the same and in the opposite order."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasplus import _compensated
from kerasplus.metrics._inversions import inversions
from kerasplus.metrics._rank_correlation import RankCorrelation
from kerasplus.metrics._tie_groups import arranged, groups_of, sorted_groups, summed


@keras.saving.register_keras_serializable(package="kerasplus")
class KendallTau(RankCorrelation):
    r"""Rank correlation by pairs: those of the same order in targets and predictions, less the others.

    With the weight :math:`C` of the pairs of samples in the same order, :math:`D` of those in the opposite
    order, :math:`T_y` and :math:`T_p` of those that differ in the targets and in the predictions, and
    the number :math:`m` of distinct targets or predictions, whichever is less:

    .. math::
        \tau_b = \frac{C - D}{\sqrt{T_y T_p}}, \quad
        \tau_c = \frac{2 (C - D)}{(\sum_i w_i)^2} \, \frac{m}{m - 1}

    The weight of a pair is the product of its weights, so that a sample of weight 2 is two samples.
    Constant targets or predictions give 0.

    All samples are held, and pairs are counted by sorting, never one by one, for each result, which Keras
    computes in every step: a `fit` step of a small model takes 9 to 15 times as long up to 8192 samples,
    and 70 times beyond. For long trainings, take it in `evaluate`, at the end of epochs through the
    callback `ExactMetrics`, or with `num_bins`: 64 of them make a step 1.2 to 1.4 times as long. They count
    pairs of cells instead, with no limit on the samples: the result is that of values rounded down to a
    cell. With the share :math:`q` of the pairs, a sample with itself included, that are in one cell of a
    variable, it is off by at most

    .. math::
        \frac{q_y + q_p}{d} + 1 - d, \quad d = \sqrt{(1 - q_y)(1 - q_p)} \quad \text{for } \tau_b, \qquad
        q_y + q_p + \frac{1}{m - 1} \quad \text{for } \tau_c

    where :math:`m` counts cells: about :math:`3 / K` for :math:`K` cells that are filled evenly.

    Args:
        variant: `"b"`, which is 1 for equal order with ties in the same places; or `"c"`, for variables
            of different numbers of values.
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
        >>> metric = KendallTau()
        >>> metric.update_state(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 9.0, 4.0, 99.0]))
        >>> round(float(metric.result()), 4)  # five pairs in the same order, one in the opposite
        0.6667

    References:
        `SciPy <https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.kendalltau.html>`_;
        Knight, `A Computer Method for Calculating Kendall's Tau with Ungrouped Data
        <https://doi.org/10.1080/01621459.1966.10480879>`_, 1966
    """

    alternatives = {
        "variant": "c",
        "multioutput": "raw_values",
        "value_range": (-2.0, 2.0),
        "num_bins": 16,
        "capacity": 2**12,
    }

    def __init__(
        self,
        variant: str = "b",
        multioutput: str = "uniform_average",
        value_range: Sequence[float] | None = None,
        num_bins: int | None = None,
        capacity: int = 2**16,
        name: str = "kendall_tau",
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
        if variant not in ("b", "c"):
            raise ValueError(f'`variant` must be "b" or "c". Received: variant={variant!r}')
        self.variant = variant

    def of_samples(self, y_true: Any, y_pred: Any, weights: Any) -> Any:
        """By the pairs that are out of order in the predictions where the targets are in order."""
        weights = ops.broadcast_to(ops.cast(weights, _compensated.widest_dtype()), y_true.shape)
        y_pred, y_true, weights = _sorted_by_first(y_pred, y_true, weights)
        y_true, y_pred, weights = _sorted_by_first(y_true, y_pred, weights)  # predictions rise within equal targets
        targets = groups_of(y_true)
        either = groups_of(targets + groups_of(y_pred))  # neither of the two falls
        order, predictions = sorted_groups(y_pred)
        moved = arranged(weights, order)
        rows, columns = summed(targets, weights), summed(predictions, moved)
        of_rows, of_columns, of_either = (_pairs(sums) for sums in (rows, columns, summed(either, weights)))
        balance = of_rows + of_columns - of_either - 2 * inversions(order, moved)
        return self._value(balance, rows, columns)

    def of_cells(self, counts: Any) -> Any:
        """By the cells that are lower, or higher, in both variables."""
        lower = ops.cumsum(counts, axis=1) - counts
        before = ops.cumsum(lower, axis=2) - lower
        after = ops.sum(lower, axis=2, keepdims=True) - before - lower
        balance = ops.sum(counts * (before - after), axis=(1, 2))
        return self._value(balance, ops.sum(counts, axis=2), ops.sum(counts, axis=1))

    def _value(self, balance: Any, rows: Any, columns: Any) -> Any:
        """From the balance of the pairs and the weights of the distinct targets and predictions."""
        distinct = ops.minimum(*(ops.sum(ops.cast(sums > 0, sums.dtype), axis=-1) for sums in (rows, columns)))
        varied = distinct > 1
        if self.variant == "b":
            scale = ops.sqrt(_pairs(rows)) * ops.sqrt(_pairs(columns))
        else:
            scale = ops.square(ops.sum(rows, axis=-1)) / 2 * (1 - 1 / ops.maximum(distinct, 1))
        return ops.clip(ops.where(varied, balance / ops.where(varied, scale, 1.0), 0.0), -1.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {**super().get_config(), "variant": self.variant}


def _pairs(sums: Any) -> Any:
    """The weight of the pairs of two different groups, from the weights of the groups."""
    return ops.sum(sums * (ops.cumsum(sums, axis=-1) - sums), axis=-1)


def _sorted_by_first(*rows: Any) -> list[Any]:
    order = ops.argsort(rows[0], axis=-1)
    return [arranged(each, order) for each in rows]
