"""Fine-tuning from the last layer down."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from kerasplus.callbacks._layer_groups import checked_groups, grouped, leaves


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
    anew for each new group. If a fit ends with an error, its step stays until the next fit with this callback
    or until `model.make_train_function(force=True)`. A batch normalization that is frozen uses its
    moving statistics and keeps them.

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
        if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 1:
            raise ValueError(f"`epochs` must be a number of epochs, 1 or more. Received: epochs={epochs!r}")
        if not isinstance(freeze_batch_normalization, bool):
            raise ValueError(
                "`freeze_batch_normalization` must be True or False. "
                f"Received: freeze_batch_normalization={freeze_batch_normalization!r}"
            )
        self.epochs = epochs
        self.groups = checked_groups(groups)
        self.freeze_batch_normalization = freeze_batch_normalization
        self._layers: list[Any] = []
        self._groups: list[list[Any]] = []
        self._frozen: list[Any] = []
        self._step: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Finds the layers and their groups."""
        if keras.config.backend() == "jax":
            raise ValueError(
                "`GradualUnfreeze` needs an optimizer that updates some weights only; that of JAX does not"
            )
        model = self.model
        self._layers = [layer for layer in leaves(model) if layer.trainable_weights]
        stays = keras.layers.BatchNormalization if self.freeze_batch_normalization else ()
        self._groups = grouped(model, [layer for layer in self._layers if not isinstance(layer, stays)], self.groups)
        self._frozen, self._step = [], None
        model.make_train_function(force=True)  # the one of a fit that failed has layers frozen
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
        """Puts the freezing around the step, unless it is there."""
        model = self.model
        if self._frozen and model.train_function is not self._step:
            self._step = model.train_function = self._while_frozen(model.train_function)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Shows how many layers were trained."""
        if logs is not None:
            logs.setdefault("trainable_layers", len(self._layers) - len(self._frozen))

    def on_train_end(self, logs: Any = None) -> None:
        """Has the step traced anew for a later fit, and lets the model go."""
        if self._frozen:
            self.model.make_train_function(force=True)
        self._layers, self._groups, self._frozen, self._step = [], [], [], None

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

    def _while_frozen(self, step: Any) -> Any:
        """A training step during which, and only then, layers are frozen; also if it fails or the data end."""
        frozen = self._frozen
        fixed = [v for layer in frozen for v in layer.weights if not v.trainable]

        def frozen_step(*args: Any) -> Any:
            for layer in frozen:
                layer.trainable = False
            try:
                return step(*args)
            finally:
                for layer in frozen:
                    layer.trainable = True
                for variable in fixed:
                    variable.trainable = False

        return frozen_step
