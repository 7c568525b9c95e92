"""What a wire would bring about, told before it is drawn."""

from rnn_designer.design.checking.context import called
from rnn_designer.design.edits.links import connect, connection_refusal
from rnn_designer.design.model import Design, Link
from rnn_designer.design.ports import INITIAL, carried, input_ports
from rnn_designer.design.problems import Checked, Severity
from rnn_designer.wording import counted

_FOR_LATER = "state_count"
"""The code of a problem that the next wire mends: the states of a layer are wired one after another."""


def connection_advice(design: Design, link: Link) -> str | None:
    """What speaks against a wire, as a sentence for whoever hovers over its end; None if nothing does.

    A wire that is refused gives the refusal. One that may be drawn, but whose shape does not fit, gives the problem
    that its target would have; the problem's fixes are there once it is drawn.
    """
    from rnn_designer.design.checking import check

    refusal = connection_refusal(design, link)
    if refusal is not None:
        return refusal
    now = check(design)
    unfit = _unfit_state(now, link)
    if unfit is not None:
        return unfit
    after = connect(link)(design)
    inside = {layer.id for layer in after.layer(link.target).walk()}
    before = {(problem.code, problem.message) for problem in now.problems if problem.layer in inside}
    for problem in check(after).problems:
        known = (problem.code, problem.message) in before or problem.code == _FOR_LATER
        if problem.layer in inside and problem.severity is Severity.ERROR and not known:
            return problem.message
    return None


def _unfit_state(checked: Checked, link: Link) -> str | None:
    """Why a tensor cannot be the state that its port stands for, the first step's; None if it can."""
    design = checked.design
    source, target = design.layer(link.source), design.layer(link.target)
    port = next(each for each in input_ports(target) if each.name == link.target_port)
    tensor = checked.shapes.get((link.source, link.source_port))
    state = next((each for each in carried(target) if INITIAL + each.name == port.name), None)
    if tensor is None or state is None or state.sizes is None or tensor.sizes[1:] == state.sizes:
        return None
    needs = counted(state.sizes[-1] or 0, "number")
    if tensor.rank > len(state.sizes) + 1:
        way = (
            f"Use the last output of ‘{source.name}’ (return sequences off), or its state (return state on)."
            if carried(source)
            else "Use the state of a recurrent layer, or a vector."
        )
        return f"{called(target)} starts {port.label} from {needs} per sample, got a whole sequence {tensor}. {way}"
    if tensor.rank < len(state.sizes) + 1:
        return None
    return (
        f"{called(target)} starts {port.label} from {needs} per sample, got {tensor} from ‘{source.name}’. Give both "
        f"the same number of units, or put a Dense with {needs.split()[0]} units between."
    )
