"""Refusals of the catalog's shape rules as problems: in the design's own words, with the fixes that belong to them."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from rnn_designer.catalog import FrozenMap, Part, RuleError
from rnn_designer.design.checking import attention, states
from rnn_designer.design.checking.context import Context, inserting, setting
from rnn_designer.design.checking.flow import flow_through
from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.checking.merges import merge, one_input, two_inputs
from rnn_designer.design.checking.open_axes import USUAL_WORDS, open_axis, vocabulary
from rnn_designer.design.checking.ranks import rank, time_distributed
from rnn_designer.design.checking.refusals import plain
from rnn_designer.design.edits import chain
from rnn_designer.design.edits.layers import deciding, put, remove, reset_parameter, set_parameter
from rnn_designer.design.model import Design, Layer
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
    for link in context.graph.entering.get(top.id, ()) if wire is None else ():
        arrived = context.flow.shapes.get((link.source, link.source_port))
        if arrived is not None and arrived.kind == "int":
            wire, tensor, start = link, arrived, context.graph.tops[link.source]
            source = next((each for each in (start, *context.before(start)) if each.kind == "Input"), None)
            break
    if wire is not None and tensor is not None and tensor.rank == 2 and layer is top:
        sizes: dict[str, object] = {"input_dim": vocabulary(context, source) or USUAL_WORDS}
        others = [context.flow.shapes.get((e.source, e.source_port)) for e in context.graph.feeding(layer.id)]
        beside = next(
            (each.features for each in others if each and each.kind == "float" and each.features), None
        )
        if beside is not None:
            sizes["output_dim"] = beside
        fixes.append(inserting("Insert an Embedding", "Embedding", wire, **sizes))
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


def _lora(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """Low-rank training together with a rule for the weights that it does not train."""
    fixes = [Fix("Train all weights: set lora rank to none", reset_parameter(layer.id, "lora_rank"))]
    if refusal.parameter is not None:
        label = f"Set {refusal.parameter.replace('_', ' ')} to none"
        fixes.insert(0, Fix(label, reset_parameter(layer.id, refusal.parameter)))
    return plain(
        context,
        layer,
        refusal,
        *fixes,
        why="With a lora rank Keras leaves the layer's weights as they are and trains two thin matrices beside them, "
        "whose product is added. A constraint is a rule for weights that are trained, and these are not.",
    )


def _masked_softmax(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """Softmax as a layer takes the mask of the steps for one of its own."""

    def edit(design: Design) -> Design:
        old = deciding(design, layer.id)
        return put(design, old, replace(old, kind="Activation", params=FrozenMap(activation="softmax")))

    return plain(
        context,
        layer,
        refusal,
        Fix("Use an Activation with softmax", edit),
        why="The layer Softmax has a mask of its own, which says which numbers of the axis count. Keras hands it the "
        "mask of the steps instead, whose shape does not fit. The same function as an Activation lets it pass.",
    )


def _cell_code(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """The text of a custom cell that is no cell."""
    first = layer.type.new_params()
    edits = [set_parameter(layer.id, name, value) for name, value in first.items()]
    return plain(
        context,
        layer,
        refusal,
        Fix("Begin again from the smallest cell that works", chain(*edits)),
        why="RNN asks a cell for three things: a state_size, which says how many numbers each state has; a call that "
        "takes the inputs of one step with a list of states and gives back the output with a list of new ones; and a "
        "get_config with the arguments, so that a saved model can be opened again.",
    )


def _cell_argument(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """An argument that a custom cell cannot be made with."""
    name, given = refusal.facts.get("argument"), layer.value("arguments")
    fixes = []
    if isinstance(name, str) and isinstance(given, Part):
        without = Part(given.kind, given.params.without(name))
        fixes.append(setting(f"Set {name} back", layer, "arguments", without))
    return plain(
        context,
        layer,
        refusal,
        *fixes,
        why="The arguments of a cell are those of its class's constructor, with the types that its text gives them.",
    )


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
    "dtype": _resetting("Use mixed_bfloat16", "dtype", "mixed_bfloat16"),
    "lora_constraint": _lora,
    "masked_softmax": _masked_softmax,
    "cell_code": _cell_code,
    "cell_argument": _cell_argument,
    **states.HANDLERS,
    **attention.HANDLERS,
}
"""What tells each refusal, by its code; the others are told in the rule's own words."""

RULES = (faults,)
