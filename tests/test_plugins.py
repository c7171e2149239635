"""Plug-ins with entry points held in memory: lazy, in order, isolated from each other."""

import importlib.metadata
import sys
import types

import keras
import pytest

from kerasplus._keras_names import BASES, Bridge, keras_names
from kerasplus._plugins import GROUP, Plugins, public_classes


class Distribution(importlib.metadata.Distribution):
    """An installed distribution that exists in memory only."""

    def __init__(self, name):
        self._name = name

    def read_text(self, filename):
        return f"Metadata-Version: 2.1\nName: {self._name}\nVersion: 1.2\n" if filename == "METADATA" else None

    def locate_file(self, path):
        raise NotImplementedError


def entry_point(name, module):
    point = importlib.metadata.EntryPoint(name, module, GROUP)
    return point._for(Distribution(f"{name}-keras"))


@pytest.fixture
def declare(monkeypatch):
    """Gives plug-ins over the modules `{entry point: source}` and notes which were imported."""

    def build(**sources):
        imported = []
        points = []
        for name, source in sources.items():
            module_name = f"_plugin_{name}"
            monkeypatch.delitem(sys.modules, module_name, raising=False)
            points.append(entry_point(name, module_name))
            finder = InMemoryFinder(module_name, source, imported, name)
            monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
        plugins = Plugins(lambda: points, BASES, keras.saving.get_registered_name, keras_names)
        return plugins, imported

    yield build
    for name in [name for name in sys.modules if name.startswith("_plugin_")]:
        del sys.modules[name]


class InMemoryFinder:
    """Finds one module, whose source is a string."""

    def __init__(self, name, source, imported, label):
        self.name, self.source, self.imported, self.label = name, source, imported, label

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, self) if name == self.name else None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        self.imported.append(self.label)
        exec(self.source, vars(module))


LOSS = """
import keras
@keras.saving.register_keras_serializable(package="{package}")
class {name}(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return keras.ops.mean(y_true - y_pred, axis=-1)
"""


def loss(package, name="MyLoss"):
    return LOSS.format(package=package, name=name)


def test_nothing_is_imported_before_a_name_is_asked_for(declare):
    """A declared plug-in costs nothing until it is needed."""
    plugins, imported = declare(acme=loss("acme"))
    assert imported == []
    assert plugins.find("my_loss", "loss").__name__ == "MyLoss"
    assert imported == ["acme"]


def test_a_qualified_name_loads_its_plugin_alone(declare):
    """`acme>Name` imports `acme` and nothing else."""
    plugins, imported = declare(acme=loss("acme"), zenith=loss("zenith"))
    assert plugins.find("zenith>MyLoss").__name__ == "MyLoss"
    assert imported == ["zenith"]


def test_a_broken_plugin_harms_nobody_and_is_named(declare):
    """Its error stands in the listing and in the answer to an unknown name."""
    plugins, _ = declare(acme=loss("acme"), broken="import a_module_that_is_not_there", gone="raise SystemExit(3)")
    assert plugins.find("my_loss", "loss") is not None
    message = plugins.explain_unknown("my_los", "loss")
    assert "Did you mean 'my_loss'?" in message
    assert "'broken' of broken-keras 1.2 (ModuleNotFoundError: No module named 'a_module_that_is_not_there')" in message
    states = {record.name: record.state for record in plugins.components()}
    assert states["broken"].startswith("broken: ModuleNotFoundError")
    assert states["gone"] == "broken: SystemExit: 3"
    assert states["my_loss"] == "ready"


def test_two_plugins_with_one_bare_name_clash_loudly(declare):
    """The bare name raises and names both; each qualified name works."""
    plugins, _ = declare(acme=loss("acme"), zenith=loss("zenith"))
    with pytest.raises(ValueError, match=r"acme-keras 1.2: 'acme>MyLoss'.*zenith-keras 1.2: 'zenith>MyLoss'"):
        plugins.find("my_loss", "loss")
    assert plugins.find("acme>MyLoss", "loss") is not plugins.find("zenith>MyLoss", "loss")
    assert {record.state for record in plugins.components("loss")} == {
        "zenith has this name too: use 'acme>MyLoss'",
        "acme has this name too: use 'zenith>MyLoss'",
    }


def test_a_name_that_keras_has_is_never_taken_over(declare):
    """A plug-in's `Huber` is reached by its qualified name only, and the listing says so."""
    plugins, _ = declare(acme=loss("acme", "Huber"))
    assert plugins.components("loss")[0].state == "Keras has this name: use 'acme>Huber'"
    assert plugins.find("acme>Huber", "loss").__module__ == "_plugin_acme"
    assert type(keras.losses.get("huber")).__module__ != "_plugin_acme"


def test_a_stranger_cannot_declare_itself_in_our_name(declare, monkeypatch):
    """An entry point called `kerasplus` outside of kerasplus is broken, whatever it holds."""
    plugins, imported = declare(kerasplus=loss("kerasplus"))
    assert plugins.find("kerasplus>MyLoss") is None
    assert imported == []
    assert "which is ours" in plugins.broken[0].error


def test_a_package_that_is_declared_under_another_name_is_told(declare):
    """A saved file looks for the registered package, so the listing warns of the mismatch."""
    plugins, _ = declare(acme=loss("AcmeKeras"))
    assert "registered in 'AcmeKeras', declared as 'acme'" in plugins.components()[0].state


def test_a_class_without_the_decorator_is_found_by_name(declare):
    """The decorator matters for saving; a string needs only the class."""
    source = "import keras\nclass Plain(keras.losses.Loss):\n    def call(self, y_true, y_pred): return y_pred[:, 0]\n"
    plugins, _ = declare(acme=source)
    assert plugins.find("plain", "loss") is plugins.find("acme>Plain", "loss")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0", set()), ("acme", {"acme"}), ("acme, zenith", {"acme", "zenith"}), ("", set()), (None, {"acme", "zenith"})],
)
def test_the_environment_chooses_which_plugins_may_load(declare, monkeypatch, value, expected):
    """`KERASPLUS_PLUGINS=0` is for services that load foreign files; a list allows what it names."""
    monkeypatch.delenv("KERASPLUS_PLUGINS", raising=False)
    if value is not None:
        monkeypatch.setenv("KERASPLUS_PLUGINS", value)
    plugins, imported = declare(acme=loss("acme", "One"), zenith=loss("zenith", "Two"))
    assert {record.plugin for record in plugins.components()} == expected
    assert set(imported) == expected


def test_entry_points_are_scanned_once(declare):
    """A scan costs milliseconds, so the second unknown name does not pay again."""
    scans = []
    plugins = Plugins(lambda: scans.append(1) or [], BASES, keras.saving.get_registered_name, keras_names)
    plugins.find("one")
    plugins.find("two>Three")
    assert scans == [1]


def test_a_plugin_that_asks_for_names_while_it_loads_does_not_recurse(declare):
    """Its own import sees the names of others and does not start itself again."""
    source = "import _asker\n_asker.found.append(_asker.plugins.find('other_loss', 'loss'))\n" + loss("acme")
    plugins, _ = declare(acme=source, zenith=loss("zenith", "OtherLoss"))
    asker = types.ModuleType("_asker")
    asker.plugins, asker.found = plugins, []
    sys.modules["_asker"] = asker
    try:
        assert plugins.find("my_loss", "loss") is not None
        assert [cls.__name__ for cls in asker.found] == ["OtherLoss"]
    finally:
        del sys.modules["_asker"]


def test_public_classes_are_those_of_all_or_those_defined_there():
    """Without `__all__`, what a module merely imported is not its own."""
    module = types.ModuleType("acme_module")
    exec(
        "import keras\nfrom keras.losses import Huber\nclass Own(Huber): pass\nclass _Hidden(Huber): pass\n",
        vars(module),
    )
    module.Own.__module__ = module._Hidden.__module__ = "acme_module"
    assert [cls.__name__ for cls in public_classes(module)] == ["Own"]
    module.__all__ = ["Huber"]
    assert [cls.__name__ for cls in public_classes(module)] == ["Huber"]


def test_a_second_bridge_changes_nothing_and_uninstall_restores(declare):
    """Install is idempotent; after uninstall Keras has plain dicts with all that was registered."""
    import keras.src.losses as home
    import keras.src.saving.object_registration as registration

    from kerasplus import _keras_names

    first = home.ALL_OBJECTS_DICT
    _keras_names.bridge.install()
    assert home.ALL_OBJECTS_DICT is first
    try:
        _keras_names.bridge.uninstall()
        assert type(home.ALL_OBJECTS_DICT) is dict
        assert type(registration.GLOBAL_CUSTOM_OBJECTS) is dict
        with pytest.raises(ValueError, match="Could not interpret"):
            keras.losses.get("custom_mse")
        plugins, _ = declare(acme=loss("acme", "Bridged"))
        other = Bridge(plugins)
        other.install()
        assert keras.losses.get("bridged").name == "bridged"
        other.uninstall()
        assert "acme>Bridged" in registration.GLOBAL_CUSTOM_OBJECTS
    finally:
        _keras_names.bridge.install()
    assert keras.losses.get("custom_mse").name == "custom_mse"


def test_without_its_dict_keras_gets_the_names_by_hand_and_a_warning(declare, monkeypatch):
    """A Keras that keeps its names in another kind of table still takes strings."""
    import keras.src.losses as home

    from kerasplus import _keras_names

    class OtherTable(dict):
        pass

    _keras_names.bridge.uninstall()
    try:
        monkeypatch.setattr(home, "ALL_OBJECTS_DICT", OtherTable(home.ALL_OBJECTS_DICT))
        plugins, _ = declare(acme=loss("acme", "Injected"))
        bridge = Bridge(plugins)
        with pytest.warns(UserWarning, match="keeps no dict keras.src.losses.ALL_OBJECTS_DICT"):
            bridge.install()
        assert keras.losses.get("injected").name == "injected"
        bridge.uninstall()
    finally:
        monkeypatch.undo()
        _keras_names.bridge.install()
