"""Layers, one per file."""

from kerasplus.layers.activation_statistics import ActivationStatistics
from kerasplus.layers.activity_regularization_layer import ActivityRegularizationLayer
from kerasplus.layers.add_loss import AddLoss
from kerasplus.layers.arc_face import ArcFace
from kerasplus.layers.center_loss import CenterLoss
from kerasplus.layers.conditional_random_field import ConditionalRandomField
from kerasplus.layers.cos_face import CosFace
from kerasplus.layers.entropy_regularization import EntropyRegularization
from kerasplus.layers.gaussian_kl import GaussianKL
from kerasplus.layers.kl_sparsity import KLSparsity
from kerasplus.layers.log_metric import LogMetric
from kerasplus.layers.sampling import Sampling
from kerasplus.layers.vector_quantizer import VectorQuantizer

__all__ = [
    "ActivationStatistics",
    "ActivityRegularizationLayer",
    "AddLoss",
    "ArcFace",
    "CenterLoss",
    "ConditionalRandomField",
    "CosFace",
    "EntropyRegularization",
    "GaussianKL",
    "KLSparsity",
    "LogMetric",
    "Sampling",
    "VectorQuantizer",
]
