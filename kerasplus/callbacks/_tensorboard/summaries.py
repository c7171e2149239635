"""The messages that TensorBoard's dashboards read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

THRESHOLDS = 127
"""How many thresholds a precision-recall curve has; the viewer expects an odd number."""


def scalar(tag: str, value: float) -> Any:
    """A point of a curve."""
    from tensorboard.compat.proto import summary_pb2

    return summary_pb2.Summary.Value(tag=tag, simple_value=value)


def histogram(tag: str, buckets: np.ndarray) -> Any:
    """A histogram, given as rows of left edge, right edge and count."""
    from tensorboard.plugins.histogram import metadata

    return _tensor(tag, metadata.create_summary_metadata(display_name=None, description=None), buckets)


def image(tag: str, pixels: np.ndarray, description: str = "") -> Any:
    """A picture of `uint8` pixels, `(height, width, channels)`."""
    from tensorboard.plugins.image import metadata

    from kerasplus.callbacks._tensorboard.png import encode

    height, width = pixels.shape[:2]
    data = [str(width).encode(), str(height).encode(), encode(pixels)]
    return _strings(tag, metadata.create_summary_metadata(display_name=None, description=description), data)


def text(tag: str, markdown: str) -> Any:
    """A text in Markdown."""
    from tensorboard.plugins.text import metadata

    return _strings(tag, metadata.create_summary_metadata(display_name=None, description=None), markdown.encode())


def conceptual_graph(tag: str, model_json: str) -> Any:
    """The layers of a model, as `to_json` describes them."""
    return _strings(tag, _plugin("graph_keras_model", b"1"), model_json.encode())


def precision_recall_curve(tag: str, labels: np.ndarray, scores: np.ndarray) -> Any:
    """The curve of boolean labels against scores from 0 to 1."""
    from tensorboard.plugins.pr_curve import metadata

    positives = _at_least(scores[labels])
    negatives = _at_least(scores[~labels])
    tiny = 1e-7
    precision = np.maximum(tiny, positives) / np.maximum(tiny, positives + negatives)
    recall = np.maximum(tiny, positives) / max(tiny, labels.sum())
    rows = [positives, negatives, (~labels).sum() - negatives, labels.sum() - positives, precision, recall]
    return _tensor(
        tag,
        metadata.create_summary_metadata(display_name=tag, description="", num_thresholds=THRESHOLDS),
        np.asarray(rows, "float32"),
    )


def session_start(hparams: Mapping[str, Any], start_time: float) -> Any:
    """The hyperparameters of a training."""
    from tensorboard.plugins.hparams import plugin_data_pb2

    info = plugin_data_pb2.SessionStartInfo(start_time_secs=start_time)
    for name, value in hparams.items():
        if isinstance(value, bool):
            info.hparams[name].bool_value = value
        elif isinstance(value, int | float):
            info.hparams[name].number_value = value
        else:
            info.hparams[name].string_value = str(value)
    return _hparams("_hparams_/session_start_info", plugin_data_pb2.HParamsPluginData(session_start_info=info))


def session_end(end_time: float) -> Any:
    """That a training has come to its end."""
    from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2

    info = plugin_data_pb2.SessionEndInfo(status=api_pb2.STATUS_SUCCESS, end_time_secs=end_time)
    return _hparams("_hparams_/session_end_info", plugin_data_pb2.HParamsPluginData(session_end_info=info))


def _at_least(scores: np.ndarray) -> np.ndarray:
    """How many scores reach each of the thresholds 0, 1 / 126, ..., 1."""
    bins = np.minimum(np.floor(scores * (THRESHOLDS - 1)), THRESHOLDS - 1).astype(int)
    return np.bincount(bins, minlength=THRESHOLDS)[::-1].cumsum()[::-1]


def _hparams(tag: str, data: Any) -> Any:
    from tensorboard.plugins.hparams import metadata

    return _tensor(tag, metadata.create_summary_metadata(data), np.zeros(0, "float32"))


def _plugin(name: str, content: bytes) -> Any:
    from tensorboard.compat.proto import summary_pb2

    return summary_pb2.SummaryMetadata(
        plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=name, content=content)
    )


def _tensor(tag: str, metadata: Any, array: np.ndarray) -> Any:
    from tensorboard.compat.proto import summary_pb2, tensor_pb2, types_pb2

    dtype = types_pb2.DT_DOUBLE if array.dtype == "float64" else types_pb2.DT_FLOAT
    tensor = tensor_pb2.TensorProto(dtype=dtype, tensor_shape=_shape(array.shape), tensor_content=array.tobytes())
    return summary_pb2.Summary.Value(tag=tag, metadata=metadata, tensor=tensor)


def _strings(tag: str, metadata: Any, data: bytes | Sequence[bytes]) -> Any:
    from tensorboard.compat.proto import summary_pb2, tensor_pb2, types_pb2

    values, shape = ([data], ()) if isinstance(data, bytes) else (data, (len(data),))
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, tensor_shape=_shape(shape), string_val=values)
    return summary_pb2.Summary.Value(tag=tag, metadata=metadata, tensor=tensor)


def _shape(shape: Sequence[int]) -> Any:
    from tensorboard.compat.proto import tensor_shape_pb2

    dims = [tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in shape]
    return tensor_shape_pb2.TensorShapeProto(dim=dims)
