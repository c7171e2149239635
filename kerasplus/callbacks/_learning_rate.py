"""The learning rates of a model while it trains: reading them, and multiplying them by a factor."""

from __future__ import annotations

from typing import Any

from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus._keras_names import rate_source
from kerasplus.schedules.product import Product

DECAY = "plateau_decay"
"""The name of the `Product` of a schedule and the factor by which it has been decayed."""


def optimizers(model: Any) -> dict[str, Any]:
    """The optimizers of a model, under the names of their rates in the logs.

    One optimizer has `"learning_rate"`, also inside of a `LossScaleOptimizer`; several in a
    `MultiOptimizer` have `"learning_rate_"` and their own names, numbered where two are the same.
    """
    optimizer = model.optimizer
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    several = getattr(optimizer, "optimizers", None)
    if not several:
        return {"learning_rate": optimizer}
    found: dict[str, Any] = {}
    for each in several:
        name, number = f"learning_rate_{each.name}", 1
        while name in found:
            name, number = f"learning_rate_{each.name}_{number}", number + 1
        found[name] = each
    return found


def current_rates(model: Any) -> dict[str, float]:
    """The rate that each optimizer uses in the next step, under its name in the logs."""
    return {name: current_rate(optimizer) for name, optimizer in optimizers(model).items()}


def current_rate(optimizer: Any) -> float:
    """The rate that an optimizer uses in the next step."""
    return float(ops.convert_to_numpy(optimizer.learning_rate))


def updates(optimizer: Any) -> int:
    """How many updates an optimizer has made; read through NumPy, since replicas have no plain integer."""
    return int(ops.convert_to_numpy(optimizer.iterations))


def has_schedule(optimizer: Any) -> bool:
    """Whether the rate of an optimizer follows a schedule.

    Raises:
        ValueError: If it is a function, which Keras calls once, when it compiles the step.
    """
    source = rate_source(optimizer)
    if callable(source) and not isinstance(source, LearningRateSchedule):
        raise ValueError(
            "The learning rate of the optimizer must be a number or a `LearningRateSchedule`: a function is "
            f"called only once, when the training step is compiled. Received: learning_rate={source!r}"
        )
    return isinstance(source, LearningRateSchedule)


def decay_of(optimizer: Any) -> float:
    """The factor by which the schedule of an optimizer has been decayed so far, 1 for a plain rate."""
    source = rate_source(optimizer)
    return float(source.schedules[-1]) if _is_decayed(source) else 1.0


def decay_schedule(model: Any, optimizer: Any, factor: float) -> None:
    """Makes an optimizer use its schedule times `factor`, which replaces an earlier factor.

    The product becomes the schedule of the optimizer and is saved with it. The compiled step has
    the old one built in, so the step is traced anew.
    """
    source = rate_source(optimizer)
    schedule = source.schedules[0] if _is_decayed(source) else source
    optimizer.learning_rate = Product([schedule, factor], name=DECAY)
    model.make_train_function(force=True)


def _is_decayed(source: Any) -> bool:
    return isinstance(source, Product) and source.name == DECAY
