"""Codes in place of vectors: the bottleneck of a VQ-VAE."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kerasplus.layers._loss_term_layer import LossTermLayer, finite, shows_values, whole
from kerasplus.metrics._streaming_metric import StreamingMetric


class CodePerplexity(StreamingMetric):
    """How many codes are in use, by the entropy of their frequencies.

    Args:
        codes: The number of codes.
    """

    inputs = ("sparse",)
    direction = "max"

    def __init__(self, codes: int, name: str = "code_perplexity", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.add_total("uses", (codes,))

    def statistics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Mapping[str, Any]:
        """How often a batch uses each code, given as one-hot rows."""
        weights = ops.ones_like(y_pred[..., 0]) if sample_weight is None else ops.cast(sample_weight, self.dtype)
        return {"uses": ops.sum(y_pred * ops.expand_dims(weights, -1), axis=0)}

    def compute(self, totals: Mapping[str, Any]) -> Any:
        """The exponential of the entropy; 0 before the first code."""
        count = ops.sum(totals["uses"])
        shares = ops.divide_no_nan(totals["uses"], count)
        entropy = -ops.sum(shares * ops.log(ops.where(shares > 0, shares, ops.ones_like(shares))))
        return ops.where(count > 0, ops.exp(entropy), ops.zeros_like(entropy))


@keras.saving.register_keras_serializable(package="kerasplus")
class VectorQuantizer(LossTermLayer):
    r"""The nearest vector of a learned codebook in place of each vector.

    For vectors :math:`z_i`, their nearest codes :math:`e_{k(i)}`, :math:`d` units, the `commitment`
    :math:`\beta` and the `rate` :math:`r`, where :math:`\operatorname{sg}` passes no gradient:

    .. math::
        L = \frac{r}{N d} \sum_{i=1}^{N} \lVert \operatorname{sg}(z_i) - e_{k(i)} \rVert^2
        + \beta \lVert z_i - \operatorname{sg}(e_{k(i)}) \rVert^2

    The first part moves the codes to the vectors, the second the vectors to their codes; in the
    backward pass the layer gives gradients on as they are. Under the name of the layer the logs show
    the term, and as `NAME_perplexity` how many codes are in use: :math:`e^{H}` of their frequencies
    over the epoch, at most `num_codes`. Masked steps add nothing.

    Args:
        num_codes: The size of the codebook, 2 or more.
        commitment: The weight :math:`\beta`, not negative.
        rate: The weight :math:`r` of the whole term, a finite number.
        initializer: Where the codes start. They should be as large as the vectors are.
        **kwargs: The arguments of every layer.

    Shapes:
        Input `(batch, ..., d)`; the output has that shape.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> import numpy as np
        >>> layer = VectorQuantizer(num_codes=2, commitment=0.25, initializer="identity")
        >>> layer(np.array([[0.9, 0.0], [0.0, 0.5]])).numpy().tolist()
        [[1.0, 0.0], [0.0, 1.0]]
        >>> round(float(layer.losses[0]), 4)  # 1.25 * (0.01 + 0.25) / 4
        0.0813

    References:
        van den Oord et al., `Neural discrete representation learning
        <https://arxiv.org/abs/1711.00937>`_, 2017
    """

    pass_through = False
    alternatives = {"num_codes": 4, "commitment": 0.5, "rate": 0.5, "initializer": "ones"}

    def __init__(
        self,
        num_codes: int,
        commitment: float = 0.25,
        rate: float = 1.0,
        initializer: Any = "random_normal",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_codes = whole(num_codes, "num_codes", 2)
        self.commitment = finite(commitment, "commitment")
        if commitment < 0:
            raise ValueError(f"`commitment` must be 0 or more. Received: commitment={commitment}")
        self.rate = finite(rate, "rate")
        self.initializer = keras.initializers.get(initializer)
        self.perplexity = CodePerplexity(num_codes, name=f"{self.name}_perplexity") if shows_values() else None

    def build(self, input_shape: Any) -> None:
        """Makes the codebook."""
        shape = (self.num_codes, input_shape[-1])
        self.codebook = self.add_weight(shape=shape, initializer=self.initializer, name="codebook")

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The nearest codes, once the term has been added to the loss."""
        vectors = self.wide(inputs)
        ids = self.encode(vectors)
        codes = self.decode(ids)
        to_codes = ops.mean(ops.square(ops.stop_gradient(vectors) - codes), axis=-1)
        to_vectors = ops.mean(ops.square(vectors - ops.stop_gradient(codes)), axis=-1)
        self.add_term(self.rate * self.mean(to_codes + self.commitment * to_vectors, mask), inputs)
        if self.perplexity is not None:
            ids = ops.reshape(ids, (-1,))
            weights = self.row_weights(mask, to_codes)
            rows = ops.one_hot(ids, self.num_codes, dtype=self.compute_dtype)
            self.perplexity.update_state(ids, rows, None if weights is None else ops.reshape(weights, (-1,)))
        return ops.cast(vectors + ops.stop_gradient(codes - vectors), inputs.dtype)

    def encode(self, vectors: Any) -> Any:
        """The number of the nearest code of each vector, `(batch, ...)`."""
        codebook = ops.stop_gradient(ops.convert_to_tensor(self.codebook))
        products = ops.matmul(self.wide(vectors), ops.transpose(codebook))
        return ops.argmin(ops.sum(ops.square(codebook), axis=-1) - 2 * products, axis=-1)

    def decode(self, ids: Any) -> Any:
        """The codes of the numbers, `(batch, ..., d)`."""
        return ops.take(self.codebook, ids, axis=0)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        return {
            **super().get_config(),
            "num_codes": self.num_codes,
            "commitment": self.commitment,
            "rate": self.rate,
            "initializer": keras.initializers.serialize(self.initializer),
        }
