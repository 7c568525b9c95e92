"""The sum behind every step of one unit, taken apart: input, recurrence and bias of each gate, and the new state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy

from rnn_designer.engine.analyses.cell_steps import HIDDEN, Steps, as_carried, steps_of
from rnn_designer.engine.analyses.subject import Subject
from rnn_designer.engine.cells import GATES
from rnn_designer.engine.failures import Refused
from rnn_designer.messages import Analyse, Array


def unit_sum(subject: Subject, request: Analyse) -> tuple[Mapping[str, Array], Mapping[str, str]]:
    """Every term of one unit's gates, and its states before and after, at some steps.

    With ``W``, ``U`` and ``b`` a gate's columns of kernel, recurrent kernel and bias for this unit, and ``h′`` the
    hidden state before the step, a gate is ``activation(x·W + h′·U + b)``. The candidate of a GRU is
    ``activation(x·W + b + r (h′·U + b′))``, or ``activation(x·W + b + (r ⊙ h′)·U)`` with ``reset_after`` off.

    Options:
        unit: which unit, from 0.
        sample, first, count, backward: as for ``cell_steps``.

    Arrays:
        first: ``(1,)``, the first step that is there.
        held: ``(steps,)``, 1 where a mask holds the state.
        terms: ``(steps, gates, 4)``: ``x·W``, ``h′·U`` (of ``r ⊙ h′`` where a GRU resets before), ``b``, and the
            bias ``b′`` of the recurrence where a GRU has one; what is not there is 0. NaN where held.
        sums: ``(steps, gates)``, what the activation is given; NaN where held.
        made: ``(steps, gates)``, what it makes of that. Gates in the order of the kernel's columns.
        gates: ``(steps, gates)``, what the cell goes on with: the same, but for what someone held.
        clamped: ``(steps, gates)``, 1 where someone held the gate (or a SimpleRNN's state).
        before, after: ``(steps, states)``.
        computed: ``(steps, states)``, what the cell made of its states before someone's holding them; NaN where held.
        clamped_states: ``(steps, states)``, 1 where someone held the state.
        squashed: ``(steps,)``, the activation of an LSTM's new cell state.
        inputs: ``(steps, features)``, what is multiplied by the kernel.
        hidden: ``(steps, units)``, what is multiplied by the recurrent kernel: the hidden state before the step.

    Facts:
        kind: the class of the cell.

    Raises:
        Refused: there is no such unit, or its formula is not known.
    """
    steps = steps_of(subject, request)
    if not steps.gates:
        raise Refused(_unknown(steps), request.layer)
    units = steps.cell.units
    unit = round(request.options.get("unit", 0))
    if not 0 <= unit < units:
        raise Refused(f"There is no unit {unit}: the layer has {units}. Choose another.", request.layer)
    gates = [gate for gate, _, _ in GATES.get(steps.kind, HIDDEN)]
    terms = numpy.stack([_terms(steps, gate, number, unit) for number, gate in enumerate(gates)], axis=1)
    terms[steps.held] = numpy.nan
    arrays = {
        "first": numpy.asarray([steps.first], dtype="int32"),
        "held": steps.held,
        "terms": terms,
        "sums": numpy.stack([steps.sums[gate][:, unit] for gate in gates], axis=1),
        "made": numpy.stack([steps.made[gate][:, unit] for gate in gates], axis=1),
        "gates": numpy.stack([steps.gates[gate][:, unit] for gate in gates], axis=1),
        "clamped": _clamped(steps, ["h" if gate == "hidden" else gate for gate in gates], unit),
        "computed": numpy.stack([each[:, unit] for each in steps.computed.values()], axis=1),
        "clamped_states": _clamped(steps, list(steps.before), unit),
        "before": numpy.stack([each[:, unit] for each in steps.before.values()], axis=1),
        "after": numpy.stack([each[:, unit] for each in steps.after.values()], axis=1),
        "inputs": steps.inputs,
        "hidden": steps.before["h"],
    }
    if steps.squashed is not None:
        arrays["squashed"] = steps.squashed[:, unit]
    return {name: as_carried(each) for name, each in arrays.items()}, {"kind": steps.kind}


def _terms(steps: Steps, gate: str, number: int, unit: int) -> Array:
    """``(steps, 4)``: the four terms of one gate of one unit, summed in float64."""
    cell = steps.cell
    column = number * cell.units + unit
    hidden = steps.before["h"].astype("float64")
    if gate == "candidate" and steps.kind == "GRUCell" and not cell.reset_after:
        hidden = hidden * steps.gates["reset"]
    found = numpy.zeros((len(hidden), 4))
    found[:, 0] = steps.inputs.astype("float64") @ _values(cell.kernel)[:, column]
    found[:, 1] = hidden @ _values(cell.recurrent_kernel)[:, column]
    if cell.bias is not None:
        bias = _values(cell.bias)
        found[:, 2] = bias[0, column] if bias.ndim > 1 else bias[column]
        found[:, 3] = bias[1, column] if bias.ndim > 1 else 0.0
    return found


def _clamped(steps: Steps, names: list[str], unit: int) -> Array:
    """``(steps, names)``: whether someone held that of the unit; nothing is computed, so nothing held, under a mask."""
    found = numpy.zeros((len(steps.held), len(names)), bool)
    for number, name in enumerate(names):
        if name in steps.clamped:
            found[:, number] = steps.clamped[name][:, unit] & ~steps.held
    return found


def _values(variable: Any) -> Any:
    return numpy.asarray(keras.ops.convert_to_numpy(variable), dtype="float64")


def _unknown(steps: Steps) -> str:
    if steps.kind:
        return (
            "A ConvLSTM sums over a neighbourhood of each place of a frame, which is more than a line of numbers can "
            "show. Its states and gates are drawn; its kernels are in the weights' view."
        )
    return (
        f"The formula of “{type(steps.cell).__name__}” stands in its own code, so its sums cannot be taken apart here. "
        "Its states are drawn; open its code to read how they come about."
    )
