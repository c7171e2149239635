"""Each law of losses is broken by its double, and by no sound loss."""

import loss_doubles
import pytest

from kerasplus.testing import check


@pytest.mark.parametrize(("law", "double"), loss_doubles.DOUBLES.items())
def test_a_planted_defect_is_reported(law, double):
    """The law that a double breaks is reported, in the words "got ..., but should be ..."."""
    report = check(double(), laws=[law], max_examples=4, on_fail="report")
    assert list(report.failed) == [law], report.skipped
    assert report.failed[law].startswith("got ")
    assert "but should be" in report.failed[law]


@pytest.mark.parametrize("loss", loss_doubles.SOUND, ids=lambda loss: type(loss).__name__)
def test_a_sound_loss_is_not_reported(loss):
    """A loss without a defect breaks no law."""
    assert check(loss, max_examples=4, on_fail="report").failed == {}
