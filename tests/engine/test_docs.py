"""Keras' own documentation is read from the installed version, by name, and nothing else can be reached."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from rnn_designer.catalog import CATALOG
from rnn_designer.catalog.parameters import Namespace
from rnn_designer.catalog.parts import ACTIVATIONS, parts
from rnn_designer.engine.docs import describe
from rnn_designer.engine.requests import Requests
from rnn_designer.messages import Build, Describe, Description, Failure, Message
from rnn_designer.paths import resource

NAMESPACES: tuple[Namespace, ...] = ("initializers", "regularizers", "constraints")


def test_that_every_argument_of_an_lstm_is_described() -> None:
    found = describe(Describe(3, "layers.LSTM"))
    assert isinstance(found, Description)
    assert (found.run, found.name) == (3, "layers.LSTM")
    assert found.summary
    own = json.loads(resource("catalog.json").read_text(encoding="utf-8"))["layers"]["LSTM"]["arguments"]
    assert set(own) - {"kwargs"} <= set(found.arguments)
    assert all(text.strip() for text in found.arguments.values())


@pytest.mark.parametrize(
    "name", ["Input", "layers.Masking", "layers.Bidirectional", "initializers.Orthogonal", "activations.tanh"]
)
def test_that_layers_parts_and_activations_are_described(name: str) -> None:
    found = describe(Describe(1, name))
    assert isinstance(found, Description)
    assert found.summary


NAMES = [
    # Keras knows nothing of cells written by hand: it speaks of them where it speaks of RNN.
    *("Input" if kind == "Input" else f"layers.{kind}" for kind in CATALOG if kind != "CustomCell"),
    *(f"activations.{name}" for name in ACTIVATIONS),
    *(f"{namespace}.{part.kind}" for namespace in NAMESPACES for part in parts(namespace)),
]


@pytest.mark.parametrize("name", NAMES)
def test_that_keras_says_something_about_everything_that_can_be_chosen(name: str) -> None:
    found = describe(Describe(1, name))
    assert isinstance(found, Description)
    assert found.summary or found.arguments


def test_that_arguments_of_base_classes_are_described_too() -> None:
    found = describe(Describe(1, "layers.Dense"))
    assert isinstance(found, Description)
    assert "units" in found.arguments
    assert "dtype" in found.arguments


@pytest.mark.parametrize(
    "name", ["layers.Nonsense", "saving.load_model", "layers.__doc__", "", "layers.", "x.y.z"]
)
def test_that_other_names_get_a_sentence(name: str) -> None:
    found = describe(Describe(4, name))
    assert isinstance(found, Failure)
    assert found.run == 4
    assert f"“{name}”" in found.sentence
    assert version("keras") in found.sentence


def test_that_the_worker_answers_before_any_model_stands(tmp_path: Path) -> None:
    from rnn_designer.engine.worker import Worker

    told: list[Message] = []
    answer = Worker(tmp_path, lambda: None, told.append).answer(Describe(1, "layers.GRU"))
    assert isinstance(answer, Description)
    assert told == []


def test_that_asking_for_documentation_replaces_no_build_and_is_not_replaced() -> None:
    requests = Requests()
    for message in (Build(1, "", (), {}, 0), Describe(2, "layers.LSTM"), Build(3, "", (), {}, 0)):
        requests.put(message)
    entries = [requests.get() for _ in range(3)]
    assert [(type(entry), entry.run) for entry in entries] == [(Failure, 1), (Describe, 2), (Build, 3)]
