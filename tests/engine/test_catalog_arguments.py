"""Every argument in the catalog against the installed Keras: names, defaults, parts and activation functions."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras_agreement import CHILDREN, KINDS, Use, usual

from rnn_designer.catalog import CATALOG, REQUIRED, PartOf
from rnn_designer.catalog.keras_arguments import keras_arguments
from rnn_designer.catalog.parts import ACTIVATIONS, REFUSED_ACTIVATIONS, part_type, parts
from rnn_designer.engine import introspect
from rnn_designer.engine.introspect import describe_keras, to_text
from rnn_designer.paths import resource

NAMESPACES = ("initializers", "regularizers", "constraints")

NOT_PARAMETERS = {
    "name": "is the layer's own name in the design",
    "layer": "is a slot",
    "backward_layer": "is a slot",
    "autocast": "is for authors of layers: no user passes it, and no configuration keeps it",
    "cell": "is a slot of RNN; made by the other recurrent layers themselves",
    "cells": "is a slot",
    "rank": "is set by Conv1D itself",
    "pool_dimensions": "is set by the pooling layer itself",
    "pool_mode": "is set by the pooling layer itself",
}

NOT_PARAMETERS_OF = {
    "AdditiveAttention": {"score_mode": "is handed on to Attention, whose way to compare it replaces"},
    "ActivityRegularization": {"activity_regularizer": "is made of l1 and l2 by the layer itself"},
}

IN_NO_SIGNATURE = {
    ("LSTM", "implementation"),
    ("GRU", "implementation"),
    ("LSTMCell", "implementation"),
    ("GRUCell", "implementation"),
}

NEEDED_ALL_THE_SAME = {("Input", "shape"), ("CategoryEncoding", "num_tokens")}
"""Arguments whose default Keras itself refuses."""

INPUT_AND_LAYERS = ["Input", *KINDS]


def constructor_parameters(kind: str) -> dict[str, Any]:
    """The entry's parameters that go into Keras' constructor."""
    return {name: each for name, each in CATALOG[kind].by_name.items() if not each.at_call}


def test_that_catalog_json_is_what_the_installed_keras_says() -> None:
    assert resource("catalog.json").read_text(encoding="utf-8") == to_text(describe_keras())


def test_that_check_says_whether_the_file_is_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "catalog.json"
    monkeypatch.setattr(introspect, "describe_keras", lambda: {"keras": "3.15.1"})
    assert introspect.main(["--check", "--output", str(file)]) == 1
    assert introspect.main(["--output", str(file)]) == 0
    assert introspect.main(["--check", "--output", str(file)]) == 0
    assert "is current" in capsys.readouterr().out
    monkeypatch.setattr(introspect, "describe_keras", lambda: {"keras": "4.0"})
    assert introspect.main(["--check", "--output", str(file)]) == 1
    assert "is not what the installed Keras says" in capsys.readouterr().out


def runs_of_words(text: str, length: int = 7) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}


@pytest.mark.parametrize("kind", INPUT_AND_LAYERS)
def test_that_no_explanation_is_taken_from_keras(kind: str) -> None:
    entry = CATALOG[kind]
    theirs = runs_of_words((keras.Input if kind == "Input" else getattr(keras.layers, kind)).__doc__ or "")
    ours = [entry.summary, entry.explanation, *(parameter.explanation for parameter in entry.parameters)]
    for text in ours:
        assert not runs_of_words(text) & theirs


@pytest.mark.parametrize("kind", INPUT_AND_LAYERS)
def test_that_every_keras_argument_is_a_parameter_or_has_a_reason_not_to_be(kind: str) -> None:
    ours = constructor_parameters(kind)
    unknown = set(keras_arguments(kind)) - set(ours) - set(NOT_PARAMETERS)
    unknown -= set(NOT_PARAMETERS_OF.get(kind, ()))
    assert not unknown
    invented = {(kind, name) for name in ours} - {(kind, name) for name in keras_arguments(kind)}
    assert invented <= IN_NO_SIGNATURE


@pytest.mark.parametrize("kind", INPUT_AND_LAYERS)
def test_that_the_constructor_has_exactly_the_parameters_of_the_entry(kind: str) -> None:
    function = keras.Input if kind == "Input" else getattr(keras.layers, kind).__init__
    entry = CATALOG[kind]
    for name, argument in inspect.signature(function).parameters.items():
        if name in {"self", "args", "kwargs", *NOT_PARAMETERS}:
            continue
        parameter = entry.by_name[name]
        if argument.default is inspect.Parameter.empty or (kind, name) in NEEDED_ALL_THE_SAME:
            assert parameter.default is REQUIRED
        else:
            assert parameter.default == parameter.type.accept(argument.default)


@pytest.mark.parametrize("kind", KINDS)
def test_that_keras_takes_every_default_and_it_changes_nothing(kind: str) -> None:
    entry = CATALOG[kind]
    explicit = {
        parameter.name: parameter.default
        for parameter in entry.parameters
        if parameter.default is not REQUIRED and parameter.name != "dtype"
    }
    plain, full = (Use(kind, params, (), CHILDREN.get(kind, ())).keras_layer() for params in ({}, explicit))
    settings = [without_names(layer.get_config()) for layer in (plain, full)]
    assert settings[0] == settings[1]


def without_names(config: Any) -> Any:
    if isinstance(config, dict):
        # A layer that is given no activity_regularizer writes None, or nothing at all, whichever way it was told.
        return {
            key: without_names(value)
            for key, value in config.items()
            if key != "name" and (key, value) != ("activity_regularizer", None)
        }
    if isinstance(config, list | tuple):
        return [without_names(value) for value in config]
    return config


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "LSTMCell", "GRUCell"])
def test_that_implementation_has_the_default_of_the_cell(kind: str) -> None:
    made = usual(kind).keras_layer()
    cell = made if CATALOG[kind].cell else made.cell
    assert CATALOG[kind].by_name["implementation"].default == cell.implementation


@pytest.mark.parametrize("kind", KINDS)
def test_that_arguments_of_the_call_are_those_of_keras_call(kind: str) -> None:
    taken = inspect.signature(getattr(keras.layers, kind).call).parameters
    at_call = [each for each in CATALOG[kind].parameters if each.at_call]
    assert {each.name for each in at_call} <= set(taken)
    assert all(each.default == taken[each.name].default for each in at_call)


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_that_parts_are_all_of_keras_own_with_all_their_arguments(namespace: Any) -> None:
    described = json.loads(resource("catalog.json").read_text(encoding="utf-8"))[namespace]
    assert {part.kind for part in parts(namespace)} == set(described)
    for part in parts(namespace):
        assert {each.name for each in part.parameters} == set(described[part.kind]["arguments"])
        if part.kind == "STFT":  # It needs scipy, which TensorFlow does not bring.
            continue
        made = getattr(getattr(keras, namespace), part.kind)(
            **{each.name: each.default for each in part.parameters}
        )
        plain = getattr(getattr(keras, namespace), part.kind)()
        assert made.get_config() == plain.get_config()


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_that_every_string_that_keras_takes_names_the_same_part(namespace: Any) -> None:
    module = getattr(keras, namespace)
    known = getattr(keras.src, namespace).ALL_OBJECTS_DICT
    bases = {"initializer", "regularizer", "constraint"}
    for name, class_ in known.items():
        if name.lower() in bases:
            continue
        found = part_type(namespace, name)
        assert found is not None, name
        assert getattr(module, found.kind) is class_


def test_that_activations_are_those_that_keras_knows_by_name() -> None:
    known = set(keras.src.activations.ALL_OBJECTS_DICT)
    named = {keras.activations.serialize(keras.activations.get(name)) for name in known}
    assert set(ACTIVATIONS) | set(REFUSED_ACTIVATIONS) == named


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_that_activation_curves_are_keras_own(name: str) -> None:
    at = np.linspace(-8.0, 8.0, 129)
    pairs = np.stack([at, np.zeros_like(at)], axis=-1) if ACTIVATIONS[name].vector else at[:, None]
    theirs = np.asarray(keras.activations.get(name)(pairs.astype("float32")))[:, 0]
    ours = np.array([ACTIVATIONS[name].curve(float(x)) for x in at])
    np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize(("kind", "weight"), [("Dense", "kernel"), ("LSTM", "bias"), ("Conv1D", "kernel")])
def test_that_initializers_are_refused_where_keras_cannot_fill_the_weight(kind: str, weight: str) -> None:
    parameter = CATALOG[kind].by_name[f"{weight}_initializer"]
    for part in parts("initializers"):
        if part.kind == "STFT":
            continue
        fits = part.fits(parameter.type.rank) if isinstance(parameter.type, PartOf) else True
        layer = getattr(keras.layers, kind)(
            **CATALOG[kind].new_params(), **{parameter.name: getattr(keras.initializers, part.kind)()}
        )
        try:
            layer.build((None, 7, 6))
        except ValueError:
            assert not fits, part.kind
        else:
            assert fits, part.kind
