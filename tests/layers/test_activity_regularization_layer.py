"""The penalty on activations: the number of the guide, and one that no batch size changes."""

import numpy as np
import pytest

from kerasplus.layers import ActivityRegularizationLayer

X = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")


@pytest.mark.parametrize("reduction", ["sum", "sum_over_batch_size"])
@pytest.mark.parametrize("function", ["sum", "l1", "l2"])
def test_equals_a_loop_in_float64(reduction, function):
    """Every function and reduction."""
    layer = ActivityRegularizationLayer(rate=0.3, reduction=reduction, function=function)
    layer(X)
    power = {"sum": lambda a: a, "l1": abs, "l2": lambda a: a * a}[function]
    total = sum(power(float(a)) for row in X for a in row)
    expected = 0.3 * total / (len(X) if reduction == "sum_over_batch_size" else 1)
    assert float(layer.losses[0]) == pytest.approx(expected, rel=1e-5)


def test_the_default_is_the_number_of_the_guide():
    """A tenth of the sum of all activations."""
    layer = ActivityRegularizationLayer()
    layer(X)
    assert float(layer.losses[0]) == pytest.approx(0.1 * X.sum(), rel=1e-5)


def test_the_mean_over_the_batch_does_not_change_with_its_size(logged):
    """The sum does."""
    mean = {size: logged(ActivityRegularizationLayer(reduction="sum_over_batch_size"), X, size) for size in (3, 12)}
    assert mean[3]["loss"] == pytest.approx(mean[12]["loss"], rel=1e-5)
    sums = {size: logged(ActivityRegularizationLayer(), X, size)["loss"] for size in (3, 12)}
    assert sums[12] == pytest.approx(4 * sums[3], rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"rate": float("nan")}, "rate"),
        ({"rate": "x"}, "rate"),
        ({"reduction": "mean"}, "reduction"),
        ({"function": "l3"}, "function"),
    ],
)
def test_bad_arguments(arguments, named):
    """Name the argument and what came."""
    with pytest.raises(ValueError, match=f"`{named}` must be .*Received: {named}="):
        ActivityRegularizationLayer(**arguments)
