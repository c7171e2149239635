"""Metrics, one per file, and the base class that they share."""

from kerasplus.metrics._streaming_metric import StreamingMetric
from kerasplus.metrics.average_precision import AveragePrecision
from kerasplus.metrics.balanced_accuracy import BalancedAccuracy
from kerasplus.metrics.bootstrap import Bootstrap
from kerasplus.metrics.brier_score import BrierScore
from kerasplus.metrics.calibration_error import CalibrationError
from kerasplus.metrics.categorical_true_positives import CategoricalTruePositives
from kerasplus.metrics.classification_report import ClassificationReport
from kerasplus.metrics.coefficient_of_determination import CoefficientOfDetermination
from kerasplus.metrics.cohen_kappa import CohenKappa
from kerasplus.metrics.concordance_r import ConcordanceR
from kerasplus.metrics.confusion_matrix import ConfusionMatrix
from kerasplus.metrics.dice_score import DiceScore
from kerasplus.metrics.embedding_recall_at_k import EmbeddingRecallAtK
from kerasplus.metrics.exact_auroc import ExactAUROC
from kerasplus.metrics.exact_match import ExactMatch
from kerasplus.metrics.explained_variance import ExplainedVariance
from kerasplus.metrics.geometric_mean import GeometricMean
from kerasplus.metrics.geometric_mean_score import GeometricMeanScore
from kerasplus.metrics.hamming_distance import HammingDistance
from kerasplus.metrics.harmonic_mean import HarmonicMean
from kerasplus.metrics.interval_coverage import IntervalCoverage
from kerasplus.metrics.kendall_tau import KendallTau
from kerasplus.metrics.matthews_correlation import MatthewsCorrelation
from kerasplus.metrics.max_error import MaxError
from kerasplus.metrics.mean_bias_error import MeanBiasError
from kerasplus.metrics.min_max import MinMax
from kerasplus.metrics.multiclass_f1 import MulticlassF1
from kerasplus.metrics.multiclass_precision import MulticlassPrecision
from kerasplus.metrics.multiclass_recall import MulticlassRecall
from kerasplus.metrics.multilabel_confusion_matrix import MultilabelConfusionMatrix
from kerasplus.metrics.negative_predictive_value import NegativePredictiveValue
from kerasplus.metrics.normalized_root_mean_squared_error import NormalizedRootMeanSquaredError
from kerasplus.metrics.peak_signal_to_noise_ratio import PeakSignalToNoiseRatio
from kerasplus.metrics.pearson_r import PearsonR
from kerasplus.metrics.per_class import PerClass
from kerasplus.metrics.perplexity import Perplexity
from kerasplus.metrics.pinball_error import PinballError
from kerasplus.metrics.running import Running
from kerasplus.metrics.spearman_rho import SpearmanRho
from kerasplus.metrics.specificity import Specificity
from kerasplus.metrics.structural_similarity import StructuralSimilarity
from kerasplus.metrics.symmetric_mape import SymmetricMAPE
from kerasplus.metrics.weighted_absolute_percentage_error import WeightedAbsolutePercentageError

__all__ = [
    "AveragePrecision",
    "BalancedAccuracy",
    "Bootstrap",
    "BrierScore",
    "CalibrationError",
    "CategoricalTruePositives",
    "ClassificationReport",
    "CoefficientOfDetermination",
    "CohenKappa",
    "ConcordanceR",
    "ConfusionMatrix",
    "DiceScore",
    "EmbeddingRecallAtK",
    "ExactAUROC",
    "ExactMatch",
    "ExplainedVariance",
    "GeometricMean",
    "GeometricMeanScore",
    "HammingDistance",
    "HarmonicMean",
    "IntervalCoverage",
    "KendallTau",
    "MatthewsCorrelation",
    "MaxError",
    "MeanBiasError",
    "MinMax",
    "MulticlassF1",
    "MulticlassPrecision",
    "MulticlassRecall",
    "MultilabelConfusionMatrix",
    "NegativePredictiveValue",
    "NormalizedRootMeanSquaredError",
    "PeakSignalToNoiseRatio",
    "PearsonR",
    "PerClass",
    "Perplexity",
    "PinballError",
    "Running",
    "SpearmanRho",
    "Specificity",
    "StreamingMetric",
    "StructuralSimilarity",
    "SymmetricMAPE",
    "WeightedAbsolutePercentageError",
]
