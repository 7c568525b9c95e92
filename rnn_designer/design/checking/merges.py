"""Tensors that cannot be merged, and the fixes that make them alike."""

from rnn_designer.catalog import RuleError, TensorSpec
from rnn_designer.design.checking.context import Context, inserting, setting, turned_on
from rnn_designer.design.checking.refusals import plain
from rnn_designer.design.edits import chain
from rnn_designer.design.edits.layers import remove
from rnn_designer.design.edits.links import disconnect
from rnn_designer.design.model import Layer, Link
from rnn_designer.design.problems import Fix, Problem
from rnn_designer.design.refusal import Edit


def merge(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """Tensors that do not go together."""
    if "merge_mode" in layer.type.by_name:
        return plain(
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
    return plain(
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


def one_input(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A merge layer with nothing to merge."""
    wire = context.wire_into(layer)
    fixes = [] if wire is None else [Fix("Take it out of the wire", remove([layer.id]))]
    return plain(
        context, layer, refusal, *fixes, why="Joining takes at least two tensors; one alone stays as it is."
    )


def two_inputs(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A layer for two tensors that gets more."""
    links = list(context.graph.entering.get(layer.id, ()))
    label = f"Remove the wire from ‘{context.graph.tops[links[-1].source].name}’"
    return plain(context, layer, refusal, Fix(label, _without_wire(layer, links)))
