"""A classification head with an additive margin on the angle."""

import math
from typing import Any

import keras
from keras import ops

from kerasplus.layers._margin_head import MarginHead


@keras.saving.register_keras_serializable(package="kerasplus")
class ArcFace(MarginHead):
    r"""Logits of embeddings on a sphere, with a margin on the angle to the true class.

    With :math:`\theta_c` the angle between an embedding and the direction of the class :math:`c`, the
    `margin` :math:`m` and the `scale` :math:`s`:

    .. math:: z_c = s \cos(\theta_c + m [c = y])

    The margin acts while training and where labels are given; otherwise the logits are
    :math:`s \cos \theta_c`. Past :math:`\theta = \pi - m`, where the cosine would rise again, it is
    continued by :math:`\cos \theta - m \sin m`, as the authors' code does. Train it with
    `SparseCategoricalCrossentropy(from_logits=True)` on the same labels; the layer before it is then an
    embedding for search.

    Args:
        num_classes: The number of classes, 2 or more.
        margin: The angle :math:`m` in radians, from 0 up to :math:`\pi / 2`.
        scale: The positive factor :math:`s`.
        **kwargs: The arguments of every layer.

    Shapes:
        Input `(batch, d)`, or the pair `[(batch, d), labels]` with class ids `(batch,)` or
        `(batch, 1)`, or one-hot labels `(batch, num_classes)`. Output `(batch, num_classes)`.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> import numpy as np
        >>> head = ArcFace(num_classes=3, scale=1.0, margin=0.5)
        >>> logits = head([np.array([[1.0, 0.0]]), np.array([2])])
        >>> harder = head([np.array([[1.0, 0.0]]), np.array([2])], training=True)
        >>> bool(harder[0, 2] < logits[0, 2]), bool(harder[0, 0] == logits[0, 0])
        (True, True)

    References:
        Deng et al., `ArcFace <https://arxiv.org/abs/1801.07698>`_, 2019
    """

    def __init__(self, num_classes: int, margin: float = 0.5, scale: float = 64.0, **kwargs: Any) -> None:
        super().__init__(num_classes, margin, scale, **kwargs)
        if not 0 <= margin < math.pi / 2:
            raise ValueError(f"`margin` must lie between 0 and pi / 2, pi / 2 excluded. Received: margin={margin}")

    def with_margin(self, cosine: Any) -> Any:
        """The cosine of the angle plus the margin."""
        sine = ops.sqrt(ops.maximum(1 - ops.square(cosine), 1e-9))
        turned = cosine * math.cos(self.margin) - sine * math.sin(self.margin)
        return ops.where(cosine > math.cos(math.pi - self.margin), turned, cosine - self.margin * math.sin(self.margin))
