"""What a component is called, and who gets a name that several claim."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras.src.utils.naming import to_snake_case

from kerasplus._registry import Component, Registry, nearest, snake_case, split_qualified


def component(package="acme", class_name="MyLoss", kind="loss", cls=object):
    return Component(
        name=snake_case(class_name),
        kind=kind,
        class_name=class_name,
        package=package,
        plugin=package,
        distribution=f"{package}-keras",
        version="1.2",
        cls=cls,
    )


@given(st.from_regex(r"[A-Z][A-Za-z0-9]{0,20}", fullmatch=True))
def test_snake_case_is_the_rule_of_keras(class_name):
    """A name of ours is spelled as Keras would spell it."""
    assert snake_case(class_name) == to_snake_case(class_name)


def test_qualified_names_are_split_at_the_first_sign():
    """`acme>Name` has a package, a bare name has none."""
    assert split_qualified("acme>Name") == ("acme", "Name")
    assert split_qualified("name") == ("", "name")


@pytest.mark.parametrize("spelling", ["my_loss", "MyLoss", "acme>MyLoss", "acme>my_loss"])
def test_every_spelling_finds_the_component(spelling):
    """Snake case, class name and both qualified forms lead to one class."""
    registry = Registry()
    registry.add(component())
    assert registry.find(spelling).class_name == "MyLoss"
    assert registry.find(spelling, "metric") is None


def test_two_packages_with_one_bare_name_are_both_named_in_the_error():
    """Nobody wins a bare name by luck; the qualified names work."""
    registry = Registry()
    registry.add(component("acme"))
    registry.add(component("zenith", cls=int))
    with pytest.raises(ValueError, match=r"'my_loss' is claimed.*acme-keras 1.2: 'acme>MyLoss'.*'zenith>MyLoss'"):
        registry.find("my_loss")
    assert registry.find("zenith>MyLoss").cls is int


def test_our_own_name_wins_over_another_package():
    """A plug-in cannot take one of our names over."""
    registry = Registry()
    registry.add(component("acme"))
    registry.add(component("kerasplus", cls=int))
    assert registry.find("my_loss").cls is int
    assert registry.find("acme>MyLoss").cls is object


def test_one_class_name_is_unique_within_a_package_over_all_kinds():
    """Keras has one table for `package>Name`, so a loss and a metric cannot share it."""
    registry = Registry()
    registry.add(component())
    registry.add(component())
    with pytest.raises(ValueError, match="Two classes are called 'acme>MyLoss'"):
        registry.add(component(kind="metric", cls=int))


def test_nearest_ignores_case_and_keeps_the_spelling():
    """The suggestion is spelled as it must be typed."""
    assert nearest("Custom_MES", ["custom_mse", "cohen_kappa"]) == ["custom_mse"]
    assert nearest("zzz", ["custom_mse"]) == []
