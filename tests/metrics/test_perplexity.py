"""Held against the mean logarithm of the probabilities, sample by sample."""

import numpy as np
import pytest

from kerasplus.metrics import Perplexity


def oracle(y, p, w):
    own = [row[int(label)] for label, row in zip(y, p, strict=True)]
    return np.exp(-np.average(np.log(own), weights=w))


def draw(seed):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(4), 30)
    return rng.integers(0, 4, 30), p, rng.integers(1, 9, 30) / 4


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("arguments", [{}])
@pytest.mark.parametrize("seed", range(3))
def test_values(run, arguments, weighted, seed):
    """Random values in four batches, weighted or not."""
    y, p, w = draw(seed)
    w = w if weighted else None
    got = run(Perplexity(**arguments), y, p, w, batches=4)
    np.testing.assert_allclose(
        got, oracle(np.float64(np.float32(y)), np.float64(np.float32(p)), w, **arguments), rtol=2e-6
    )


def test_before_the_first_batch(number):
    """Nothing seen is 0."""
    assert number(Perplexity().result()) == 0


@pytest.mark.parametrize("bad", [{"ignore_class": 1.5}])
def test_bad_arguments(bad):
    """Arguments out of range are refused."""
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must be"):
        Perplexity(**bad)


def test_labels_outside_the_classes():
    """A label that is no class is refused, unless it is named as ignored."""
    y, p, _ = draw(0)
    with pytest.raises(ValueError, match="must receive class ids from 0 to 3"):
        Perplexity().update_state(y - 1, p)
    Perplexity(ignore_class=-1).update_state(y - 1, p)


def test_one_hot_and_logits(run):
    """One-hot rows mean the same as ids, and logits the same as their softmax."""
    y, p, w = draw(1)
    expected = run(Perplexity(), y, p, w)
    np.testing.assert_allclose(run(Perplexity(), np.eye(4)[y], p, w), expected, rtol=1e-6)
    np.testing.assert_allclose(run(Perplexity(from_logits=True), y[:, None], np.log(p) + 3, w), expected, rtol=1e-5)


def test_masks_and_ignored_tokens(run, masked):
    """The mean is over the tokens that are neither masked nor ignored."""
    rng = np.random.default_rng(3)
    y, p = rng.integers(0, 4, (3, 5)), rng.dirichlet(np.ones(4), (3, 5))
    mask = np.arange(5) < np.array([[5], [2], [3]])
    kept = mask & (y != 2)
    metric = Perplexity(ignore_class=2)
    metric.update_state(y, masked(p, mask))
    own = np.take_along_axis(p, y[..., None], -1)[..., 0][kept]
    np.testing.assert_allclose(float(metric.result()), np.exp(-np.log(own).mean()), rtol=1e-5)
