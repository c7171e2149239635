"""Curves of training and validation, per batch and per epoch, each decided by itself."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from keras import ops

from kerasplus.callbacks._tensorboard import summaries
from kerasplus.callbacks._tensorboard.rates import Rates, rates_now
from kerasplus.callbacks._tensorboard.scalars import named_numbers
from kerasplus.callbacks._tensorboard.writer import EventWriter

Frequency = int | str


class Curves:
    """Writes logs against the number of updates that the optimizer has made.

    Args:
        train: The run of the training curves.
        validation: The run of the validation curves.
        validation_batches: The run of the batches of validation, whose steps are another count.
        update_freq: `"epoch"`, or every how many updates the batches of training are written.
        validation_update_freq: Likewise for the batches of validation and evaluation.
        class_names: Names for the entries of vector results.
        steps_per_second: Whether the speed is a curve too.
    """

    def __init__(
        self,
        train: EventWriter,
        validation: EventWriter,
        validation_batches: EventWriter,
        update_freq: Frequency,
        validation_update_freq: Frequency,
        class_names: Sequence[str] | None,
        steps_per_second: bool,
    ) -> None:
        self._train, self._validation, self._validation_batches = train, validation, validation_batches
        self._update_freq, self._validation_update_freq = update_freq, validation_update_freq
        self._class_names = class_names
        self._steps_per_second = steps_per_second
        self._rates = Rates()
        self._epoch_start = (0, 0.0)
        self._batch_start = 0.0
        self._last_written = 0
        self._batch_rates: dict[str, float] = {}
        self.batches_per_epoch: int | None = None
        self.resumed = False
        self.step = 0
        self.validation_batches = 0

    def synchronize(self, model: Any) -> int:
        """Takes the step from the optimizer; a model that has none goes on from where it was."""
        iterations = getattr(getattr(model, "optimizer", None), "iterations", None)
        if iterations is not None:
            self.step = int(ops.convert_to_numpy(iterations))
        return self.step

    def epoch_begin(self, model: Any) -> None:
        """Notes where the epoch starts."""
        self.synchronize(model)
        if self.resumed:
            # What the killed run wrote after the point that is resumed from is written once more.
            self.resumed = False
            self._train.restart(self.step + 1)
            self._validation.restart(self.step + 1)
            if self._validation_update_freq != "epoch":
                self._validation_batches.restart(self.validation_batches + 1)
        self._last_written = self.step
        self._epoch_start = (self.step, time.perf_counter())
        if self._update_freq != "epoch":
            self._rates.start(model)

    def batch_begin(self, batch: int) -> None:
        """Notes the rates and the time before a batch, if batches are written."""
        if self._update_freq != "epoch":
            self._batch_rates = self._rates.before_batch(self._epoch_start[0] + batch)
            self._batch_start = time.perf_counter()

    def batch_end(self, batch: int, logs: Mapping[str, Any] | None) -> None:
        """Writes a batch of training, if its turn has come."""
        first, _ = self._epoch_start
        done = min(batch + 1, self.batches_per_epoch or batch + 1)  # the last execution may be a short one
        previous, self.step = self.step, first + done
        if self._due(self._update_freq, self.step, self._last_written):
            self._last_written = self.step
            speed = {}
            if self._steps_per_second:
                elapsed = time.perf_counter() - self._batch_start
                speed["steps_per_second"] = (self.step - previous) / max(elapsed, 1e-9)
            self._write(self._train, "batch_", {**self._batch_rates, **(logs or {}), **speed}, self.step)

    def validation_batch_end(self, logs: Mapping[str, Any] | None) -> None:
        """Writes a batch of validation against the number of such batches so far, if its turn has come."""
        self.validation_batches += 1
        if self._due(self._validation_update_freq, self.validation_batches, self.validation_batches - 1):
            self._write(self._validation_batches, "batch_", logs or {}, self.validation_batches)

    def evaluation_end(self, model: Any, logs: Mapping[str, Any] | None) -> None:
        """Writes the results of a validation or an evaluation."""
        named = {f"{name}_vs_iterations": value for name, value in (logs or {}).items()}
        self._write(self._validation, "evaluation_", named, self.synchronize(model))

    def epoch_end(self, model: Any, logs: Mapping[str, Any] | None) -> None:
        """Writes the results of an epoch and the learning rates."""
        logs = logs or {}
        step = self.synchronize(model)
        train = {name: value for name, value in logs.items() if not name.startswith("val_")}
        validation = {name.removeprefix("val_"): value for name, value in logs.items() if name.startswith("val_")}
        train = {**rates_now(model), **train}
        if self._steps_per_second:
            first, started = self._epoch_start
            train["steps_per_second"] = (step - first) / max(time.perf_counter() - started, 1e-9)
        self._write(self._train, "epoch_", train, step)
        self._write(self._validation, "epoch_", validation, step)

    @staticmethod
    def _due(frequency: Frequency, step: int, previous: int) -> bool:
        return not isinstance(frequency, str) and step // frequency > previous // frequency

    def _write(self, writer: EventWriter, prefix: str, logs: Mapping[str, Any], step: int) -> None:
        values: Iterable[Any] = [
            summaries.scalar(prefix + name, number) for name, number in named_numbers(logs, self._class_names)
        ]
        if values:
            writer.write(values, step)
