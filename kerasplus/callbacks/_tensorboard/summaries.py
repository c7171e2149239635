"""The messages that TensorBoard's dashboards read."""

from __future__ import annotations

from typing import Any


def scalar(tag: str, value: float) -> Any:
    """A point of a curve."""
    from tensorboard.compat.proto import summary_pb2

    return summary_pb2.Summary.Value(tag=tag, simple_value=value)
