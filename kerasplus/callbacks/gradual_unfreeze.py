"""Fine-tuning from the last layer down."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras


@keras.saving.register_keras_serializable(package="kerasplus")
class GradualUnfreeze(keras.callbacks.Callback):
    r"""At the beginning of epochs, lets one more group of layers be trained, from the last layer down.

    In epoch :math:`e`, counted from 0, the last :math:`1 + \lfloor e / n \rfloor` groups are trained,
    with :math:`n` for `epochs`. A layer with weights counts; a model inside of the model counts by its
    layers, in their order in `model.layers`. Compile the model with everything trainable that is to be
    trained in the end: what is not trainable then stays so, and the optimizer must know the weights
    from its beginning. Momenta of weights that are trained already go on, those of a new group start
    at zero.

    Layers are frozen only while a batch is being trained. Validation, other callbacks and saved files
    have the model as it was compiled, and so has what follows the fit. The training step is compiled
    anew for each new group. A batch normalization that is frozen uses its moving statistics and
    keeps them.

    The number of layers that were trained is put into the logs as `trainable_layers`. The JAX backend
    of Keras updates all weights or none and cannot be used.

    Args:
        epochs: How many epochs :math:`n` each group is the newest one, 1 or more.
        groups: How many layers make a group, 1 or more; or the groups, from the last to the first, each
            a list of names of layers, of which an inner model stands for all of its own. Layers
            in no group are not trained at all.
        freeze_batch_normalization: Whether batch normalizations stay frozen to the end.

    Raises:
        ValueError: If an argument cannot be used; when training begins, if a name is that of no
            layer to be trained or of several, or on the JAX backend.

    Examples:
        >>> import keras, numpy as np
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1), keras.layers.Dense(1)])
        >>> model.compile("adam", "mse")
        >>> callback = GradualUnfreeze(epochs=2)
        >>> x, y = np.ones((2, 1)), np.ones(2)
        >>> model.fit(x, y, epochs=4, verbose=0, callbacks=[callback]).history["trainable_layers"]
        [1, 1, 2, 2]

    References:
        `Howard and Ruder 2018, Universal Language Model Fine-tuning for Text Classification
        <https://arxiv.org/abs/1801.06146>`_
    """

    alternatives = {"epochs": 2, "groups": 2, "freeze_batch_normalization": True}
    changes_training = True

    def __init__(
        self,
        epochs: int = 1,
        groups: int | Sequence[Sequence[str]] = 1,
        freeze_batch_normalization: bool = False,
    ) -> None:
        super().__init__()
        for name, value in (("epochs", epochs), ("groups", groups)):
            named = name == "groups" and isinstance(value, list | tuple)
            if not named and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise ValueError(f"`{name}` must be 1 or more. Received: {name}={value!r}")
        if not isinstance(groups, int):
            named = [name for group in groups if isinstance(group, list | tuple) for name in group]
            if (
                not groups
                or not all(groups)
                or not all(isinstance(group, list | tuple) for group in groups)
                or not named
            ):
                raise ValueError(f"`groups` must be lists of names, none empty. Received: groups={groups!r}")
            if not all(isinstance(name, str) for name in named) or len(set(named)) < len(named):
                raise ValueError(f"`groups` must have each name once. Received: groups={groups!r}")
        if not isinstance(freeze_batch_normalization, bool):
            raise ValueError(
                "`freeze_batch_normalization` must be True or False. "
                f"Received: freeze_batch_normalization={freeze_batch_normalization!r}"
            )
        self.epochs = epochs
        self.groups = groups if isinstance(groups, int) else [list(group) for group in groups]
        self.freeze_batch_normalization = freeze_batch_normalization
        self._layers: list[Any] = []
        self._groups: list[list[Any]] = []
        self._frozen: list[Any] = []
        self._fixed: list[Any] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Finds the layers and their groups."""
        if keras.config.backend() == "jax":
            raise ValueError(
                "`GradualUnfreeze` needs an optimizer that updates some weights only; that of JAX does not"
            )
        self._thaw()  # after a batch that failed
        model = self.model
        self._layers = [layer for layer in _leaves(model) if layer.trainable_weights]
        self._fixed = [v for layer in self._layers for v in layer.weights if not v.trainable]
        self._groups = self._grouped(model)
        self._frozen = []
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Chooses what is frozen in this epoch, and has the step traced anew if that is something else."""
        trained = [layer for group in self._groups[: 1 + epoch // self.epochs] for layer in group]
        frozen = [layer for layer in self._layers if not any(layer is each for each in trained)]
        if [id(layer) for layer in frozen] != [id(layer) for layer in self._frozen]:
            self._frozen = frozen
            self.model.make_train_function(force=True)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Freezes."""
        for layer in self._frozen:
            layer.trainable = False

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Ends it."""
        self._thaw()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Shows how many layers were trained."""
        if logs is not None:
            logs.setdefault("trainable_layers", len(self._layers) - len(self._frozen))

    def on_train_end(self, logs: Any = None) -> None:
        """Has the step traced anew for a later fit, and lets the model go."""
        if self._frozen:
            self.model.make_train_function(force=True)
        self._layers, self._groups, self._frozen, self._fixed = [], [], [], []

    def get_state(self) -> dict[str, Any]:
        """Nothing: what is frozen follows from the epoch."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Nothing, likewise."""

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {name: getattr(self, name) for name in self.alternatives}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "GradualUnfreeze":
        """A callback with these arguments."""
        return cls(**config)

    def _thaw(self) -> None:
        for layer in self._frozen:
            if not layer.trainable:
                layer.trainable = True
        for variable in self._fixed if self._frozen else ():  # fixed inside of a layer that is trained
            variable.trainable = False

    def _grouped(self, model: Any) -> list[list[Any]]:
        """The groups from the last to the first, batch normalizations that stay frozen left out."""
        stays = keras.layers.BatchNormalization if self.freeze_batch_normalization else ()
        layers = [layer for layer in self._layers if not isinstance(layer, stays)][::-1]
        if isinstance(self.groups, int):
            return [layers[start : start + self.groups] for start in range(0, len(layers), self.groups)]
        return [[layer for name in group for layer in self._named(model, name, layers)] for group in self.groups]

    def _named(self, model: Any, name: str, layers: list[Any]) -> list[Any]:
        parts = [part for part in _parts(model) if part.name == name]
        inside = [id(leaf) for part in parts for leaf in _leaves(part)]
        found = [layer for layer in layers if id(layer) in inside]
        if len(parts) != 1 or not found:
            what = "several layers" if len(parts) > 1 else "no layer to be trained"
            names = ", ".join(repr(layer.name) for layer in layers[::-1])
            raise ValueError(f"`groups` must have names of layers, {names}. Received: {name!r}, that of {what}")
        return found


def _parts(model: Any) -> list[Any]:
    """All layers of a model, with inner models and their layers."""
    inner = [[layer, *_parts(layer)] if isinstance(layer, keras.Model) else [layer] for layer in model.layers]
    return list({id(layer): layer for layers in inner for layer in layers}.values())


def _leaves(layer: Any) -> list[Any]:
    """The layers of a model that are no models, or the layer itself."""
    if not isinstance(layer, keras.Model):
        return [layer]
    return [part for part in _parts(layer) if not isinstance(part, keras.Model)]
