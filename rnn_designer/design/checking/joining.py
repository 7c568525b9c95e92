"""Checks of masks on their way, and of layers that join several tensors."""

from collections.abc import Iterator

from rnn_designer.design.checking.context import Context, called, inserting, turned_on, warning
from rnn_designer.design.model import Layer, Link
from rnn_designer.design.problems import Fix, Problem

_ELEMENTWISE = ("Add", "Multiply", "Average", "Subtract", "Maximum", "Minimum")


def lost_masks(context: Context) -> Iterator[Problem]:
    """Layers that drop a mask on its way to a recurrent layer."""
    for layer in context.design.layers:
        arriving, output = context.arriving(layer), context.output(layer)
        if output is None or output.masked or not any(tensor.masked for tensor in arriving):
            continue
        if any(each.type.recurrent for each in layer.walk()) or len(arriving) != 1:
            continue
        reader, wire = _unmasked_reader(context, layer)
        if reader is None or wire is None:
            continue
        yield warning(
            "lost_mask",
            layer,
            f"{called(layer)} loses the mask, so {called(reader)} after it reads padded steps like real "
            "ones. Move it before the mask is made, or make a mask again.",
            inserting("Make a mask again with Masking", "Masking", wire),
            why="A mask says which steps are padding, and travels along with the tensor. Layers that change "
            "the time axis or mix steps cannot say what becomes of it and drop it; Keras only prints a "
            "warning.",
        )


def _unmasked_reader(context: Context, layer: Layer) -> tuple[Layer | None, Link | None]:
    """The first recurrent layer behind this one that gets its output without a new mask, and the first wire there."""
    for wire in context.graph.leaving[layer.id]:
        open_ids, seen = [wire.target], {layer.id}
        while open_ids:
            at = context.graph.tops[open_ids.pop(0)]
            if at.id in seen:
                continue
            seen.add(at.id)
            arriving, output = context.arriving(at), context.output(at)
            if any(each.type.recurrent for each in at.walk()) and arriving and not arriving[0].masked:
                return at, wire
            if output is not None and output.rank >= 3 and not output.masked:
                open_ids.extend(link.target for link in context.graph.leaving[at.id])
    return None, None


def joins(context: Context) -> Iterator[Problem]:
    """Elementwise layers that repeat a smaller tensor, or drop a mask."""
    for layer in context.design.layers:
        if layer.kind not in _ELEMENTWISE or context.output(layer) is None:
            continue
        tensors, links = context.arriving(layer), context.graph.entering[layer.id]
        masked = [tensor.masked for tensor in tensors]
        if any(masked) and not all(masked):
            bare = links[masked.index(False)]
            start = context.graph.tops[bare.source]
            fixes: tuple[Fix, ...] = ()
            if tensors[masked.index(False)].rank >= 3:
                fixes = (inserting(f"Mask ‘{start.name}’ as well", "Masking", bare),)
            yield warning(
                "partly_masked",
                layer,
                f"{called(layer)} drops the mask, because ‘{start.name}’ comes without one. Mask both, or "
                "neither.",
                *fixes,
                why="Where two tensors are joined number by number, the result is masked only if both are: "
                "otherwise nobody could say whether a step counts.",
            )
        largest = max(tensors, key=lambda tensor: tensor.rank)
        odd = [
            index
            for index, tensor in enumerate(tensors)
            if tensor.rank != largest.rank
            or any(a != b for a, b in zip(tensor.sizes[1:], largest.sizes[1:], strict=True) if 1 in (a, b))
        ]
        if not odd:
            continue
        wanted = max((tensor.features for tensor in tensors if tensor.features is not None), default=None)
        only_features = all(tensor.sizes[1:-1] == largest.sizes[1:-1] for tensor in tensors)
        fixes = ()
        if only_features and wanted is not None and wanted > 1:
            narrow = [index for index, tensor in enumerate(tensors) if tensor.features == 1]
            if len(narrow) == 1:
                name = context.graph.tops[links[narrow[0]].source].name
                label = f"Bring ‘{name}’ to {wanted} features with a Dense"
                fixes = (inserting(label, "Dense", links[narrow[0]], units=wanted),)
        for index in odd:
            start = context.graph.tops[links[index].source]
            recurrent = [each for each in start.walk() if each.type.recurrent]
            if tensors[index].rank == 2 and recurrent and largest.rank == 3:
                label = f"Turn on return sequences of ‘{start.name}’"
                fixes = (Fix(label, turned_on(start, "return_sequences", True)),)
        listed = " and ".join(str(tensor) for tensor in tensors)
        yield warning(
            "broadcast",
            layer,
            f"{called(layer)} gets {listed} and repeats the smaller one to fit. Make the sizes the same if "
            "that is not meant.",
            *fixes,
            why="Keras repeats an axis of size 1, or a missing axis, so that the sizes agree. That is handy "
            "where it is meant and hides a mistake where it is not: no error ever appears.",
        )


RULES = (lost_masks, joins)
