"""Every name that docs/migrating.md sends a user of TensorFlow Addons to is there."""

import re
from pathlib import Path

import keras
import pytest

import kerasplus

ROWS = re.findall(r"^\| `[^|]+ \| `([^`|]+)` \|", (Path(__file__).parents[1] / "docs/migrating.md").read_text(), re.M)


def test_the_tables_are_read():
    """As many rows as the page has."""
    assert len(ROWS) > 30


@pytest.mark.parametrize("name", sorted(set(ROWS)))
def test_the_name_leads_somewhere(name):
    """A class of Keras, or one of ours."""
    if name.startswith("keras."):
        found = keras
        for part in name.split(".")[1:]:
            found = getattr(found, part)
        assert isinstance(found, type)
    else:
        assert name in {each.name for each in kerasplus.names()}
