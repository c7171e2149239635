"""The page about layers: its code runs, and it names each layer."""

import re
from pathlib import Path

from kerasplus import layers

PAGE = Path(__file__).parents[2] / "docs" / "layers.md"


def test_code_runs_and_every_layer_is_named():
    """The code of the page is one program, and its assertions hold."""
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in layers.__all__ if f"`{name}`" not in text] == []
    program = "\n".join(re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    exec(compile(program, str(PAGE), "exec"), {"__name__": "page"})
