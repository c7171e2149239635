"""Draws from a Gaussian."""

import numpy as np
import pytest
from keras import ops

from kerasplus.layers import Sampling

stats = pytest.importorskip("scipy.stats")


def test_draws_have_the_distribution_asked_for():
    """Standardized draws pass the Kolmogorov-Smirnov test; inference gives the mean."""
    mean = np.full((4000, 1), 3.0, "float32")
    log_variance = np.full((4000, 1), np.log(4.0), "float32")
    layer = Sampling(seed=5)
    drawn = ops.convert_to_numpy(layer([mean, log_variance], training=True))
    assert stats.kstest((drawn[:, 0] - 3) / 2, "norm").pvalue > 0.01
    np.testing.assert_array_equal(ops.convert_to_numpy(layer([mean, log_variance])), mean)


def test_a_seed_repeats_and_each_call_draws_anew():
    """Two layers of one seed agree, two calls of one layer do not."""
    pair = [np.zeros((3, 2), "float32"), np.zeros((3, 2), "float32")]
    first, second = (Sampling(seed=5) for _ in range(2))
    once = ops.convert_to_numpy(first(pair, training=True))
    np.testing.assert_array_equal(once, ops.convert_to_numpy(second(pair, training=True)))
    assert np.any(once != ops.convert_to_numpy(first(pair, training=True)))


def test_a_pair_of_two_shapes_is_refused():
    """Nothing is broadcast."""
    with pytest.raises(ValueError, match=r"`\[mean, log_variance\]` of one shape"):
        Sampling()([np.zeros((3, 2)), np.zeros((3, 1))])
