"""Milestones, held against optax, PyTorch and a count in NumPy."""

import numpy as np
import optax
import pytest

from kerasplus.schedules import MultiStep


@pytest.mark.parametrize("factor", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("milestones", [[], [1], [3, 10, 11]])
def test_values(curve, milestones, factor):
    """The factor to the power of how many milestones have been reached."""
    steps = np.arange(20)
    count = np.sum(steps[:, None] >= np.array(milestones, "int64")[None, :], axis=1)
    np.testing.assert_allclose(curve(MultiStep(0.3, milestones, factor), steps), 0.3 * factor**count, rtol=1e-6)


def test_that_of_pytorch(curve, torch_rates):
    """It is `MultiStepLR`."""
    theirs = torch_rates("MultiStepLR", 0.3, 20, milestones=[3, 10, 11], gamma=0.5)
    np.testing.assert_allclose(curve(MultiStep(0.3, [3, 10, 11], 0.5), np.arange(20)), theirs, rtol=1e-6)


def test_that_of_optax(curve):
    """It is optax' piecewise constant schedule."""
    theirs = optax.piecewise_constant_schedule(0.3, {3: 0.5, 10: 0.5})(np.arange(20))
    np.testing.assert_allclose(curve(MultiStep(0.3, [3, 10], 0.5), np.arange(20)), theirs, rtol=1e-6)


def test_exact_in_long_runs(curve):
    """A milestone is met to the step where float32 could no longer tell steps apart."""
    late = 2**26 + 1
    np.testing.assert_array_equal(curve(MultiStep(1.0, [late], 0.5), late + np.arange(-1, 2)), [1.0, 0.5, 0.5])


@pytest.mark.parametrize(
    ("milestones", "factor", "message"),
    [
        ([3, 3], 0.1, "`milestones` must be a whole number of steps, 4 or more"),
        ([0], 0.1, "`milestones` must be a whole number of steps, 1 or more"),
        (3, 0.1, "`milestones` must be a list"),
        ([3], 0.0, "`factor` must be a finite number above 0"),
    ],
)
def test_bad_arguments(milestones, factor, message):
    """Milestones that do not increase and factors that are none are refused."""
    with pytest.raises(ValueError, match=message):
        MultiStep(0.1, milestones, factor)
