"""Edits of what a sweep tries out."""

from dataclasses import replace
from typing import Any

from rnn_designer.design.model import Design
from rnn_designer.design.refusal import Edit, Refused
from rnn_designer.design.sweeping import Sweep, Varied
from rnn_designer.design.trials import living, suggestion, sweep_fault


def set_sweep(sweep: Sweep | None) -> Edit:
    """Say what a sweep tries out; None to say nothing. Refused with the sentence of the first bad value."""

    def edit(design: Design) -> Design:
        fault = None if sweep is None else sweep_fault(design, sweep)
        if fault:
            raise Refused(fault)
        return replace(design, sweep=sweep)

    return edit


def change_sweep(**fields: Any) -> Edit:
    """Change some fields of the sweep; where there is none yet, of a new one. What is gone is not varied any more."""

    def edit(design: Design) -> Design:
        before = replace(design.sweep or Sweep(), varied=living(design))
        return set_sweep(replace(before, **fields))(design)

    return edit


def vary(varied: Varied) -> Edit:
    """Try other values for a setting, in the place of those that were tried before."""

    def edit(design: Design) -> Design:
        others = living(design)
        if any(each.key == varied.key for each in others):
            changed = tuple(varied if each.key == varied.key else each for each in others)
        else:
            changed = (*others, varied)
        return change_sweep(varied=changed)(design)

    return edit


def vary_setting(layer_id: str | None, name: str) -> Edit:
    """Vary a setting about the value that it has. Refused where it cannot be varied."""

    def edit(design: Design) -> Design:
        suggested = suggestion(design, layer_id, name)
        if suggested is None:
            raise Refused(f"“{name.replace('_', ' ')}” cannot be varied in a sweep. Choose another setting.")
        return vary(suggested)(design)

    return edit


def vary_no_more(layer_id: str | None, name: str) -> Edit:
    """Leave a setting as the design has it."""

    def edit(design: Design) -> Design:
        kept = tuple(each for each in living(design) if (each.layer, each.name) != (layer_id, name))
        return change_sweep(varied=kept)(design)

    return edit
