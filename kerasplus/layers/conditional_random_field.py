"""A tagger that scores whole sequences of tags."""

from typing import Any

import keras
from keras import ops

from kerasplus._weights import left_aligned
from kerasplus.layers._loss_term_layer import LossTermLayer, finite, first_mask, label_rows, whole
from kerasplus.layers._tag_chain import best_path, negative_log_likelihood


@keras.saving.register_keras_serializable(package="kerasplus")
class ConditionalRandomField(LossTermLayer):
    r"""A linear chain over tags: adds the negative log likelihood to the loss, gives the best path.

    With the scores :math:`s_t` of a step, which a dense kernel makes of its features, the scores
    :math:`A` of a tag after another, and :math:`b` and :math:`e` of the first and the last tag, a
    sequence :math:`y` of :math:`T` tags has the score

    .. math:: S(y) = b_{y_1} + \sum_{t=1}^{T} s_{t, y_t} + \sum_{t=2}^{T} A_{y_{t-1}, y_t} + e_{y_T}

    and the term, with the `rate` :math:`r` and a batch of :math:`N` sequences, is

    .. math:: L = \frac{r}{N} \sum_{i=1}^{N} \Bigl(\ln \sum_{y'} e^{S_i(y')} - S_i(y_i)\Bigr)

    Call it with `[features, tags]` to train; compile with `loss=None`. The output is the sequence of
    the highest score (Viterbi) as one-hot rows, which every accuracy takes; it has no gradient. Masked
    steps, at the start, in the middle or at the end, are skipped: their neighbours follow each
    other, and their row in the output is zero. The quantities are those of `tfa.text.crf`.

    Args:
        num_classes: The number of tags, 2 or more.
        use_kernel: False if the input holds the scores already, one per tag.
        use_boundary: Whether first and last tags have scores of their own.
        rate: The weight :math:`r`, a finite number.
        **kwargs: The arguments of every layer. `name` is the name of the term in the logs.

    Shapes:
        Input `(batch, steps, d)`, or the pair of it and tags `(batch, steps)` as class ids or
        `(batch, steps, num_classes)` as one-hot rows. Output `(batch, steps, num_classes)`.

    Raises:
        ValueError: If an argument is out of range, or without a kernel if `d` is not `num_classes`.

    Examples:
        >>> import numpy as np
        >>> field = ConditionalRandomField(num_classes=2, use_kernel=False)
        >>> field(np.array([[[2.0, 0.0], [0.0, 1.0]]])).numpy().argmax(-1).tolist()
        [[0, 1]]

    References:
        Lafferty et al., `Conditional random fields <https://dl.acm.org/doi/10.5555/645530.655813>`_, 2001
    """

    pass_through = False
    input_shape_example = [(5, 8), (5,)]
    input_domains = ("real", "sparse")
    alternatives = {"num_classes": 3, "use_kernel": True, "use_boundary": False, "rate": 0.5}

    def __init__(
        self,
        num_classes: int,
        use_kernel: bool = True,
        use_boundary: bool = True,
        rate: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_classes = whole(num_classes, "num_classes", 2)
        self.use_kernel = bool(use_kernel)
        self.use_boundary = bool(use_boundary)
        self.rate = finite(rate, "rate")

    def build(self, input_shape: Any) -> None:
        """Makes the kernel and the scores of the chain."""
        size = self.num_classes
        features = _first(input_shape)[-1]
        if self.use_kernel:
            self.kernel = self.add_weight(shape=(features, size), name="kernel")
            self.bias = self.add_weight(shape=(size,), initializer="zeros", name="bias")
        elif features != size:
            raise ValueError(
                f"Without a kernel, {self.name!r} takes one score per tag: shape (batch, steps, {size}). "
                f"Received: {tuple(_first(input_shape))}"
            )
        self.transitions = self.add_weight(shape=(size, size), initializer="zeros", name="transitions")
        if self.use_boundary:
            self.first = self.add_weight(shape=(size,), initializer="zeros", name="first")
            self.last = self.add_weight(shape=(size,), initializer="zeros", name="last")

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The best path as one-hot rows, once the term of the tags has been added."""
        features, tags = inputs if isinstance(inputs, (list, tuple)) else (inputs, None)
        scores = self.scores(features)
        kept = self._kept(scores, mask)
        if tags is not None:
            rows = label_rows(tags, scores, self.name)
            losses = negative_log_likelihood(scores, rows, kept, self._chain())
            self.add_term(self.rate * self.mean(losses), features)
        path, _ = best_path(scores, kept, self._chain())
        best = ops.one_hot(path, self.num_classes, dtype=self.compute_dtype)
        return ops.stop_gradient(best * ops.expand_dims(self.wide(kept), -1))

    def scores(self, features: Any) -> Any:
        """The score of each tag at each step, `(batch, steps, num_classes)`."""
        features = self.wide(features)
        if not self.built:
            self.build(tuple(features.shape))
        return ops.matmul(features, self.kernel) + self.bias if self.use_kernel else features

    def negative_log_likelihood(self, features: Any, tags: Any, mask: Any = None) -> Any:
        """That of each sequence of tags, `(batch,)`."""
        scores = self.scores(features)
        rows = label_rows(ops.convert_to_tensor(tags), scores, self.name)
        return negative_log_likelihood(scores, rows, self._kept(scores, mask), self._chain())

    def decode(self, features: Any, mask: Any = None) -> tuple[Any, Any]:
        """The best tags `(batch, steps)`, 0 where masked, and their score `(batch,)`."""
        scores = self.scores(features)
        return best_path(scores, self._kept(scores, mask), self._chain())

    def compute_output_shape(self, input_shape: Any) -> Any:
        """One row per step."""
        return (*_first(input_shape)[:-1], self.num_classes)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the features."""
        return first_mask(previous_mask)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments."""
        names = ("num_classes", "use_kernel", "use_boundary", "rate")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    def _chain(self) -> tuple[Any, Any, Any]:
        transitions = ops.convert_to_tensor(self.transitions)
        if self.use_boundary:
            return ops.convert_to_tensor(self.first), transitions, ops.convert_to_tensor(self.last)
        return ops.zeros_like(transitions[0]), transitions, ops.zeros_like(transitions[0])

    def _kept(self, scores: Any, mask: Any) -> Any:
        mask = first_mask(mask)
        if mask is None:
            return ops.ones_like(scores[..., 0], dtype="bool")
        return ops.cast(left_aligned(ops.cast(mask, "bool"), tuple(scores.shape[:2]), self.name, "a mask"), "bool")


def _first(shapes: Any) -> Any:
    """The shape of the features, given alone or with that of the tags."""
    return shapes[0] if isinstance(shapes[0], (list, tuple)) else shapes
