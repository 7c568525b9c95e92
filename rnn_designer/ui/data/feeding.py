"""Edits that give an Input another source: what of its shape, type and sizes has to follow."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Edit, Layer, edits
from rnn_designer.messages import Table
from rnn_designer.sequences import GENERATORS, Generator

_NOT_FEATURES = {
    "index",
    "id",
    "row",
    "step",
    "time",
    "date",
    "datetime",
    "timestamp",
    "year",
    "month",
    "day",
}
FIRST_VALUES = tuple((0.0,) for _ in range(20))
"""What typed data starts with where there are no samples to start from."""


def default_columns(available: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that a new file starts with: all but those that only number or date the rows."""
    found = tuple(name for name in available if name.strip().casefold() not in _NOT_FEATURES)
    # The mean of all channels says nothing that the channels do not.
    found = tuple(name for name in found if name != "mix") or found
    return found or available


def fixed_steps(layer: Layer) -> int | None:
    """The number of steps that an Input's shape fixes; None where its time axis is open or it has none."""
    shape = layer.value("shape")
    return shape[0] if isinstance(shape, tuple) and shape and isinstance(shape[0], int) else None


def features_of(layer: Layer, columns: int) -> int | None:
    """The features for the Input's last axis; None for a shape such as (time,), which has no feature axis."""
    shape = layer.value("shape")
    return columns if isinstance(shape, tuple) and len(shape) >= 2 else None


def feed(layer: Layer, source: DataSource, features: int | None = None) -> Edit:
    """Feed a source to an Input whose fixed sizes, and features, follow it."""
    chain = [edits.set_data(layer.id, source)]
    shape = layer.value("shape")
    if isinstance(shape, tuple) and shape:
        wanted = list(shape)
        if fixed_steps(layer) is not None:
            wanted[0] = source.time_steps
        if features is not None and len(shape) >= 2:
            wanted = [*wanted[:1], features] if len(shape) > 2 else [wanted[0], features]
        if tuple(wanted) != shape:
            chain.append(edits.set_parameter(layer.id, "shape", tuple(wanted)))
    if isinstance(layer.value("batch_size"), int):
        chain.append(edits.set_parameter(layer.id, "batch_size", source.batch_size))
    return edits.chain(*chain)


def feed_generator(layer: Layer, source: DataSource, generator: Generator) -> Edit:
    """Feed a generator to an Input, which gets the features that its law has."""
    new = replace(source, kind=generator.name, options=FrozenMap(), part="all", validation=0.0, test=0.0)
    features = generator.features
    return feed(layer, new, features_of(layer, features) if features is not None else None)


def feed_table(
    design: Design, layer: Layer, source: DataSource, path: str, kind: str, options: FrozenMap, table: Table
) -> Edit:
    """Feed a file that has been read to an Input.

    Args:
        design: the design.
        layer: the Input.
        source: its source so far.
        path: as the new source names the file.
        kind: of the new source.
        options: how the file is read, as the user set it.
        table: the file, or its beginning.
    """
    if kind == "text":
        return feed_text(design, layer, source, options.having(path=path), int(table.facts.get("ids", 2)))
    held = source.options.get("columns", ())
    same = source.options.get("path") == path and held and set(held) <= set(table.available)
    columns = tuple(held) if same else default_columns(table.available)
    rows = int(table.values.shape[-2])
    samples = int(table.values.shape[0]) if table.values.ndim == 3 else None
    new = replace(
        source,
        kind=kind,
        options=options.having(path=path, columns=columns),
        time_steps=min(source.time_steps, rows),
        batch_size=source.batch_size if samples is None else min(source.batch_size, samples),
        normalize=source.normalize if source.kind not in GENERATORS else _first_scale(kind),
    )
    return feed(layer, new, features_of(layer, len(columns)))


def _first_scale(kind: str) -> str:
    # Sound lies between −1 and 1 already.
    return "none" if kind == "wav" else "standard"


def feed_text(design: Design, layer: Layer, source: DataSource, options: FrozenMap, vocabulary: int) -> Edit:
    """Feed a text as ids; an Input before an Embedding, or before nothing, takes one whole number per step."""
    new = replace(source, kind="text", options=options.having(vocabulary=vocabulary), normalize="none")
    edit = edits.set_data(layer.id, new)
    targets = [design.find(link.target) for link in design.links if link.source == layer.id]
    if all(target is not None and target.kind == "Embedding" for target in targets):
        return edits.chain(
            edit,
            edits.set_parameter(layer.id, "shape", (fixed_steps(layer) and new.time_steps,)),
            edits.set_parameter(layer.id, "dtype", "int32"),
        )
    return edits.chain(edit, feed(layer, new, features_of(layer, 1)))


def feed_typed(layer: Layer, source: DataSource, values: Any, shape: tuple[int, ...], *, fit: bool) -> Edit:
    """Feed typed data to an Input.

    Args:
        layer: the Input.
        source: its source so far.
        values: nested tuples.
        shape: their sizes.
        fit: whether batch size and time steps become those of the data; else they only shrink to fit.
    """
    samples = shape[0] if len(shape) == 3 else 1
    steps = shape[-2]
    new = replace(
        source,
        kind="typed",
        options=FrozenMap(values=values),
        batch_size=samples if fit else min(source.batch_size, samples if len(shape) == 3 else steps),
        time_steps=steps if fit else min(source.time_steps, steps),
    )
    if fit:
        new = replace(new, stride=1, horizon=0, validation=0.0, test=0.0, part="all", normalize="none")
    return feed(layer, new, features_of(layer, shape[-1]))


def with_cells(values: Any, cells: Iterable[tuple[tuple[int, ...], Any]]) -> Any:
    """Typed data with some cells replaced, each named by its places on every axis; others outside are left."""
    changed: dict[tuple[int, ...], dict[int, Any]] = {}
    for place, value in cells:
        changed.setdefault(place[:-1], {})[place[-1]] = value

    def rebuilt(item: Any, at: tuple[int, ...]) -> Any:
        if item and isinstance(item[0], tuple):
            touched = {place[len(at)] for place in changed if place[: len(at)] == at and len(place) > len(at)}
            return tuple(
                rebuilt(each, (*at, number)) if number in touched else each
                for number, each in enumerate(item)
            )
        new = changed.get(at, {})
        return tuple(new.get(number, each) for number, each in enumerate(item))

    return rebuilt(values, ())


def resized(values: Any, steps: int, features: int) -> Any:
    """Typed data with so many steps and features; what is new is 0."""
    if values and values[0] and isinstance(values[0][0], tuple):
        return tuple(resized(grid, steps, features) for grid in values)
    rows = [(*row[:features], *(0.0,) * (features - len(row))) for row in values[:steps]]
    return tuple(rows) + ((0.0,) * features,) * (steps - len(rows))
