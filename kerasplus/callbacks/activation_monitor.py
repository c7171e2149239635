"""Which layers are dying, and what they put out."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasplus._registry import snake_case
from kerasplus.callbacks._arrays import arrays
from kerasplus.callbacks._layer_outputs import all_layers, find_layers, outputs


@keras.saving.register_keras_serializable(package="kerasplus")
class ActivationMonitor(keras.callbacks.Callback):
    r"""At the end of each epoch, puts what layers put out for fixed samples into the logs.

    For each layer, by its name: `layer/dead_fraction`, the part of its units that are zero for every
    sample; `layer/mean` and `layer/standard_deviation` of all it puts out. A unit is an entry of the
    last axis, or a channel, and is dead only if it is zero at all positions. A ReLU unit that is dead
    for all data has no gradient and stays so.

    The outputs are those at inference, of the last call of a layer that is called several times;
    weights, metrics and random numbers of the model stay as they are. All samples go through the model
    at once, so take a few hundred. Layers in models within the model count, and so do those of
    subclassed models. Layers that Keras has named itself, as `dense_7`, are numbered anew within the
    model unless you name them here, so that each run has the same names.

    Args:
        data: The samples: the inputs alone.
        layers: The names of the layers, `"all"`, or None for those with a ReLU or ReLU6 activation.

    Raises:
        ValueError: If an argument cannot be used; at the start of training, if the model has no layer of
            a name, or, where none is named, none with such an activation.

    Examples:
        >>> import keras, numpy as np
        >>> hidden = keras.layers.Dense(4, "relu", name="h")
        >>> model = keras.Sequential([keras.Input((1,)), hidden, keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.SGD(0.0), "mse")
        >>> hidden.set_weights([np.ones((1, 4)), np.array([1.0, -9.0, -9.0, 1.0])])
        >>> x = np.array([[0.0], [1.0]])
        >>> model.fit(x, x, verbose=0, callbacks=[ActivationMonitor(x)]).history["h/dead_fraction"]
        [0.5]

    References:
        `Lu et al. 2019, Dying ReLU and Initialization: Theory and Numerical Examples
        <https://arxiv.org/abs/1903.06733>`_
    """

    alternatives = {"data": [[1.0, 2.0], [-1.0, 0.5]], "layers": "all"}

    def __init__(self, data: Any, layers: Sequence[str] | str | None = None) -> None:
        super().__init__()
        if data is None or isinstance(data, tuple):
            raise ValueError(f"`data` must be inputs, without targets. Received: data of {type(data).__name__}")
        if layers is not None and layers != "all" and (isinstance(layers, str) or not layers):
            raise ValueError(f'`layers` must be a list of names, "all" or None. Received: layers={layers!r}')
        self.data = arrays(data)
        self.layers = layers if layers is None or layers == "all" else list(layers)

    def on_train_begin(self, logs: Any = None) -> None:
        """Raises if there are no such layers."""
        self._named()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Puts what the layers put out into the logs."""
        if logs is None:
            return
        named = self._named()
        heard = outputs(self.model, list(named.values()), self.data)
        for name, layer in named.items():
            if layer.name in heard:
                values = heard[layer.name].astype("float64")
                logs[f"{name}/dead_fraction"] = dead_fraction(layer, values)
                logs[f"{name}/mean"] = float(values.mean())
                logs[f"{name}/standard_deviation"] = float(values.std())

    def get_state(self) -> dict[str, Any]:
        """Nothing: each epoch stands for itself."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Nothing, likewise."""

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments; arrays in Keras' form for configurations."""
        return {"data": keras.saving.serialize_keras_object(self.data), "layers": self.layers}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "ActivationMonitor":
        """A callback with these arguments."""
        return cls(**{**config, "data": keras.saving.deserialize_keras_object(config["data"])})

    def _named(self) -> dict[str, Any]:
        """The layers, by their names in the logs."""
        if isinstance(self.layers, list):
            return dict(zip(self.layers, find_layers(self.model, self.layers, "layers"), strict=True))
        named = stable_names(self.model)
        if self.layers is None:
            named = {name: layer for name, layer in named.items() if _is_relu(layer)}
        if not named:
            known = ", ".join(layer.name for layer in all_layers(self.model))
            raise ValueError(f"`layers` must name layers, as none has a ReLU activation. The model has: {known}")
        return named


def stable_names(model: Any) -> dict[str, Any]:
    """The layers of a model by their names, those that Keras numbered itself numbered within the model."""
    named: dict[str, Any] = {}
    counts: dict[str, int] = {}
    for layer in all_layers(model):
        kind = snake_case(type(layer).__name__)
        name = layer.name
        if re.fullmatch(rf"{kind}(_\d+)?", name):
            number = counts[kind] = counts.get(kind, -1) + 1
            name = f"{kind}_{number}" if number else kind
        if type(layer).__name__ != "InputLayer":
            named.setdefault(name, layer)
    return named


def _is_relu(layer: Any) -> bool:
    if isinstance(layer, keras.layers.ReLU):
        return not layer.negative_slope
    return getattr(layer, "activation", None) in (keras.activations.relu, keras.activations.relu6)


def dead_fraction(layer: Any, values: np.ndarray) -> float:
    """The part of the units that are zero everywhere; a layer without an axis of units is one."""
    values = values.reshape(len(values), -1) if values.ndim < 2 else values
    first = getattr(layer, "data_format", keras.config.image_data_format()) == "channels_first" and values.ndim > 3
    axis = 1 if first else values.ndim - 1
    alive = (values != 0).any(axis=tuple(each for each in range(values.ndim) if each != axis))
    return 1.0 - float(alive.mean())
