"""The pytest plug-in of `kerasplus.testing`: how thorough the laws are, and a table of what came out.

It stands outside of the package so that a pytest run that checks no laws does not import Keras.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

OPTION = "--kerasplus-laws"
PROPERTY = "kerasplus_law"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option for the number of random examples."""
    parser.getgroup("kerasplus").addoption(
        OPTION,
        choices=("quick", "ci", "full"),
        default=None,
        help="how many random examples each law of kerasplus.testing draws (default: KERASPLUS_LAWS, or ci)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Tells the kit, which is imported later, if at all."""
    profile = config.getoption(OPTION)
    if profile:
        os.environ["KERASPLUS_LAWS"] = profile


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Notes the component and the law of a test of `parametrize_with_laws`."""
    values = getattr(getattr(item, "callspec", None), "params", {})
    law = getattr(values.get("law"), "law", None)
    if law is not None:
        item.user_properties.append((PROPERTY, [values["component"].name, law.name]))
    yield


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Prints a line for each component, and how to see each broken law again."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    broken = []
    for outcome in ("passed", "failed", "skipped", "xfailed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", ()):
                if name == PROPERTY:
                    component, law = value
                    counts[component][outcome] += 1
                    if outcome == "failed":
                        broken.append((component, law, report.nodeid))
    if not counts:
        return
    terminalreporter.section("laws")
    width = max(map(len, counts))
    columns = {"passed": "hold", "failed": "broken", "skipped": "no subject", "xfailed": "expected"}
    terminalreporter.write_line(" " * width + "".join(f"{title:>12}" for title in columns.values()))
    for component, row in sorted(counts.items()):
        cells = "".join(f"{row[outcome] or '':>12}" for outcome in columns)
        terminalreporter.write_line(f"{component:<{width}}{cells}", red=bool(row["failed"]))
    for component, law, node in broken:
        terminalreporter.write_line(f"{component} breaks {law}; to see it again: pytest '{node}'", red=True)
