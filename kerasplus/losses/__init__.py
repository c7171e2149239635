"""Losses, one per file, and the base class that they share."""

from kerasplus.losses._per_sample_loss import PerSampleLoss
from kerasplus.losses.asymmetric_multilabel import AsymmetricMultilabel
from kerasplus.losses.charbonnier import Charbonnier
from kerasplus.losses.contrastive import Contrastive
from kerasplus.losses.custom_mse import CustomMSE
from kerasplus.losses.gaussian_negative_log_likelihood import GaussianNegativeLogLikelihood
from kerasplus.losses.info_nce import InfoNCE
from kerasplus.losses.lifted_structured import LiftedStructured
from kerasplus.losses.multi_similarity import MultiSimilarity
from kerasplus.losses.n_pairs import NPairs
from kerasplus.losses.n_pairs_multilabel import NPairsMultilabel
from kerasplus.losses.pinball import Pinball
from kerasplus.losses.supervised_contrastive import SupervisedContrastive
from kerasplus.losses.triplet_hard import TripletHard
from kerasplus.losses.triplet_semi_hard import TripletSemiHard
from kerasplus.losses.tweedie import Tweedie

__all__ = [
    "AsymmetricMultilabel",
    "Charbonnier",
    "Contrastive",
    "CustomMSE",
    "GaussianNegativeLogLikelihood",
    "InfoNCE",
    "LiftedStructured",
    "MultiSimilarity",
    "NPairs",
    "NPairsMultilabel",
    "PerSampleLoss",
    "Pinball",
    "SupervisedContrastive",
    "TripletHard",
    "TripletSemiHard",
    "Tweedie",
]
