"""How far a training is, to look at."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from rich.console import Console

from kerasplus.callbacks._progress_rows import ProgressRows, shown

_EPOCHS, _BATCHES, _TEST, _PREDICT = "epochs", "batches", "test", "predict"


@keras.saving.register_keras_serializable(package="kerasplus")
class ProgressBar(keras.callbacks.ProgbarLogger):
    """During training, evaluation and prediction, shows bars for epochs and batches, with the time that is left.

    It takes the place of Keras' own bar, whatever `verbose` of `fit`, `evaluate` or `predict` is. One
    bar is for all epochs, one for the batches of this epoch with its metrics, and one for its
    validation. The line of an epoch that is over stays above them. Where the number of batches is
    unknown, the first epoch tells it.

    What others print appears above the bars, and an exception leaves a terminal as it should be.
    Where there is no terminal, as in a file or a notebook, each epoch is one line. Put it last in the
    list of callbacks, to show what others add to the logs.

    Args:
        verbose: 0 for nothing, 1 for bars in a terminal and lines elsewhere, 2 for a line for each epoch.
        metrics: The names in the logs to show, `val_loss` as one of its own, or None for all.
        keep_epochs: Whether the line of an epoch stays where there are bars.
        updates_per_second: How often the bars are drawn at most, more than 0.

    The attribute `console` may be set to a `rich.console.Console` to write to; None is for standard output.

    Raises:
        ValueError: If an argument cannot be used.

    Examples:
        >>> import keras, numpy as np
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
        >>> model.compile(keras.optimizers.SGD(0.0), "mse")
        >>> bar = ProgressBar(verbose=2)
        >>> history = model.fit(np.ones((8, 1)), 2 * np.ones(8), batch_size=4, callbacks=[bar])  # doctest: +ELLIPSIS
        Epoch 1/1  2/2  0:0...  loss: 4

    References:
        `TensorFlow Addons: TQDMProgressBar
        <https://www.tensorflow.org/addons/api_docs/python/tfa/callbacks/TQDMProgressBar>`_,
        `rich: Progress Display <https://rich.readthedocs.io/en/stable/progress.html>`_
    """

    alternatives = {"verbose": 2, "metrics": ["loss", "val_loss"], "keep_epochs": False, "updates_per_second": 1000.0}
    async_safe = True

    def __init__(
        self,
        verbose: int = 1,
        metrics: Sequence[str] | None = None,
        keep_epochs: bool = True,
        updates_per_second: float = 10.0,
    ) -> None:
        super().__init__()
        if isinstance(verbose, bool) or verbose not in (0, 1, 2):
            raise ValueError(f"`verbose` must be 0, 1 or 2. Received: verbose={verbose!r}")
        if isinstance(metrics, str):
            raise ValueError(f"`metrics` must be a list of names or None. Received: metrics={metrics!r}")
        if not isinstance(keep_epochs, bool):
            raise ValueError(f"`keep_epochs` must be True or False. Received: keep_epochs={keep_epochs!r}")
        if not updates_per_second > 0:
            raise ValueError(f"`updates_per_second` must be more than 0. Received: {updates_per_second}")
        self.verbose = verbose
        self.metrics = None if metrics is None else list(metrics)
        self.keep_epochs = keep_epochs
        self.updates_per_second = updates_per_second
        self.console: Console | None = None
        self._rows: ProgressRows | None = None
        self._in_fit = self._lines_only = False
        self._epochs = self._epoch = 0
        self._lengths: dict[str, int | None] = {}

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Takes the numbers of epochs and steps; `verbose` is this callback's own."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Takes the model, and takes away what an interrupted loop has left."""
        super().set_model(model)
        self._in_fit = False
        self._close()

    def on_train_begin(self, logs: Any = None) -> None:
        """Notes how long it will be."""
        self._in_fit = True
        self._epochs, self._lengths = self.params["epochs"], {_BATCHES: self.params["steps"], _TEST: None}

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Starts the bar of the epoch, and that of all epochs."""
        self._in_fit, self._epoch = True, epoch
        if self._rows is None and self._epochs > 1:
            self._display().start(_EPOCHS, "All", self._epochs, epoch)
        self._display().start(_BATCHES, f"Epoch {epoch + 1}/{self._epochs}", self._lengths[_BATCHES])

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Nothing."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Shows the batch."""
        if self._rows is not None:
            self._rows.advance(_BATCHES, batch + 1, shown(logs or {}, self.metrics))
            length = self._lengths.get(_BATCHES)
            self._rows.advance(_EPOCHS, self._epoch, part=(batch + 1) / length if length else 0.0)

    def on_test_begin(self, logs: Any = None) -> None:
        """Starts the bar of validation, or of an evaluation."""
        if self._in_fit:
            self._display().start(_TEST, "Validation", self._lengths[_TEST])
        else:
            self._display().start(_TEST, "Evaluation", self.params["steps"])

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Shows the batch."""
        if self._rows is not None:
            self._rows.advance(_TEST, batch + 1, shown(logs or {}, self.metrics))

    def on_test_end(self, logs: Any = None) -> None:
        """Takes the bar away; an evaluation leaves its line."""
        if self._rows is not None:
            stays = not self._in_fit
            self._lengths[_TEST] = self._rows.end(_TEST, shown(logs or {}, self.metrics), stays)
            if stays:
                self._close()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Leaves the line of the epoch."""
        if self._rows is not None:
            stays = self._lines_only or self.keep_epochs
            done = self._rows.end(_BATCHES, shown(logs or {}, self.metrics), stays)
            self._lengths[_BATCHES] = self._lengths.get(_BATCHES) or done
            self._rows.advance(_EPOCHS, epoch + 1)

    def on_train_end(self, logs: Any = None) -> None:
        """Takes the bars away."""
        self._in_fit = False
        self._close()

    def on_predict_begin(self, logs: Any = None) -> None:
        """Starts the bar of a prediction."""
        self._display().start(_PREDICT, "Prediction", self.params["steps"])

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Shows the batch."""
        if self._rows is not None:
            self._rows.advance(_PREDICT, batch + 1)

    def on_predict_end(self, logs: Any = None) -> None:
        """Leaves the line of the prediction."""
        if self._rows is not None:
            self._rows.end(_PREDICT, stays=True)
            if not self._in_fit:
                self._close()

    def get_state(self) -> dict[str, Any]:
        """Nothing: what is shown is shown."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Nothing, likewise."""

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {name: getattr(self, name) for name in self.alternatives}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "ProgressBar":
        """A bar with these arguments."""
        return cls(**config)

    def _display(self) -> ProgressRows:
        if self._rows is None:
            console = self.console or Console(file=sys.stdout, force_jupyter=False)
            console = Console(quiet=True) if self.verbose == 0 else console
            live = self.verbose == 1 and console.is_terminal and not console.is_dumb_terminal
            self._lines_only = not live
            self._rows = ProgressRows(console, live, self.updates_per_second)
        return self._rows

    def _close(self) -> None:
        rows, self._rows = self._rows, None
        if rows is not None:
            rows.close()
