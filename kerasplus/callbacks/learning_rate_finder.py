"""A range test: how the loss answers to a learning rate that grows from batch to batch."""

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasplus._keras_names import rate_source
from kerasplus.callbacks._learning_rate import current_rate, optimizers, updates
from kerasplus.callbacks._range_test import RangeSchedule, drawn, suggested


@keras.saving.register_keras_serializable(package="kerasplus")
class LearningRateFinder(keras.callbacks.Callback):
    r"""From the first batch of a fit on, makes the learning rate grow, notes the loss, stops, and undoes the training.

    Batch :math:`k` of :math:`n` is trained with the rate
    :math:`a \, (b / a)^{k / (n - 1)}`, from the minimum :math:`a` to the maximum :math:`b`. Its
    loss :math:`l_k` is smoothed by a moving average without the bias of its start,

    .. math:: s_k = \frac{(1 - \beta) \sum_{i \le k} \beta^{k - i} \, l_i}{1 - \beta^{k + 1}}

    The test ends after `steps` batches, at a loss that is not finite, or when, past the first tenth,
    :math:`s_k` exceeds the best :math:`s` by `divergence - 1` times its size. At that moment the
    weights, the states of layers and random generators, the optimizer and its rate or schedule are
    what they were before; then Keras ends the epoch as usual and the fit is over.

    So give it a `fit` of its own, with as many `epochs` as `steps` need: a fit with fewer batches
    covers the same range of rates in larger steps. The history of that fit means nothing. All
    optimizers of a `MultiOptimizer` get the same rate. With `steps_per_execution` a step is so many
    batches. After an error or an interrupt in the middle, `restore()` undoes the training.

    Args:
        minimum: The first rate, more than 0.
        maximum: The last rate, more than `minimum`.
        steps: The number :math:`n` of batches, 2 or more.
        smoothing: The weight :math:`\beta` of the past, 0 or more and less than 1.
        divergence: How many times the best loss is too much, more than 1.

    Raises:
        ValueError: If an argument is out of its range; after a batch, if the logs have no loss.

    Examples:
        >>> import keras, numpy as np
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> finder = LearningRateFinder(1e-4, 1e-2, steps=3)
        >>> history = model.fit(np.ones((6, 1)), np.ones(6), batch_size=2, verbose=0, callbacks=[finder])
        >>> [round(rate, 6) for rate in finder.rates], round(float(model.optimizer.learning_rate), 6)
        ([0.0001, 0.001, 0.01], 0.01)

    References:
        `Smith 2017, Cyclical Learning Rates for Training Neural Networks
        <https://arxiv.org/abs/1506.01186>`_; `fastai: Learner.lr_find
        <https://docs.fast.ai/callback.schedule.html#learner.lr_find>`_
    """

    alternatives = {"minimum": 1e-5, "maximum": 1.0, "steps": 4, "smoothing": 0.5, "divergence": 3.0}
    changes_training = True

    def __init__(
        self,
        minimum: float = 1e-7,
        maximum: float = 10.0,
        steps: int = 100,
        smoothing: float = 0.9,
        divergence: float = 4.0,
    ) -> None:
        super().__init__()
        if not 0 < minimum < math.inf:
            raise ValueError(f"`minimum` must be a finite number, more than 0. Received: minimum={minimum}")
        if not minimum < maximum < math.inf:
            raise ValueError(
                f"`maximum` must be finite and more than `minimum`, {minimum}. Received: maximum={maximum}"
            )
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 2:
            raise ValueError(f"`steps` must be a number of batches, 2 or more. Received: steps={steps!r}")
        if not 0 <= smoothing < 1:
            raise ValueError(f"`smoothing` must be 0 or more and less than 1. Received: smoothing={smoothing}")
        if not 1 < divergence < math.inf:
            raise ValueError(f"`divergence` must be a finite number, more than 1. Received: divergence={divergence}")
        self.minimum = minimum
        self.maximum = maximum
        self.steps = steps
        self.smoothing = smoothing
        self.divergence = divergence
        self.rates: list[float] = []
        self.losses: list[float] = []
        self.smoothed: list[float] = []
        self._kept: tuple[list[Any], list[Any]] | None = None
        self._planned = 0
        self._rate = 0.0

    def on_train_begin(self, logs: Any = None) -> None:
        """Keeps all that the test will change."""
        self.restore()
        self.rates, self.losses, self.smoothed, self._planned = [], [], [], 0
        model = self.model
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        found = [*optimizers(model).values()]
        variables = [*model.variables, *(v for each in (model.optimizer, *found) for v in each.variables)]
        distinct = {id(variable): variable for variable in variables}.values()
        sources = [(each, rate_source(each)) for each in found if callable(rate_source(each))]
        self._kept = [(each, np.array(ops.convert_to_numpy(each))) for each in distinct], sources

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """At the first epoch, lays the rates out over the batches that there will be."""
        if self._kept is None or self._planned:
            return
        model, batches = self.model, self.params.get("steps")
        each = model.steps_per_execution
        coming = self.steps if not batches else math.ceil(batches / each) * (self.params["epochs"] - epoch)
        self._planned = max(min(self.steps, coming), 2)
        for optimizer, _ in self._kept[1]:  # a schedule is built into the compiled step
            last = (self._planned - 1) * each
            first = updates(optimizer) * (optimizer.gradient_accumulation_steps or 1)
            optimizer.learning_rate = RangeSchedule(self.minimum, self.maximum, first, last)
        if self._kept[1]:
            model.make_train_function(force=True)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Sets the rate, and makes the loss in the logs that of this batch alone."""
        if self._kept is None:
            return
        model = self.model
        model.reset_metrics()
        found = [*optimizers(model).values()]
        scheduled = [optimizer for optimizer, _ in self._kept[1]]
        for optimizer in found:
            if optimizer not in scheduled:
                part = len(self.rates) / (self._planned - 1)
                optimizer.learning_rate = self.minimum * (self.maximum / self.minimum) ** part
        self._rate = current_rate(found[0])

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Notes the loss, and ends the test when its time has come."""
        if self._kept is None:
            return
        if not logs or "loss" not in logs:
            raise ValueError(f"The logs of a batch must have a 'loss'. Received: {sorted(logs or {})}")
        loss = float(ops.convert_to_numpy(logs["loss"]))
        diverged = not math.isfinite(loss)
        if not diverged:
            self.rates.append(self._rate)
            diverged = self._note(loss)
        if diverged or len(self.rates) == self._planned:
            self.restore()
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        """Undoes the training, if the fit has ended before the test."""
        self.restore()

    def restore(self) -> None:
        """Undoes what the test has changed; a second call does nothing."""
        if self._kept is None:
            return
        (variables, sources), self._kept = self._kept, None
        model = self.model
        for optimizer, source in sources:
            optimizer.learning_rate = source
        if sources:
            model.make_train_function(force=True)
        for variable, value in variables:
            variable.assign(value)

    def suggestion(self, rule: str = "steepest") -> float:
        r"""A rate to train with.

        Args:
            rule: `"steepest"` for the rate around which, over a tenth of the test, the smoothed loss
                falls fastest with :math:`\log \eta`, past the first tenth and before the minimum;
                `"minimum"` for a tenth of the rate where it is least, which bears more noise.

        Raises:
            ValueError: If there is no such rule, or if the loss has not fallen.
        """
        return suggested(self.rates, self.smoothed, rule)

    def plot(self, ax: Any = None) -> Any:
        """Draws the losses over the rates, with the suggestion if there is one, and returns the axes of matplotlib.

        Args:
            ax: The axes to draw into; new ones unless given.

        Raises:
            ImportError: If matplotlib is not installed.
        """
        return drawn(self.rates, self.losses, self.smoothed, ax)

    def get_state(self) -> dict[str, Any]:
        """What the last test has found."""
        return {"rates": list(self.rates), "losses": list(self.losses), "smoothed": list(self.smoothed)}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Brings the result of a test back, to draw it; the next fit tests anew."""
        self.rates, self.losses = list(state["rates"]), list(state["losses"])
        self.smoothed = list(state["smoothed"])

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {name: getattr(self, name) for name in self.alternatives}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "LearningRateFinder":
        """A callback with these arguments."""
        return cls(**config)

    def _note(self, loss: float) -> bool:
        """Adds a loss; whether it is too large."""
        count, beta = len(self.losses), self.smoothing
        mean = self.smoothed[-1] * (1 - beta**count) if count else 0.0
        self.losses.append(loss)
        self.smoothed.append((beta * mean + (1 - beta) * loss) / (1 - beta ** (count + 1)))
        best = min(self.smoothed)
        return count >= self._planned / 10 and self.smoothed[-1] > best + (self.divergence - 1) * abs(best)
