"""The laws of every component: names, configuration, copies, documentation."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from typing import Any

import keras
import numpy as np

from kerasplus.testing._law import Broken, NotSubject, holds, law, number, same
from kerasplus.testing._subject import Subject, default_name

EVERY = ("loss", "metric", "layer", "schedule", "callback")


def behaviour(subject: Subject, instance: Any) -> Any:
    """What a component does: its outputs on a fixed input, as NumPy."""
    if subject.kind == "loss":
        return number(instance(*subject.batch(6)))
    if subject.kind == "metric":
        instance.reset_state()
        instance.update_state(*subject.batch(6))
        return number(instance.result())
    if subject.kind == "schedule":
        return np.array([number(instance(step)) for step in (0, 1, 5, 17, 100, 1000)])
    return np.zeros(())


def _config_of(instance: Any) -> Any:
    try:
        return instance.get_config()
    except Exception as error:  # what is raised is judged, whatever it is
        raise Broken(f"got {type(error).__name__}: {error}, but should be a configuration, for get_config()") from error


@law(*EVERY)
def the_configuration_is_complete(subject: Subject) -> None:
    """A component built anew from its configuration does the same, with every argument changed."""
    if not hasattr(subject.component, "get_config"):
        raise Broken("got no get_config, but should be a configuration, for the component")
    if subject.function is not None:
        raise NotSubject("a function has no configuration")
    missing = subject.without_alternative
    holds(
        not missing or subject.declared("alternatives", None) is None,
        f"no other value of {', '.join(missing)}",
        "one for each argument: declare it in `alternatives`",
        subject.cls.__name__,
    )
    for label, make in subject.variants:
        instance = make()
        config = _config_of(instance)
        again = type(instance).from_config(copy.deepcopy(config))
        if subject.kind in ("loss", "metric", "schedule"):
            same(
                behaviour(subject, again),
                behaviour(subject, instance),
                f"{label}, built anew from its configuration",
                1e-6,
            )
        _same_arguments(subject, instance, again, label)
    changed = [make() for label, make in subject.variants if label != "as given"]
    for instance in changed:
        config = instance.get_config()
        lost = [name for name in subject.alternatives if name not in config]
        holds(
            not lost,
            f"a configuration without {', '.join(lost)}",
            "every argument of the constructor",
            type(instance).__name__,
        )
    if missing:
        raise NotSubject(f"no other value of {', '.join(missing)} is known: declare one in `alternatives`")


def _same_arguments(subject: Subject, instance: Any, again: Any, label: str) -> None:
    before, after = _plain(instance.get_config()), _plain(again.get_config())
    holds(before == after, after, before, f"{label}, the configuration of what was built from it")


def _plain(config: Any) -> Any:
    return json.loads(json.dumps(keras.saving.serialize_keras_object(config), sort_keys=True, default=str))


@law(*EVERY)
def the_configuration_is_json(subject: Subject) -> None:
    """A configuration is JSON, is the same when asked again, and building from it changes nothing of it."""
    if subject.function is not None:
        raise NotSubject("a function has no configuration")
    for label, make in subject.variants:
        instance = make()
        config = _config_of(instance)
        try:
            text = json.dumps(keras.saving.serialize_keras_object(config))
        except (TypeError, ValueError) as error:
            raise Broken(f"got {error}, but should be JSON, for the configuration {config!r} {label}") from error
        holds(
            _plain(_config_of(instance)) == _plain(config),
            "another one",
            "the same",
            f"get_config() asked again, {label}",
        )
        given = copy.deepcopy(config)
        type(instance).from_config(given)
        changed = json.dumps(keras.saving.serialize_keras_object(given)) != text
        holds(not changed, given, config, f"the configuration after from_config, {label}")


@law(*EVERY)
def keras_serializes_it(subject: Subject) -> None:
    """`serialize_keras_object` and back gives a component that does the same."""
    subject.registered  # noqa: B018 - raises NotSubject where there is no registered name
    for label, make in subject.variants:
        instance = make()
        config = json.loads(json.dumps(keras.saving.serialize_keras_object(instance)))
        again = keras.saving.deserialize_keras_object(config)
        holds(
            type(again) is type(instance),
            type(again).__name__,
            type(instance).__name__,
            f"{label}, serialized and back",
        )
        same(behaviour(subject, again), behaviour(subject, instance), f"{label}, serialized and back", 1e-6)


@law(*EVERY)
def every_spelling_finds_it(subject: Subject) -> None:
    """Snake case, class name and `package>Name` lead to the class, where it is installed as a plug-in."""
    import kerasplus

    records = [r for r in kerasplus.names(subject.kind) if r.cls is subject.cls and r.state == "ready"]
    if not records:
        raise NotSubject("it is not offered by an installed plug-in under its own name")
    record = records[0]
    for spelling in (record.name, record.class_name, record.qualified):
        getter = {"loss": keras.losses.get, "metric": keras.metrics.get}.get(subject.kind)
        if getter is not None and not _required(subject):
            holds(
                type(getter(spelling)) is subject.cls,
                type(getter(spelling)).__name__,
                subject.cls.__name__,
                f"keras.{subject.kind}: {spelling!r}",
            )
        values = {name: subject.alternatives[name] for name in _required(subject)}
        built = kerasplus.get(spelling, kind=subject.kind, **copy.deepcopy(values))
        holds(type(built) is subject.cls, type(built).__name__, subject.cls.__name__, f"kerasplus.get({spelling!r})")


def _required(subject: Subject) -> list[str]:
    from kerasplus.testing._subject import _required as required

    return required(subject.cls)


@law("loss", "metric", "schedule")
def names_agree(subject: Subject) -> None:
    """The default name is the snake-case class name, and the second instance has the same one."""
    if subject.function is not None:
        raise NotSubject("it has no name of its own")
    known = {**subject.given(), **subject.alternatives}
    values = {name: known[name] for name in _required(subject) if name in known}
    names = [getattr(subject.cls(**copy.deepcopy(values)), "name", None) for _ in range(2)]
    holds(
        names == [default_name(subject.cls)] * 2,
        names,
        f"{default_name(subject.cls)!r} twice",
        "two instances with default names",
    )


def unknown_to_keras(subject: Subject) -> bool:
    """Whether Keras has no name of the class by which it could find it again."""
    registered = keras.saving.get_registered_name(subject.cls)
    return ">" not in registered and not subject.cls.__module__.startswith("keras.")


@law("loss", "schedule", "callback")
def copies_do_the_same(subject: Subject) -> None:
    """Pickle and deepcopy give a component that does the same."""
    if subject.function is not None:
        raise NotSubject("a function is copied by name")
    for label, make in subject.variants:
        instance = make()
        try:
            copies = {"deepcopy": copy.deepcopy(instance), "pickle": pickle.loads(pickle.dumps(instance))}
        except Exception as error:  # what is raised is judged, whatever it is
            if unknown_to_keras(subject):
                raise NotSubject("Keras copies by the registered name, and it has none") from error
            raise Broken(f"got {type(error).__name__}: {error}, but should be a copy, for {label}") from error
        for way, other in copies.items():
            same(behaviour(subject, other), behaviour(subject, instance), f"{label}, after {way}", 1e-6)


@law("loss", "metric")
def inputs_are_not_changed(subject: Subject) -> None:
    """The arrays that a component is given are as they were."""
    y_true, y_pred = subject.batch(6)
    weight = np.linspace(0, 1, len(y_pred)).astype("float32")
    before = y_true.copy(), y_pred.copy(), weight.copy()
    subject.again()(y_true, y_pred, sample_weight=weight)
    for got, expected in zip((y_true, y_pred, weight), before, strict=True):
        same(got, expected, "an array after the call", 0)


@law("loss", "metric", "layer", "schedule", "callback")
def the_docstring_has_its_sections(subject: Subject) -> None:
    """The docstring of a component of ours has its sections, and names every argument."""
    if subject.function is not None or not subject.cls.__module__.startswith("kerasplus."):
        raise NotSubject("this is how kerasplus documents its own")
    text = inspect.getdoc(subject.cls) or ""
    wanted = ["Args:", "Raises:", "Examples:", "References:"] + (
        ["Shapes:"] if subject.kind in ("loss", "metric", "layer") else []
    )
    arguments = [
        name for name in inspect.signature(subject.cls.__init__).parameters if name not in ("self", "args", "kwargs")
    ]
    wanted = wanted if arguments else [section for section in wanted if section != "Args:"]
    lacking = [section for section in wanted if section not in text]
    lacking += [name for name in arguments if f"{name}:" not in text and f"`{name}`" not in text]
    holds(not lacking, f"no {', '.join(lacking)}", "there", "the docstring")
