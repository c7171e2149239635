"""The base of the correlations of ranks, from all samples or from counts in cells."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import Any

from keras import ops

from kerasplus.metrics._buffered_metric import BufferedMetric
from kerasplus.metrics._confusion import counted

MULTIOUTPUT = ("uniform_average", "raw_values")


class RankCorrelation(BufferedMetric):
    """Base of correlations of the ranks of targets and predictions, for each output.

    With `num_bins`, pairs of equal cells of `value_range` are counted instead of keeping the values:
    what is in one cell is tied.
    """

    bounds = (-1.0, 1.0)
    direction = "max"

    def __init__(
        self,
        multioutput: str = "uniform_average",
        value_range: Sequence[float] | None = None,
        num_bins: int | None = None,
        capacity: int = 2**16,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(capacity=capacity, name=name, dtype=dtype)
        if multioutput not in MULTIOUTPUT:
            raise ValueError(f"`multioutput` must be one of {list(MULTIOUTPUT)}. Received: multioutput={multioutput!r}")
        if num_bins is not None and (not isinstance(num_bins, int) or isinstance(num_bins, bool) or num_bins < 2):
            raise ValueError(f"`num_bins` must be None or an integer, at least 2. Received: num_bins={num_bins!r}")
        if (value_range is None) != (num_bins is None):
            raise ValueError(
                "`value_range` and `num_bins` must be given together, or neither. "
                f"Received: value_range={value_range!r}, num_bins={num_bins!r}"
            )
        if value_range is not None:
            value_range = tuple(float(end) for end in value_range)
            if len(value_range) != 2 or not -float("inf") < value_range[0] < value_range[1] < float("inf"):
                raise ValueError(
                    f"`value_range` must be a finite number and a larger one. Received: value_range={value_range}"
                )
        self.multioutput = multioutput
        self.value_range = value_range
        self.num_bins = num_bins
        self.holds_rows = num_bins is None

    def width_for(self, columns: int) -> int:
        """The targets and the predictions of all outputs."""
        return 2 * columns

    def totals_for(self, columns: int) -> Mapping[str, tuple[tuple[int, ...], int]]:
        """The pairs of cells of each output, and last what is no number."""
        return {} if self.num_bins is None else {"counts": ((columns * self.num_bins**2 + 1,), 2)}

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """The rows of a batch, or its counts."""
        found = self.flat(ops.concatenate([y_true, y_pred], axis=-1), sample_weight)
        if self.num_bins is None or self.value_range is None:
            return found
        bins, (low, high), columns = self.num_bins, self.value_range, y_pred.shape[-1]
        known = ~ops.isnan(found["rows"])
        cells = ops.floor((ops.where(known, found["rows"], 0.0) - low) * (bins / (high - low)))
        cells = ops.cast(ops.clip(cells, 0, bins - 1), "int32")
        targets, predictions = ops.split(cells, 2, axis=-1)
        index = (ops.arange(columns, dtype="int32") * bins + targets) * bins + predictions
        index = ops.where(ops.logical_and(*ops.split(known, 2, axis=-1)), index, columns * bins**2)
        weights = ops.broadcast_to(ops.expand_dims(found["weights"], -1), ops.shape(index))
        return {"counts": counted(index, weights, columns * bins**2 + 1)}

    def compute(self, totals: Mapping[str, Any]) -> Any:
        """The values of the outputs, averaged or by name."""
        if self.num_bins is not None:
            counts = totals["counts"]
            values = self.of_cells(ops.reshape(counts[:-1], (-1, self.num_bins, self.num_bins)))
            values = ops.where(counts[-1] > 0, float("nan"), values)
        else:
            y_true, y_pred = ops.split(ops.transpose(totals["rows"]), 2)
            values = self.of_samples(y_true, y_pred, totals["weights"])
        if self.multioutput == "raw_values":
            return {f"{self.name}_{output}": values[output] for output in range(values.shape[0])}
        return ops.mean(values)

    @abc.abstractmethod
    def of_samples(self, y_true: Any, y_pred: Any, weights: Any) -> Any:
        """The value of each output.

        Args:
            y_true: The targets of all samples, `(outputs, samples)`.
            y_pred: The predictions, of the same shape.
            weights: The weights of the samples, `(samples,)`.
        """

    @abc.abstractmethod
    def of_cells(self, counts: Any) -> Any:
        """The value of each output, from the weights of its pairs of cells, `(outputs, bins, bins)`."""

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "multioutput": self.multioutput,
            "value_range": self.value_range,
            "num_bins": self.num_bins,
        }
