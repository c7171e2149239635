"""Callbacks that write what a training does, and that survive a resume."""

from kerasplus.callbacks.learning_rate_monitor import LearningRateMonitor
from kerasplus.callbacks.plateau_decay import PlateauDecay
from kerasplus.callbacks.resume import Resume
from kerasplus.callbacks.tensor_board_logger import TensorBoardLogger

__all__ = ["LearningRateMonitor", "PlateauDecay", "Resume", "TensorBoardLogger"]
