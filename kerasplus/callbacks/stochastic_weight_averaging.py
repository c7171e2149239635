"""A model whose weights are the mean of those at the ends of many epochs."""

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from kerasplus.callbacks._arrays import arrays
from kerasplus.callbacks._batch_statistics import batch_normalizations, refresh
from kerasplus.callbacks._held_weights import assign, held


@keras.saving.register_keras_serializable(package="kerasplus")
class StochasticWeightAveraging(keras.callbacks.Callback):
    r"""At the ends of epochs, averages the weights; at the end of training, gives the model the average.

    From epoch :math:`e_0` on, every :math:`c` epochs, the weights :math:`w_e` count, and in the end

    .. math:: w = \frac{1}{n} \sum_{i < n} w_{e_0 + i c}

    which is kept as a running mean in float64. Training itself goes on as without the callback. The
    moving statistics of batch normalizations fit none of the averaged weights, so they are computed
    anew: `data` passes through the averaged model in training mode, and each layer gets the mean and
    variance of its inputs over all batches, whatever its momentum. A batch normalization that is
    frozen keeps its statistics.

    Averaged is what is trainable at the first of those epochs. Everything else stays as the last epoch
    left it: frozen weights, counters, states of random generators, other moving averages.

    Only after `fit` the model is the averaged one. Validation and the files of `ModelCheckpoint` are
    those of the weights as they are trained, so evaluate and save it yourself. Of callbacks that set
    weights at the end the last one wins: put this one after an `EarlyStopping` with
    `restore_best_weights=True`, which otherwise undoes the average, or do without that option.

    Args:
        start_epoch: The first epoch :math:`e_0` that counts, from 0 as in `initial_epoch`.
        every: Every how many epochs :math:`c` the weights count, 1 or more.
        data: The inputs for batch normalizations, without targets: an array, or a list or dict of
            them; or batches as for `fit`, in a `tf.data.Dataset`, a `PyDataset` or a `DataLoader`
            that ends. None if there is no batch normalization.
        batch_size: How many samples of arrays pass through at once, 1 or more; best as in training.

    Raises:
        ValueError: If an argument cannot be used; when training begins or an average is set, if there is
            a batch normalization to be trained and no `data`; of `get_config`, if `data` are no arrays.

    Examples:
        >>> import keras, numpy as np
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
        >>> model.compile("sgd", "mse")
        >>> kernels = []
        >>> note = keras.callbacks.LambdaCallback(
        ...     on_epoch_end=lambda epoch, logs: kernels.append(model.get_weights()[0].item())
        ... )
        >>> callbacks = [StochasticWeightAveraging(start_epoch=2), note]
        >>> history = model.fit(np.ones((4, 1)), np.ones(4), epochs=4, verbose=0, callbacks=callbacks)
        >>> bool(np.isclose(model.get_weights()[0].item(), (kernels[2] + kernels[3]) / 2))
        True

    References:
        `Izmailov et al. 2018, Averaging Weights Leads to Wider Optima and Better Generalization
        <https://arxiv.org/abs/1803.05407>`_
    """

    alternatives = {"start_epoch": 1, "every": 2, "data": [[1.0, 2.0], [3.0, 4.0]], "batch_size": 1}
    changes_training = True

    def __init__(self, start_epoch: int, every: int = 1, data: Any = None, batch_size: int = 32) -> None:
        super().__init__()
        for name, value, least in (("start_epoch", start_epoch, 0), ("every", every, 1), ("batch_size", batch_size, 1)):
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"`{name}` must be a whole number, {least} or more. Received: {name}={value!r}")
        if hasattr(data, "__next__"):
            raise ValueError(f"`data` must be readable more than once. Received: data of {type(data).__name__}")
        self.start_epoch = start_epoch
        self.every = every
        self.data = data if data is None or _in_batches(data) else arrays(data)
        self.batch_size = batch_size
        self.count = 0
        self._means: list[np.ndarray] = []
        self._variables: list[Any] = []
        self._restored = self._begun = False

    def on_train_begin(self, logs: Any = None) -> None:
        """Looks for batch normalizations; starts anew, unless a state has been set."""
        self._check_data()
        self._begun, self._variables = False, []
        if not self._restored:
            self.count, self._means = 0, []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """A state that was set is in use from here on."""
        self._begun, self._restored = True, False

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Adds the weights to the mean, if it is their turn."""
        if epoch < self.start_epoch or (epoch - self.start_epoch) % self.every:
            return
        self._variables = self._variables or list(self.model.trainable_variables)
        now = [array.astype("float64") for array in held(self._variables)]
        self.count += 1
        means = self._means or [np.zeros_like(array) for array in now]
        self._means = [mean + (w - mean) / self.count for mean, w in zip(means, now, strict=True)]

    def on_train_end(self, logs: Any = None) -> None:
        """Sets the averaged weights, and the statistics of batch normalizations that go with them."""
        self._restored = False
        if self.count:
            self._check_data()
            assign(self._variables or self.model.trainable_variables, self._means)
            if batch_normalizations(self.model):
                refresh(self.model, _batches(self.data, self.batch_size))
        elif self._begun:
            warnings.warn(
                f"`StochasticWeightAveraging` averaged nothing, because the training ended before the end of epoch "
                f"{self.start_epoch}, counted from 0. The weights are the last ones.",
                stacklevel=2,
            )
        self._variables = []

    def get_state(self) -> dict[str, Any]:
        """How many epochs have counted, and the means of their weights, which are arrays."""
        return {"count": self.count, "means": list(self._means)}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on where `get_state` was taken, in the fit that follows or that has just begun."""
        self.count = state["count"]
        self._means = [np.asarray(mean, "float64") for mean in state["means"]]
        self._restored = True

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments; arrays in Keras' form for configurations."""
        if _in_batches(self.data):
            raise ValueError(f"Only arrays can be in a configuration. Received: data of {type(self.data).__name__}")
        return {
            "start_epoch": self.start_epoch,
            "every": self.every,
            "data": keras.saving.serialize_keras_object(self.data),
            "batch_size": self.batch_size,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "StochasticWeightAveraging":
        """A callback with these arguments."""
        return cls(**{**config, "data": keras.saving.deserialize_keras_object(config["data"])})

    def _check_data(self) -> None:
        names = [layer.name for layer in batch_normalizations(self.model)]
        if names and self.data is None:
            raise ValueError(
                "`data` must be given for a model with batch normalization, whose statistics are computed anew "
                f"for the averaged weights. Received: data=None for a model with {', '.join(names)}"
            )


def _in_batches(data: Any) -> bool:
    """Whether data are batches already, and not arrays or a list or dict of them."""
    return not hasattr(data, "shape") and not isinstance(data, list | tuple | dict | int | float | None)


def _batches(data: Any, batch_size: int) -> Iterator[Any]:
    """The inputs of each batch."""
    if not _in_batches(data):
        for start in range(0, len(keras.tree.flatten(data)[0]), batch_size):
            yield keras.tree.map_structure(lambda array, start=start: array[start : start + batch_size], data)
        return
    indexed = isinstance(data, keras.utils.PyDataset)
    for batch in (data[index] for index in range(len(data))) if indexed else data:
        inputs = keras.utils.unpack_x_y_sample_weight(batch)[0]
        yield keras.tree.map_structure(lambda x: x if keras.ops.is_tensor(x) else np.asarray(x), inputs)
