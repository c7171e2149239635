"""The triangle wave, held against PyTorch's and against interpolation in NumPy."""

import numpy as np
import pytest

from kerasplus.schedules import Triangular


def test_that_of_pytorch(curve, torch_rates):
    """It is `CyclicLR` with `mode="triangular"`."""
    theirs = torch_rates(
        "CyclicLR", 0.1, 60, base_lr=0.1, max_lr=0.3, step_size_up=7, mode="triangular", gamma=0.9, cycle_momentum=False
    )
    np.testing.assert_allclose(curve(Triangular(0.1, 0.3, 7), np.arange(60)), theirs, rtol=1e-6)


@pytest.mark.parametrize("size", [1, 2, 9])
def test_corners(curve, size):
    """Between its corners it is a straight line."""
    steps = np.arange(6 * size + 1)
    expected = np.interp(steps, size * np.arange(7), [0.1, 0.3] * 3 + [0.1])
    np.testing.assert_allclose(curve(Triangular(0.1, 0.3, size), steps), expected, rtol=1e-6)


@pytest.mark.parametrize("arguments", [(0.4, 0.3, 5), (-0.1, 0.3, 5), (0.1, 0.3, 0), (0.1, 0.3, 1.5)])
def test_bad_arguments(arguments):
    """Rates in the wrong order and half cycles of no step are refused."""
    with pytest.raises(ValueError, match="must be"):
        Triangular(*arguments)
