"""Layers with one planted defect each, by the law that has to report it."""

import keras
import numpy as np
from keras import ops


class Double(keras.layers.Layer):
    """Scales its input by a weight per column, and adds a loss: what the defects are planted in."""

    alternatives = {"rate": 0.5}

    def __init__(self, rate=0.1, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")

    def call(self, inputs):
        outputs = inputs * ops.cast(self.scale, inputs.dtype)
        self.add_loss(self.rate * ops.mean(ops.cast(ops.square(outputs), "float32")))
        return outputs

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}


class ForgetsAnArgument(Double):
    """Its configuration has no rate."""

    def get_config(self):
        config = super().get_config()
        del config["rate"]
        return config


class TakesTheConfigurationApart(Double):
    """Building it takes an argument out of the configuration that it was given."""

    @classmethod
    def from_config(cls, config):
        return cls(config.pop("rate"), **config)


@keras.saving.register_keras_serializable(package="doubles")
class BecomesAnotherLayer(Double):
    """What was saved of it comes back as another class."""

    @classmethod
    def from_config(cls, config):
        return Double(**config)


class Identity(Double):
    """Its name means another layer; a plug-in offers it under that name (`PRETENDED`)."""


class Undocumented(Double):
    """No section."""

    __module__ = "kerasplus.layers.undocumented"


class RoundsWhatPasses(Double):
    """It declares to pass its input on, and changes the last digit."""

    pass_through = True

    def call(self, inputs):
        return inputs * 1.0000001


class PromisesMoreColumns(Double):
    """A symbolic call promises one column more than a real one gives."""

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)

    def compute_output_spec(self, inputs):
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), dtype=self.compute_dtype)


class HidesAWeight(Double):
    """It multiplies by random numbers that are no weight."""

    def build(self, input_shape):
        super().build(input_shape)
        self.hidden = np.random.default_rng().random(input_shape[-1]).astype("float32")

    def call(self, inputs):
        return super().call(inputs) * self.hidden


@keras.saving.register_keras_serializable(package="doubles")
class UnknownLayerElsewhere(Double):
    """No other process knows it, though a plug-in offers it (`PRETENDED`)."""


class AddsOneLossMoreEachTime(Double):
    """Each call adds one loss more than the one before."""

    def call(self, inputs):
        self.calls = getattr(self, "calls", 0) + 1
        for _ in range(self.calls):
            self.add_loss(ops.sum(ops.cast(inputs, "float32")))
        return inputs


class OverflowsInHalfPrecision(Double):
    """Its loss is the sum of large squares, in the dtype of the computation."""

    def call(self, inputs):
        self.add_loss(ops.cast(ops.sum(ops.square(inputs * 1000)), "float32"))
        return inputs


class ForgetsItsGradient(Double):
    """No gradient reaches its weight."""

    def call(self, inputs):
        return inputs * ops.stop_gradient(ops.cast(self.scale, inputs.dtype))


class CountsItsCalls(Double):
    """Each call gives more than the one before."""

    def call(self, inputs):
        self.calls = getattr(self, "calls", 0) + 1
        return inputs * self.calls


class RunsInPythonAlone(Double):
    """It computes with NumPy, which nothing exported can."""

    def call(self, inputs):
        if isinstance(inputs, keras.KerasTensor):
            return inputs
        return ops.convert_to_tensor(np.asarray(inputs) + 0)


DOUBLES = {
    "the_configuration_is_complete": ForgetsAnArgument,
    "the_configuration_is_json": TakesTheConfigurationApart,
    "keras_serializes_it": BecomesAnotherLayer,
    "every_spelling_finds_it": Identity,
    "the_docstring_has_its_sections": Undocumented,
    "a_pass_through_layer_returns_its_input": RoundsWhatPasses,
    "symbolic_shapes_are_real_ones": PromisesMoreColumns,
    "a_rebuilt_layer_gives_the_same": HidesAWeight,
    "a_saved_layer_gives_the_same": UnknownLayerElsewhere,
    "losses_are_added_once_per_call": AddsOneLossMoreEachTime,
    "it_trains_under_every_policy": OverflowsInHalfPrecision,
    "gradients_reach_every_weight": ForgetsItsGradient,
    "inference_is_deterministic": CountsItsCalls,
    "an_exported_layer_gives_the_same": RunsInPythonAlone,
}
"""For each law of layers, a layer that it reports."""

PRETENDED = {
    Identity: ("identity", "Identity", "doubles>Identity"),
    UnknownLayerElsewhere: ("unknown_layer_elsewhere", "UnknownLayerElsewhere", "doubles>UnknownLayerElsewhere"),
}
"""The names under which a plug-in seems to offer a double, where a law asks for one."""
