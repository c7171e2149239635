"""Callbacks with one planted defect each, by the law that has to report it."""

import keras


class Double(keras.callbacks.Callback):
    """Counts the epochs of a fit and shows their number: what the defects are planted in."""

    alternatives = {"first": 1}

    def __init__(self, first=0):
        super().__init__()
        self.first = first
        self.seen = 0

    def on_train_begin(self, logs=None):
        self.seen = self.first

    def on_epoch_end(self, epoch, logs=None):
        self.seen += 1
        logs["seen"] = float(self.seen)

    def get_config(self):
        return {"first": self.first}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


class ForgetsAnArgument(Double):
    """Its configuration has no first number."""

    def get_config(self):
        return {}


class TakesTheConfigurationApart(Double):
    """Building it takes an argument out of the configuration that it was given."""

    @classmethod
    def from_config(cls, config):
        return cls(config.pop("first"))


@keras.saving.register_keras_serializable(package="doubles")
class BecomesAnotherCallback(Double):
    """What was saved of it comes back as another class."""

    @classmethod
    def from_config(cls, config):
        return Double(**config)


class EarlyStopping(Double):
    """Its name means another callback; a plug-in offers it under that name (`PRETENDED`)."""


@keras.saving.register_keras_serializable(package="doubles")
class RefusesToBeCopied(Double):
    """It holds what cannot be copied."""

    def __init__(self, first=0):
        super().__init__(first)
        self.numbers = iter(lambda: 0, 1)


class Undocumented(Double):
    """No section."""

    __module__ = "kerasplus.callbacks.undocumented"


class NeedsTheNumberOfSteps(Double):
    """It divides by the number of epochs, which may be none."""

    def on_train_end(self, logs=None):
        self.share = self.seen / self.params["epochs"]


class NeverStartsAnew(Double):
    """A second fit counts on from the first one."""

    def on_train_begin(self, logs=None):
        pass


class ChangesTheLoss(Double):
    """It puts another loss in the logs."""

    def on_epoch_end(self, epoch, logs=None):
        logs["loss"] = 0.0


class KeepsASet(Double):
    """Its state is a set."""

    def get_state(self):
        return {"seen": {self.seen}}

    def set_state(self, state):
        self.seen = max(state["seen"])


class StaysBusy(Double):
    """It refuses to begin again where the last fit did not end."""

    busy = False

    def on_train_begin(self, logs=None):
        if self.busy:
            raise RuntimeError("busy")
        self.busy = True
        super().on_train_begin(logs)

    def on_train_end(self, logs=None):
        self.busy = False


class RepeatsWhatItSees(Double):
    """It shows what others showed before it."""

    def on_epoch_end(self, epoch, logs=None):
        logs["repeated"] = logs.get("shown", -1.0)


DOUBLES = {
    "the_configuration_is_complete": ForgetsAnArgument,
    "the_configuration_is_json": TakesTheConfigurationApart,
    "keras_serializes_it": BecomesAnotherCallback,
    "every_spelling_finds_it": EarlyStopping,
    "copies_do_the_same": RefusesToBeCopied,
    "the_docstring_has_its_sections": Undocumented,
    "it_works_in_every_loop": NeedsTheNumberOfSteps,
    "two_fits_leak_nothing": NeverStartsAnew,
    "others_see_their_logs": ChangesTheLoss,
    "its_state_is_json": KeepsASet,
    "an_exception_leaves_it_usable": StaysBusy,
    "its_place_in_the_list_does_not_matter": RepeatsWhatItSees,
}
"""For each law of callbacks, a callback that it reports."""

PRETENDED = {EarlyStopping: ("early_stopping", "EarlyStopping", "doubles>EarlyStopping")}
"""The names under which a plug-in seems to offer a double, where a law asks for one."""
