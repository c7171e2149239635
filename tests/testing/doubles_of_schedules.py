"""Learning-rate schedules with one planted defect each, by the law that has to report it."""

import keras
from keras import ops


class Double(keras.optimizers.schedules.LearningRateSchedule):
    """The rate falls with the inverse of the step: what the defects are planted in."""

    alternatives = {"learning_rate": 0.5}

    def __init__(self, learning_rate=0.1, name=None):
        self.learning_rate = learning_rate
        self.name = name or "double"

    def __call__(self, step):
        return self.learning_rate / (1.0 + ops.cast(step, "float32") / 100.0)

    def get_config(self):
        return {"learning_rate": self.learning_rate, "name": self.name}


class ForgetsAnArgument(Double):
    """Its configuration has no rate."""

    def get_config(self):
        return {"name": self.name}


class TakesTheConfigurationApart(Double):
    """Building it takes an argument out of the configuration that it was given."""

    @classmethod
    def from_config(cls, config):
        return cls(config.pop("learning_rate"), **config)


@keras.saving.register_keras_serializable(package="doubles")
class ForgetsInTheSavedFile(ForgetsAnArgument):
    """It is registered, and what was saved of it has no rate."""


class ExponentialDecay(Double):
    """Its name means another schedule; a plug-in offers it under that name (`PRETENDED`)."""


@keras.saving.register_keras_serializable(package="doubles")
class UnknownElsewhereAsWell(Double):
    """No other process knows it, though a plug-in offers it (`PRETENDED`)."""


class Misnamed(Double):
    """Its default name is another one."""


class CopiesForget(Double):
    """A copy has the default rate."""

    def __reduce__(self):
        return type(self), ()


class Undocumented(Double):
    """No section."""

    __module__ = "kerasplus.schedules.undocumented"


class CountsPythonNumbersFromOne(Double):
    """A step that is a Python number is taken for the one before."""

    def __call__(self, step):
        return super().__call__(step + 1 if isinstance(step, int) else step)


class FallsBelowZero(Double):
    """It falls without an end."""

    def __call__(self, step):
        return self.learning_rate * (1.0 - ops.cast(step, "float32") / 1000.0)


class OtherwiseInTraining(Double):
    """The step of an optimizer, a variable, gives twice the rate."""

    def __call__(self, step):
        return super().__call__(step) * (2.0 if isinstance(step, keras.Variable) else 1.0)


class FallsWithEachReading(Double):
    """Reading a rate halves the next one."""

    readings = 0

    def __call__(self, step):
        self.readings += 1
        return super().__call__(step) / self.readings


class InThePrecisionOfThePolicy(Double):
    """Under mixed_float16 it counts in float16."""

    def __call__(self, step):
        step = ops.cast(ops.cast(step, keras.config.dtype_policy().compute_dtype), "float32")
        return super().__call__(step)


DOUBLES = {
    "the_configuration_is_complete": ForgetsAnArgument,
    "the_configuration_is_json": TakesTheConfigurationApart,
    "keras_serializes_it": ForgetsInTheSavedFile,
    "every_spelling_finds_it": ExponentialDecay,
    "names_agree": Misnamed,
    "copies_do_the_same": CopiesForget,
    "the_docstring_has_its_sections": Undocumented,
    "a_fresh_process_does_the_same": UnknownElsewhereAsWell,
    "every_type_of_step_agrees": CountsPythonNumbersFromOne,
    "rates_are_finite_and_not_negative": FallsBelowZero,
    "rates_are_those_of_the_optimizer": OtherwiseInTraining,
    "a_call_changes_nothing": FallsWithEachReading,
    "half_precision_changes_nothing": InThePrecisionOfThePolicy,
    "resuming_is_no_interruption": ForgetsInTheSavedFile,
}
"""For each law of schedules, a schedule that it reports."""

PRETENDED = {
    ExponentialDecay: ("exponential_decay", "ExponentialDecay", "doubles>ExponentialDecay"),
    UnknownElsewhereAsWell: ("unknown_elsewhere_as_well", "UnknownElsewhereAsWell", "doubles>UnknownElsewhereAsWell"),
}
"""The names under which a plug-in seems to offer a double, where a law asks for one."""
