"""The pinball loss against scikit-learn, and its lists of quantiles against a loop."""

import numpy as np
import pytest
from keras import ops
from sklearn.metrics import mean_pinball_loss

from kerasplus.losses import Pinball


def values_of(loss, y, p):
    return ops.convert_to_numpy(type(loss).from_config({**loss.get_config(), "reduction": "none"})(y, p))


@pytest.mark.parametrize("quantile", [0.05, 0.5, 0.9])
def test_one_quantile(quantile):
    """The mean over everything is that of scikit-learn."""
    rng = np.random.default_rng(0)
    y, p = rng.normal(size=(9, 3)), rng.normal(size=(9, 3))
    expected = mean_pinball_loss(y, p, alpha=quantile)
    np.testing.assert_allclose(float(Pinball(quantile)(y, p)), expected, rtol=1e-5)


@pytest.mark.parametrize("target_shape", [(6,), (6, 1)])
def test_a_list_has_a_column_for_each_quantile(target_shape):
    """Every target is held against each column, with the quantile of that column."""
    rng = np.random.default_rng(1)
    y, p, quantiles = rng.normal(size=6), rng.normal(size=(6, 3)), [0.1, 0.5, 0.9]
    expected = np.zeros(6)
    for sample in range(6):
        for column, quantile in enumerate(quantiles):
            error = y[sample] - p[sample, column]
            expected[sample] += (quantile * error if error >= 0 else (quantile - 1) * error) / 3
    np.testing.assert_allclose(values_of(Pinball(quantiles), y.reshape(target_shape), p), expected, rtol=1e-5)


def test_sequences_and_rows_of_targets():
    """`(n, T)` targets meet `(n, T, k)` predictions; targets of the shape of the predictions pair up."""
    rng = np.random.default_rng(2)
    y, p = rng.normal(size=(4, 5)), rng.normal(size=(4, 5, 2))
    loss = Pinball([0.25, 0.75])
    repeated = np.repeat(y[..., None], 2, axis=-1)
    assert values_of(loss, y, p).shape == (4, 5)
    np.testing.assert_allclose(values_of(loss, y, p), values_of(loss, repeated, p), rtol=1e-6)


def test_half_is_half_the_absolute_error():
    """At the median over and under cost the same."""
    assert float(Pinball()(np.array([3.0, -1.0]), np.array([1.0, 1.0]))) == 1.0


def test_gradient(check_gradient):
    """The slope equals finite differences, with a list too."""
    rng = np.random.default_rng(3)
    check_gradient(Pinball(0.2), rng.normal(size=(4, 2)), rng.normal(size=(4, 2)))
    check_gradient(Pinball([0.2, 0.7]), rng.normal(size=4), rng.normal(size=(4, 2)))


def test_perfect_prediction_has_a_finite_slope(gradient):
    """At the kink the slope is between those on either side."""
    slope = gradient(lambda x: Pinball(0.9)(np.zeros(1), x), np.zeros((1, 1)))
    assert -0.9 <= slope.item() <= 0.1


@pytest.mark.parametrize("shapes", [((4,), (4,)), ((4,), (4, 3)), ((4, 5), (4, 2)), ((3,), (4, 2))])
def test_shapes_that_do_not_fit_a_list(shapes):
    """A list of two wants two columns and a target for each row."""
    with pytest.raises(ValueError, match="'pinball' received") as error:
        Pinball([0.1, 0.9])(np.zeros(shapes[0]), np.zeros(shapes[1]))
    assert str(shapes[0]) in str(error.value)
    assert str(shapes[1]) in str(error.value)


@pytest.mark.parametrize("quantiles", [0, 1, -0.5, [], [0.5, 1.5], float("nan")])
def test_bad_quantiles(quantiles):
    """Levels outside of (0, 1) and an empty list are refused."""
    with pytest.raises(ValueError, match="`quantiles` must be"):
        Pinball(quantiles)


def test_a_tuple_survives_the_config():
    """Quantiles of any sequence come back as a list."""
    assert Pinball.from_config(Pinball((0.1, 0.9)).get_config()).quantiles == [0.1, 0.9]
