"""What checking a design yields: shapes at every port, and problems with fixes ready to apply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

from rnn_designer.catalog import TensorSpec
from rnn_designer.design.model import Design

PortRef: TypeAlias = tuple[str, str]
"""A layer's id and the name of one of its output ports."""


class Severity(IntEnum):
    """How bad a problem is; errors keep a layer, and what hangs on it, from running."""

    INFORMATION = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True)
class Fix:
    """A way to mend a problem: a short label for the button, and the edit behind it."""

    label: str
    edit: Callable[[Design], Design] = field(compare=False)


@dataclass(frozen=True)
class Problem:
    """Something wrong, or worth knowing, about one layer.

    Attributes:
        layer: the layer's id; None for the design as a whole.
        parameter: the parameter to blame, if it is one.
        severity: error, warning or information.
        message: received X, expected Y, do Z, in one or two sentences.
        code: the rule's short name, the same for every problem of a kind.
        fixes: the best one first.
        why: a longer explanation for "Why?".
    """

    layer: str | None
    parameter: str | None
    severity: Severity
    message: str
    code: str
    fixes: tuple[Fix, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Checked:
    """A design with everything that follows from it before anything runs.

    Attributes:
        design: the design that was checked.
        order: ids of the layers on the canvas in topological order; those on a cycle are left out.
        shapes: the tensor at each output port that could be worked out, wrapped layers included.
        inputs: the tensors that arrive at the ports that each layer always has, by layer id, in port order, wrapped
            layers included.
        counts: the number of weights of each layer that could be worked out, wrapped layers included. Boxes that share
            another layer's weights add none; of custom cells only Keras knows.
        problems: worst first within a layer, layers in the design's order.
        runnable: ids of the layers on the canvas that compute something: connected to an Input, free of errors,
            and so is everything they depend on.
    """

    design: Design
    order: tuple[str, ...]
    shapes: Mapping[PortRef, TensorSpec]
    inputs: Mapping[str, tuple[TensorSpec, ...]]
    counts: Mapping[str, int]
    problems: tuple[Problem, ...]
    runnable: frozenset[str]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that are errors."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    def of(self, layer_id: str) -> tuple[Problem, ...]:
        """The problems of one layer, worst first."""
        return tuple(problem for problem in self.problems if problem.layer == layer_id)
