"""Axes whose size has to be known, the Input that leaves them open, and the sizes its data has."""

from collections.abc import Mapping

from rnn_designer.catalog import RuleError
from rnn_designer.design.checking.context import Context, inserting, setting
from rnn_designer.design.checking.refusals import plain, size_text
from rnn_designer.design.edits import chain
from rnn_designer.design.edits.layers import remove
from rnn_designer.design.model import DataSource, Layer
from rnn_designer.design.problems import Fix, Problem

USUAL_STEPS = 50
"""Time steps for an Input whose data does not say."""
USUAL_WORDS = 1000
"""Rows of an Embedding whose data does not say."""
USUAL_PLACES = 16
"""Rows or columns of a frame for an Input that leaves them open."""


def open_axis(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """An axis whose size has to be known is open."""
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
    return plain(
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
    what = ", ".join(size_text(each) for each in sizes) + ("," if len(sizes) == 1 else "")
    return setting(f"Set the shape of ‘{source.name}’ to ({what})", source, "shape", sizes)


def vocabulary(context: Context, source: Layer | None) -> int | None:
    """How many ids an Input's data has, where the data says so."""
    data = context.design.source_of(source.id) if source is not None else None
    size = None if data is None else data.options.get("vocabulary")
    return size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None
