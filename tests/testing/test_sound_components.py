"""Sound components in every style under the kit: no false alarm."""

import keras
import pytest
from keras import ops

import kerasplus
from kerasplus.losses import PerSampleLoss
from kerasplus.metrics import StreamingMetric
from kerasplus.testing import check

KERAS_LOSSES = {
    "a_weight_of_zero_leaves_out": "keras.losses.Loss multiplies by the weight, and zero times NaN is NaN",
    "masked_steps_are_left_out": "keras.losses.Loss multiplies by the mask, and refuses weights (n,) beside it",
    "weights_of_samples_weigh_samples": "keras.losses.Loss aligns weights (n,) with the last axis of (n, n)",
}
"""What `keras.losses.Loss` itself breaks, so that every plain loss breaks it where it applies."""

LISTS = {"every_form_of_the_targets_agrees": "keras.losses.Loss hands lists to `call` number by number"}
BROADCASTS = {"nothing_is_broadcast": "Keras checks no shapes, and neither does it"}


class AbsoluteErrorOnOurBase(PerSampleLoss):
    """A loss on our base."""

    zero_at_equality = True
    symmetric = True

    def call(self, y_true, y_pred):
        return ops.mean(ops.abs(y_true - y_pred), axis=-1)


class MeanErrorOnOurBase(StreamingMetric):
    """A metric on our base."""

    direction = "min"
    bounds = (0.0, float("inf"))

    def __init__(self, name="mean_error_on_our_base", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.add_total("errors")
        self.add_total("count")

    def statistics(self, y_true, y_pred, sample_weight):
        errors = ops.mean(ops.abs(y_true - y_pred), axis=-1)
        return {
            "errors": self.weighted_sum(errors, sample_weight),
            "count": self.weighted_sum(ops.ones_like(errors), sample_weight),
        }

    def compute(self, totals):
        return ops.divide_no_nan(totals["errors"], totals["count"])


class PlainLoss(keras.losses.Loss):
    """A loss in plain Keras that checks its shapes, with arguments and no declaration at all."""

    def __init__(self, scale=1.0, reduction="sum_over_batch_size", name="plain_loss", dtype=None):
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        self.scale = scale

    def call(self, y_true, y_pred):
        if y_true.shape != y_pred.shape:
            raise ValueError(f"y_true {tuple(y_true.shape)} and y_pred {tuple(y_pred.shape)} differ")
        return self.scale * ops.mean(ops.square(y_true - y_pred), axis=-1)

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}


class PlainMetric(keras.metrics.Metric):
    """A metric in plain Keras that takes care of weights, masks, shapes and copies."""

    def __init__(self, scale=1.0, name="plain_metric", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.scale = scale
        # In float32 sums stop to grow.
        self.total = self.add_variable(shape=(), initializer="zeros", dtype="float64", name="total")
        self.count = self.add_variable(shape=(), initializer="zeros", dtype="float64", name="count")

    def update_state(self, y_true, y_pred, sample_weight=None):
        mask = getattr(y_pred, "_keras_mask", None)
        y_true, y_pred = ops.convert_to_tensor(y_true, "float32"), ops.convert_to_tensor(y_pred, "float32")
        if y_true.shape != y_pred.shape:
            raise ValueError(f"y_true {tuple(y_true.shape)} and y_pred {tuple(y_pred.shape)} differ")
        values = self.scale * ops.mean(ops.square(y_true - y_pred), axis=-1)
        weights = ops.ones_like(values)
        if sample_weight is not None:
            sample_weight = ops.convert_to_tensor(sample_weight, "float32")
            weights *= ops.reshape(sample_weight, (-1,) + (1,) * (len(values.shape) - 1))
        if mask is not None:
            weights *= ops.cast(mask, "float32")
        values, weights = ops.cast(values, "float64"), ops.cast(weights, "float64")
        self.total.assign_add(ops.sum(ops.where(weights == 0, 0.0, weights * values)))
        self.count.assign_add(ops.sum(weights))

    def result(self):
        return ops.divide_no_nan(self.total, self.count)

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}

    def __deepcopy__(self, memo):
        return _restored(self.get_config(), [ops.convert_to_numpy(v) for v in self.variables])

    def __reduce__(self):
        return _restored, (self.get_config(), [ops.convert_to_numpy(v) for v in self.variables])


def _restored(config, values):
    metric = PlainMetric.from_config(config)
    for variable, value in zip(metric.variables, values, strict=True):
        variable.assign(value)
    return metric


def half_squared_error(y_true, y_pred):
    """A plain function as a loss."""
    return 0.5 * ops.mean(ops.square(y_true - y_pred), axis=-1)


FORGETFUL = {"copies_keep_the_state": "copies of Keras' metrics start anew"}
ZERO_TIMES_NAN = dict.fromkeys(
    ("a_weight_of_zero_leaves_out", "masked_steps_are_left_out"),
    "keras.metrics.Mean multiplies by the weight, and zero times NaN is NaN",
)
FLOAT32 = {"means_never_stop": "keras.metrics.Mean holds its total in one float32"}
SOUND = {
    "a loss on our base": (AbsoluteErrorOnOurBase(), None, {}),
    "a metric on our base": (MeanErrorOnOurBase(), None, {}),
    "a plain loss": (PlainLoss(), "regression", {**KERAS_LOSSES, **LISTS}),
    "a plain metric": (PlainMetric(), "regression", {}),
    "a function": (half_squared_error, "regression", {**KERAS_LOSSES, **LISTS, **BROADCASTS}),
    "a loss of a plug-in": ("example>RelativeError", "regression", {**KERAS_LOSSES, **LISTS, **BROADCASTS}),
    "a metric of a plug-in": (
        "example>WithinTolerance",
        "regression",
        {
            **FORGETFUL,
            **BROADCASTS,
            **FLOAT32,
            "masked_steps_are_left_out": ZERO_TIMES_NAN["masked_steps_are_left_out"],
        },
    ),
    "a loss of Keras": (keras.losses.LogCosh(), "regression", {**KERAS_LOSSES, **BROADCASTS}),
    "a metric of Keras": (
        keras.metrics.MeanAbsoluteError(),
        "regression",
        {**FORGETFUL, **ZERO_TIMES_NAN, **BROADCASTS, **FLOAT32},
    ),
}
"""Components that are right: each with its inputs, and with what its base class breaks."""


@pytest.mark.parametrize("name", SOUND)
def test_no_false_alarm(name):
    """A sound component passes, but for what its base class of Keras breaks for every heir."""
    component, inputs, of_its_base = SOUND[name]
    if isinstance(component, str):
        component = kerasplus.get(component)
    report = check(component, inputs=inputs, expected_failures=of_its_base, on_fail="report", max_examples=6)
    assert report.failed == {}
    assert len(report.passed) >= 15


def test_expected_failure_that_holds_is_reported():
    """An expectation whose law holds after all is a failure itself."""
    report = check(
        half_squared_error,
        laws=["order_does_not_matter"],
        expected_failures={"order_does_not_matter": "it was so once"},
        on_fail="report",
    )
    assert "remove the expectation" in report.failed["order_does_not_matter"]
