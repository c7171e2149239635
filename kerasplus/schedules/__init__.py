"""Learning-rate schedules, one per file, and the drawing of their curves."""

from kerasplus.schedules._plot import plot, plot_by_name
from kerasplus.schedules.cosine_restarts import CosineRestarts
from kerasplus.schedules.cyclical import Cyclical
from kerasplus.schedules.exponential_cyclical import ExponentialCyclical
from kerasplus.schedules.inverse_square_root import InverseSquareRoot
from kerasplus.schedules.join import Join
from kerasplus.schedules.multi_step import MultiStep
from kerasplus.schedules.noam import Noam
from kerasplus.schedules.one_cycle import OneCycle
from kerasplus.schedules.per_update import PerUpdate
from kerasplus.schedules.product import Product
from kerasplus.schedules.triangular import Triangular
from kerasplus.schedules.triangular2 import Triangular2
from kerasplus.schedules.warmup import Warmup
from kerasplus.schedules.warmup_cosine import WarmupCosine
from kerasplus.schedules.warmup_linear import WarmupLinear
from kerasplus.schedules.warmup_stable_decay import WarmupStableDecay

__all__ = [
    "CosineRestarts",
    "Cyclical",
    "ExponentialCyclical",
    "InverseSquareRoot",
    "Join",
    "MultiStep",
    "Noam",
    "OneCycle",
    "PerUpdate",
    "Product",
    "Triangular",
    "Triangular2",
    "Warmup",
    "WarmupCosine",
    "WarmupLinear",
    "WarmupStableDecay",
    "plot",
    "plot_by_name",
]
