"""Which layer types exist, with their parameters, ports, states and shape rules. No Qt and no Keras here.

A new layer type is one entry in ``catalog/entries``: palette row, property form, help, checks, shapes,
exported source and the names in a trace all follow from it.
"""

from rnn_designer.catalog.entries import CATALOG
from rnn_designer.catalog.entries.unknown import UNKNOWN
from rnn_designer.catalog.parameters import (
    REQUIRED,
    Activation,
    Choice,
    Flag,
    Integer,
    Integers,
    Number,
    Numbers,
    Parameter,
    ParameterType,
    PartOf,
    PartType,
    States,
)
from rnn_designer.catalog.tensors import Size, Step, TensorSpec
from rnn_designer.catalog.types import Call, CellState, Family, LayerType, Port, RuleError, Signal, Slot
from rnn_designer.catalog.values import BadValue, FrozenMap, Part, Scalar, Value


def find_type(kind: str) -> LayerType | None:
    """The catalog's entry for a Keras class name, the one that stands for unknown layers included; None if none."""
    return UNKNOWN if kind == UNKNOWN.kind else CATALOG.get(kind)


def layer_type(kind: str) -> LayerType:
    """The catalog's entry for a Keras class name.

    Raises:
        KeyError: if the catalog has no such layer; the text is a sentence.
    """
    found = find_type(kind)
    if found is None:
        raise KeyError(f"There is no layer type called “{kind}” in the catalog.")
    return found


__all__ = [
    "CATALOG",
    "REQUIRED",
    "UNKNOWN",
    "Activation",
    "BadValue",
    "Call",
    "CellState",
    "Choice",
    "Family",
    "Flag",
    "FrozenMap",
    "Integer",
    "Integers",
    "LayerType",
    "Number",
    "Numbers",
    "Parameter",
    "ParameterType",
    "Part",
    "PartOf",
    "PartType",
    "Port",
    "RuleError",
    "Scalar",
    "Signal",
    "Size",
    "Slot",
    "States",
    "Step",
    "TensorSpec",
    "Value",
    "find_type",
    "layer_type",
]
