"""What arguments must be, said before training."""

from __future__ import annotations

from typing import Any


def check_frequency(name: str, value: Any) -> None:
    """Refuses what is no number of epochs.

    Raises:
        ValueError: If it is not an integer, or negative.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"`{name}` must be a number of epochs, 0 for never. Received: {name}={value!r}")


def check_update_frequency(name: str, value: Any) -> None:
    """Refuses what is neither `"epoch"`, `"batch"` nor a number of batches.

    Raises:
        ValueError: If it is none of them.
    """
    if value in ("epoch", "batch"):
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(
            f'`{name}` must be "epoch", "batch" or a number of batches, 1 or more. Received: {name}={value!r}'
        )


def check_tensorboard() -> None:
    """Finds out at once whether the package that reads and writes the logs is there.

    Raises:
        ImportError: If it is not installed.
    """
    try:
        import tensorboard.compat.proto.event_pb2  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "TensorBoardLogger needs the package tensorboard, which TensorFlow 2.21 and later do not bring: "
            "pip install tensorboard"
        ) from error
