"""Refusals of the catalog's shape rules as problems: in the design's own words, with the fixes that belong to them."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from rnn_designer.catalog import RuleError
from rnn_designer.design.checking import states
from rnn_designer.design.checking.context import Context, inserting, setting
from rnn_designer.design.checking.flow import flow_through
from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.checking.merges import merge, one_input, two_inputs
from rnn_designer.design.checking.open_axes import USUAL_WORDS, open_axis, vocabulary
from rnn_designer.design.checking.ranks import rank, time_distributed
from rnn_designer.design.checking.refusals import plain
from rnn_designer.design.edits import chain
from rnn_designer.design.edits.layers import remove, set_parameter
from rnn_designer.design.model import Layer
from rnn_designer.design.problems import Fix, Problem
from rnn_designer.design.refusal import Refused

MOST_TRIED = 8
"""Up to how many errors in a design the fixes are tried out before they are offered; a try costs milliseconds."""


def faults(context: Context) -> Iterator[Problem]:
    """Every layer that cannot take what arrives."""
    few = len(context.flow.errors) <= MOST_TRIED
    for layer_id, refusal in context.flow.errors.items():
        if refusal.code == "needs_layer":
            continue
        layer = context.graph.every[layer_id]
        problem = HANDLERS.get(refusal.code, plain)(context, layer, refusal)
        if few:
            working = tuple(fix for fix in problem.fixes if _mends(context, layer_id, refusal, fix))
            problem = replace(problem, fixes=working)
        yield problem


def _mends(context: Context, layer_id: str, refusal: RuleError, fix: Fix) -> bool:
    """Whether a fix really removes its error: a layer may have two at once, or sit behind others that shuffle axes."""
    try:
        after = flow_through(Graph(fix.edit(context.design))).errors.get(layer_id)
    except Refused:
        return False
    return after is None or (after.code, after.parameter) != (refusal.code, refusal.parameter)


def _tokens(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """Whole numbers where real numbers are needed."""
    top = context.top(layer)
    wire = context.wire_into(top)
    source = next((each for each in context.before(layer) if each.kind == "Input"), None)
    fixes: list[Fix] = []
    tensor = context.arriving(layer)[0] if context.arriving(layer) else None
    if wire is not None and tensor is not None and tensor.rank == 2 and layer is top:
        words = vocabulary(context, source) or USUAL_WORDS
        fixes.append(inserting("Insert an Embedding", "Embedding", wire, input_dim=words))
    if source is not None and tensor is not None and tensor.rank == 3:
        fixes.append(setting(f"Make ‘{source.name}’ real numbers", source, "dtype", None))
    return plain(
        context,
        layer,
        refusal,
        *fixes,
        why="Token ids are names, not amounts: id 7 is not more than id 3. An Embedding holds one learned "
        "vector for each id and hands that on, so that layers after it can reckon with it.",
    )


def _wrapped_backwards(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """The directions inside a Bidirectional."""
    now = bool(layer.value("go_backwards"))
    return plain(
        context,
        layer,
        refusal,
        setting(f"Turn {'off' if now else 'on'} go backwards", layer, "go_backwards", not now),
        why="Bidirectional reads the sequence both ways and lines the two outputs up. It needs one layer "
        "that reads forwards and one that reads backwards; left alone, it makes the backward one as the "
        "mirror of the first.",
    )


def _wrapped_differ(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """Settings that both directions must share."""
    fixes = []
    owner = context.graph.owners.get(layer.id)
    if refusal.parameter is not None and "expected" in refusal.facts and owner is not None:
        shared = [
            set_parameter(child.id, refusal.parameter, refusal.facts["expected"]) for child in owner.children
        ]
        fixes.append(Fix(f"Make {refusal.parameter.replace('_', ' ')} the same", chain(*shared)))
    return plain(context, layer, refusal, *fixes)


def _window(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A window longer than the series."""
    fixes = [setting("Pad the series: set padding to same", layer, "padding", "same")]
    size, parameter = refusal.facts.get("size"), refusal.parameter
    if isinstance(size, int) and size > 0 and parameter in layer.type.by_name:
        label = f"Make the window {size} long"
        edits = [set_parameter(layer.id, parameter or "", size)]
        if "dilation_rate" in layer.type.by_name:
            edits.append(set_parameter(layer.id, "dilation_rate", 1))
        fixes.append(Fix(label, chain(*edits)))
    return plain(
        context,
        layer,
        refusal,
        *fixes,
        why="The layer slides a window along the sequence and gives out one value per place. Where the "
        "sequence is shorter than the window there is no place for it.",
    )


def _axis(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """An axis that the tensor has not got."""
    rank = refusal.facts.get("rank")
    fixes: list[Fix] = []
    if refusal.parameter == "dims" and isinstance(rank, int) and rank > 2:
        dims = (2, 1, *range(3, rank))
        fixes.append(setting("Swap the first two axes", layer, "dims", dims))
    elif refusal.parameter in ("axis", "axes"):
        fixes.append(setting("Use the last axis, the features", layer, refusal.parameter, -1))
    if context.wire_into(layer) is not None and not fixes:
        fixes.append(Fix("Take it out of the wire", remove([layer.id])))
    return plain(context, layer, refusal, *fixes)


def _resetting(label: str, parameter: str, value: object) -> Callable[[Context, Layer, RuleError], Problem]:
    def handler(context: Context, layer: Layer, refusal: RuleError) -> Problem:
        return plain(context, layer, refusal, setting(label, layer, parameter, value))

    return handler


HANDLERS: dict[str, Callable[[Context, Layer, RuleError], Problem]] = {
    "rank": rank,
    "rank_time_features": rank,
    "tokens": _tokens,
    "features_open": open_axis,
    "time_open": open_axis,
    "batch_open": open_axis,
    "wrapped_backwards": _wrapped_backwards,
    "wrapped_differ": _wrapped_differ,
    "window_too_long": _window,
    "merge_mismatch": merge,
    "time_distributed_rank": time_distributed,
    "one_input": one_input,
    "two_inputs": two_inputs,
    "bad_axis": _axis,
    "batch_axis": _axis,
    "axis_twice": _axis,
    "crop_too_long": _resetting("Crop nothing", "cropping", (0, 0)),
    "output_padding": _resetting("Leave output padding empty", "output_padding", None),
    "bad_target": _resetting("Lay all numbers in one row: Reshape to (-1, 1)", "target_shape", (-1, 1)),
    "strides_and_dilation": _resetting("Set dilation rate to 1", "dilation_rate", 1),
    "groups": _resetting("Use one group", "groups", 1),
    **states.HANDLERS,
}
"""What tells each refusal, by its code; the others are told in the rule's own words."""

RULES = (faults,)
