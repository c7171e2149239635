"""A term of the loss that draws the embeddings of a class together."""

from typing import Any

import keras
from keras import ops

from kerasplus.layers._loss_term_layer import LossTermLayer, finite, label_rows, whole


@keras.saving.register_keras_serializable(package="kerasplus")
class CenterLoss(LossTermLayer):
    r"""Passes embeddings and labels on and adds the distance to the centers of the classes.

    For embeddings :math:`x_i` of class :math:`y_i`, centers :math:`c_j` and the `rate` :math:`r`:

    .. math:: L = \frac{r}{2 N} \sum_{i=1}^{N} \lVert x_i - c_{y_i} \rVert^2

    Each training step moves the centers by the `momentum` :math:`\alpha`, after the term was worked out
    with the centers before the step:

    .. math:: c_j \leftarrow c_j - \alpha \frac{\sum_{i: y_i = j} (c_j - x_i)}{1 + \lvert \{i: y_i = j\} \rvert}

    Use it next to a classification loss. Without labels it passes its input on and adds nothing. The
    logs show the term under the name of the layer. Each replica keeps centers of
    its own, as batch normalization does its statistics; those of the first one are saved.

    Args:
        num_classes: The number of classes, 2 or more.
        rate: The weight :math:`r`, a finite number.
        momentum: How far centers move, :math:`\alpha`, from 0 to 1.
        **kwargs: The arguments of every layer.

    Shapes:
        Input: the pair `[(batch, d), labels]` with class ids `(batch,)` or `(batch, 1)`, or one-hot
        labels `(batch, num_classes)`; the output is the pair. Or embeddings alone.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> import numpy as np
        >>> layer = CenterLoss(num_classes=2, rate=1.0)
        >>> embeddings, labels = layer([np.array([[3.0, 4.0]]), np.array([1])])
        >>> float(layer.losses[0])  # the centers start at zero: 25 / 2
        12.5

    References:
        Wen et al., `A discriminative feature learning approach for deep face recognition
        <https://doi.org/10.1007/978-3-319-46478-7_31>`_, 2016
    """

    input_shape_example = [(8,), (1,)]
    input_domains = ("real", "sparse")
    alternatives = {"num_classes": 3, "rate": 0.5, "momentum": 0.25}

    def __init__(self, num_classes: int, rate: float = 0.01, momentum: float = 0.5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_classes = whole(num_classes, "num_classes", 2)
        self.rate = finite(rate, "rate")
        self.momentum = finite(momentum, "momentum")
        if not 0 <= momentum <= 1:
            raise ValueError(f"`momentum` must lie between 0 and 1. Received: momentum={momentum}")

    def build(self, input_shape: Any) -> None:
        """Makes the centers."""
        several = len(input_shape) > 0 and isinstance(input_shape[0], (list, tuple))
        features = (input_shape[0] if several else input_shape)[-1]
        self.centers = self.add_weight(
            shape=(self.num_classes, features),
            initializer="zeros",
            trainable=False,
            name="centers",
        )

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """The input, once the term has been added and, in training, the centers have moved."""
        if not isinstance(inputs, (list, tuple)):
            return inputs
        embeddings, labels = self.wide(inputs[0]), inputs[1]
        centers = ops.convert_to_tensor(self.centers)
        members = label_rows(labels, ops.matmul(embeddings, ops.transpose(centers)), self.name)
        errors = embeddings - ops.matmul(members, centers)
        self.add_term(self.rate / 2 * self.mean(ops.sum(ops.square(errors), axis=-1)), embeddings)
        if training:
            pulls = ops.matmul(ops.transpose(members), ops.stop_gradient(errors))
            counts = ops.expand_dims(ops.sum(members, axis=0), -1)
            self.centers.assign(centers + self.momentum * pulls / (1 + counts))
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        config = {"num_classes": self.num_classes, "rate": self.rate, "momentum": self.momentum}
        return {**super().get_config(), **config}
