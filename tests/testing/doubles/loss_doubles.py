"""Losses with one planted defect each, by the law that it breaks."""

import copy
from typing import ClassVar

import keras
import numpy as np
from keras import ops

from kerasplus.losses import PerSampleLoss

register = keras.saving.register_keras_serializable(package="doubles")


def symbolic(tensor):
    """Whether a tensor is traced: it has no value yet."""
    return not isinstance(tensor, np.ndarray) and not hasattr(tensor, "numpy")


def half(tensor):
    """Whether a tensor is of half precision."""
    return "float16" in str(getattr(tensor, "dtype", ""))


class Squares(PerSampleLoss):
    """The mean squared error of each sample, without a defect."""

    def call(self, y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred), axis=-1)


class PlainSquares(keras.losses.Loss):
    """The same as anyone writes it, on Keras' own base."""

    def call(self, y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred), axis=-1)


class WithFactor(Squares):
    alternatives: ClassVar = {"factor": 2.0}

    def __init__(self, factor=1.0, reduction="sum_over_batch_size", name=None, dtype=None):
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        self.factor = factor

    def call(self, y_true, y_pred):
        return self.factor * super().call(y_true, y_pred)

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


class ForgetsAnArgument(WithFactor):
    def get_config(self):
        config = super().get_config()
        del config["factor"]
        return config


class EmptiesItsConfiguration(Squares):
    @classmethod
    def from_config(cls, config):
        return cls(name=config.pop("name"), reduction=config.pop("reduction"), dtype=config.pop("dtype"))


@register
class HasNumbersAsKeys(Squares):
    alternatives: ClassVar = {"factors": {0: 2.0}}

    def __init__(self, factors=None, reduction="sum_over_batch_size", name=None, dtype=None):
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        self.factors = factors or {}

    def call(self, y_true, y_pred):
        return self.factors.get(0, 1.0) * super().call(y_true, y_pred)

    def get_config(self):
        return {**super().get_config(), "factors": self.factors}


class IsCalledOtherwise(Squares):
    def __init__(self, reduction="sum_over_batch_size", name="mse", dtype=None):
        super().__init__(reduction=reduction, name=name, dtype=dtype)


class CopiesItsDefaults(WithFactor):
    def __reduce__(self):
        return type(self), ()


class ClipsItsInput(Squares):
    def __call__(self, y_true, y_pred, sample_weight=None):
        if isinstance(y_pred, np.ndarray):
            np.clip(y_pred, -0.5, 0.5, out=y_pred)
        return super().__call__(y_true, y_pred, sample_weight)


class SharesItsFactors(Squares):
    shared: ClassVar = []

    def __call__(self, y_true, y_pred, sample_weight=None):
        self.shared.append(1)
        return len(self.shared) * super().__call__(y_true, y_pred, sample_weight)


class HasNoDocumentation(Squares):
    """A loss."""

    __module__ = "kerasplus.losses.has_no_documentation"


class ReturnsOneNumber(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred))


class SumsTwice(Squares):
    def __call__(self, y_true, y_pred, sample_weight=None):
        value = super().__call__(y_true, y_pred, sample_weight)
        return 2 * value if self.reduction == "sum" else value


class IgnoresWeights(Squares):
    def __call__(self, y_true, y_pred, sample_weight=None):
        return super().__call__(y_true, y_pred)


class SquaresWeights(Squares):
    def __call__(self, y_true, y_pred, sample_weight=None):
        return super().__call__(y_true, y_pred, None if sample_weight is None else ops.square(sample_weight))


class FavoursTheFirst(Squares):
    independent = False

    def call(self, y_true, y_pred):
        values = super().call(y_true, y_pred)
        return values + ops.cast(ops.arange(ops.shape(values)[0]), values.dtype)


class SubtractsTheMeanOfTheBatch(Squares):
    def call(self, y_true, y_pred):
        values = super().call(y_true, y_pred)
        return values - ops.mean(values)


class TakesLogarithms(Squares):
    def call(self, y_true, y_pred):
        return ops.mean(ops.log(y_pred), axis=-1)


class IsNeverZero(Squares):
    zero_at_equality = True

    def call(self, y_true, y_pred):
        return super().call(y_true, y_pred) + 1


class FavoursLowPredictions(Squares):
    symmetric = True

    def call(self, y_true, y_pred):
        return super().call(y_true, y_pred) + ops.mean(ops.abs(y_pred), axis=-1)


class TakesRootsOfZero(Squares):
    def call(self, y_true, y_pred):
        return ops.sqrt(super().call(y_true, y_pred))


class LosesHalfItsGradient(Squares):
    def call(self, y_true, y_pred):
        error = y_true - y_pred
        return ops.mean(ops.stop_gradient(error) * error, axis=-1)


class OverflowsInHalfPrecision(Squares):
    def __call__(self, y_true, y_pred, sample_weight=None):
        if half(y_pred):
            y_pred = ops.log(ops.exp(16 * ops.convert_to_tensor(y_pred))) / 16
        return super().__call__(y_true, y_pred, sample_weight)


class HalvesIntegers(Squares):
    inputs = ("binary",)

    def align(self, y_true, y_pred):
        if "int" in str(y_true.dtype):
            y_true = y_true // 2
        return super().align(y_true, y_pred)


class IgnoresMasks(Squares):
    def __call__(self, y_true, y_pred, sample_weight=None):
        return super().__call__(y_true, ops.convert_to_tensor(y_pred) + 0, sample_weight)


class DiffersWhenTraced(Squares):
    def call(self, y_true, y_pred):
        return super().call(y_true, y_pred) * (2 if symbolic(y_pred) else 1)


class PushesUphill(Squares):
    def call(self, y_true, y_pred):
        value = super().call(y_true, y_pred)
        return 2 * ops.stop_gradient(value) - value


class IgnoresWeightsOfClasses(IgnoresWeights):
    inputs = ("one_hot",)


class AlwaysSums(Squares):
    def __call__(self, y_true, y_pred, sample_weight=None):
        summing = copy.copy(self)
        summing.reduction = "sum"
        return super(AlwaysSums, summing).__call__(y_true, y_pred, sample_weight)

    def __copy__(self):
        return type(self)(reduction=self.reduction)


class DividesByOneLess(Squares):
    independent = False

    def call(self, y_true, y_pred):
        values = super().call(y_true, y_pred)
        return values / ops.cast(ops.shape(values)[0] - 1, values.dtype)


DOUBLES = {
    "the_configuration_is_complete": ForgetsAnArgument,
    "the_configuration_is_json": EmptiesItsConfiguration,
    "keras_serializes_it": HasNumbersAsKeys,
    "names_agree": IsCalledOtherwise,
    "copies_do_the_same": CopiesItsDefaults,
    "inputs_are_not_changed": ClipsItsInput,
    "the_docstring_has_its_sections": HasNoDocumentation,
    "one_value_per_sample": ReturnsOneNumber,
    "reductions_follow_from_the_values": SumsTwice,
    "weights_multiply_samples": IgnoresWeights,
    "a_weight_of_zero_leaves_out": PlainSquares,
    "a_whole_weight_repeats": SquaresWeights,
    "order_does_not_matter": FavoursTheFirst,
    "samples_are_independent": SubtractsTheMeanOfTheBatch,
    "values_are_finite_and_in_range": TakesLogarithms,
    "least_at_the_target": IsNeverZero,
    "targets_and_predictions_may_swap": FavoursLowPredictions,
    "gradients_are_finite": TakesRootsOfZero,
    "gradients_are_those_of_the_values": LosesHalfItsGradient,
    "half_precision_gives_the_same": OverflowsInHalfPrecision,
    "every_form_of_the_targets_agrees": HalvesIntegers,
    "nothing_is_broadcast": PlainSquares,
    "masked_steps_are_left_out": IgnoresMasks,
    "weights_of_samples_weigh_samples": PlainSquares,
    "evaluate_gives_the_offline_number": DiffersWhenTraced,
    "fit_at_rate_zero_shows_the_offline_number": DiffersWhenTraced,
    "training_lowers_it": PushesUphill,
    "class_weights_are_sample_weights": IgnoresWeightsOfClasses,
    "accumulated_gradients_are_the_gradient": AlwaysSums,
    "mixed_precision_trains": OverflowsInHalfPrecision,
    "rows_of_zeros_and_single_samples_work": DividesByOneLess,
}
"""For each law of losses a class that breaks it."""

SOUND = [Squares(), WithFactor(), WithFactor(factor=3.0)]
"""Losses that break no law."""
