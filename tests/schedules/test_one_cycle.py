"""One cycle, held against PyTorch's and optax' of the same name and a loop in float64."""

import itertools
import math

import numpy as np
import optax
import pytest

from kerasplus.schedules import OneCycle


def oracle(t, points, shape):
    """One step, in float64, between the points of the table."""
    if t >= points[-1][0]:
        return points[-1][1]
    for (start, first), (end, last) in itertools.pairwise(points):
        if start <= t <= end:
            x = (t - start) / (end - start)
            way = x if shape == "linear" else math.sin(math.pi * x / 2) ** 2
            return first + (last - first) * way
    raise AssertionError(t)


@pytest.mark.parametrize("shape", ["cosine", "linear"])
@pytest.mark.parametrize(("total", "start", "phases"), [(10, 0.3, 2), (100, 0.25, 2), (57, 0.33, 3), (40, 0.45, 3)])
def test_values(curve, shape, total, start, phases):
    """Each step lies between the points of the table, which need not be on a step."""
    points = [(0, 0.03), (start * total - 1, 0.3)]
    points += [(2 * start * total - 2, 0.03)] if phases == 3 else []
    points += [(total - 1, 0.0003)]
    steps = np.arange(2 * total)
    expected = [oracle(t, points, shape) for t in steps]
    ours = curve(OneCycle(0.3, total, start, 10.0, 100.0, shape, phases), steps)
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=2e-8)


@pytest.mark.parametrize("shape", ["cos", "linear"])
@pytest.mark.parametrize("three", [False, True])
def test_that_of_pytorch(curve, torch_rates, shape, three):
    """Every step of a run is that of `OneCycleLR`, from the first to the last."""
    theirs = torch_rates(
        "OneCycleLR", 0.1, 57, max_lr=0.3, total_steps=57, anneal_strategy=shape, three_phase=three, pct_start=0.31
    )
    shape = {"cos": "cosine"}.get(shape, shape)
    ours = curve(OneCycle(0.3, 57, 0.31, shape=shape, phases=3 if three else 2), np.arange(57))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=2e-8)


def test_that_of_optax_a_step_earlier(curve):
    """In optax the points of a run come one step later: from the peak on, its curve is shifted."""
    ours = curve(OneCycle(0.3, 100, 0.3), np.arange(29, 100))
    schedule = optax.cosine_onecycle_schedule(100, 0.3, 0.3)
    theirs = [schedule(t) for t in range(30, 101)]
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


def test_final_rate(curve):
    """The last step and all after it have the full rate divided by both factors."""
    ends = curve(OneCycle(1.0, 50, div_factor=5.0, final_div_factor=20.0), [49, 50, 1000, 2**31 - 1])
    np.testing.assert_allclose(ends, 0.01, rtol=1e-6)


def test_exact_in_long_runs(curve):
    """Single steps count where float32 could no longer tell them apart."""
    total = 2**27
    schedule = OneCycle(1.0, total, pct_start=1 - 4 / total, div_factor=1.0, final_div_factor=1e9, shape="linear")
    np.testing.assert_allclose(curve(schedule, total - 5 + np.arange(5)), [1, 0.75, 0.5, 0.25, 0], atol=1e-8)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"total_steps": 10, "pct_start": 0.1}, "pct_start"),
        ({"total_steps": 10, "pct_start": 1.0}, "pct_start"),
        ({"total_steps": 10, "pct_start": 0.6, "phases": 3}, "pct_start"),
        ({"total_steps": 2}, "total_steps"),
        ({"total_steps": 10, "div_factor": 0.5}, "div_factor"),
        ({"total_steps": 10, "final_div_factor": 0.0}, "final_div_factor"),
        ({"total_steps": 10, "phases": 4}, "phases"),
        ({"total_steps": 10, "shape": "exponential"}, "shape"),
    ],
)
def test_bad_arguments(arguments, named):
    """What is out of range is refused at construction, by its name."""
    with pytest.raises(ValueError, match=f"`{named}` must"):
        OneCycle(1.0, **arguments)
