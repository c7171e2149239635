"""The laws of learning-rate schedules."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasplus.testing import strategies
from kerasplus.testing._law import Broken, for_all, holds, law, number, same
from kerasplus.testing._real_runs import XLA
from kerasplus.testing._subject import Subject

FAR = (0, 1, 2, 7, 100, 999, 1000, 1001, 2**24 - 1, 2**24, 2**24 + 1, 2**30, 2**31 - 1)


def rate(schedule: Any, step: Any) -> Any:
    """The rate at a step, as NumPy."""
    return number(schedule(step))


@law("schedule")
def every_type_of_step_agrees(subject: Subject) -> None:
    """A step may be a Python int, a NumPy integer, an integer tensor or a variable."""
    for label, make in subject.variants:
        schedule = make()

        def claim(step: int, schedule: Any = schedule, label: str = label) -> None:
            expected = rate(schedule, step)
            variable = keras.Variable(0, dtype="int32", trainable=False)
            variable.assign(step)
            forms = {
                "np.int64": np.int64(step),
                "an int32 tensor": ops.convert_to_tensor(np.int32(step)),
                "an int64 tensor": ops.convert_to_tensor(np.int64(step)),
                "a variable": variable,
            }
            for form, value in forms.items():
                same(rate(schedule, value), expected, f"{label}, step {step} as {form}", 1e-6)

        for_all(strategies.steps(), claim, FAR)


@law("schedule")
def rates_are_finite_and_not_negative(subject: Subject) -> None:
    """Every rate up to step 2**31 is a finite scalar, 0 or more."""
    for label, make in subject.variants:
        schedule = make()

        def claim(step: int, schedule: Any = schedule, label: str = label) -> None:
            got = rate(schedule, step)
            right = got.shape == () and np.isfinite(got) and got >= 0
            holds(right, got, "a finite number, 0 or more", f"{label}, step {step}")

        for_all(strategies.steps(), claim, FAR)


@law("schedule")
def rates_are_those_of_the_optimizer(subject: Subject) -> None:
    """In a real `fit` the rate of the optimizer is the schedule at its number of updates, compiled or eager."""
    x = np.ones((6, 1), "float32")
    for label, make in subject.variants:
        for options in ({}, {"run_eagerly": True}, *XLA):
            schedule = make()
            model = keras.Sequential(
                [keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros", use_bias=False)]
            )
            model.compile(keras.optimizers.SGD(schedule), loss=lambda y_true, y_pred: y_true - y_pred, **options)
            model.fit(x, x, batch_size=2, epochs=2, verbose=0, shuffle=False)
            updates = int(number(model.optimizer.iterations))
            expected = sum(float(rate(schedule, step)) for step in range(updates))
            given = f"{label}, {updates} updates, each of which moves the weight by the rate, {options}"
            same(np.asarray(model.get_weights()[0]).reshape(()), np.asarray(expected), given, 1e-4)
            same(
                number(model.optimizer.learning_rate),
                rate(schedule, updates),
                f"{label}, optimizer.learning_rate",
                1e-6,
            )


@law("schedule")
def a_call_changes_nothing(subject: Subject) -> None:
    """Asking for a rate, in any order, gives the same rate again."""
    for label, make in subject.variants:
        schedule = make()
        first = [rate(schedule, step) for step in (5, 0, 100)]
        second = [rate(schedule, step) for step in (100, 5, 0)]
        for got, expected in zip((second[1], second[2], second[0]), first, strict=True):
            same(got, expected, f"{label}, asked again", 0)


@law("schedule")
def half_precision_changes_nothing(subject: Subject) -> None:
    """Under mixed_float16 the rates are those of float32."""
    before = keras.config.dtype_policy()
    for label, make in subject.variants:
        expected = [rate(make(), step) for step in (0, 5, 2049)]
        keras.config.set_dtype_policy("mixed_float16")
        try:
            got = [rate(make(), step) for step in (0, 5, 2049)]
        except Exception as error:  # what is raised is judged, whatever it is
            raise Broken(
                f"got {type(error).__name__}: {error}, but should be a rate, for {label}, mixed_float16"
            ) from error
        finally:
            keras.config.set_dtype_policy(before)
        same(np.asarray(got), np.asarray(expected), f"{label}, mixed_float16", 1e-6)
