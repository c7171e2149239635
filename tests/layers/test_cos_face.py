"""Logits with a margin on the cosine."""

import numpy as np
import pytest
from keras import ops

from kerasplus.layers import CosFace

RNG = np.random.default_rng(0)


def test_equals_the_cosines_of_scipy_less_the_margin():
    """For the true class while training, and without a margin otherwise."""
    distance = pytest.importorskip("scipy.spatial.distance")
    x = RNG.normal(size=(12, 5)).astype("float32")
    ids = RNG.integers(0, 3, 12)
    head = CosFace(3, margin=0.4, scale=10.0)
    plain = ops.convert_to_numpy(head(x))
    expected = 10 * (1 - distance.cdist(x, ops.convert_to_numpy(head.weights[0]).T, "cosine"))
    np.testing.assert_allclose(plain, expected, atol=1e-4)
    harder = ops.convert_to_numpy(head([x, ids], training=True))
    np.testing.assert_allclose(plain - harder, 4.0 * np.eye(3)[ids], atol=1e-4)
    np.testing.assert_array_equal(ops.convert_to_numpy(head([x, ids])), plain)


def test_a_zero_vector_is_at_right_angles_to_all():
    """No NaN."""
    np.testing.assert_array_equal(ops.convert_to_numpy(CosFace(3)(np.zeros((2, 4), "float32"))), np.zeros((2, 3)))


@pytest.mark.parametrize(("name", "value"), [("num_classes", 0), ("margin", -1.0), ("scale", -2.0)])
def test_bad_arguments(name, value):
    """Name the argument."""
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: {name}="):
        CosFace(**{"num_classes": 3, name: value})
