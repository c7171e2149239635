"""A classification head with an additive margin on the cosine."""

from typing import Any

import keras

from kerasplus.layers._margin_head import MarginHead


@keras.saving.register_keras_serializable(package="kerasplus")
class CosFace(MarginHead):
    r"""Logits of embeddings on a sphere, with a margin on the cosine of the true class.

    With :math:`\theta_c` the angle between an embedding and the direction of the class :math:`c`, the
    `margin` :math:`m` and the `scale` :math:`s`:

    .. math:: z_c = s (\cos \theta_c - m [c = y])

    The margin acts while training and where labels are given; otherwise the logits are
    :math:`s \cos \theta_c`. Train it with `SparseCategoricalCrossentropy(from_logits=True)` on the
    same labels.

    Args:
        num_classes: The number of classes, 2 or more.
        margin: The margin :math:`m`, not negative.
        scale: The positive factor :math:`s`.
        **kwargs: The arguments of every layer.

    Shapes:
        Input `(batch, d)`, or the pair `[(batch, d), labels]` with class ids `(batch,)` or
        `(batch, 1)`, or one-hot labels `(batch, num_classes)`. Output `(batch, num_classes)`.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> import numpy as np
        >>> head = CosFace(num_classes=3, scale=2.0, margin=0.5)
        >>> pair = [np.array([[1.0, 0.0]]), np.array([2])]
        >>> [round(float(change), 4) for change in (head(pair) - head(pair, training=True))[0]]
        [0.0, 0.0, 1.0]

    References:
        Wang et al., `CosFace <https://arxiv.org/abs/1801.09414>`_, 2018
    """

    def __init__(self, num_classes: int, margin: float = 0.35, scale: float = 64.0, **kwargs: Any) -> None:
        super().__init__(num_classes, margin, scale, **kwargs)
        if margin < 0:
            raise ValueError(f"`margin` must be 0 or more. Received: margin={margin}")

    def with_margin(self, cosine: Any) -> Any:
        """The cosine less the margin."""
        return cosine - self.margin
