"""Losses with one planted defect each, by the law that has to report it."""

import itertools

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class Double(keras.losses.Loss):
    """The scaled squared error in plain Keras: what the defects are planted in."""

    alternatives = {"scale": 2.0}

    def __init__(self, scale=1.0, reduction="sum_over_batch_size", name=None, dtype=None):
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        self.scale = scale

    def call(self, y_true, y_pred):
        return self.scale * ops.mean(ops.square(y_true - y_pred), axis=-1)

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
class ForgetsOnDisk(ForgetsAnArgument):
    """It is registered, and what was saved of it has no scale."""


class MeanSquaredError(Double):
    """Its name means another loss; a plug-in offers it under that name (`PRETENDED`)."""


@keras.saving.register_keras_serializable(package="doubles")
class UnknownElsewhere(Double):
    """No other process knows it, though a plug-in offers it (`PRETENDED`)."""


class Misnamed(Double):
    """Its default name is another one."""

    def __init__(self, scale=1.0, reduction="sum_over_batch_size", name="something", dtype=None):
        super().__init__(scale, reduction, name, dtype)


@keras.saving.register_keras_serializable(package="doubles")
class CopiesForget(Double):
    """A copy has the default scale."""

    def __deepcopy__(self, memo):
        return type(self)()


class WritesIntoItsInput(Double):
    """It works in the array of the predictions."""

    def __call__(self, y_true, y_pred, sample_weight=None):
        if isinstance(y_pred, np.ndarray):
            y_pred -= 1
        return super().__call__(y_true, y_pred, sample_weight)


class Undocumented(Double):
    """A line."""

    __module__ = "kerasplus.losses.undocumented"


class OneValueForAll(Double):
    """It gives the mean over the batch."""

    def call(self, y_true, y_pred):
        return ops.mean(super().call(y_true, y_pred))


class SumIsMean(Double):
    """It takes the mean where the sum was asked for."""

    def __call__(self, y_true, y_pred, sample_weight=None):
        total = super().__call__(y_true, y_pred, sample_weight)
        return total / len(y_pred) if self.reduction == "sum" else total


class SquaresWeights(Double):
    """A weight counts squared."""

    def __call__(self, y_true, y_pred, sample_weight=None):
        weight = None if sample_weight is None else ops.square(ops.cast(sample_weight, "float32"))
        return super().__call__(y_true, y_pred, weight)


class CountsPositions(Double):
    """Later samples cost more."""

    def call(self, y_true, y_pred):
        values = super().call(y_true, y_pred)
        return values + ops.arange(ops.shape(values)[0], dtype=values.dtype)


class LooksAtTheBatch(Double):
    """The batch's mean is part of each value."""

    def call(self, y_true, y_pred):
        values = super().call(y_true, y_pred)
        return values + ops.mean(values)


class OutOfRange(Double):
    """It declares to be at most one."""

    bounds = (0.0, 1.0)


class NeverZero(Double):
    """It declares to be zero at a perfect prediction, and is one."""

    zero_at_equality = True

    def call(self, y_true, y_pred):
        return super().call(y_true, y_pred) + 1


class Lopsided(Double):
    """It declares to be symmetric, and doubles the predictions."""

    symmetric = True

    def call(self, y_true, y_pred):
        return super().call(y_true, 2 * y_pred)


class RootAtZero(Double):
    """The root has no slope at a perfect prediction."""

    def call(self, y_true, y_pred):
        return ops.sqrt(super().call(y_true, y_pred))


class HalfTheGradient(Double):
    """Half of the value has no gradient."""

    def call(self, y_true, y_pred):
        values = super().call(y_true, y_pred)
        return 0.5 * values + ops.stop_gradient(0.5 * values)


class InThePrecisionOfThePredictions(Double):
    """It overflows in float16."""

    def __call__(self, y_true, y_pred, sample_weight=None):
        y_pred = ops.convert_to_tensor(y_pred)
        difference = 256 * (ops.cast(y_true, y_pred.dtype) - y_pred)
        return ops.mean(ops.square(difference), axis=-1 if self.reduction == "none" else None)


class InTheDtypeOfTheTargets(Double):
    """Whole-numbered targets round the predictions."""

    inputs = ("binary",)

    def __call__(self, y_true, y_pred, sample_weight=None):
        y_true = ops.convert_to_tensor(y_true)
        return super().__call__(y_true, ops.cast(y_pred, y_true.dtype), sample_weight)


class DropsMasks(Double):
    """It forgets the mask of the predictions."""

    def __call__(self, y_true, y_pred, sample_weight=None):
        return super().__call__(y_true, ops.convert_to_tensor(np.array(y_pred)), sample_weight)


class OtherwiseWhenCompiled(Double):
    """Compiled it gives twice the value."""

    def call(self, y_true, y_pred):
        return super().call(y_true, y_pred) * (1.0 if tf.executing_eagerly() else 2.0)


class Climbs(Double):
    """Its gradient points the wrong way."""

    def call(self, y_true, y_pred):
        values = super().call(y_true, y_pred)
        return ops.stop_gradient(2 * values) - values


class EveryInstanceDiffers(Double):
    """Each instance weighs more than the one before."""

    inputs = ("one_hot",)
    numbers = itertools.count(1)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.number = float(next(self.numbers))

    def call(self, y_true, y_pred):
        return self.number * super().call(y_true, y_pred)


class GrowsWithTheBatch(Double):
    """Each value is multiplied by the number of samples."""

    def call(self, y_true, y_pred):
        values = super().call(y_true, y_pred)
        return values * ops.cast(ops.shape(values)[0], values.dtype)


class NeedsTwoSamples(Double):
    """It divides by one less than the number of samples."""

    independent = False

    def call(self, y_true, y_pred):
        values = super().call(y_true, y_pred)
        return values / ops.cast(ops.shape(values)[0] - 1, values.dtype)


class RoundsClassIds(Double):
    """It reads class ids in float16."""

    inputs = ("sparse",)

    def __call__(self, y_true, y_pred, sample_weight=None):
        ids = ops.cast(ops.cast(ops.convert_to_tensor(y_true), "float16"), "int32")
        scores = ops.cast(y_pred, "float32")
        return 1 - ops.sum(ops.one_hot(ids, scores.shape[-1]) * scores, axis=-1)


class OfLogits(Double):
    """The cross-entropy of probabilities, or of logits."""

    inputs = ("binary",)
    alternatives = {"from_logits": True}

    def __init__(self, from_logits=False, reduction="sum_over_batch_size", name=None, dtype=None):
        keras.losses.Loss.__init__(self, reduction=reduction, name=name, dtype=dtype)
        self.from_logits = from_logits

    def get_config(self):
        return {**keras.losses.Loss.get_config(self), "from_logits": self.from_logits}


class DoublesLogits(OfLogits):
    """It takes logits for twice what they are."""

    def call(self, y_true, y_pred):
        scores = ops.sigmoid(2 * y_pred) if self.from_logits else y_pred
        return ops.mean(ops.square(y_true - scores), axis=-1)


class OverflowsAtLogits(OfLogits):
    """The exponential of a large logit is infinite."""

    def call(self, y_true, y_pred):
        scores = ops.exp(y_pred) / (1 + ops.exp(y_pred)) if self.from_logits else y_pred
        return ops.mean(ops.square(y_true - scores), axis=-1)


class DividesByTheBatch(Double):
    """It multiplies and divides by the number of samples, which may be zero."""

    def __call__(self, y_true, y_pred, sample_weight=None):
        samples = ops.cast(ops.shape(y_pred)[0], "float32")
        return ops.sum(super().__call__(y_true, y_pred, sample_weight)) * samples / samples


class OtherwiseInFloat64(Double):
    """In double precision it gives twice the value."""

    def call(self, y_true, y_pred):
        return super().call(y_true, y_pred) * (2.0 if self.dtype == "float64" else 1.0)


DOUBLES = {
    "the_configuration_is_complete": ForgetsAnArgument,
    "the_configuration_is_json": TakesTheConfigurationApart,
    "keras_serializes_it": ForgetsOnDisk,
    "every_spelling_finds_it": MeanSquaredError,
    "names_agree": Misnamed,
    "copies_do_the_same": CopiesForget,
    "inputs_are_not_changed": WritesIntoItsInput,
    "the_docstring_has_its_sections": Undocumented,
    "a_fresh_process_does_the_same": UnknownElsewhere,
    "two_replicas_give_the_same": UnknownElsewhere,
    "one_value_per_sample": OneValueForAll,
    "reductions_follow_from_the_values": SumIsMean,
    "weights_multiply_samples": SquaresWeights,
    "a_weight_of_zero_leaves_out": Double,
    "a_whole_weight_repeats": SquaresWeights,
    "order_does_not_matter": CountsPositions,
    "samples_are_independent": LooksAtTheBatch,
    "values_are_finite_and_in_range": OutOfRange,
    "least_at_the_target": NeverZero,
    "targets_and_predictions_may_swap": Lopsided,
    "gradients_are_finite": RootAtZero,
    "gradients_are_those_of_the_values": HalfTheGradient,
    "half_precision_gives_the_same": InThePrecisionOfThePredictions,
    "every_form_of_the_targets_agrees": InTheDtypeOfTheTargets,
    "nothing_is_broadcast": Double,
    "masked_steps_are_left_out": DropsMasks,
    "weights_of_samples_weigh_samples": Double,
    "evaluate_gives_the_offline_number": OtherwiseWhenCompiled,
    "fit_at_rate_zero_shows_the_offline_number": OtherwiseWhenCompiled,
    "training_lowers_it": Climbs,
    "class_weights_are_sample_weights": EveryInstanceDiffers,
    "accumulated_gradients_are_the_gradient": GrowsWithTheBatch,
    "mixed_precision_trains": InThePrecisionOfThePredictions,
    "rows_of_zeros_and_single_samples_work": NeedsTwoSamples,
    "class_ids_are_exact": RoundsClassIds,
    "logits_and_scores_agree": DoublesLogits,
    "saturated_logits_are_finite": OverflowsAtLogits,
    "an_empty_batch_changes_nothing": DividesByTheBatch,
    "instances_share_nothing": EveryInstanceDiffers,
    "double_precision_gives_the_same": OtherwiseInFloat64,
    "a_saved_model_evaluates_the_same": ForgetsOnDisk,
    "two_replicas_move_the_weights_alike": UnknownElsewhere,
}
"""For each law of losses, a loss that it reports."""

PRETENDED = {
    MeanSquaredError: ("mean_squared_error", "MeanSquaredError", "doubles>MeanSquaredError"),
    UnknownElsewhere: ("unknown_elsewhere", "UnknownElsewhere", "doubles>UnknownElsewhere"),
}
"""The names under which a plug-in seems to offer a double, where a law asks for one."""
