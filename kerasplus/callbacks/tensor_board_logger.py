"""TensorBoard as it should be: every curve, histograms, pictures and a projector that works, on any backend."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from kerasplus.callbacks._tensorboard import graphs, summaries, texts
from kerasplus.callbacks._tensorboard.curves import Curves
from kerasplus.callbacks._tensorboard.options import check_tensorboard, inputs_and_targets, resolved
from kerasplus.callbacks._tensorboard.plan import planned_parts
from kerasplus.callbacks._tensorboard.writer import EventWriter, check_log_dir


@keras.saving.register_keras_serializable(package="kerasplus")
class TensorBoardLogger(keras.callbacks.TensorBoard):
    """Writes TensorBoard logs during training, at the batches and epochs asked for: a `keras.callbacks.TensorBoard`.

    The tags are those of Keras' callback: `epoch_*` and `batch_*` in the runs `train` and `validation`,
    and `evaluation_*_vs_iterations`. The step of everything is the number of updates that the
    optimizer has made, so that resumed and repeated fits go on where the last one ended. Curves of
    epochs, of validation and of the learning rate, be it a schedule or a number, are written
    whatever `update_freq` is. Put it last in the list of callbacks: what others add to the logs is
    seen only by those after them.

    What is None is as the preset has it: `"curves"` writes the curves of epochs and nothing else;
    `"standard"` also the graph, the summary and configuration of the model and its hyperparameters,
    once; `"full"` everything below that the data allow, at every batch and epoch.

    Args:
        log_dir: The folder of the logs.
        histogram_freq: Every how many epochs histograms are written, of all weights and of what
            `activation_layers` and `write_gradients` ask for; 0 for never.
        write_graph: Whether to write the layers of the model and, on TensorFlow, its operations.
        write_images: Whether to show weights as images, as often as histograms, or every epoch.
        write_steps_per_second: Whether the speed of training is a curve.
        update_freq: `"epoch"`, `"batch"`, or every how many batches curves of training are written too.
        profile_batch: The batch, or the two ends of the range of batches, to profile; 0 for none.
        embeddings_freq: Every how many epochs the matrix of every Embedding layer and the outputs of
            `embedding_layers` are written for the projector, 0 for never.
        embeddings_metadata: Labels for the projector: the path of a TSV file for every Embedding
            layer, or by the name of a layer a path or a list with a label for each row.
        preset: `"curves"`, `"standard"` or `"full"`.
        validation_update_freq: As `update_freq`, for the batches of validation. They are a run of their
            own, `validation_batches`, whose step is the number of such batches.
        data: A fixed set of samples, inputs alone or a pair `(x, y)`, for what follows.
        activation_layers: Names of layers whose outputs on `data` get histograms, or `"all"`.
        write_gradients: Whether the gradients on `data` get histograms, and their norm a curve.
        embedding_layers: Names of layers whose outputs on `data` are points in the projector, labelled
            by the targets and shown as images where the inputs are some.
        embeddings_sprites: Images for the rows of Embedding layers, by the name of the layer.
        prediction_freq: Every how many epochs a classifier's predictions on `data` are written: a
            confusion matrix, the misclassified images and precision-recall curves; 0 for never.
        class_names: Names of the classes, also for the curves of results that are vectors.
        image_shape: What each input is as an image, `(height, width)` or `(height, width, channels)`,
            if inputs are flat.
        write_text: Whether to write the summary and the configuration of the model as text.
        write_hparams: Whether to write hyperparameters for the comparison of runs.
        hparams: More of them, by name; numbers, booleans or strings.

    Raises:
        ImportError: If tensorboard is not installed.
        ValueError: If an argument cannot be used; at the start of training, if the model has no layer
            of a name.

    Examples:
        >>> logger = TensorBoardLogger("logs", update_freq="batch")
        >>> logger.update_freq, logger.write_graph, logger.histogram_freq
        (1, True, 0)

    References:
        `TensorBoard <https://www.tensorflow.org/tensorboard>`_
    """

    alternatives = {
        "log_dir": "elsewhere",
        "histogram_freq": 2,
        "write_graph": False,
        "write_images": True,
        "write_steps_per_second": True,
        "update_freq": 5,
        "profile_batch": 0,
        "embeddings_freq": 3,
        "embeddings_metadata": "labels.tsv",
        "preset": "curves",
        "validation_update_freq": 7,
        "data": ([[1.0]], [0]),
        "activation_layers": (),
        "write_gradients": False,
        "embedding_layers": (),
        "embeddings_sprites": {},
        "prediction_freq": 0,
        "class_names": ["cat", "dog"],
        "image_shape": (1, 1),
        "write_text": False,
        "write_hparams": False,
        "hparams": {"depth": 3},
    }

    def __init__(
        self,
        log_dir: str = "logs",
        histogram_freq: int | None = None,
        write_graph: bool | None = None,
        write_images: bool | None = None,
        write_steps_per_second: bool | None = None,
        update_freq: int | str | None = None,
        profile_batch: Any = 0,
        embeddings_freq: int | None = None,
        embeddings_metadata: str | Mapping[str, Any] | None = None,
        *,
        preset: str = "standard",
        validation_update_freq: int | str | None = None,
        data: Any = None,
        activation_layers: Sequence[str] | str | None = None,
        write_gradients: bool | None = None,
        embedding_layers: Sequence[str] = (),
        embeddings_sprites: Mapping[str, Any] | None = None,
        prediction_freq: int | None = None,
        class_names: Sequence[str] | None = None,
        image_shape: Sequence[int] | None = None,
        write_text: bool | None = None,
        write_hparams: bool | None = None,
        hparams: Mapping[str, Any] | None = None,
    ) -> None:
        check_tensorboard()
        check_log_dir(str(log_dir))
        x, y = inputs_and_targets(data)
        options = resolved(
            preset,
            x,
            y,
            {
                "histogram_freq": histogram_freq,
                "write_graph": write_graph,
                "write_images": write_images,
                "write_steps_per_second": write_steps_per_second,
                "update_freq": update_freq,
                "embeddings_freq": embeddings_freq,
                "validation_update_freq": validation_update_freq,
                "activation_layers": activation_layers,
                "write_gradients": write_gradients,
                "embedding_layers": embedding_layers,
                "prediction_freq": prediction_freq,
                "write_text": write_text,
                "write_hparams": write_hparams,
            },
        )
        super().__init__(log_dir=str(log_dir), profile_batch=profile_batch)
        for name, value in options.items():
            setattr(self, name, value)
        self.embeddings_metadata = embeddings_metadata
        self.profile_batch = profile_batch
        self.preset = preset
        self.data = data
        self.embeddings_sprites = embeddings_sprites
        self.class_names = None if class_names is None else list(class_names)
        self.image_shape = None if image_shape is None else list(image_shape)
        self.hparams = None if hparams is None else dict(hparams)
        self._root, self._train, self._validation, self._validation_batches = (
            EventWriter(self.log_dir + run) for run in ("", "/train", "/validation", "/validation_batches")
        )
        self._curves = Curves(
            self._train,
            self._validation,
            self._validation_batches,
            self.update_freq,
            self.validation_update_freq,
            self.class_names,
            self.write_steps_per_second,
        )
        self._parts = planned_parts(self, x, y)
        self._in_fit = False

    @property
    def async_safe(self) -> bool:
        """Whether Keras may go on with the next batch meanwhile: if no batch is written."""
        return self.update_freq == self.validation_update_freq == "epoch" and not self._should_trace

    def set_model(self, model: Any) -> None:
        """Takes the model, and closes what an interrupted fit left open."""
        self._model = model
        self._in_fit = False
        self._close()

    def on_train_begin(self, logs: Any = None) -> None:
        """Writes what is known before training, and raises if the options do not fit the model."""
        model, params = self.model, self.params or {}
        for part in self._parts:
            part.check(model)
        self._in_fit, self._global_train_batch = True, 0
        step = self._curves.synchronize(model)
        self._curves.batches_per_epoch = params.get("steps")
        if self.write_graph:
            graphs.write_layers(model, self._train)
            graphs.write_operations(model, self._train)
        if self.write_text:
            self._train.write(texts.texts(model, params), step)
        if self.write_hparams:
            found = texts.hyperparameters(model, params, self.hparams or {})
            self._root.write([summaries.session_start(found, time.time())], step)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Notes the step that the epoch starts at."""
        self._curves.epoch_begin(self.model)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Notes the learning rate, and starts the profiler when its batch has come."""
        self._global_train_batch += 1
        if self._should_trace and self._global_train_batch == self._start_batch:
            self._start_profiler(logdir=f"{self.log_dir}/train")
        self._curves.batch_begin(batch)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Writes the curves of the batch, if its turn has come."""
        self._curves.batch_end(batch, logs)
        if self._profiler_started and self._global_train_batch >= self._stop_batch:
            self._stop_profiler()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Writes the curves of the epoch, and whatever else is due."""
        model = self.model
        self._curves.epoch_end(model, logs)
        step = self._curves.step
        for part in self._parts:
            if part.due(epoch):
                self._train.write(part.values(model, step), step)

    def on_train_end(self, logs: Any = None) -> None:
        """Closes the files."""
        if self.write_hparams:
            self._root.write([summaries.session_end(time.time())], self._curves.step)
        self._in_fit = False
        self._close()

    def on_test_begin(self, logs: Any = None) -> None:
        """Nothing; this is not Keras' way of writing."""

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Nothing; this is not Keras' way of writing."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Writes the curves of a batch of validation, if its turn has come."""
        self._curves.validation_batch_end(logs)

    def on_test_end(self, logs: Any = None) -> None:
        """Writes the results of a validation or an evaluation."""
        self._curves.evaluation_end(self.model, logs)
        if not self._in_fit:
            self._close()

    def get_state(self) -> dict[str, Any]:
        """What a resumed run needs to go on with the same curves."""
        return {"step": self._curves.step, "validation_batches": self._curves.validation_batches}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on where `get_state` was taken."""
        self._curves.step = state["step"]
        self._curves.validation_batches = state["validation_batches"]
        self.void_later_steps()

    def void_later_steps(self) -> None:
        """Makes the next fit declare what the folder holds for later steps, of a killed run, as void."""
        self._curves.resumed = True

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments; arrays in Keras' form for configurations."""
        config = {name: getattr(self, name) for name in self.alternatives}
        if self.data is not None:
            config["data"] = list(inputs_and_targets(self.data))
        return {name: keras.saving.serialize_keras_object(value) for name, value in config.items()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "TensorBoardLogger":
        """A logger with these arguments."""
        arguments = {name: keras.saving.deserialize_keras_object(value) for name, value in config.items()}
        if arguments.get("data") is not None:
            arguments["data"] = tuple(arguments["data"])
        return cls(**arguments)

    def _close(self) -> None:
        if self._profiler_started:
            self._stop_profiler()
        for writer in (self._root, self._train, self._validation, self._validation_batches):
            writer.close()
