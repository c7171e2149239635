"""Where inputs come from: random numbers on an exact grid, and the cases that a random search misses.

Numbers are multiples of 1/16, so that sums are exact in float32 and float16 and a failure has a
reason other than rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

Pair = tuple[np.ndarray, np.ndarray]
CLASSES = 3
SAMPLES = st.integers(1, 5)


def grid(shape: Any, low: float = -8, high: float = 8) -> st.SearchStrategy[np.ndarray]:
    """Arrays of float32 multiples of 1/16 between two bounds."""
    elements = st.integers(int(low * 16), int(high * 16))
    return hnp.arrays("int32", shape, elements=elements).map(lambda a: (a / 16).astype("float32"))


def ids(shape: Any, classes: int = CLASSES) -> st.SearchStrategy[np.ndarray]:
    """Class ids as int32."""
    return hnp.arrays("int32", shape, elements=st.integers(0, classes - 1))


def rows(samples: int, classes: int = CLASSES) -> st.SearchStrategy[np.ndarray]:
    """Rows of probabilities that are multiples of 1/16 and sum to one, zeros and ties among them."""

    def normalized(cuts: np.ndarray) -> np.ndarray:
        ends = np.sort(cuts, axis=1)
        edges = np.concatenate([np.zeros((samples, 1)), ends, np.full((samples, 1), 16)], axis=1)
        return (np.diff(edges, axis=1) / 16).astype("float32")

    return hnp.arrays("int32", (samples, classes - 1), elements=st.integers(0, 16)).map(normalized)


def one_hot(labels: np.ndarray, classes: int = CLASSES) -> np.ndarray:
    """Rows with a one at the class."""
    return np.eye(classes, dtype="float32")[labels]


def _boxes(samples: int) -> st.SearchStrategy[np.ndarray]:
    corner, size = grid((samples, 2), 0, 4), grid((samples, 2), 0, 4)
    return st.tuples(corner, size).map(lambda parts: np.concatenate([parts[0], parts[0] + parts[1]], axis=1))


DOMAINS: dict[str, Callable[[int], st.SearchStrategy[Pair]]] = {
    "regression": lambda n: st.tuples(grid((n, 2)), grid((n, 2))),
    "positive": lambda n: st.tuples(grid((n, 2), 1 / 16), grid((n, 2), 1 / 16, 4)),
    "binary": lambda n: st.tuples(ids((n, 1), 2).map(_float), grid((n, 1), 0, 1)),
    "multilabel": lambda n: st.tuples(ids((n, CLASSES), 2).map(_float), grid((n, CLASSES), 0, 1)),
    "one_hot": lambda n: st.tuples(ids((n,)).map(one_hot), rows(n)),
    "sparse": lambda n: st.tuples(ids((n,)), rows(n)),
    "labels": lambda n: st.tuples(ids((n,)), rows(n)),
    "probabilities": lambda n: st.tuples(rows(n), rows(n)),
    "hinge": lambda n: st.tuples(ids((n, 1), 2).map(lambda a: _float(2 * a - 1)), grid((n, 1), -2, 2)),
    "embeddings": lambda n: st.tuples(ids((n,)), grid((n, 3), -2, 2)),
    "boxes": lambda n: st.tuples(_boxes(n), _boxes(n)),
    "images": lambda n: st.tuples(grid((n, 12, 12, 1), 0, 1), grid((n, 12, 12, 1), 0, 1)),
    "gaussian": lambda n: st.tuples(grid((n, 1), -2, 2), grid((n, 2), -2, 2)),
    "multilabel_pairs": lambda n: st.tuples(ids((n, CLASSES), 2).map(_float), grid((n, 2, 3), -2, 2)),
    "pairs": lambda n: st.tuples(ids((n,)), grid((n, 2, 3), -2, 2)),
}
"""The input domains by name: for a number of samples, a strategy of `(y_true, y_pred)`."""

CATEGORICAL = frozenset({"one_hot", "sparse", "labels"})
ELEMENTWISE = frozenset({"regression", "positive", "hinge", "probabilities", "one_hot", "multilabel", "binary"})


def _float(array: np.ndarray) -> np.ndarray:
    return array.astype("float32")


def targets_and_predictions(domain: str, samples: st.SearchStrategy[int] = SAMPLES) -> st.SearchStrategy[Pair]:
    """Targets and predictions of a domain.

    Args:
        domain: One of `DOMAINS`.
        samples: The number of samples.

    Raises:
        ValueError: If there is no such domain.

    Examples:
        >>> y_true, y_pred = targets_and_predictions("sparse").example()  # doctest: +SKIP
    """
    if domain not in DOMAINS:
        raise ValueError(f"`inputs` must be a strategy or one of {', '.join(DOMAINS)}. Received: inputs={domain!r}")
    return samples.flatmap(DOMAINS[domain])


def sample_weights(samples: int) -> st.SearchStrategy[np.ndarray]:
    """Weights of samples, zeros and fractions among them, never all zero."""
    sixteenths = hnp.arrays(
        "int32", (samples,), elements=st.one_of(st.sampled_from([0, 16, 32, 8]), st.integers(0, 64))
    )
    return sixteenths.map(lambda w: _float(w if w.any() else w + 16) / 16)


def masks(shape: Any) -> st.SearchStrategy[np.ndarray]:
    """Masks of steps; each row keeps its first step."""

    def kept(mask: np.ndarray) -> np.ndarray:
        mask = mask.copy()
        mask[..., 0] = True
        return mask

    return hnp.arrays("bool", shape).map(kept)


def splits(samples: int) -> st.SearchStrategy[list[int]]:
    """Where to cut a batch into smaller ones: increasing positions between 0 and its size."""
    return st.lists(st.integers(0, samples), max_size=4).map(sorted)


def steps() -> st.SearchStrategy[int]:
    """Training steps: small ones, and those around the sizes at which numbers lose digits."""
    large = st.builds(lambda power, off: 2**power + off, st.sampled_from([11, 24, 30]), st.integers(-2, 2))
    return st.one_of(st.integers(0, 200), large)


def directed(domain: str) -> list[Pair]:
    """The cases of a domain that a random search misses: saturated, tied, constant, one class, one sample."""
    plain = {
        "regression": [
            (np.zeros((2, 2), "float32"), np.zeros((2, 2), "float32")),
            (np.full((3, 2), 2.0, "float32"), np.arange(6, dtype="float32").reshape(3, 2)),
            (np.array([[1e4, -1e4]], "float32"), np.array([[-1e4, 1e4]], "float32")),
        ],
        "hinge": [(np.array([[1.0], [-1.0]], "float32"), np.array([[88.0], [88.0]], "float32"))],
        "embeddings": [
            (np.array([0, 0, 1], "int32"), np.zeros((3, 3), "float32")),
            (np.array([0, 0, 0], "int32"), np.eye(3, dtype="float32")),
            (np.array([0, 1, 2], "int32"), np.eye(3, dtype="float32")),
            (np.array([0], "int32"), np.ones((1, 3), "float32")),
        ],
        "boxes": [
            (np.zeros((2, 4), "float32"), np.zeros((2, 4), "float32")),
            (np.array([[0, 0, 1, 1]], "float32"), np.array([[5, 5, 6, 6]], "float32")),
        ],
        "binary": [
            (np.array([[0.0], [1.0], [0.0], [1.0]], "float32"), np.array([[0.0], [1.0], [1.0], [0.0]], "float32")),
            (np.ones((3, 1), "float32"), np.full((3, 1), 0.5, "float32")),
        ],
        "multilabel": [(np.zeros((2, 3), "float32"), np.array([[0, 1, 0.5], [1, 1, 0]], "float32"))],
        "probabilities": [(np.eye(3, dtype="float32"), np.roll(np.eye(3, dtype="float32"), 1, axis=1))],
    }
    if domain in CATEGORICAL:
        labels = np.array([0, 1, 2, 2], "int32")
        ties = np.full((4, CLASSES), 1 / CLASSES, "float32")
        pairs = [
            (labels, one_hot(np.array([0, 2, 2, 1]))),
            (labels, ties),
            (np.zeros(3, "int32"), one_hot(np.array([0, 0, 1]))),
        ]
        return [(one_hot(y) if domain == "one_hot" else y, p) for y, p in pairs]
    return plain.get(domain, [])


def stretched(array: Any, times: int) -> np.ndarray:
    """The same array, each sample as often as `times` says."""
    return np.repeat(array, times, axis=0)
