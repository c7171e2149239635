"""The base of all our metrics: variables that a reset gives their initial values again."""

from __future__ import annotations

from typing import Any

import keras

from kerasplus._registry import snake_case
from kerasplus.losses._per_sample_loss import at_least_float32


class RestoredState(keras.metrics.Metric):
    """A metric named after its class, in float32 at least, whose `reset_state` restores what it started from.

    Keras' own sets all variables to zero.
    """

    def __init__(self, name: str | None, dtype: Any) -> None:
        super().__init__(name=name or snake_case(type(self).__name__), dtype=at_least_float32(dtype))
        self._initial_values: list[tuple[Any, Any]] = []

    def add_variable(self, shape: Any, initializer: Any, **options: Any) -> Any:
        """A state variable; `reset_state` gives it its initial value again."""
        initializer = keras.initializers.get(initializer)
        variable = super().add_variable(shape, initializer, **options)
        self._initial_values.append((variable, initializer))
        return variable

    def reset_state(self) -> None:
        """Restores the initial value of every variable."""
        for variable, initializer in self._initial_values:
            variable.assign(initializer(variable.shape, dtype=variable.dtype))
