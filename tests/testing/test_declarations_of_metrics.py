"""A metric may declare that batches, order or replicas matter; then those laws do not apply, and all others do."""

import keras
import pytest
from keras import ops

from kerasplus.testing import check

IN_BATCHES = ["evaluate_gives_the_offline_number", "fit_shows_the_offline_numbers"]


class Sum(keras.metrics.Metric):
    """The sum of the errors, in plain Keras."""

    def __init__(self, name="sum", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", name="total")
        self.seen = self.add_variable((), "zeros", name="seen")

    def errors(self, y_true, y_pred, sample_weight):
        y_true, y_pred = ops.convert_to_tensor(y_true, "float32"), ops.convert_to_tensor(y_pred, "float32")
        errors = ops.mean(ops.square(y_true - y_pred), axis=-1)
        if sample_weight is None:
            return errors
        weights = ops.reshape(ops.convert_to_tensor(sample_weight, "float32"), (-1,))
        return ops.where(weights == 0, 0.0, weights * errors)

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign_add(ops.sum(self.errors(y_true, y_pred, sample_weight)))

    def result(self):
        return self.total + 0.0


class LastBatch(Sum):
    """The sum over the last batch."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign(ops.sum(self.errors(y_true, y_pred, sample_weight)))


class EverySecond(Sum):
    """The sum in which every second sample counts twice: any batches, but this order."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        errors = self.errors(y_true, y_pred, sample_weight)
        place = ops.cumsum(ops.ones_like(errors)) - 1 + self.seen
        self.total.assign_add(ops.sum(errors * (1 + ops.mod(place, 2))))
        self.seen.assign_add(ops.sum(ops.ones_like(errors)))


class ByBatches(Sum):
    """The mean over batches of their sums: nothing of it adds up."""

    def result(self):
        return ops.divide_no_nan(self.total, self.seen)

    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true, y_pred, sample_weight)
        self.seen.assign_add(1.0)


def report(metric, laws, **declared):
    """The report of some laws, with what the metric is made to declare."""
    cls = type(metric.__name__, (metric,), declared)
    return check(cls(), laws=laws, on_fail="report")


def test_split_and_batches_of_a_real_run():
    """What depends on the batches is held to the same batches in a real run."""
    laws = ["any_split_gives_the_same", "state_adds_up", *IN_BATCHES]
    assert set(report(LastBatch, laws).failed) == {"any_split_gives_the_same", *IN_BATCHES}
    declared = report(LastBatch, laws, any_split=False)
    assert declared.failed == {}
    assert declared.passed == ["state_adds_up", *IN_BATCHES]
    assert "cut into batches" in declared.skipped["any_split_gives_the_same"]


def test_a_real_run_is_still_held_to_its_numbers():
    """The declaration excuses no other number in the logs."""

    class Forgetful(LastBatch):
        def reset_state(self):
            pass

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.total.assign(0.5 * self.total + ops.sum(self.errors(y_true, y_pred, sample_weight)))

    assert "fit_shows_the_offline_numbers" in report(Forgetful, IN_BATCHES, any_split=False).failed


def test_order():
    """What depends on the order is still the same for any batches, and a weight need not repeat a sample."""
    laws = ["any_split_gives_the_same", "weights_weigh_samples"]
    assert set(report(EverySecond, laws).failed) == set(laws)
    assert report(EverySecond, laws, any_order=False).passed == laws
    assert set(report(LastBatch, laws, any_order=False).failed) == {"any_split_gives_the_same"}


def test_weights_of_one_are_still_none():
    """The declaration excuses no metric that takes weights for something else."""

    class Shifted(EverySecond):
        def errors(self, y_true, y_pred, sample_weight):
            return super().errors(y_true, y_pred, None if sample_weight is None else sample_weight + 1)

    assert set(report(Shifted, ["weights_weigh_samples"], any_order=False).failed) == {"weights_weigh_samples"}


def test_replicas():
    """What depends on the replica is not held to added states."""
    assert set(report(ByBatches, ["state_adds_up"]).failed) == {"state_adds_up"}
    assert "which replica" in report(ByBatches, ["state_adds_up"], any_replica=False).skipped["state_adds_up"]


@pytest.mark.parametrize("declared", ["any_split", "any_order"])
def test_counts_that_see_one_batch_again(declared):
    """The law that feeds one batch many times does not apply where a second time is another one."""
    found = report(LastBatch, ["totals_never_stop"], scales_with_weight=True, **{declared: False})
    assert list(found.skipped) == ["totals_never_stop"]
    assert list(report(LastBatch, ["totals_never_stop"], scales_with_weight=True).failed) == ["totals_never_stop"]
