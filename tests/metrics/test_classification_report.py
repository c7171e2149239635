"""Held against scikit-learn, result by result."""

import pytest
from sklearn import metrics as sklearn

from kerasplus.metrics import ClassificationReport

ORACLES = {
    "accuracy": sklearn.accuracy_score,
    "balanced_accuracy": sklearn.balanced_accuracy_score,
    "precision": lambda y, p, **w: sklearn.precision_score(y, p, average="macro", zero_division=0, **w),
    "recall": lambda y, p, **w: sklearn.recall_score(y, p, average="macro", zero_division=0, **w),
    "f1": lambda y, p, **w: sklearn.f1_score(y, p, average="macro", zero_division=0, **w),
    "cohen_kappa": sklearn.cohen_kappa_score,
    "matthews_correlation": sklearn.matthews_corrcoef,
}


@pytest.mark.parametrize("seed", range(6))
def test_values(run, scores, seed):
    """All seven, weighted, with a class that never occurs."""
    y, s, w = scores(seed=seed, last_is_absent=seed % 2 == 1)
    got = run(ClassificationReport(), y, s, w, batches=4)
    expected = {f"classification_report_{k}": f(y, s.argmax(1), sample_weight=w) for k, f in ORACLES.items()}
    assert got == pytest.approx(expected, rel=1e-6)


def test_chosen_results(run, scores):
    """Only what is asked for is shown, in that order, under the name of the metric."""
    y, s, _ = scores()
    assert list(run(ClassificationReport(results=("f1", "accuracy"), name="r"), y, s)) == ["r_f1", "r_accuracy"]


@pytest.mark.parametrize("bad", [[], ["f2"]])
def test_bad_results(bad):
    """An unknown result, or none, is refused."""
    with pytest.raises(ValueError, match="`results` must be"):
        ClassificationReport(results=bad)
