"""Metrics with one planted defect each, by the law that has to report it."""

import itertools

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class Double(keras.metrics.Metric):
    """The scaled mean squared error in plain Keras: what the defects are planted in."""

    alternatives = {"scale": 2.0}

    def __init__(self, scale=1.0, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.scale = scale
        self.total = self.add_weight(shape=(), initializer="zeros", name="total")
        self.count = self.add_weight(shape=(), initializer="zeros", name="count")

    def values(self, y_true, y_pred):
        return ops.mean(ops.square(ops.cast(y_true, "float32") - ops.cast(y_pred, "float32")), axis=-1)

    def weights_of(self, values, sample_weight):
        if sample_weight is None:
            return ops.ones_like(values)
        return ops.reshape(ops.cast(sample_weight, "float32"), ops.shape(values))

    def update_state(self, y_true, y_pred, sample_weight=None):
        values = self.values(y_true, y_pred)
        weights = self.weights_of(values, sample_weight)
        self.total.assign_add(ops.sum(ops.where(weights == 0, 0.0, values * weights)))
        self.count.assign_add(ops.sum(weights))

    def result(self):
        return self.scale * ops.divide_no_nan(self.total, self.count)

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}


class ForgetsAnArgument(Double):
    """Its configuration has no scale."""

    def get_config(self):
        config = super().get_config()
        del config["scale"]
        return config


class TakesTheConfigurationApart(Double):
    """Building it takes an argument out of the configuration that it was given."""

    @classmethod
    def from_config(cls, config):
        return cls(config.pop("scale"), **config)


@keras.saving.register_keras_serializable(package="doubles")
class ForgetsInTheFile(ForgetsAnArgument):
    """It is registered, and what was saved of it has no scale."""


class MeanAbsoluteError(Double):
    """Its name means another metric; a plug-in offers it under that name (`PRETENDED`)."""


@keras.saving.register_keras_serializable(package="doubles")
class UnknownElsewhereToo(Double):
    """No other process knows it, though a plug-in offers it (`PRETENDED`)."""


class Misnamed(Double):
    """Its default name is another one."""

    def __init__(self, scale=1.0, name="something", dtype=None):
        super().__init__(scale, name, dtype)


class WritesIntoItsInput(Double):
    """It works in the array of the predictions."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        if isinstance(y_pred, np.ndarray):
            y_pred -= 1
        super().update_state(y_true, y_pred, sample_weight)


class Undocumented(Double):
    """A line."""

    __module__ = "kerasplus.metrics.undocumented"


class MeanOfBatchMeans(Double):
    """Every batch counts the same, however large it is."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        values = self.values(y_true, y_pred)
        weights = self.weights_of(values, sample_weight)
        self.total.assign_add(ops.divide_no_nan(ops.sum(values * weights), ops.sum(weights)))
        self.count.assign_add(1)


class RunningMean(Double):
    """Its state is a mean, which does not add up."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        values = self.values(y_true, y_pred)
        weights = self.weights_of(values, sample_weight)
        before = self.total * self.count
        self.count.assign_add(ops.sum(weights))
        self.total.assign(ops.divide_no_nan(before + ops.sum(values * weights), self.count))

    def result(self):
        return self.scale * self.total


class RemembersAfterReset(Double):
    """A reset leaves the total."""

    def reset_state(self):
        self.count.assign(0)


class CountsReadings(Double):
    """Reading the result counts as a sample."""

    def result(self):
        self.count.assign_add(1)
        return super().result()


class NanWithoutSamples(Double):
    """It divides by the number of samples, even by none."""

    def result(self):
        return self.scale * self.total / self.count


class IgnoresWeights(Double):
    """All samples count once."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true, y_pred)


class ZeroTimesNan(Double):
    """It multiplies by the weights, and zero times NaN is NaN."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        values = self.values(y_true, y_pred)
        weights = self.weights_of(values, sample_weight)
        self.total.assign_add(ops.sum(values * weights))
        self.count.assign_add(ops.sum(weights))


class SumThatIsNoCount(Double):
    """It is a sum, and does not declare that it grows with the weights."""

    def result(self):
        return self.scale * self.total


class OutOfRange(Double):
    """It declares to be at most one."""

    bounds = (0.0, 1.0)


class SilentDirection(Double):
    """It declares a direction, and does not tell Keras."""

    direction = "max"


class CountsInPython(Double):
    """A part of its state is no variable."""

    calls = 0

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.calls += 1
        super().update_state(y_true, y_pred, sample_weight)

    def result(self):
        return super().result() + self.calls


class RoundsClassIds(Double):
    """It compares class ids in the dtype of the scores."""

    inputs = ("sparse",)

    def values(self, y_true, y_pred):
        y_pred = ops.convert_to_tensor(y_pred)
        ids = ops.cast(ops.argmax(y_pred, axis=-1), y_pred.dtype)
        return ops.cast(ops.equal(ops.cast(ops.reshape(y_true, ops.shape(ids)), y_pred.dtype), ids), "float32")


class InThePrecisionOfThePredictions(Double):
    """It overflows in float16."""

    def values(self, y_true, y_pred):
        y_pred = ops.convert_to_tensor(y_pred)
        difference = 256 * (ops.cast(y_true, y_pred.dtype) - y_pred)
        return ops.cast(ops.mean(ops.square(difference), axis=-1), "float32")


class StopsAtTwoToThe24(Double):
    """It counts in a single float32."""

    scales_with_weight = True

    def result(self):
        return self.scale * self.total


class InTheDtypeOfTheTargets(Double):
    """Whole-numbered targets round the predictions."""

    inputs = ("binary",)

    def values(self, y_true, y_pred):
        y_true = ops.convert_to_tensor(y_true)
        return super().values(y_true, ops.cast(y_pred, y_true.dtype))


class CopiesForget(Double):
    """A copy starts anew, as those of Keras do."""

    def __deepcopy__(self, memo):
        return type(self)(self.scale)


class NamelessResults(Double):
    """The keys of its results do not tell whose they are."""

    def result(self):
        return {"value": super().result(), "samples": self.count + 0}


class OtherwiseWhenCompiled(Double):
    """Compiled it gives twice the value."""

    def values(self, y_true, y_pred):
        return super().values(y_true, y_pred) * (1.0 if tf.executing_eagerly() else 2.0)


class OfLogits(Double):
    """The squared error of probabilities, or of logits."""

    inputs = ("binary",)
    alternatives = {"from_logits": True}

    def __init__(self, from_logits=False, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.from_logits = from_logits

    def get_config(self):
        return {**keras.metrics.Metric.get_config(self), "from_logits": self.from_logits}


class DoublesLogits(OfLogits):
    """It takes logits for twice what they are."""

    def values(self, y_true, y_pred):
        return super().values(y_true, ops.sigmoid(2 * y_pred) if self.from_logits else y_pred)


class OverflowsAtLogits(OfLogits):
    """The exponential of a large logit is infinite."""

    def values(self, y_true, y_pred):
        return super().values(y_true, ops.exp(y_pred) / (1 + ops.exp(y_pred)) if self.from_logits else y_pred)


class EveryInstanceDiffers(Double):
    """Each instance gives more than the one before."""

    numbers = itertools.count(1)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.number = float(next(self.numbers))

    def result(self):
        return self.number * super().result()


class OtherwiseInFloat64(Double):
    """In double precision it gives twice the value."""

    def result(self):
        return super().result() * (2.0 if self.dtype == "float64" else 1.0)


DOUBLES = {
    "the_configuration_is_complete": ForgetsAnArgument,
    "the_configuration_is_json": TakesTheConfigurationApart,
    "keras_serializes_it": ForgetsInTheFile,
    "every_spelling_finds_it": MeanAbsoluteError,
    "names_agree": Misnamed,
    "inputs_are_not_changed": WritesIntoItsInput,
    "the_docstring_has_its_sections": Undocumented,
    "a_fresh_process_does_the_same": UnknownElsewhereToo,
    "two_replicas_give_the_same": UnknownElsewhereToo,
    "nothing_is_broadcast": Double,
    "any_split_gives_the_same": MeanOfBatchMeans,
    "state_adds_up": RunningMean,
    "reset_restores_a_new_metric": RemembersAfterReset,
    "reading_changes_nothing": CountsReadings,
    "an_empty_metric_is_finite": NanWithoutSamples,
    "weights_weigh_samples": IgnoresWeights,
    "a_weight_of_zero_leaves_out": ZeroTimesNan,
    "scaled_weights_scale_a_count": SumThatIsNoCount,
    "masked_steps_are_left_out": Double,
    "results_are_in_range": OutOfRange,
    "early_stopping_knows_the_direction": SilentDirection,
    "stateless_is_stateful": CountsInPython,
    "class_ids_are_exact": RoundsClassIds,
    "half_precision_gives_the_same": InThePrecisionOfThePredictions,
    "totals_never_stop": StopsAtTwoToThe24,
    "every_form_of_the_targets_agrees": InTheDtypeOfTheTargets,
    "copies_keep_the_state": CopiesForget,
    "names_in_the_logs_are_its_own": NamelessResults,
    "evaluate_gives_the_offline_number": OtherwiseWhenCompiled,
    "fit_shows_the_offline_numbers": RemembersAfterReset,
    "a_perfect_prediction_is_best": SilentDirection,
    "a_loss_of_the_same_name_agrees": MeanAbsoluteError,
    "logits_and_scores_agree": DoublesLogits,
    "saturated_logits_are_finite": OverflowsAtLogits,
    "an_empty_batch_changes_nothing": MeanOfBatchMeans,
    "instances_share_nothing": EveryInstanceDiffers,
    "double_precision_gives_the_same": OtherwiseInFloat64,
    "a_saved_model_evaluates_the_same": ForgetsInTheFile,
    "means_never_stop": Double,
}
"""For each law of metrics, a metric that it reports."""

PRETENDED = {
    MeanAbsoluteError: ("mean_absolute_error", "MeanAbsoluteError", "doubles>MeanAbsoluteError"),
    UnknownElsewhereToo: ("unknown_elsewhere_too", "UnknownElsewhereToo", "doubles>UnknownElsewhereToo"),
}
"""The names under which a plug-in seems to offer a double, where a law asks for one."""
