"""The graph of a model: its layers on any backend, its operations on TensorFlow."""

from __future__ import annotations

from typing import Any

import keras

from kerasplus.callbacks._tensorboard import summaries
from kerasplus.callbacks._tensorboard.writer import EventWriter


def write_layers(model: Any, writer: EventWriter) -> None:
    """Writes the conceptual graph of a functional or sequential model; others have none."""
    if not isinstance(model, keras.Sequential) and not getattr(model, "inputs", None):
        return
    try:
        description = model.to_json()
    except Exception:  # a layer without a config: the model has no description, and trains all the same
        return
    writer.write([summaries.conceptual_graph("keras", description)], step=0)


def write_operations(model: Any, writer: EventWriter) -> None:
    """Writes the operations of a functional or sequential model on TensorFlow; elsewhere there is no such graph."""
    if keras.config.backend() != "tensorflow" or not getattr(model, "inputs", None):
        return
    import tensorflow as tf
    from tensorboard.compat.proto import event_pb2

    inputs = model.inputs[0] if isinstance(model, keras.Sequential) else model.input
    signature = keras.tree.map_structure(
        lambda tensor: tf.TensorSpec(tensor.shape, keras.backend.standardize_dtype(tensor.dtype)), inputs
    )
    forward = tf.function(lambda inputs: model(inputs, training=False)).get_concrete_function(signature)
    writer.write_event(event_pb2.Event(graph_def=forward.graph.as_graph_def().SerializeToString()))
