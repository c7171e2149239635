"""Instances and inputs of the layers, made from what their classes declare."""

import inspect

import keras
import numpy as np
import pytest

import kerasplus.layers

SIZES = {"real": 1.0, "mean": 1.0, "log_variance": 0.5}


def _make(cls, **arguments):
    parameters = inspect.signature(cls.__init__).parameters.values()
    required = [p.name for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    return cls(**{name: cls.alternatives[name] for name in required if name != "self"}, **arguments)


def _draw(cls, batch=4, seed=0):
    rng = np.random.default_rng(seed)
    shapes = cls.input_shape_example
    several = isinstance(shapes, list)
    drawn = []
    for domain, shape in zip(cls.input_domains, shapes if several else [shapes], strict=True):
        if domain == "sparse":
            drawn.append(rng.integers(0, 3, (batch, *shape)).astype("int32"))
        elif domain == "probabilities":
            values = rng.integers(1, 16, (batch, *shape)).astype("float32")
            drawn.append(values / values.sum(-1, keepdims=True))
        else:
            drawn.append((SIZES[domain] * rng.integers(-16, 17, (batch, *shape)) / 16).astype("float32"))
    return drawn if several else drawn[0]


def _symbolic(cls):
    values = _draw(cls)
    several = isinstance(values, list)
    inputs = [keras.Input(v.shape[1:], dtype=v.dtype.name) for v in (values if several else [values])]
    return inputs if several else inputs[0]


@pytest.fixture
def make():
    """A function that builds a layer with its required arguments."""
    return _make


@pytest.fixture
def draw():
    """A function that draws what a layer takes."""
    return _draw


@pytest.fixture
def symbolic():
    """A function that makes the symbolic inputs of a layer."""
    return _symbolic


@pytest.fixture(params=[getattr(kerasplus.layers, name) for name in kerasplus.layers.__all__])
def layer_class(request):
    """Each layer in turn."""
    return request.param


@pytest.fixture(scope="module")
def digits():
    """The handwritten digits of scikit-learn, their classes, and 500 of each kept apart."""
    datasets = pytest.importorskip("sklearn.datasets")
    x, y = datasets.load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = (x[order] / 16).astype("float32"), y[order].astype("int32")
    return (x[500:], y[500:]), (x[:500], y[:500])


@pytest.fixture
def logged():
    """A function that gives the logs of a model of this layer alone, with a compiled loss of zero."""

    def run(layer, values, batch_size=4):
        several = isinstance(values, list)
        inputs = [keras.Input(v.shape[1:], dtype=v.dtype.name) for v in (values if several else [values])]
        outputs = keras.tree.flatten(layer(inputs if several else inputs[0]))[-1]
        model = keras.Model(inputs, outputs)
        model.compile("sgd", lambda y_true, y_pred: 0 * keras.ops.mean(y_pred, axis=-1))
        y = np.zeros(((values[0] if several else values).shape[0], 1))
        return model.evaluate(values, y, batch_size=batch_size, return_dict=True, verbose=0)

    return run
