"""Metrics, one per file, and the base class that they share."""

from kerasplus.metrics._streaming_metric import StreamingMetric
from kerasplus.metrics.categorical_true_positives import CategoricalTruePositives

__all__ = ["CategoricalTruePositives", "StreamingMetric"]
