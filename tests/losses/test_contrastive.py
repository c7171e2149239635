"""The contrastive loss against a loop over pairs."""

import numpy as np
import pytest
from keras import ops

from kerasplus.losses import Contrastive


def oracle(y, d, margin):
    values = []
    for label, distance in zip(y, d, strict=True):
        if label == 1:
            values.append(distance * distance)
        else:
            values.append((margin - distance) ** 2 if distance < margin else 0.0)
    return values


@pytest.mark.parametrize("margin", [0.5, 1.0, 3.0])
def test_values(margin):
    """Similar pairs cost their squared distance, others the square of what they lack to the margin."""
    rng = np.random.default_rng(0)
    y, d = rng.integers(0, 2, 20), np.abs(rng.normal(size=20))
    d[:3] = [0, margin, margin]
    got = ops.convert_to_numpy(Contrastive(margin, reduction="none")(y, d))
    np.testing.assert_allclose(got, oracle(y, d, margin), rtol=1e-5)


def test_gradient(check_gradient):
    """The slope equals finite differences."""
    check_gradient(Contrastive(), np.array([[1.0], [0.0], [0.0]]), np.array([[0.7], [0.4], [1.5]]))


@pytest.mark.parametrize("margin", [0, -1, float("inf"), float("nan")])
def test_bad_margin(margin):
    """The margin is positive and finite."""
    with pytest.raises(ValueError, match="`margin` must be positive"):
        Contrastive(margin)
