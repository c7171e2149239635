"""TensorBoard as it should be: every curve at every frequency, on any backend."""

from typing import Any

import keras

from kerasplus.callbacks._tensorboard.checks import check_frequency, check_tensorboard, check_update_frequency
from kerasplus.callbacks._tensorboard.curves import Curves
from kerasplus.callbacks._tensorboard.writer import EventWriter, check_log_dir


@keras.saving.register_keras_serializable(package="kerasplus")
class TensorBoardLogger(keras.callbacks.TensorBoard):
    """Writes TensorBoard logs at the end of batches and epochs as asked, a `keras.callbacks.TensorBoard`.

    The tags are those of Keras' callback: `epoch_*` and `batch_*` in the runs `train` and `validation`,
    and `evaluation_*_vs_iterations`. The step of every curve is the number of updates that the
    optimizer has made, so that resumed and repeated fits go on where the last one ended. Curves of
    epochs, of validation and of the learning rate, a schedule or a number, are written whatever
    `update_freq` is. Put it last in the list of callbacks: what others add to the logs is seen
    only by those after them.

    Args:
        log_dir: The folder of the logs.
        histogram_freq: Every how many epochs histograms are written, 0 for never.
        write_graph: Whether to write the graph of the model.
        write_images: Whether to show weights as images.
        write_steps_per_second: Whether to write the speed of training.
        update_freq: `"epoch"`, `"batch"`, or every how many batches curves of training are written.
        profile_batch: The batch or the two ends of the range of batches to profile, 0 for none.
        embeddings_freq: Every how many epochs embeddings are written for the projector, 0 for never.
        embeddings_metadata: Labels of embeddings.
        validation_update_freq: As `update_freq`, for the batches of validation.
        class_names: Names of the classes, for results that are vectors.

    Raises:
        ImportError: If tensorboard is not installed.
        ValueError: If an argument cannot be used.

    Examples:
        >>> logger = TensorBoardLogger("logs", update_freq="batch")
        >>> logger.get_config()["update_freq"]
        1

    References:
        `TensorBoard <https://www.tensorflow.org/tensorboard>`_
    """

    def __init__(
        self,
        log_dir: str = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: int | str = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
        validation_update_freq: int | str = "epoch",
        class_names: Any = None,
    ) -> None:
        check_tensorboard()
        check_log_dir(str(log_dir))
        check_frequency("histogram_freq", histogram_freq)
        check_frequency("embeddings_freq", embeddings_freq)
        check_update_frequency("update_freq", update_freq)
        check_update_frequency("validation_update_freq", validation_update_freq)
        super().__init__(
            log_dir=log_dir,
            histogram_freq=histogram_freq,
            write_graph=write_graph,
            write_images=write_images,
            write_steps_per_second=write_steps_per_second,
            update_freq=update_freq,
            profile_batch=profile_batch,
            embeddings_freq=embeddings_freq,
            embeddings_metadata=embeddings_metadata,
        )
        self.profile_batch = profile_batch
        self.validation_update_freq = 1 if validation_update_freq == "batch" else validation_update_freq
        self.class_names = None if class_names is None else list(class_names)
        self._train_dir = f"{self.log_dir}/train"
        self._val_dir = f"{self.log_dir}/validation"
        self._train_run = EventWriter(self._train_dir)
        self._validation_run = EventWriter(self._val_dir)
        self._curves = Curves(
            self._train_run,
            self._validation_run,
            self.update_freq,
            self.validation_update_freq,
            self.class_names,
            write_steps_per_second,
        )
        self._in_fit = False

    @property
    def async_safe(self) -> bool:
        """Whether Keras may go on with the next batch meanwhile: if no batch is written."""
        return self.update_freq == self.validation_update_freq == "epoch" and not self._should_trace

    def set_model(self, model: Any) -> None:
        """Takes the model, and closes what an interrupted fit left open."""
        self._model = model
        self._in_fit = False
        self._finish()

    def on_train_begin(self, logs: Any = None) -> None:
        """Starts a run, or goes on with it."""
        self._in_fit = True
        self._global_train_batch = 0
        self._curves.synchronize(self.model)
        self._curves.batches_per_epoch = (self.params or {}).get("steps")

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Notes the step that the epoch starts at."""
        self._curves.epoch_begin(self.model)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Notes the learning rate and starts the profiler when its batch has come."""
        self._global_train_batch += 1
        if self._should_trace and self._global_train_batch == self._start_batch:
            self._start_profiler(logdir=self._train_dir)
        self._curves.batch_begin(batch)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Writes the curves of the batch, if its turn has come."""
        self._curves.batch_end(batch, logs)
        if self._profiler_started and self._global_train_batch >= self._stop_batch:
            self._stop_profiler()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Writes the curves of the epoch."""
        self._curves.epoch_end(self.model, logs)

    def on_train_end(self, logs: Any = None) -> None:
        """Closes the files."""
        self._in_fit = False
        self._finish()

    def on_test_begin(self, logs: Any = None) -> None:
        """Nothing; it is not Keras' way of writing."""

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Nothing; it is not Keras' way of writing."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Writes the curves of a batch of validation, if its turn has come."""
        self._curves.validation_batch_end(logs)

    def on_test_end(self, logs: Any = None) -> None:
        """Writes the results of a validation or an evaluation."""
        self._curves.evaluation_end(self.model, logs)
        if not self._in_fit:
            self._finish()

    def get_state(self) -> dict[str, Any]:
        """What a resumed run needs to go on with the same curves."""
        return {"step": self._curves.step, "validation_batches": self._curves.validation_batches}

    def set_state(self, state: dict[str, Any]) -> None:
        """Goes on where `get_state` was taken."""
        self._curves.step = state["step"]
        self._curves.validation_batches = state["validation_batches"]

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            "log_dir": self.log_dir,
            "histogram_freq": self.histogram_freq,
            "write_graph": self.write_graph,
            "write_images": self.write_images,
            "write_steps_per_second": self.write_steps_per_second,
            "update_freq": self.update_freq,
            "profile_batch": self.profile_batch,
            "embeddings_freq": self.embeddings_freq,
            "embeddings_metadata": self.embeddings_metadata,
            "validation_update_freq": self.validation_update_freq,
            "class_names": self.class_names,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "TensorBoardLogger":
        """A logger with these arguments."""
        return cls(**config)

    def _finish(self) -> None:
        if self._profiler_started:
            self._stop_profiler()
        self._train_run.close()
        self._validation_run.close()
