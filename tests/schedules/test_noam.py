"""The schedule of the transformer, held against the formula of the paper in float64."""

import numpy as np
import pytest

from kerasplus.schedules import Noam


@pytest.mark.parametrize("warmup", [1, 4, 4000])
@pytest.mark.parametrize("size", [1, 512])
def test_values(curve, warmup, size):
    """Each step is that of the paper, which counts from 1."""
    steps = np.array([0, 1, warmup - 1, warmup, warmup + 1, 100_000, 2**24 + 1, 2**31 - 1], "int64")
    count = steps.astype("float64") + 1
    expected = 2.0 * size**-0.5 * np.minimum(count**-0.5, count * warmup**-1.5)
    np.testing.assert_allclose(curve(Noam(size, warmup, scale=2.0), steps), expected, rtol=1e-6)


@pytest.mark.parametrize(
    "arguments", [{"model_size": 0}, {"model_size": 1, "scale": 0}, {"model_size": 1, "warmup_steps": 0}]
)
def test_bad_arguments(arguments):
    """What is out of range is refused at construction."""
    with pytest.raises(ValueError, match="must be"):
        Noam(**arguments)
