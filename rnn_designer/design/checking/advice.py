"""What a wire would bring about, told before it is drawn."""

from rnn_designer.design.edits.links import connect, connection_refusal
from rnn_designer.design.model import Design, Link
from rnn_designer.design.problems import Severity


def connection_advice(design: Design, link: Link) -> str | None:
    """What speaks against a wire, as a sentence for whoever hovers over its end; None if nothing does.

    A wire that is refused gives the refusal. One that may be drawn, but whose shape does not fit, gives the problem
    that its target would have; the problem's fixes are there once it is drawn.
    """
    from rnn_designer.design.checking import check

    refusal = connection_refusal(design, link)
    if refusal is not None:
        return refusal
    after = connect(link)(design)
    inside = {layer.id for layer in after.layer(link.target).walk()}
    before = {
        (problem.code, problem.message) for problem in check(design).problems if problem.layer in inside
    }
    for problem in check(after).problems:
        known = (problem.code, problem.message) in before
        if problem.layer in inside and problem.severity is Severity.ERROR and not known:
            return problem.message
    return None
