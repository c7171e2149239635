"""Losses, one per file, and the base class that they share."""

from kerasplus.losses._per_sample_loss import PerSampleLoss
from kerasplus.losses.custom_mse import CustomMSE

__all__ = ["CustomMSE", "PerSampleLoss"]
