"""Layers, one per file."""

from kerasplus.layers.activity_regularization_layer import ActivityRegularizationLayer
from kerasplus.layers.log_metric import LogMetric

__all__ = ["ActivityRegularizationLayer", "LogMetric"]
