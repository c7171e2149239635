"""The pages about the kit say what the kit does."""

import doctest
import re
from pathlib import Path

import keras
import pytest

from kerasplus.testing import strategies
from kerasplus.testing._law import LAWS

DOCS = Path(__file__).parents[2] / "docs"


def test_page_names_every_law_with_its_sentence():
    """The tables of the page have each law of each kind, with the sentence of its docstring, and no other one."""
    page = (DOCS / "testing.md").read_text(encoding="utf-8")
    for kind, laws in LAWS.items():
        section = re.search(rf"^### Of a {kind}\n(.*?)(?=^### |\Z)", page, re.DOTALL | re.MULTILINE)
        assert section, kind
        rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", section[1], re.MULTILINE)
        assert dict(rows) == {law.name: law.sentence.replace("|", "\\|") for law in laws}


def test_page_names_every_domain():
    """The page lists the domains of inputs."""
    page = (DOCS / "testing.md").read_text(encoding="utf-8")
    assert all(f'`"{domain}"`' in page for domain in strategies.DOMAINS)


@pytest.mark.skipif(keras.__version__ != "3.15.1", reason="the page shows the outputs of Keras 3.15.1")
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the page shows the outputs of TensorFlow")
def test_findings_in_keras_come_out_as_shown():
    """Every example of the page gives what the page shows."""
    result = doctest.testfile(str(DOCS / "keras-findings.md"), module_relative=False)
    assert result.attempted > 40
    assert result.failed == 0
