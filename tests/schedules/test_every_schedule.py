"""What holds for each schedule: kinds of steps, names, configurations, compilation, far steps, low precision."""

import inspect
import json
import os
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest
from keras import ops

import kerasplus
from kerasplus import schedules
from kerasplus._registry import snake_case
from kerasplus.schedules._steps import widest_integer

CLASSES = [value for name in schedules.__all__ if isinstance(value := getattr(schedules, name), type)]
every_class = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
STEPS = np.array([0, 1, 2, 4, 5, 6, 7, 8, 12, 15, 39, 40, 41, 100, 119, 120, 999, 1000, 1001])
FAR = np.array([2**24 - 1, 2**24, 2**24 + 1, 2**30, 2**31 - 1])


def example(cls, **changes):
    """The schedule with its alternatives, in steps."""
    return cls(
        **{
            **cls.alternatives,
            **({"steps_per_epoch": None} if "steps_per_epoch" in cls.alternatives else {}),
            **changes,
        }
    )


@every_class
def test_kinds_of_steps(cls, curve):
    """Numbers, tensors and variables of any type, one by one, give what a vector of steps gives."""
    schedule = example(cls)
    for step, expected in zip(STEPS[::5], curve(schedule, STEPS[::5]), strict=True):
        steps = [int(step), np.int8(step), np.uint16(step), np.int64(step), np.float32(step), np.array(step)]
        steps += [ops.convert_to_tensor(step, dtype) for dtype in ("int32", widest_integer(), "uint8", "float32")]
        steps += [keras.Variable(int(step), dtype=widest_integer(), trainable=False)]
        for given in steps:
            rate = schedule(given)
            assert keras.backend.standardize_dtype(rate.dtype) == "float32"
            np.testing.assert_allclose(float(rate), expected, rtol=2e-6, atol=1e-7, err_msg=repr(given))


@every_class
def test_compiled(cls, curve):
    """Compiled, also by XLA, it gives what it gives step by step."""
    schedule, backend = example(cls), keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        compiled = [tf.function(schedule), tf.function(schedule, jit_compile=True)]
    elif backend == "jax":
        import jax

        compiled = [jax.jit(schedule)]
    else:
        import torch

        compiled = [lambda step: schedule(torch.as_tensor(step))]
    steps = np.concatenate([STEPS, FAR])
    for function in compiled:
        rates = ops.convert_to_numpy(function(ops.convert_to_tensor(steps)))
        np.testing.assert_allclose(rates, curve(schedule, steps), rtol=2e-6, atol=1e-7)


@every_class
def test_far_steps(cls, curve):
    """However far, the rate is a finite number, 0 or more; what does not fit into 32 bits does not wrap."""
    rates = curve(example(cls), [*FAR, 2**31, 2**31 + 1, 2**40])
    assert np.all(np.isfinite(rates))
    assert np.all((rates >= 0) & (rates <= 1))


@every_class
def test_low_precision(cls, curve):
    """Under a policy and a default float of half precision the rates are the same."""
    schedule = example(cls)
    expected, floatx = curve(schedule, STEPS), keras.config.floatx()
    keras.config.set_dtype_policy("mixed_float16")
    keras.config.set_floatx("float16")
    try:
        rates = curve(schedule, STEPS)
    finally:
        keras.config.set_floatx(floatx)
    np.testing.assert_allclose(rates, expected, rtol=1e-6)


@every_class
def test_every_argument_survives(cls, curve):
    """Built anew from its configuration through JSON, it gives the same rates and has the same arguments."""
    schedule = example(cls, name="mine")
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(schedule)))
    again = keras.saving.deserialize_keras_object(config)
    assert again.get_config() == schedule.get_config()
    np.testing.assert_array_equal(curve(again, STEPS), curve(schedule, STEPS))
    by_name = kerasplus.get(snake_case(cls.__name__), **json.loads(json.dumps(schedule.get_config())))
    np.testing.assert_array_equal(curve(by_name, STEPS), curve(schedule, STEPS))


def another(value):
    """A value that is valid wherever this one is, and means something else."""
    if isinstance(value, dict):
        return 0.05
    if isinstance(value, list):
        return [value[0]] * len(value) if isinstance(value[0], dict | float) else another(np.array(value)).tolist()
    return value * 2


@every_class
def test_every_argument_matters(cls, curve):
    """Left at its default, or doubled where there is none, each argument changes the rates."""
    before = curve(cls(**cls.alternatives), np.arange(400))
    for name, parameter in inspect.signature(cls).parameters.items():
        if name == "name":
            continue
        changes = dict(cls.alternatives)
        value = changes.pop(name)
        if parameter.default is inspect.Parameter.empty:
            changes[name] = another(value)
        else:
            assert value != parameter.default, name
        schedule = cls(**changes)
        assert not np.allclose(curve(schedule, np.arange(400)), before, rtol=1e-3), name
        assert schedule.get_config()[name] != cls(**cls.alternatives).get_config()[name], name


@pytest.mark.parametrize(
    "cls", [cls for cls in CLASSES if "steps_per_epoch" in cls.alternatives], ids=lambda c: c.__name__
)
def test_epochs(cls, curve):
    """With `steps_per_epoch` every number of steps is in epochs, whole or not."""
    in_steps = {k: v for k, v in cls.alternatives.items() if k != "steps_per_epoch"}
    counts = [k for k in in_steps if k.endswith(("_steps", "step_size", "boundaries", "milestones"))]
    assert counts
    in_epochs = {k: np.divide(v, 8).tolist() if k in counts else v for k, v in in_steps.items()}
    epochs = cls(**in_epochs, steps_per_epoch=8)
    np.testing.assert_array_equal(curve(epochs, STEPS), curve(cls(**in_steps), STEPS))
    assert epochs.get_config()[counts[0]] == in_epochs[counts[0]]


@every_class
def test_example_fits_a_picture(cls, curve):
    """The example that the documentation draws changes within its thousand steps."""
    assert np.ptp(curve(cls(**cls.picture), np.arange(1001))) > 0


def test_arguments_of_numpy_are_saved_as_numbers():
    """NumPy's numbers in the arguments do not end up in the configuration."""
    schedule = schedules.WarmupCosine(np.float32(0.5), np.int64(10), np.int32(2), np.float64(0.25))
    assert json.loads(json.dumps(schedule.get_config())) == schedules.WarmupCosine(0.5, 10, 2, 0.25).get_config()


def test_by_name_with_nested_names(curve):
    """Schedules within schedules may be named, in any spelling, Keras' own too."""
    named = kerasplus.get(
        "join",
        schedules=[
            {
                "class_name": "Warmup",
                "config": {
                    "schedule": {
                        "class_name": "cosine_decay",
                        "config": {"initial_learning_rate": 0.3, "decay_steps": 10},
                    },
                    "warmup_steps": 4,
                },
            },
            {
                "class_name": "kerasplus>Product",
                "config": {
                    "schedules": [
                        {"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.3, "decay_steps": 10}},
                        0.5,
                    ]
                },
            },
        ],
        boundaries=[20],
    )
    cosine = keras.optimizers.schedules.CosineDecay(0.3, 10)
    built = schedules.Join([schedules.Warmup(cosine, 4), schedules.Product([cosine, 0.5])], [20])
    np.testing.assert_array_equal(curve(named, STEPS), curve(built, STEPS))


def test_saved_and_loaded_in_a_fresh_process(tmp_path):
    """A model with a schedule of schedules loads where only kerasplus was imported, and goes on at its rate."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    schedule = schedules.Warmup(schedules.Join([schedules.WarmupLinear(0.3, 10), 0.05], [6]), 4)
    model.compile(keras.optimizers.Adam(schedule), loss="mse")
    model.fit(np.ones((8, 2)), np.ones((8, 1)), batch_size=1, verbose=0)
    model.save(tmp_path / "model.keras")
    script = """
        import sys, keras, kerasplus
        optimizer = keras.models.load_model(sys.argv[1]).optimizer
        print(int(optimizer.iterations), float(optimizer.learning_rate))
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "model.keras")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "KERAS_BACKEND": keras.backend.backend()},
    )
    steps, rate = result.stdout.split()
    assert int(steps) == 8
    np.testing.assert_allclose(float(rate), 0.3 - 0.03 * 4, rtol=1e-6)
