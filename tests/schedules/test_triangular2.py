"""The triangle wave that is halved, held against PyTorch's and against interpolation in NumPy."""

import numpy as np
import pytest

from kerasplus.schedules import Triangular2


def test_that_of_pytorch(curve, torch_rates):
    """It is `CyclicLR` with `mode="triangular2"`."""
    theirs = torch_rates(
        "CyclicLR",
        0.1,
        60,
        base_lr=0.1,
        max_lr=0.3,
        step_size_up=7,
        mode="triangular2",
        gamma=0.9,
        cycle_momentum=False,
    )
    np.testing.assert_allclose(curve(Triangular2(0.1, 0.3, 7), np.arange(60)), theirs, rtol=1e-6)


@pytest.mark.parametrize("size", [1, 2, 9])
def test_corners(curve, size):
    """Between its corners, which come nearer to the lower rate, it is a straight line."""
    steps = np.arange(6 * size + 1)
    expected = np.interp(steps, size * np.arange(7), [0.1, 0.5, 0.1, 0.3, 0.1, 0.2, 0.1])
    np.testing.assert_allclose(curve(Triangular2(0.1, 0.5, size), steps), expected, rtol=1e-6)


def test_far_on_it_is_the_lower_rate(curve):
    """After hundreds of cycles the height is nothing, and nothing overflows."""
    np.testing.assert_allclose(curve(Triangular2(0.1, 0.5, 1), [2**20 + 1, 2**31 - 1]), 0.1, rtol=1e-6)


@pytest.mark.parametrize("arguments", [(0.4, 0.3, 5), (-0.1, 0.3, 5), (0.1, 0.3, 0), (0.1, 0.3, 1.5)])
def test_bad_arguments(arguments):
    """Rates in the wrong order and half cycles of no step are refused."""
    with pytest.raises(ValueError, match="must be"):
        Triangular2(*arguments)
