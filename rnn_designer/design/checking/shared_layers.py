"""Checks of layers that are called more than once: one set of weights has to fit every call."""

from collections.abc import Iterator

from rnn_designer.design.checking.context import Context, called, error, inserting, setting, warning
from rnn_designer.design.edits.sharing import make_own
from rnn_designer.design.model import Layer
from rnn_designer.design.problems import Fix, Problem

_FIXED_RANK = ("BatchNormalization",)
"""Layers that take tensors of one number of axes only, once they are built."""


def same_weights(context: Context) -> Iterator[Problem]:
    """Calls of one layer that would need weights of different shapes."""
    tops = context.graph.tops
    for box in context.design.layers:
        original = tops.get(box.shares or "")
        if original is None:
            continue
        first, again = context.arriving(original), context.arriving(box)
        counts = [context.flow.counts.get(each.id) for each in (original, box)]
        if not first or not again or {original.id, box.id} & context.flow.failed:
            continue
        differ = [a.sizes[-1] for a in first] != [b.sizes[-1] for b in again]
        weighted = any(count is None or count > 0 for count in counts)
        ranks = original.kind in _FIXED_RANK and [a.rank for a in first] != [b.rank for b in again]
        if not (weighted and ((differ and counts[0] is None) or counts[0] != counts[1])) and not ranks:
            continue
        yield error(
            "shared_differ",
            box,
            f"{called(box)} calls ‘{original.name}’ once more, whose weights are made for {first[0]}, but gets "
            f"{again[0]}. Bring both to the same size, or make it a layer of its own.",
            *_bridge(context, box, first[0].features, again[0].features),
            Fix("Make it a layer of its own", make_own(box.id)),
            why="A layer that is called several times has one set of weights, made for what arrives at its first call. "
            "Batch and time may differ from call to call; the number of features, and whatever else the weights have "
            "an axis for, may not.",
        )


def _bridge(context: Context, box: Layer, wanted: int | None, got: int | None) -> Iterator[Fix]:
    wire = context.wire_into(box)
    if wire is not None and wanted is not None and got is not None and wanted != got:
        yield inserting(f"Bring it to {wanted} features with a Dense", "Dense", wire, units=wanted)


def one_state(context: Context) -> Iterator[Problem]:
    """A stateful layer that is called several times: the calls share the state too."""
    for box in context.design.layers:
        if box.shares is None or box.shares not in context.graph.tops:
            continue
        stateful = next((each for each in box.walk() if each.values().get("stateful")), None)
        if stateful is None:
            continue
        yield warning(
            "shared_state",
            box,
            f"{called(box)} and ‘{context.graph.tops[box.shares].name}’ are one stateful layer, so each call goes on "
            "from where the other one ended. Turn off stateful, or make it a layer of its own.",
            setting("Turn off stateful", stateful, "stateful", False),
            Fix("Make it a layer of its own", make_own(box.id)),
            parameter="stateful" if stateful is box else None,
            why="stateful keeps the state inside the layer until the next call, whichever call that is. With two calls "
            "in one model the second one starts from the end of the first one's sequence, in the same batch.",
        )


RULES = (same_weights, one_state)
