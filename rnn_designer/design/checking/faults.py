"""Refusals of the catalog's shape rules as problems: in the design's own words, with the fixes that belong to them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from math import prod

from rnn_designer.catalog import RuleError, TensorSpec
from rnn_designer.design.checking.context import (
    Context,
    called,
    error,
    inserting,
    one_id_per_step,
    setting,
    turned_on,
)
from rnn_designer.design.checking.flow import flow_through
from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.edits import chain
from rnn_designer.design.edits.layers import remove, set_parameter
from rnn_designer.design.edits.links import connect, disconnect
from rnn_designer.design.edits.wrapping import unwrap, wrap
from rnn_designer.design.model import DataSource, Layer, Link
from rnn_designer.design.ports import output_ports
from rnn_designer.design.problems import Fix, Problem
from rnn_designer.design.refusal import Edit, Refused

USUAL_STEPS = 50
"""Time steps for an Input whose data does not say."""
USUAL_PLACES = 16
"""Rows or columns of a frame for an Input that leaves them open."""
MOST_TRIED = 8
"""Up to how many errors in a design the fixes are tried out before they are offered; a try costs milliseconds."""
USUAL_WORDS = 1000
"""Rows of an Embedding whose data does not say."""


def faults(context: Context) -> Iterator[Problem]:
    """Every layer that cannot take what arrives."""
    few = len(context.flow.errors) <= MOST_TRIED
    for layer_id, refusal in context.flow.errors.items():
        if refusal.code == "needs_layer":
            continue
        layer = context.graph.every[layer_id]
        problem = _HANDLERS.get(refusal.code, _plain)(context, layer, refusal)
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


def _plain(context: Context, layer: Layer, refusal: RuleError, *fixes: Fix, why: str = "") -> Problem:
    """The rule's own sentence, with the name of the layer, or of its wrapper, that it speaks of."""
    text = str(refusal)
    for each in (layer, context.graph.owners.get(layer.id)):
        if each is not None and text.startswith(f"{each.kind} "):
            text = called(each) + text[len(each.kind) :]
            break
    return error(refusal.code, layer, text, *fixes, parameter=refusal.parameter, why=why or _WHY_SHAPES)


_WHY_SHAPES = (
    "Every layer is built for tensors of a certain form, and its weights for certain sizes. The shapes on "
    "the wires show what arrives: the batch axis first, then, for sequences, the time steps, and the "
    "features last."
)
_WHY_SEQUENCE = (
    "A recurrent layer reads a sequence: (batch, time, features). Unless return sequences is on, it gives "
    "out only what it has after the last step, (batch, units): the time axis is gone, and a layer after it "
    "that walks through time has nothing to walk through. With return sequences on it gives out one vector "
    "per step."
)


def _rank(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """Too few or too many axes (lints 1, 2, 3, 39 and 42)."""
    expected, got = refusal.facts.get("expected"), refusal.facts.get("got")
    arriving = context.arriving(layer)
    if not isinstance(expected, int) or not isinstance(got, int) or not arriving:
        return _plain(context, layer, refusal)
    if got < expected:
        return _too_few_axes(context, layer, refusal, arriving[0])
    return _too_many_axes(context, layer, refusal, arriving[0], expected)


def _too_few_axes(context: Context, layer: Layer, refusal: RuleError, tensor: TensorSpec) -> Problem:
    top = context.top(layer)
    wire = context.wire_into(top)
    owner = context.graph.owners.get(layer.id)
    if owner is not None and owner.kind == "TimeDistributed" and tensor.rank + 1 == refusal.facts["expected"]:
        return error(
            "time_distributed_sequence",
            layer,
            f"{called(layer)} reads whole sequences, but TimeDistributed ‘{owner.name}’ hands it one step at a time. "
            "Take it out of its wrapper.",
            Fix("Take it out", unwrap(owner.id)),
            why="TimeDistributed applies its layer to every step by itself, so the layer inside sees one axis less: "
            "the time axis is what the wrapper walks along. A recurrent layer walks along the time axis on its own.",
        )
    if wire is not None:
        start = context.graph.tops[wire.source]
        ports = output_ports(start)
        if wire.source_port != ports[0].name and any(p.name == wire.source_port and p.state for p in ports):
            return error(
                "needs_sequence",
                layer,
                f"{called(layer)} gets the state “{wire.source_port}” of ‘{start.name}’, which is one "
                "vector, but needs the whole sequence. Connect the output.",
                Fix(
                    f"Connect the output of ‘{start.name}’",
                    chain(
                        connect(Link(wire.source, wire.target, ports[0].name, wire.target_port)),
                        turned_on(start, "return_sequences", True),
                    ),
                ),
                why=_WHY_SEQUENCE,
            )
    source = last_output_before(context, layer)
    fixes = list(_with_feature_axis(context, top, wire, tensor))
    if source is None and refusal.facts["expected"] == 3 and tensor.rank == 2:
        return error(
            refusal.code,
            layer,
            f"{called(layer)} needs a sequence (batch, time, features), got {tensor}. Add a feature axis, or put "
            "a layer before it that gives out a sequence.",
            *fixes,
            why="Keras reads sequences as (batch, time, features), even where there is only one number per step: then "
            "the features axis has the size 1, and has to be there all the same.",
        )
    if source is None:
        return _plain(context, layer, refusal, *fixes)
    if wire is not None and tensor.rank == 2:
        steps = next((each.time for each in context.arriving(source) if each.time), None) or USUAL_STEPS
        fixes = [inserting(f"Repeat the last output {steps} times", "RepeatVector", wire, n=steps)]
    return error(
        "needs_sequence",
        layer,
        f"{called(source)} gives only its last output; the {called(layer)} after it needs the whole "
        "sequence. Turn on return sequences.",
        Fix(
            f"Turn on return sequences of ‘{source.name}’",
            turned_on(source, "return_sequences", True),
        ),
        *fixes,
        why=_WHY_SEQUENCE,
    )


def last_output_before(context: Context, layer: Layer) -> Layer | None:
    """The recurrent layer, or wrapper around some, whose last output arrives, straight or through other layers."""
    for each in context.before(layer):
        output = context.output(each)
        if output is None or output.rank != 2:
            return None
        recurrent = [inner for inner in each.walk() if inner.type.recurrent]
        if recurrent and not any(inner.value("return_sequences") for inner in recurrent):
            return each
        if each.kind in ("Input", "Flatten") or each.kind.startswith("Global"):
            return None
    return None


def _with_feature_axis(context: Context, top: Layer, wire: Link | None, tensor: TensorSpec) -> Iterator[Fix]:
    """Ways to give (batch, n) a feature axis: it is a sequence of single numbers."""
    if tensor.rank != 2 or wire is None:
        return
    size = tensor.features
    feeder = context.graph.tops[wire.source]
    if feeder.kind == "Input" and feeder.value("batch_size") in (None, tensor.sizes[0]):
        shape = feeder.value("shape")
        if isinstance(shape, tuple) and len(shape) == 1:
            label = f"Give ‘{feeder.name}’ a feature axis: ({_size(size)}, 1)"
            yield setting(label, feeder, "shape", (*shape, 1))
    if size is not None:
        yield inserting(
            f"Add a feature axis: Reshape to ({size}, 1)", "Reshape", wire, target_shape=(size, 1)
        )


def _size(size: int | None) -> str:
    return "open" if size is None else str(size)


def _too_many_axes(
    context: Context, layer: Layer, refusal: RuleError, tensor: TensorSpec, expected: int
) -> Problem:
    top = context.top(layer)
    wire = context.wire_into(top)
    fixes: list[Fix] = []
    before = (one_id_per_step(context, each) for each in context.before(layer) if each.kind == "Embedding")
    cause = next(before, None)
    if cause is not None:
        fixes.append(cause)
    elif expected == 2 and tensor.rank == 3:
        source = next(iter(context.before(layer)), None)
        recurrent = [] if source is None else [each for each in source.walk() if each.type.recurrent]
        if source is not None and recurrent and all(each.value("return_sequences") for each in recurrent):
            label = f"Turn off return sequences of ‘{source.name}’"
            fixes.append(Fix(label, turned_on(source, "return_sequences", False)))
        if wire is not None:
            fixes.append(inserting("Average over time before it", "GlobalAveragePooling1D", wire))
    elif layer is top and tensor.rank == expected + 1 and expected == 3:
        fixes.append(
            Fix("Apply it to every step: wrap it in TimeDistributed", wrap(layer.id, "TimeDistributed"))
        )
    if expected == 3 and tensor.rank > 3 and wire is not None and None not in tensor.sizes[1:]:
        target = (tensor.sizes[1], prod(size for size in tensor.sizes[2:] if size is not None))
        label = f"Make it a sequence: Reshape to ({target[0]}, {target[1]})"
        fixes.append(inserting(label, "Reshape", wire, target_shape=target))
    return _plain(context, layer, refusal, *fixes)


def _tokens(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """Whole numbers where real numbers are needed (lint 6)."""
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
    return _plain(
        context,
        layer,
        refusal,
        *fixes,
        why="Token ids are names, not amounts: id 7 is not more than id 3. An Embedding holds one learned "
        "vector for each id and hands that on, so that layers after it can reckon with it.",
    )


def vocabulary(context: Context, source: Layer | None) -> int | None:
    """How many ids an Input's data has, where the data says so."""
    data = context.design.source_of(source.id) if source is not None else None
    size = None if data is None else data.options.get("vocabulary")
    return size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None


def _open_axis(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """An axis whose size has to be known is open (lints 4 and 40)."""
    fixes: list[Fix] = []
    if refusal.parameter == "stateful":
        fixes.append(setting("Turn off stateful", layer, "stateful", False))
    source, flattened = input_behind(context, layer)
    if source is not None:
        shape = source.value("shape")
        data = context.design.source_of(source.id)
        if refusal.code == "batch_open" or refusal.facts.get("axis") == 0:
            size = data.batch_size if data else 1
            fixes.append(
                setting(f"Set the batch size of ‘{source.name}’ to {size}", source, "batch_size", size)
            )
        elif isinstance(shape, tuple) and None in shape:
            if flattened is not None:
                wire = context.wire_into(flattened)
                arriving = context.arriving(flattened)
                if wire is not None and arriving and arriving[0].rank == 3 and arriving[0].features:
                    pool = inserting("", "GlobalAveragePooling1D", wire).edit
                    label = f"Average over time in place of ‘{flattened.name}’"
                    fixes.append(Fix(label, chain(pool, remove([flattened.id]))))
            sizes = {
                place: _sensible(place, shape, data) for place in _open_places(context, layer, refusal, shape)
            }
            fixes.append(closing(source, shape, sizes))
    if refusal.facts.get("axis") == 0 and "axis" in layer.type.by_name:
        fixes.insert(0, setting("Use the last axis, the features", layer, "axis", -1))
    if "shared_axes" in layer.type.by_name:
        fixes.insert(0, setting("Share the slope along time", layer, "shared_axes", (1,)))
    return _plain(
        context,
        layer,
        refusal,
        *fixes,
        why="A layer's weights are made once, for sizes that are known then. The time axis may stay open, "
        "because the same weights serve every step; an axis that weights are made for may not.",
    )


def _open_places(
    context: Context, layer: Layer, refusal: RuleError, shape: tuple[int | None, ...]
) -> tuple[int, ...]:
    """Which places of an Input's shape to fix: the axis itself where it comes through, else time or features."""
    axis, arriving = refusal.facts.get("axis"), context.arriving(layer)
    straight = bool(arriving) and arriving[0].rank == len(shape) + 1
    if isinstance(axis, int) and axis > 0 and straight and shape[axis - 1] is None:
        return (axis - 1,)
    likely = len(shape) - 1 if refusal.code == "features_open" else 0
    if straight and shape[likely] is None:
        return (likely,)
    # Axes were joined on the way, so that each of them counts.
    return tuple(place for place, size in enumerate(shape) if size is None)


def _sensible(place: int, shape: tuple[int | None, ...], data: DataSource | None) -> int:
    """The size for an open axis of an Input: what its data has, or an ordinary number."""
    if len(shape) > 1 and place == len(shape) - 1:
        return columns(data) or 1
    if len(shape) > 1 and place == 0:
        return data.time_steps if data else USUAL_STEPS
    if len(shape) > 2:
        return USUAL_PLACES
    return 1


def input_behind(context: Context, layer: Layer) -> tuple[Layer | None, Layer | None]:
    """The Input behind a layer, and a Flatten on the way that made one open axis of two."""
    flattened: Layer | None = None
    for each in context.before(layer):
        if each.kind == "Flatten":
            flattened = each
        if each.kind == "Input":
            return each, flattened
    return None, flattened


def columns(data: DataSource | None) -> int | None:
    """How many features a sample source has at each step, where it says so."""
    if data is None:
        return None
    named, number = data.options.get("columns"), data.options.get("features")
    if data.kind == "typed":
        row = data.options.get("values")
        while isinstance(row, tuple) and row and isinstance(row[0], tuple):
            row = row[0]
        return len(row) if isinstance(row, tuple) and row else None
    if isinstance(named, tuple) and named:
        return len(named)
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else None


def closing(source: Layer, shape: tuple[int | None, ...], fixed: Mapping[int, int]) -> Fix:
    """Fix the sizes of some axes of an Input's shape, by their places in it."""
    sizes = tuple(fixed.get(place, size) for place, size in enumerate(shape))
    what = ", ".join(_size(each) for each in sizes) + ("," if len(sizes) == 1 else "")
    return setting(f"Set the shape of ‘{source.name}’ to ({what})", source, "shape", sizes)


def _wrapped_kind(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A layer inside a wrapper that cannot hold it (lint 35)."""
    owner = context.graph.owners.get(layer.id)
    fixes = [Fix("Take it out", unwrap(owner.id))] if owner is not None and owner.children[0] is layer else []
    fixes.append(Fix("Remove it", remove([layer.id])))
    return _plain(
        context,
        layer,
        refusal,
        *fixes,
        why="A wrapper changes how its layer walks through time, so the layer has to be of a kind that does.",
    )


def _wrapped_backwards(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """The directions inside a Bidirectional (lint 34)."""
    now = bool(layer.value("go_backwards"))
    return _plain(
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
    return _plain(context, layer, refusal, *fixes)


def _window(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A window longer than the series (lint 41)."""
    fixes = [setting("Pad the series: set padding to same", layer, "padding", "same")]
    size, parameter = refusal.facts.get("size"), refusal.parameter
    if isinstance(size, int) and size > 0 and parameter in layer.type.by_name:
        label = f"Make the window {size} long"
        edits = [set_parameter(layer.id, parameter or "", size)]
        if "dilation_rate" in layer.type.by_name:
            edits.append(set_parameter(layer.id, "dilation_rate", 1))
        fixes.append(Fix(label, chain(*edits)))
    return _plain(
        context,
        layer,
        refusal,
        *fixes,
        why="The layer slides a window along the sequence and gives out one value per place. Where the "
        "sequence is shorter than the window there is no place for it.",
    )


def _merge(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """Tensors that do not go together (lint 38)."""
    if "merge_mode" in layer.type.by_name:
        return _plain(
            context, layer, refusal, setting("Put the outputs side by side", layer, "merge_mode", "concat")
        )
    fixes: list[Fix] = []
    tensors = context.arriving(layer)
    links = list(context.graph.entering.get(layer.id, ()))
    if len(tensors) == len(links) and len({tensor.rank for tensor in tensors}) > 1:
        for link, tensor in zip(links, tensors, strict=True):
            start = context.graph.tops[link.source]
            recurrent = [each for each in start.walk() if each.type.recurrent]
            if (
                tensor.rank == 2
                and recurrent
                and not any(each.value("return_sequences") for each in recurrent)
            ):
                label = f"Turn on return sequences of ‘{start.name}’"
                fixes.append(Fix(label, turned_on(start, "return_sequences", True)))
    elif len(tensors) == len(links) and tensors:
        wanted = tensors[0].features
        rest = {tensor.sizes[1:-1] for tensor in tensors}
        odd = [link for link, tensor in zip(links, tensors, strict=True) if tensor.features != wanted]
        if wanted is not None and len(rest) == 1 and len(odd) == 1 and layer.kind != "Concatenate":
            start = context.graph.tops[odd[0].source]
            label = f"Bring ‘{start.name}’ to {wanted} features with a Dense"
            fixes.append(inserting(label, "Dense", odd[0], units=wanted))
    differing = _differing_axes(tensors)
    if layer.kind == "Concatenate" and len(differing) == 1 and 0 not in differing:
        (axis,) = differing
        label = f"Join them along the {tensors[0].axes[axis]} axis instead"
        fixes.append(setting(label, layer, "axis", -1 if axis == tensors[0].rank - 1 else axis))
    if not fixes and len(links) > 1:
        start = context.graph.tops[links[-1].source]
        fixes.append(Fix(f"Remove the wire from ‘{start.name}’", _without_wire(layer, links)))
    return _plain(
        context,
        layer,
        refusal,
        *fixes,
        why="Adding, multiplying and averaging go number by number, so the tensors must have the same "
        "sizes. Concatenate puts them side by side along one axis, and needs all the others alike.",
    )


def _differing_axes(tensors: tuple[TensorSpec, ...]) -> set[int]:
    """The axes on which sizes differ; none where the ranks do."""
    if not tensors or len({tensor.rank for tensor in tensors}) > 1:
        return set()
    return {axis for axis in range(tensors[0].rank) if len({tensor.sizes[axis] for tensor in tensors}) > 1}


def _without_wire(layer: Layer, links: list[Link]) -> Edit:
    """Remove the last wire of a merge layer, and the layer itself where nothing is left to merge."""
    if len(links) > 2:
        return disconnect(links[-1])
    return chain(disconnect(links[-1]), remove([layer.id]))


def _time_distributed(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A TimeDistributed without a time axis to walk along."""
    problem = _rank(context, layer, refusal)
    fixes = (*problem.fixes, Fix("Take its layer out", unwrap(layer.id)))
    return error(refusal.code, layer, problem.message, *fixes, why=problem.why)


def _one_input(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A merge layer with nothing to merge."""
    wire = context.wire_into(layer)
    fixes = [] if wire is None else [Fix("Take it out of the wire", remove([layer.id]))]
    return _plain(
        context, layer, refusal, *fixes, why="Joining takes at least two tensors; one alone stays as it is."
    )


def _two_inputs(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A layer for two tensors that gets more."""
    links = list(context.graph.entering.get(layer.id, ()))
    label = f"Remove the wire from ‘{context.graph.tops[links[-1].source].name}’"
    return _plain(context, layer, refusal, Fix(label, _without_wire(layer, links)))


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
    return _plain(context, layer, refusal, *fixes)


def _resetting(label: str, parameter: str, value: object) -> Callable[[Context, Layer, RuleError], Problem]:
    def handler(context: Context, layer: Layer, refusal: RuleError) -> Problem:
        return _plain(context, layer, refusal, setting(label, layer, parameter, value))

    return handler


_HANDLERS: dict[str, Callable[[Context, Layer, RuleError], Problem]] = {
    "rank": _rank,
    "rank_time_features": _rank,
    "tokens": _tokens,
    "features_open": _open_axis,
    "time_open": _open_axis,
    "batch_open": _open_axis,
    "wrapped_kind": _wrapped_kind,
    "wrapped_backwards": _wrapped_backwards,
    "wrapped_differ": _wrapped_differ,
    "window_too_long": _window,
    "merge_mismatch": _merge,
    "time_distributed_rank": _time_distributed,
    "one_input": _one_input,
    "two_inputs": _two_inputs,
    "bad_axis": _axis,
    "batch_axis": _axis,
    "axis_twice": _axis,
    "crop_too_long": _resetting("Crop nothing", "cropping", (0, 0)),
    "output_padding": _resetting("Leave output padding empty", "output_padding", None),
    "bad_target": _resetting("Lay all numbers in one row: Reshape to (-1, 1)", "target_shape", (-1, 1)),
    "strides_and_dilation": _resetting("Set dilation rate to 1", "dilation_rate", 1),
    "groups": _resetting("Use one group", "groups", 1),
}

RULES = (faults,)
