"""What stands for a layer of a model file that the catalog does not know: drawn and explained, never built or run.

It is no member of the catalog's list: no palette offers it, and nothing but an import makes one.
"""

from collections.abc import Mapping
from typing import Any

from rnn_designer.catalog.code_parameters import Text
from rnn_designer.catalog.parameters import REQUIRED, Integer, Parameter
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, Port, RuleError

LONGEST_SETTINGS = 20_000
"""Bytes of a layer's settings that are kept for showing."""
MOST_OUTPUTS = 64


def _rule(call: Call) -> tuple[TensorSpec, ...]:
    raise RuleError(
        "unknown_layer",
        f"This layer of the file, a “{call.params['class_name']}”, cannot run here: {call.params['reason']} Put a "
        "layer from the palette in its place, or remove it. Its settings stand under Properties.",
    )


def _outputs(params: Mapping[str, Any], _children: tuple[Call, ...]) -> tuple[Port, ...]:
    more = (Port(f"output_{number}", str(number)) for number in range(1, params["outputs"]))
    return (Port("output"), *more)


def _words(params: Mapping[str, Any]) -> str:
    return f"{params['class_name']} · cannot run here"


UNKNOWN = LayerType(
    kind="Unknown",
    family=Family.CORE,
    summary="Stands for a layer of an imported model that cannot run here.",
    explanation=(
        "The model file has a layer here that RNN Designer has no entry for, or with settings that it does not take. "
        "Nothing of it was run. The box keeps its place and its wires, so that the rest can be read and mended: put "
        "a layer from the palette in its place, or remove it. Until then, what hangs on it is neither traced nor "
        "exported."
    ),
    parameters=(
        Parameter(
            "class_name",
            Text(longest=200),
            REQUIRED,
            "The layer's class as the file names it.",
            initial="Layer",
            editable=False,
        ),
        Parameter(
            "reason",
            Text(longest=2000),
            REQUIRED,
            "Why it could not be opened.",
            initial="nothing is known about it.",
            editable=False,
        ),
        Parameter(
            "settings",
            Text(longest=LONGEST_SETTINGS, lines=True),
            "",
            "Its settings as they stand in the file.",
            editable=False,
        ),
        Parameter(
            "outputs",
            Integer(minimum=1, maximum=MOST_OUTPUTS),
            1,
            "How many of its outputs are wired to other layers.",
            editable=False,
        ),
    ),
    rule=_rule,
    words=_words,
    inputs=(Port("input", many=True, optional=True),),
    outputs=_outputs,
)
