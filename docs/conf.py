"""Sphinx settings. The API pages are generated from the registry of components."""

from pathlib import Path

import kerasplus
from kerasplus._registry import KINDS, OWN

project = "kerasplus"
author = "the kerasplus developers"
release = kerasplus.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "pictures"]
html_theme = "furo"
html_title = f"kerasplus {release}"

autodoc_typehints = "none"
napoleon_google_docstring = True
napoleon_custom_sections = ["Shapes"]

PLURALS = {"loss": "losses", "metric": "metrics", "layer": "layers", "schedule": "schedules", "callback": "callbacks"}
BASES = {"loss": "PerSampleLoss", "metric": "StreamingMetric"}


def write_api_pages() -> None:
    """One page per kind, one section per component, in the order of their names."""
    folder = Path(__file__).parent / "api"
    folder.mkdir(exist_ok=True)
    for kind in KINDS:
        plural = PLURALS[kind]
        lines = [f"# {plural.capitalize()}: reference", ""]
        if kind in BASES:
            lines += _section(f"kerasplus.{plural}.{BASES[kind]}", BASES[kind], "")
        for component in kerasplus.names(kind):
            if component.package == OWN:
                lines += _section(
                    f"kerasplus.{plural}.{component.class_name}", component.class_name, f"`{component.name!r}`"
                )
        (folder / f"{plural}.md").write_text("\n".join(lines), encoding="utf-8")


def _section(path: str, title: str, string: str) -> list[str]:
    directive = ["```{eval-rst}", f".. autoclass:: {path}", "```", ""]
    return [f"## {title}", "", *([f"By name: {string}", ""] if string else []), *directive]


write_api_pages()
