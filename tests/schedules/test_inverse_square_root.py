"""The inverse square root, held against loops in float64."""

import math

import numpy as np
import pytest

from kerasplus.schedules import InverseSquareRoot


@pytest.mark.parametrize("warmup", [0, 1, 4, 100])
def test_values(curve, warmup):
    """Each step is the lower of the line and the decay."""
    steps = [*range(3 * warmup + 5), 10**6, 2**24 + 1, 2**31 - 1]
    scale = max(warmup, 1)
    expected = [0.3 * min((t + 1) / scale, math.sqrt(scale / (t + 1))) for t in steps]
    np.testing.assert_allclose(curve(InverseSquareRoot(0.3, warmup), steps), expected, rtol=1e-6)


def test_bad_arguments():
    """A negative rate and a negative warm-up are refused."""
    with pytest.raises(ValueError, match="`learning_rate` must be a finite number"):
        InverseSquareRoot(-1.0)
    with pytest.raises(ValueError, match="`warmup_steps` must be a whole number of steps, 0 or more"):
        InverseSquareRoot(1.0, warmup_steps=-1)
