"""The kit is tested by components with planted defects: every law has to report one."""

import importlib.util
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import kerasplus
from kerasplus.testing import check
from kerasplus.testing._law import LAWS


def _module(kind):
    """The file of the doubles of a kind: test files are no package, and pickle needs to find the classes by name."""
    path = Path(__file__).with_name(f"doubles_of_{kind}.py")
    specification = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[path.stem] = module
    specification.loader.exec_module(module)
    return module


MODULES = {
    "loss": _module("losses"),
    "metric": _module("metrics"),
    "layer": _module("layers"),
    "schedule": _module("schedules"),
    "callback": _module("callbacks"),
}
CASES = [(kind, name) for kind, module in MODULES.items() for name in module.DOUBLES]


@pytest.fixture
def offered(monkeypatch):
    """Makes installed plug-ins seem to offer the doubles of a kind that a law asks for."""

    def offer(kind, pretended):
        records = [
            SimpleNamespace(cls=cls, state="ready", name=name, class_name=class_name, qualified=qualified)
            for cls, (name, class_name, qualified) in pretended.items()
        ]
        monkeypatch.setattr(kerasplus, "names", lambda asked=None: records if asked == kind else [])

    return offer


@pytest.mark.parametrize("kind", MODULES)
def test_every_law_has_a_double(kind):
    """No law of a kind is without a component that it reports."""
    assert set(MODULES[kind].DOUBLES) == {law.name for law in LAWS[kind]}


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_law_reports_its_double(kind, name, offered):
    """The law reports the planted defect, in the words "got X, but should be Y"."""
    module = MODULES[kind]
    double = module.DOUBLES[name]
    if double in module.PRETENDED:
        offered(kind, module.PRETENDED)
    report = check(double(), laws=[name], on_fail="report")
    assert list(report.failed) == [name], report
    assert re.match(r"got .*, but should be ", report.failed[name], re.DOTALL), report.failed[name]
    assert "PicklingError" not in report.failed[name]


def test_message_has_a_small_example():
    """A message says what came out, what should have, and for which input, made as small as it goes."""
    double = MODULES["loss"].SquaresWeights()
    message = check(double, laws=["a_whole_weight_repeats"], on_fail="report").failed["a_whole_weight_repeats"]
    found = re.fullmatch(r"got (\S+), but should be (\S+), for (.+)", message)
    assert found, message
    assert float(found[1]) != pytest.approx(float(found[2]))
    assert "y_true=" in found[3]
    assert "y_pred=" in found[3]


def test_random_search_makes_the_example_smaller():
    """The example of a defect of the values is one sample of small numbers, not the first one that was drawn."""
    double = MODULES["metric"].OutOfRange()
    message = check(double, inputs="positive", laws=["results_are_in_range"], on_fail="report", max_examples=40).failed[
        "results_are_in_range"
    ]
    values = [float(number) for number in re.findall(r"\d+\.\d*", message.split("y_true=")[1])]
    assert len(values) == 4
