"""The page about schedules: its code runs, and it shows the curve of each schedule."""

import re
from pathlib import Path

import pytest

from kerasplus import schedules
from kerasplus._registry import snake_case

PAGE = Path(__file__).parents[2] / "docs" / "schedules.md"
CLASSES = [name for name in schedules.__all__ if isinstance(getattr(schedules, name), type)]


def test_code_runs():
    """The code of the page is one program, and its assertions hold."""
    text = PAGE.read_text(encoding="utf-8")
    program = "\n".join(re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    assert program.count("schedules.") > 5
    exec(compile(program, str(PAGE), "exec"), {"__name__": "page"})


@pytest.mark.parametrize("name", CLASSES)
def test_shows_the_curve(name):
    """Each schedule has its line and its picture, which `docs/pictures/schedules.py` draws."""
    picture = f"pictures/schedules/{snake_case(name)}.svg"
    assert re.search(rf"^\| \*\*`{name}`\*\*: .* \| !\[curve\]\({picture}\) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert f">{name}</text>" in (PAGE.parent / picture).read_text("utf-8")
