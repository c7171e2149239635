"""Callbacks that write what a training does, and that survive a resume."""

from kerasplus.callbacks.activation_monitor import ActivationMonitor
from kerasplus.callbacks.composite_early_stopping import CompositeEarlyStopping
from kerasplus.callbacks.exact_metrics import ExactMetrics
from kerasplus.callbacks.gradient_monitor import GradientMonitor
from kerasplus.callbacks.gradual_unfreeze import GradualUnfreeze
from kerasplus.callbacks.learning_rate_finder import LearningRateFinder
from kerasplus.callbacks.learning_rate_monitor import LearningRateMonitor
from kerasplus.callbacks.parameter_schedule import ParameterSchedule
from kerasplus.callbacks.plateau_decay import PlateauDecay
from kerasplus.callbacks.progress_bar import ProgressBar
from kerasplus.callbacks.resume import Resume
from kerasplus.callbacks.run_record import RunRecord
from kerasplus.callbacks.stochastic_weight_averaging import StochasticWeightAveraging
from kerasplus.callbacks.tensor_board_logger import TensorBoardLogger
from kerasplus.callbacks.throughput import Throughput
from kerasplus.callbacks.time_limit import TimeLimit
from kerasplus.callbacks.top_k_checkpoint import TopKCheckpoint

__all__ = [
    "ActivationMonitor",
    "CompositeEarlyStopping",
    "ExactMetrics",
    "GradientMonitor",
    "GradualUnfreeze",
    "LearningRateFinder",
    "LearningRateMonitor",
    "ParameterSchedule",
    "PlateauDecay",
    "ProgressBar",
    "Resume",
    "RunRecord",
    "StochasticWeightAveraging",
    "TensorBoardLogger",
    "Throughput",
    "TimeLimit",
    "TopKCheckpoint",
]
