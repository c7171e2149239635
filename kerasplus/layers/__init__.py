"""Layers, one per file."""

from kerasplus.layers.activation_statistics import ActivationStatistics
from kerasplus.layers.activity_regularization_layer import ActivityRegularizationLayer
from kerasplus.layers.add_loss import AddLoss
from kerasplus.layers.entropy_regularization import EntropyRegularization
from kerasplus.layers.kl_sparsity import KLSparsity
from kerasplus.layers.log_metric import LogMetric

__all__ = [
    "ActivationStatistics",
    "ActivityRegularizationLayer",
    "AddLoss",
    "EntropyRegularization",
    "KLSparsity",
    "LogMetric",
]
