"""The values of variables, held outside of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops


def held(variables: Sequence[Any]) -> list[np.ndarray]:
    """Copies of the values, of a type that a file of NumPy can hold: bfloat16 and the like as float32."""
    arrays = [np.array(ops.convert_to_numpy(variable)) for variable in variables]
    return [array if array.dtype.isbuiltin == 1 else array.astype("float32") for array in arrays]


def assign(variables: Sequence[Any], arrays: Sequence[Any]) -> None:
    """Gives the variables their values back.

    Raises:
        ValueError: If they are not as many, or not of these shapes.
    """
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(ops.cast(array, variable.dtype))
