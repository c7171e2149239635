"""Every component of every installed plug-in of ours, under every law of its kind. No exemptions."""

import kerasplus
from kerasplus._registry import OWN
from kerasplus.testing import parametrize_with_laws
from kerasplus.testing._subject import build

COMPONENTS = [build(record.cls) for record in kerasplus.names() if record.package == OWN]


@parametrize_with_laws(COMPONENTS)
def test_law(component, law):
    """The component obeys the law."""
    law(component)


def test_no_component_is_forgotten():
    """The list is not empty, and holds a component of each kind."""
    assert {record.kind for record in kerasplus.names()} >= {"loss", "metric", "layer", "schedule", "callback"}
    assert len(COMPONENTS) == len({type(component) for component in COMPONENTS})
