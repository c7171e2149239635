"""Losses, one per file, and the base class that they share."""

from kerasplus.losses._per_sample_loss import PerSampleLoss
from kerasplus.losses.asymmetric_multilabel import AsymmetricMultilabel
from kerasplus.losses.bounding_box_io_u import BoundingBoxIoU
from kerasplus.losses.charbonnier import Charbonnier
from kerasplus.losses.contrastive import Contrastive
from kerasplus.losses.custom_mse import CustomMSE
from kerasplus.losses.earth_mover import EarthMover
from kerasplus.losses.focal_tversky import FocalTversky
from kerasplus.losses.gaussian_negative_log_likelihood import GaussianNegativeLogLikelihood
from kerasplus.losses.info_nce import InfoNCE
from kerasplus.losses.jaccard import Jaccard
from kerasplus.losses.lifted_structured import LiftedStructured
from kerasplus.losses.lovasz_hinge import LovaszHinge
from kerasplus.losses.lovasz_softmax import LovaszSoftmax
from kerasplus.losses.multi_similarity import MultiSimilarity
from kerasplus.losses.n_pairs import NPairs
from kerasplus.losses.n_pairs_multilabel import NPairsMultilabel
from kerasplus.losses.pinball import Pinball
from kerasplus.losses.segmentation_dice import SegmentationDice
from kerasplus.losses.sparsemax import Sparsemax
from kerasplus.losses.structural_dissimilarity import StructuralDissimilarity
from kerasplus.losses.supervised_contrastive import SupervisedContrastive
from kerasplus.losses.triplet_hard import TripletHard
from kerasplus.losses.triplet_semi_hard import TripletSemiHard
from kerasplus.losses.tweedie import Tweedie
from kerasplus.losses.weighted_kappa import WeightedKappa
from kerasplus.losses.weighted_sum import WeightedSum

__all__ = [
    "AsymmetricMultilabel",
    "BoundingBoxIoU",
    "Charbonnier",
    "Contrastive",
    "CustomMSE",
    "EarthMover",
    "FocalTversky",
    "GaussianNegativeLogLikelihood",
    "InfoNCE",
    "Jaccard",
    "LiftedStructured",
    "LovaszHinge",
    "LovaszSoftmax",
    "MultiSimilarity",
    "NPairs",
    "NPairsMultilabel",
    "PerSampleLoss",
    "Pinball",
    "SegmentationDice",
    "Sparsemax",
    "StructuralDissimilarity",
    "SupervisedContrastive",
    "TripletHard",
    "TripletSemiHard",
    "Tweedie",
    "WeightedKappa",
    "WeightedSum",
]
