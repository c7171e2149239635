"""Any function of all targets and predictions as a metric of validation."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from kerasplus.callbacks._arrays import arrays
from kerasplus.callbacks._kept_state import kept_state
from kerasplus.callbacks._named_functions import found, is_function, spelled


@keras.saving.register_keras_serializable(package="kerasplus")
class ExactMetrics(keras.callbacks.Callback):
    r"""At the end of each epoch, puts functions of all targets and predictions of a data set into the logs.

    Metrics in `compile` see one batch after the other. These functions see everything at once, as
    NumPy arrays, so that anything of scikit-learn or SciPy will do: `function(y_true, y_pred)`, and
    `sample_weight=...` if the data have weights. The name in the logs is `val_` and that of the metric.
    Callbacks after this one in the list see the values: put `EarlyStopping`, `ModelCheckpoint` or
    `TensorBoardLogger` that look at them behind it.

    A single column, of shape `(n, 1)`, is given to the functions as `(n,)`, so that nothing is
    broadcast. Weights and random numbers of the model stay as they are. Keras does not show callbacks
    its `validation_data`, so name the data here.

    Args:
        metrics: A function for each name: the function itself, or `"package.module:function"`, which is
            imported when a training begins. A configuration has the latter, or the name by which a
            function is registered with Keras.
        data: `(x, y)` or `(x, y, sample_weight)`.
        transform: What becomes of predictions first, for all metrics or by their names: None,
            `"argmax"` for the class of the highest score, or a number, for 1 where a prediction is more
            and 0 elsewhere. With `"argmax"`, targets that are one-hot become classes too.
        arguments: More arguments for functions, a dict for each name, as in `{"f1": {"average": "macro"}}`.
        batch_size: How many samples are predicted at once.

    Raises:
        ValueError: If an argument cannot be used; at the start of training, if there is no such
            function; after an epoch, if the logs have the name already, or the model has several outputs.

    Examples:
        >>> import keras, numpy as np
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.SGD(0.0), "mse")
        >>> model.set_weights([np.array([[1.0], [0.0]]), np.zeros(1)])
        >>> x, y = np.array([[1.0, 0.0], [5.0, 0.0]]), np.array([1, 3])
        >>> worst = ExactMetrics({"worst": lambda y_true, y_pred: abs(y_true - y_pred).max()}, data=(x, y))
        >>> model.fit(x, y, verbose=0, callbacks=[worst]).history["val_worst"]  # of 1 and 5 for 1 and 3
        [2.0]

    References:
        `scikit-learn: Metrics and scoring <https://scikit-learn.org/stable/modules/model_evaluation.html>`_
    """

    alternatives = {
        "metrics": {"close": "numpy:allclose"},
        "data": ([[0.0, 1.0], [1.0, 0.0]], [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]),
        "transform": {"close": "argmax"},
        "arguments": {"close": {"atol": 1.0}},
        "batch_size": 1,
    }

    def __init__(
        self,
        metrics: Mapping[str, Callable[..., Any] | str],
        data: Any,
        transform: Any = None,
        arguments: Mapping[str, Mapping[str, Any]] | None = None,
        batch_size: int = 32,
    ) -> None:
        super().__init__()
        if not isinstance(metrics, Mapping) or not metrics or not all(map(is_function, metrics.values())):
            raise ValueError(
                "`metrics` must be a dict of functions, or of their names as in 'package.module:function'. "
                f"Received: metrics={metrics!r}"
            )
        if not isinstance(data, tuple | list) or len(data) not in (2, 3):
            raise ValueError(f"`data` must be (x, y) or (x, y, sample_weight). Received: {type(data).__name__}")
        if type(batch_size) is not int or batch_size < 1:
            raise ValueError(f"`batch_size` must be an integer, 1 or more. Received: batch_size={batch_size!r}")
        for option, given in (("transform", transform), ("arguments", arguments)):
            unknown = [name for name in given if name not in metrics] if isinstance(given, Mapping) else []
            if unknown:
                raise ValueError(f"`{option}` must be for names of `metrics`. Received: {', '.join(unknown)}")
        for each in transform.values() if isinstance(transform, Mapping) else [transform]:
            if each not in (None, "argmax") and type(each) not in (int, float):
                raise ValueError(f'`transform` must be None, "argmax" or a number. Received: transform={each!r}')
        self.metrics = dict(metrics)
        self.data = tuple(arrays(part) for part in data)
        if not hasattr(self.data[1], "shape") or self.data[1].size == 0:
            raise ValueError("`data` must have one array of targets that is not empty, for a model with one output.")
        self.transform = dict(transform) if isinstance(transform, Mapping) else transform
        self.arguments = {name: dict(each) for name, each in (arguments or {}).items()}
        self.batch_size = batch_size
        self._functions: dict[str, Callable[..., Any]] = {}

    def on_train_begin(self, logs: Any = None) -> None:
        """Finds the functions."""
        self._functions = {name: found(function) for name, function in self.metrics.items()}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Predicts, and puts what the functions give into the logs."""
        if logs is None:
            return
        taken = [f"val_{name}" for name in self._functions if f"val_{name}" in logs]
        if taken:
            raise ValueError(f"`metrics` must have names that the logs do not have already. Received: {taken}")
        x, y, *weight = self.data
        predictions = self._predictions(x)
        weights = {"sample_weight": weight[0]} if weight else {}
        for name, function in self._functions.items():
            transform = self.transform.get(name) if isinstance(self.transform, dict) else self.transform
            pair = _transformed(y, predictions, transform)
            result = np.asarray(function(*pair, **weights, **self.arguments.get(name, {})))
            logs[f"val_{name}"] = result.item() if result.ndim == 0 else result

    def get_state(self) -> dict[str, Any]:
        """Nothing: each epoch stands for itself."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Nothing, likewise."""

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments; arrays and registered functions in Keras' form for configurations.

        Raises:
            ValueError: If a function has no name by which it can be found again.
        """
        return {
            "metrics": {name: spelled(name, function) for name, function in self.metrics.items()},
            "data": keras.saving.serialize_keras_object(list(self.data)),
            "transform": self.transform,
            "arguments": self.arguments,
            "batch_size": self.batch_size,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "ExactMetrics":
        """A callback with these arguments."""
        known = {name: keras.saving.deserialize_keras_object(config[name]) for name in ("metrics", "data")}
        return cls(**{**config, **known})

    def _predictions(self, x: Any) -> np.ndarray:
        model = self.model
        parts = []
        with kept_state(model):  # `predict` would draw from the random numbers that PyTorch shuffles by
            for start in range(0, len(keras.tree.flatten(x)[0]), self.batch_size):
                batch = keras.tree.map_structure(lambda part, at=start: part[at : at + self.batch_size], x)
                parts.append(model.predict_on_batch(batch))
        if not hasattr(parts[0], "shape"):
            raise ValueError("`ExactMetrics` must have a model with one output. This one has several.")
        return np.concatenate(parts)


def _transformed(y_true: np.ndarray, y_pred: np.ndarray, transform: Any) -> tuple[np.ndarray, np.ndarray]:
    """Targets and predictions as the functions get them."""
    if transform == "argmax":
        one_hot = y_true.shape == y_pred.shape
        y_true, y_pred = y_true.argmax(axis=-1) if one_hot else y_true, y_pred.argmax(axis=-1)
    elif transform is not None:
        y_pred = (y_pred > transform).astype("int32")
    return _column(y_true), _column(y_pred)


def _column(values: np.ndarray) -> np.ndarray:
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
