"""Any number in a model, an optimizer or a loss that changes while training goes on."""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from kerasplus._keras_names import component_class
from kerasplus.callbacks._learning_rate import optimizers, updates
from kerasplus.callbacks._parameter import Parameter, compile_anew
from kerasplus.schedules._rates import configuration, evaluate, nested
from kerasplus.schedules._steps import integer


@keras.saving.register_keras_serializable(package="kerasplus")
class ParameterSchedule(keras.callbacks.Callback):
    r"""At the beginning of each epoch, or of each batch, gives a parameter the value of a schedule.

    A parameter is named by its path: `"optimizer.weight_decay"`, `"loss.gamma"` (`"loss.out.gamma"` or
    `"loss.0.gamma"` where there are several losses), `"layer_name.rate"`, also of a layer inside of a
    layer, or an attribute of the model itself. The optimizer inside of a `LossScaleOptimizer` is meant,
    not the wrapper. The path is looked up when training begins.

    A compiled step has plain Python attributes built in. After a change of one, the steps are
    therefore traced anew, which takes as long as the start of the first epoch does; that is why such a
    parameter can change with the epoch only, and is traced anew only if its value is another one. A
    `keras.Variable` is assigned and costs nothing of the kind. The value stays when training ends.

    The step :math:`t` is the number of the epoch, or with `on="batch"` the number of updates that the
    optimizer has made, so that a training that goes on later goes on with it. The value of an epoch,
    or of its last batch, is put into the logs.

    Args:
        parameter: The path.
        schedule: A `LearningRateSchedule`, its configuration, its name, or points `[[step, value], ...]`
            with lines between them and the outer values outside.
        on: `"epoch"` or `"batch"`; `"batch"` for variables, or where nothing is compiled.
        name: The name in the logs; the path unless given.

    Raises:
        ValueError: If an argument cannot be used; when training begins, if the path leads to no
            number, or `on="batch"` to one that is built into the step.

    Examples:
        >>> import keras, numpy as np
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.AdamW(weight_decay=0.5), "mse")
        >>> decay = ParameterSchedule("optimizer.weight_decay", [[0, 0.5], [2, 0.0]])
        >>> model.fit(np.ones((2, 1)), np.ones(2), epochs=4, verbose=0, callbacks=[decay]).history[decay.name]
        [0.5, 0.25, 0.0, 0.0]

    References:
        `Bowman et al. 2016, Generating Sentences from a Continuous Space
        <https://arxiv.org/abs/1511.06349>`_, where the weight of a loss term grows
    """

    alternatives = {
        "parameter": "optimizer.learning_rate",
        "schedule": [[0, 0.0625], [6, 0.25]],
        "on": "batch",
        "name": "scheduled",
    }
    changes_training = True

    def __init__(self, parameter: str, schedule: Any, on: str = "epoch", name: str | None = None) -> None:
        super().__init__()
        if not isinstance(parameter, str) or not all(parameter.split(".")):
            raise ValueError(f"`parameter` must be names joined by points. Received: parameter={parameter!r}")
        if on not in ("epoch", "batch"):
            raise ValueError(f"`on` must be 'epoch' or 'batch'. Received: on={on!r}")
        self.parameter = parameter
        self.schedule = _schedule(schedule)
        self.on = on
        self.name = parameter if name is None else name
        self._found: Parameter | None = None
        self._last: float | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Looks the parameter up."""
        found = Parameter(self.model, self.parameter)
        if self.on == "batch" and not found.acts_at_once(self.model):
            raise ValueError(
                f'`on` must be "epoch" for {self.parameter!r}: it is built into the compiled step, which would be '
                'traced anew for each batch. Received: on="batch"'
            )
        self._found = found

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Sets the value of the epoch."""
        if self.on == "epoch":
            self._set(epoch)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Sets the value of the batch."""
        if self.on == "batch":
            self._set(updates(next(iter(optimizers(self.model).values()))))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Shows the value."""
        if logs is not None and self._last is not None:
            logs.setdefault(self.name, self._last)

    def on_train_end(self, logs: Any = None) -> None:
        """Lets the model go."""
        self._found = self._last = None

    def value(self, step: int) -> float:
        """The value of a step, or of an epoch."""
        if isinstance(self.schedule, LearningRateSchedule):
            return float(ops.convert_to_numpy(evaluate(self.schedule, integer(step))))
        steps, values = zip(*self.schedule, strict=True)
        return float(np.interp(step, steps, values))

    def get_state(self) -> dict[str, Any]:
        """Nothing: the value follows from the step."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Nothing, likewise."""

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        points = not isinstance(self.schedule, LearningRateSchedule)
        schedule = [list(point) for point in self.schedule] if points else configuration(self.schedule)
        return {"parameter": self.parameter, "schedule": schedule, "on": self.on, "name": self.name}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "ParameterSchedule":
        """A callback with these arguments."""
        return cls(**config)

    def _set(self, step: int) -> None:
        if self._found is None:
            return
        model, value = self.model, self.value(step)
        if value != self._found.value:
            self._found.assign(value)
            if not self._found.acts_at_once(model):
                compile_anew(model)
        self._last = value


def _schedule(schedule: Any) -> Any:
    """A schedule, or points as pairs of plain numbers."""
    if isinstance(schedule, str):
        cls = component_class(schedule, "schedule")
        try:
            return cls()
        except TypeError as error:
            raise ValueError(
                f"`schedule` must have a configuration where arguments are required: {error}. "
                f'Pass {{"class_name": {schedule!r}, "config": {{...}}}}. Received: schedule={schedule!r}'
            ) from error
    if not isinstance(schedule, list | tuple):
        return nested("schedule", schedule) if not isinstance(schedule, int | float) else _points([[0, schedule]])
    return _points(schedule)


def _points(points: Sequence[Any]) -> list[tuple[float, float]]:
    try:
        pairs = [(float(step), float(value)) for step, value in points]
    except (TypeError, ValueError):
        pairs = []
    steps = [step for step, _ in pairs]
    finite = all(math.isfinite(number) for pair in pairs for number in pair)
    if not pairs or not finite or any(b <= a for a, b in itertools.pairwise(steps)):
        raise ValueError(
            "`schedule` must be a schedule, its configuration, its name, or points [[step, value], ...] of finite "
            f"numbers whose steps grow. Received: schedule={points!r}"
        )
    return pairs
