"""Learning rates: as arguments of schedules, and schedules inside of schedules."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus._keras_names import component_class


def rate(name: str, value: Any, most: float = math.inf) -> float:
    """A learning rate from an argument.

    Raises:
        ValueError: If it is no finite number from 0 up to `most`.
    """
    if not _is_number(value) or not 0 <= value <= most or math.isinf(value):
        upper = "" if math.isinf(most) else f" and at most {most}"
        raise ValueError(f"`{name}` must be a finite number, 0 or more{upper}. Received: {name}={value!r}")
    return float(value)


def positive(name: str, value: Any, most: float = math.inf) -> float:
    """A factor from an argument.

    Raises:
        ValueError: If it is no finite number above 0 and at most `most`.
    """
    if not _is_number(value) or not 0 < value <= most or math.isinf(value):
        upper = "" if math.isinf(most) else f" and at most {most}"
        raise ValueError(f"`{name}` must be a finite number above 0{upper}. Received: {name}={value!r}")
    return float(value)


def choice(name: str, value: Any, choices: Any) -> Any:
    """One of the names that an argument may have.

    Raises:
        ValueError: If it is none of them.
    """
    if value not in choices:
        listed = ", ".join(repr(each) for each in choices)
        raise ValueError(f"`{name}` must be one of {listed}. Received: {name}={value!r}")
    return value


def nested(name: str, value: Any) -> LearningRateSchedule | float:
    """A schedule or a constant rate from an argument: an instance, a configuration or a number.

    A configuration is what `keras.saving.serialize_keras_object` gives, or
    `{"class_name": NAME, "config": {...}}` with any spelling of the name of a schedule.

    Raises:
        ValueError: If it is none of these, or if nobody has the name.
    """
    if isinstance(value, LearningRateSchedule):
        return value
    if isinstance(value, dict) and "registered_name" in value:
        schedule = keras.saving.deserialize_keras_object(value)
        if isinstance(schedule, LearningRateSchedule):
            return schedule
    elif isinstance(value, dict) and set(value) <= {"class_name", "config"} and "class_name" in value:
        return component_class(value["class_name"], "schedule").from_config(dict(value.get("config", {})))
    elif _is_number(value):
        return rate(name, value)
    raise ValueError(
        f"`{name}` must be a `LearningRateSchedule`, its configuration "
        '(`{"class_name": "warmup_cosine", "config": {...}}`), or a number. '
        f"Received: {name}={value!r} of type {type(value).__name__}"
    )


def configuration(schedule: LearningRateSchedule | float) -> Any:
    """What `nested` makes the same schedule of, in JSON."""
    return schedule if isinstance(schedule, float) else keras.saving.serialize_keras_object(schedule)


def evaluate(schedule: LearningRateSchedule | float, step: Any) -> Any:
    """The float32 rate of a schedule, or of a number, at an integer step."""
    rates = schedule(step) if isinstance(schedule, LearningRateSchedule) else schedule
    return ops.convert_to_tensor(rates, "float32")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
