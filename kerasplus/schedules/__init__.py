"""Learning-rate schedules, one per file, and the drawing of their curves."""

from kerasplus.schedules.product import Product
from kerasplus.schedules.warmup_cosine import WarmupCosine

__all__ = ["Product", "WarmupCosine"]
