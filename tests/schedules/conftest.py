"""What the tests of schedules share: curves as NumPy arrays."""

import numpy as np
import pytest
from keras import ops


@pytest.fixture
def curve():
    """The rates of a schedule at some steps, as float64, worked out all at once."""

    def rates(schedule, steps):
        return np.asarray(ops.convert_to_numpy(schedule(np.asarray(steps))), "float64")

    return rates


@pytest.fixture
def torch_rates():
    """The rates that a scheduler of PyTorch gives, step by step."""
    torch = pytest.importorskip("torch", reason="the oracle is PyTorch's scheduler, and PyTorch is not installed")

    def rates(scheduler, rate, count, **arguments):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
        scheduler = getattr(torch.optim.lr_scheduler, scheduler)(optimizer, **arguments)
        found = []
        for _ in range(count):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if len(found) < count:
                scheduler.step()
        return np.array(found)

    return rates
