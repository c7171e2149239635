"""The triangle wave that shrinks in each step, held against PyTorch's and against logarithms in NumPy."""

import numpy as np
import pytest

from kerasplus.schedules import ExponentialCyclical


def test_that_of_pytorch(curve, torch_rates):
    """It is `CyclicLR` with `mode="exp_range"`."""
    theirs = torch_rates(
        "CyclicLR", 0.1, 60, base_lr=0.1, max_lr=0.3, step_size_up=7, mode="exp_range", gamma=0.9, cycle_momentum=False
    )
    np.testing.assert_allclose(curve(ExponentialCyclical(0.1, 0.3, 7, gamma=0.9), np.arange(60)), theirs, rtol=1e-6)


def test_heights(curve):
    """The tops of the cycles lie on an exponential curve, far on too."""
    tops = 5 + 10 * np.array([0, 1, 2, 50, 1000, 10_000])
    expected = 0.1 + 0.2 * np.exp(tops * np.log(0.9995))
    ours = curve(ExponentialCyclical(0.1, 0.3, 5, gamma=0.9995), tops)
    np.testing.assert_allclose(ours, expected, rtol=1e-5)


@pytest.mark.parametrize(
    "arguments", [(0.4, 0.3, 5), (-0.1, 0.3, 5), (0.1, 0.3, 0), (0.1, 0.3, 1.5), (0.1, 0.3, 5, 0.0), (0.1, 0.3, 5, 1.1)]
)
def test_bad_arguments(arguments):
    """Rates in the wrong order, half cycles of no step and a height that grows are refused."""
    with pytest.raises(ValueError, match="must be"):
        ExponentialCyclical(*arguments)
