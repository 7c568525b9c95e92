"""Failures are one plain sentence and the layer to blame."""

from __future__ import annotations

import linecache
from typing import Any

import pytest
from standing_models import planned

from rnn_designer.engine.failures import DESIGN_FILE, Refused, failure
from rnn_designer.messages import PlannedLayer

PLAN = (
    planned("series", "Input"),
    planned("bi", "Bidirectional", planned("memory", "LSTM")),
    planned("dense", "Dense"),
    planned("dense_1", "Dense"),
)
LINES = {3: "#bi", 4: "#memory", 5: "#bi", 7: "#dense"}


def raised(source: str) -> BaseException:
    # What other tests have executed under this name is no part of it.
    linecache.cache.pop(DESIGN_FILE, None)
    try:
        exec(compile(source, DESIGN_FILE, "exec"), {})
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def test_that_the_line_that_raised_names_the_layer() -> None:
    error = raised("x = 1\n\n\n\n\n\nint('a')\n")
    answer = failure(4, error, PLAN, LINES)
    assert (answer.run, answer.layer) == (4, "#dense")
    assert answer.sentence.startswith("Layer “dense” cannot be run: ")
    assert "Traceback" in answer.detail
    assert "Traceback" not in answer.sentence


def test_that_a_line_inside_a_call_belongs_to_the_layer_whose_call_it_is() -> None:
    assert failure(1, raised("\n\n\n\n\nint('a')\n"), PLAN, LINES).layer == "#bi"


@pytest.mark.parametrize(
    ("message", "layer"),
    [
        ("Input 0 with name 'None' of layer 'dense_1' is incompatible with the layer", "#dense_1"),
        ('Exception encountered when calling layer "dense"', "#dense"),
        ("Invalid in model/forward_memory/lstm_cell/MatMul", "#memory"),
        ("Graph execution error: node model/dense/MatMul", "#dense"),
        ("nothing is named", None),
        ("a dense matrix", None),
    ],
)
def test_that_else_the_layer_named_in_the_message_is_blamed(message: str, layer: str | None) -> None:
    assert failure(1, ValueError(message), PLAN, {}).layer == layer


def test_that_a_message_of_an_inner_layer_beats_its_wrappers_line() -> None:
    error = raised("\n\nraise ValueError(\"bad 'memory'\")\n")
    assert failure(1, error, PLAN, LINES).layer == "#memory"


@pytest.mark.parametrize(
    ("error", "parts"),
    [
        (
            ValueError(
                "Input 0 with name 'x' of layer 'dense' is incompatible with the layer: "
                "expected ndim=3, found ndim=2. Full shape received: (None, 8)"
            ),
            ("received an input of 2 axes, (None, 8)", "expected 3"),
        ),
        (
            ValueError(
                "Exception encountered when calling Dense.call().\n\n\x1b[1mMatrix size-incompatible\x1b[0m"
                "\n\nArguments received by Dense.call():\n  • inputs=tf.Tensor"
            ),
            ("Matrix size-incompatible",),
        ),
        (MemoryError(), ("more memory", "fewer units")),
        (RecursionError(), ("too deep for Keras",)),
        (KeyError(), ("KeyError.",)),
        (ValueError("x" * 50 + " " + "long words " * 200), (" …",)),
    ],
)
def test_that_the_sentence_says_what_was_received_and_expected(error: Exception, parts: Any) -> None:
    sentence = failure(1, error, PLAN, {}).sentence
    assert all(part in sentence for part in parts)
    assert "\n" not in sentence
    assert "\x1b" not in sentence
    assert "Arguments received" not in sentence
    assert len(sentence) < 600


def test_that_a_syntax_error_names_its_line_and_layer() -> None:
    answer = failure(1, raised("\n\n\n\n\n\nx = = 1\n"), PLAN, LINES)
    assert "line 7" in answer.sentence
    assert answer.layer == "#dense"


def test_that_what_the_engine_refuses_keeps_its_own_sentence() -> None:
    answer = failure(9, Refused("Received 2; expected 3. Change it.", "#dense"), PLAN, LINES)
    assert (answer.sentence, answer.layer) == ("Received 2; expected 3. Change it.", "#dense")


def test_that_an_unknown_plan_is_no_obstacle() -> None:
    assert failure(1, ValueError("layer 'dense'"), (), {}).layer is None
    assert isinstance(PLAN[0], PlannedLayer)
