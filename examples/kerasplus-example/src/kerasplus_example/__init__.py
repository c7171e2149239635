"""A loss, a metric, a layer and a schedule in plain Keras."""

import keras
from keras import ops

__all__ = ["HalfLife", "LearnedScale", "RelativeError", "WithinTolerance"]


@keras.saving.register_keras_serializable(package="example")
class RelativeError(keras.losses.Loss):
    """Mean of |y_true - y_pred| / (|y_true| + offset) over the last axis."""

    def __init__(self, offset=1.0, reduction="sum_over_batch_size", name="relative_error"):
        super().__init__(reduction=reduction, name=name)
        self.offset = offset

    def call(self, y_true, y_pred):
        return ops.mean(ops.abs(y_true - y_pred) / (ops.abs(y_true) + self.offset), axis=-1)

    def get_config(self):
        return {**super().get_config(), "offset": self.offset}


@keras.saving.register_keras_serializable(package="example")
class WithinTolerance(keras.metrics.MeanMetricWrapper):
    """Share of predictions that are no further than `tolerance` from their target."""

    def __init__(self, tolerance=0.5, name="within_tolerance", dtype=None):
        super().__init__(self._within, name=name, dtype=dtype)
        self.tolerance = tolerance
        self._direction = "up"

    def _within(self, y_true, y_pred):
        y_pred = ops.cast(y_pred, self.dtype)
        y_true = ops.reshape(ops.cast(y_true, self.dtype), ops.shape(y_pred))
        return ops.cast(ops.abs(y_true - y_pred) <= self.tolerance, self.dtype)

    def get_config(self):
        return {"tolerance": self.tolerance, "name": self.name, "dtype": self.dtype}


@keras.saving.register_keras_serializable(package="example")
class LearnedScale(keras.layers.Layer):
    """The input times one trained number."""

    def __init__(self, initial=1.0, **kwargs):
        super().__init__(**kwargs)
        self.initial = initial

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(), initializer=keras.initializers.Constant(self.initial))

    def call(self, inputs):
        return inputs * ops.cast(self.scale, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "initial": self.initial}


@keras.saving.register_keras_serializable(package="example")
class HalfLife(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that halves every `half_life` steps."""

    def __init__(self, initial_learning_rate, half_life, name="HalfLife"):
        super().__init__()
        self.initial_learning_rate = initial_learning_rate
        self.half_life = half_life
        self.name = name

    def __call__(self, step):
        return self.initial_learning_rate * ops.power(0.5, ops.cast(step, "float32") / self.half_life)

    def get_config(self):
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "half_life": self.half_life,
            "name": self.name,
        }
