"""What the tests of callbacks share: a run that ends before its time."""

import keras
import pytest


class _DieAt(keras.callbacks.Callback):
    """Ends a run at the beginning of an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise ArithmeticError("on purpose")


@pytest.fixture
def die_at():
    """Makes a callback that ends the run at the beginning of an epoch, by an ArithmeticError."""
    return _DieAt
