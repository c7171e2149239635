"""The conformance kit: holds any Keras loss, metric, layer, schedule or callback to the laws of its kind."""

try:
    import hypothesis
    import pytest
except ImportError as error:
    raise ImportError(
        f"kerasplus.testing needs {error.name}, which is not installed: pip install 'kerasplus[testing]'"
    ) from error

from kerasplus.testing import strategies
from kerasplus.testing._check import Report, check, laws_for, parametrize_with_laws
from kerasplus.testing._law import Broken, Law, NotSubject

__all__ = [
    "Broken",
    "Law",
    "NotSubject",
    "Report",
    "check",
    "laws_for",
    "parametrize_with_laws",
    "strategies",
]

del hypothesis, pytest
