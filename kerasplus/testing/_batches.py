"""Batches that are the same each time, for real runs: all classes, no ties, numbers on the grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import hypothesis
import numpy as np

from kerasplus.testing.strategies import CLASSES, one_hot

if TYPE_CHECKING:
    from kerasplus.testing._subject import Subject


def varied(subject: Subject, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """A batch of the first domain of a subject, or one that its own strategy draws."""
    if subject._strategy is not None:
        return _drawn(subject._strategy)
    rng = np.random.default_rng(samples)
    labels = np.arange(samples) % CLASSES
    domain = subject.domains[0]

    def real(*shape: int, low: float = -32, high: float = 32) -> np.ndarray:
        return (rng.integers(int(low), int(high) + 1, (samples, *shape)) / 16).astype("float32")

    def shares(*shape: int) -> np.ndarray:
        cuts = rng.dirichlet(np.full(shape[-1], 2.0), (samples, *shape[:-1]))
        return cuts.astype("float32")

    corner = real(2, low=0, high=32)
    other = real(2, low=0, high=32)
    batches: dict[str, Callable[[], tuple[np.ndarray, np.ndarray]]] = {
        "regression": lambda: (real(2), real(2)),
        "positive": lambda: (real(2, low=1), real(2, low=1)),
        "binary": lambda: ((labels[:, None] % 2).astype("float32"), real(1, low=1, high=15)),
        "multilabel": lambda: (rng.integers(0, 2, (samples, 3)).astype("float32"), real(3, low=1, high=15)),
        "one_hot": lambda: (one_hot(labels), shares(CLASSES)),
        "sparse": lambda: (labels.astype("int32"), shares(CLASSES)),
        "labels": lambda: (labels.astype("int32"), shares(CLASSES)),
        "probabilities": lambda: (shares(CLASSES), shares(CLASSES)),
        "hinge": lambda: ((2.0 * (labels[:, None] % 2) - 1).astype("float32"), real(1)),
        "embeddings": lambda: (labels.astype("int32"), real(3)),
        "boxes": lambda: (
            np.concatenate([corner, corner + 1 + real(2, low=0, high=16)], 1),
            np.concatenate([other, other + 1 + real(2, low=0, high=16)], 1),
        ),
        "images": lambda: (real(12, 12, 1, low=0, high=16), real(12, 12, 1, low=0, high=16)),
        "gaussian": lambda: (real(1), real(2)),
        "multilabel_pairs": lambda: (rng.integers(0, 2, (samples, 3)).astype("float32"), real(2, 3)),
        "pairs": lambda: (labels.astype("int32"), real(2, 3)),
    }
    y_true, y_pred = batches[domain]()
    return y_true, y_pred


def _drawn(strategy: Any) -> tuple[np.ndarray, np.ndarray]:
    """The largest of a few examples that a strategy gives, the same ones each time."""
    found: list[Any] = []

    @hypothesis.settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def collect(pair: Any) -> None:
        found.append(pair)

    collect()
    y_true, y_pred = max(found, key=lambda pair: len(pair[1]))
    return np.asarray(y_true), np.asarray(y_pred)
