"""Callbacks that write what a training does, and that survive a resume."""

from kerasplus.callbacks.learning_rate_monitor import LearningRateMonitor
from kerasplus.callbacks.plateau_decay import PlateauDecay

__all__ = ["LearningRateMonitor", "PlateauDecay"]
