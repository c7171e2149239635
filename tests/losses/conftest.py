"""Gradients of a loss on whatever backend runs, and the finite differences that they are held against."""

import keras
import numpy as np
import pytest
from keras import ops


def _gradient(function, point, dtype="float32"):
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        x = tf.constant(point, dtype)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = function(x)
        return tape.gradient(value, x).numpy()
    if backend == "jax":
        import jax

        return np.asarray(jax.grad(function)(ops.convert_to_tensor(point, dtype)))
    import torch

    x = torch.tensor(np.asarray(point), dtype=getattr(torch, dtype), requires_grad=True)
    (gradient,) = torch.autograd.grad(function(x), x)
    return gradient.numpy()


@pytest.fixture
def gradient():
    """The gradient of `function(tensor) -> scalar tensor` at a NumPy point."""
    return _gradient


@pytest.fixture
def check_gradient():
    """Holds the gradient of `loss(y_true, y_pred)` against central differences, at a smooth point."""

    def check(loss, y_true, y_pred, step=2e-3, tolerance=2e-2):
        if keras.backend.backend() != "tensorflow":  # JAX has no float64, Keras' mean on PyTorch rounds it
            dtype = "float32"
        else:
            dtype, step, tolerance = "float64", 1e-5, 1e-5
            loss = type(loss).from_config({**loss.get_config(), "dtype": dtype})
        y_pred = np.asarray(y_pred, dtype)
        got = _gradient(lambda x: loss(y_true, x), y_pred, dtype)
        expected = np.zeros(y_pred.shape)
        for index in np.ndindex(*y_pred.shape):
            above, below = y_pred.copy(), y_pred.copy()
            above[index] += step
            below[index] -= step
            up, down = (float(ops.convert_to_numpy(loss(y_true, at))) for at in (above, below))
            expected[index] = (up - down) / (2 * step)
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)

    return check
