"""The cyclical schedule, held against the formula of the paper, and the three named ones against it."""

import math

import numpy as np
import pytest

from kerasplus.schedules import Cyclical, ExponentialCyclical, Triangular, Triangular2

SCALES = {"constant": 1.0, "halving": 0.5, "exponential": 0.9}


def oracle(t, size, scale, mode):
    """One step, in float64, by the lines of code in the paper."""
    cycle = math.floor(1 + t / (2 * size))
    x = abs(t / size - 2 * cycle + 1)
    exponent = cycle - 1 if mode == "cycle" else t
    return 0.1 + (0.3 - 0.1) * max(0.0, 1 - x) * SCALES[scale] ** exponent


@pytest.mark.parametrize("size", [1, 4, 7])
@pytest.mark.parametrize("mode", ["cycle", "iterations"])
@pytest.mark.parametrize("scale", SCALES)
def test_values(curve, size, scale, mode):
    """Each step is that of the paper."""
    steps = np.arange(8 * size + 2)
    expected = [oracle(t, size, scale, mode) for t in steps]
    ours = curve(Cyclical(0.1, 0.3, size, scale, mode, gamma=0.9), steps)
    np.testing.assert_allclose(ours, expected, rtol=1e-6)


def test_named_ones_are_scales(curve):
    """`Triangular`, `Triangular2` and `ExponentialCyclical` are scales of `Cyclical`."""
    steps = np.arange(40)
    for named, general in [
        (Triangular(0.1, 0.3, 5), Cyclical(0.1, 0.3, 5)),
        (Triangular2(0.1, 0.3, 5), Cyclical(0.1, 0.3, 5, "halving")),
        (ExponentialCyclical(0.1, 0.3, 5, 0.9), Cyclical(0.1, 0.3, 5, "exponential", "iterations", 0.9)),
    ]:
        np.testing.assert_array_equal(curve(named, steps), curve(general, steps))


def test_exact_in_long_runs(curve):
    """The place in a cycle is right where float32 could no longer tell steps apart."""
    late = 2**30 + np.arange(8)
    np.testing.assert_array_equal(curve(Cyclical(0.0, 1.0, 4), late), [0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25])


@pytest.mark.parametrize(
    "arguments", [(0.4, 0.3, 5), (-0.1, 0.3, 5), (0.1, 0.3, 0), (0.1, 0.3, 1.5), (0.1, math.inf, 5)]
)
def test_bad_arguments(arguments):
    """Rates in the wrong order and half cycles of no step are refused."""
    with pytest.raises(ValueError, match="must be"):
        Cyclical(*arguments)


@pytest.mark.parametrize("gamma", [0.0, 1.1])
def test_bad_gamma(gamma):
    """A height never grows and never becomes nothing at once."""
    with pytest.raises(ValueError, match="`gamma` must be a finite number above 0 and at most 1"):
        Cyclical(0.1, 0.3, 5, gamma=gamma)


def test_bad_names():
    """Unknown scales and modes are refused."""
    with pytest.raises(ValueError, match="`scale` must be one of 'constant', 'halving', 'exponential'"):
        Cyclical(0.1, 0.3, 5, scale="triangular2")
    with pytest.raises(ValueError, match="`scale_mode` must be one of 'cycle', 'iterations'"):
        Cyclical(0.1, 0.3, 5, scale_mode="epoch")
