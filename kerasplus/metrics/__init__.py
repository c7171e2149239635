"""Metrics, one per file, and the base class that they share."""

from kerasplus.metrics._streaming_metric import StreamingMetric
from kerasplus.metrics.balanced_accuracy import BalancedAccuracy
from kerasplus.metrics.categorical_true_positives import CategoricalTruePositives
from kerasplus.metrics.classification_report import ClassificationReport
from kerasplus.metrics.cohen_kappa import CohenKappa
from kerasplus.metrics.confusion_matrix import ConfusionMatrix
from kerasplus.metrics.geometric_mean_score import GeometricMeanScore
from kerasplus.metrics.matthews_correlation import MatthewsCorrelation
from kerasplus.metrics.multiclass_f1 import MulticlassF1
from kerasplus.metrics.multiclass_precision import MulticlassPrecision
from kerasplus.metrics.multiclass_recall import MulticlassRecall
from kerasplus.metrics.negative_predictive_value import NegativePredictiveValue
from kerasplus.metrics.specificity import Specificity

__all__ = [
    "BalancedAccuracy",
    "CategoricalTruePositives",
    "ClassificationReport",
    "CohenKappa",
    "ConfusionMatrix",
    "GeometricMeanScore",
    "MatthewsCorrelation",
    "MulticlassF1",
    "MulticlassPrecision",
    "MulticlassRecall",
    "NegativePredictiveValue",
    "Specificity",
    "StreamingMetric",
]
