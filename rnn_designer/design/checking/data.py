"""Checks of the sample data against the Inputs that it feeds, and of whole numbers on their way to an Embedding."""

from collections.abc import Iterator
from dataclasses import replace

from rnn_designer.design.checking.context import (
    Context,
    called,
    error,
    inserting,
    one_id_per_step,
    setting,
    warning,
)
from rnn_designer.design.checking.open_axes import USUAL_WORDS, columns, vocabulary
from rnn_designer.design.edits import chain, set_data, set_parameter
from rnn_designer.design.model import DataSource, Layer
from rnn_designer.design.problems import Fix, Problem
from rnn_designer.wording import counted

TEXTS = ("text", "tokens")
"""Kinds of data that are ids."""
SWAPPED = 10
"""From how many times more features than steps a shape looks as if the two were swapped."""


def shapes(context: Context) -> Iterator[Problem]:
    """Sample data that an Input cannot take as it is."""
    for layer in context.design.layers:
        shape = layer.value("shape") if layer.kind == "Input" else None
        if not isinstance(shape, tuple):
            continue
        source = context.design.source_of(layer.id)
        if source is not None:
            yield from _against_source(layer, shape, source)
        yield from _swapped(context, layer, shape)


def _against_source(layer: Layer, shape: tuple[int | None, ...], source: DataSource) -> Iterator[Problem]:
    width = columns(source)
    if width is not None and len(shape) == 2 and shape[-1] is not None and shape[-1] != width:
        yield warning(
            "data_width",
            layer,
            f"{called(layer)} expects {counted(shape[-1], 'feature', grouped=False)}, but its data has "
            f"{counted(width, 'column', grouped=False)}. Set the features to {width}, or choose other columns.",
            setting(f"Set the features to {width}", layer, "shape", (*shape[:-1], width)),
            parameter="shape",
            why="Every column of the data is one feature, a number at every time step. The Input's last "
            "axis says how many there are, and the weights after it are made for that many.",
        )
    if len(shape) >= 2 and shape[0] is not None and shape[0] != source.time_steps:
        yield warning(
            "data_steps",
            layer,
            f"{called(layer)} fixes {counted(shape[0], 'step', grouped=False)}, but its data is cut into "
            f"{source.time_steps}. Use the same number.",
            Fix(
                f"Cut the data into {counted(shape[0], 'step', grouped=False)}",
                set_data(layer.id, replace(source, time_steps=shape[0])),
            ),
            setting("Leave the number of steps open", layer, "shape", (None, *shape[1:])),
            parameter="shape",
            why="An Input with a fixed number of steps takes sequences of just that length. Recurrent "
            "layers do not need that; with the time axis open the same weights read sequences of any length.",
        )
    batch = layer.value("batch_size")
    if batch is not None and batch != source.batch_size:
        yield warning(
            "data_batch",
            layer,
            f"{called(layer)} fixes a batch of {batch}, but its data comes {source.batch_size} at a time. "
            "Use the same number.",
            Fix(
                f"Feed {counted(batch, 'sample', grouped=False)} at a time",
                set_data(layer.id, replace(source, batch_size=batch)),
            ),
            setting("Leave the batch size open", layer, "batch_size", None),
            parameter="batch_size",
            why="A model with a fixed batch size takes batches of just that size. Only stateful layers need "
            "one.",
        )


def _swapped(context: Context, layer: Layer, shape: tuple[int | None, ...]) -> Iterator[Problem]:
    """Many more features than steps."""
    if len(shape) != 2 or layer.type.kind != "Input":
        return
    steps, features = shape
    if steps is None or features is None or steps < 2 or features < SWAPPED * steps:
        return
    links = context.graph.leaving[layer.id]
    if any(context.graph.tops[link.target].kind in ("Permute", "Reshape", "Flatten") for link in links):
        return
    fixes = [setting(f"Make it {features} steps of {steps} features", layer, "shape", (features, steps))]
    if len(links) == 1:
        fixes.append(inserting("Swap the axes with Permute", "Permute", links[0], dims=(2, 1)))
    yield warning(
        "swapped_axes",
        layer,
        f"{called(layer)} has {counted(steps, 'step', grouped=False)} of {features} features. "
        f"If it is {features} steps of {steps} features, swap the axes.",
        *fixes,
        parameter="shape",
        why="Keras reads (batch, time, features): time first. Data often comes with one row per feature "
        "instead; then the layer would walk along the features as if they were time, without any error.",
    )


def tokens(context: Context) -> Iterator[Problem]:
    """Ids on their way to an Embedding."""
    for layer in context.design.layers:
        if layer.kind != "Embedding":
            continue
        arriving = context.arriving(layer)
        source = next((each for each in context.before(layer) if each.kind == "Input"), None)
        if arriving and arriving[0].kind == "float":
            feeder = context.graph.feeder(layer.id)
            fixes = []
            if feeder is not None and feeder.kind == "Input":
                fixes = [setting(f"Make ‘{feeder.name}’ whole numbers (int32)", feeder, "dtype", "int32")]
            yield warning(
                "float_ids",
                layer,
                f"{called(layer)} looks up whole numbers, but real numbers arrive, whose fractions are cut "
                "off. Let the Input give int32.",
                *fixes,
                why="An Embedding is a table with one row per id. 3.7 is no row; Keras takes row 3 without "
                "a word. Data that is not made of ids needs no Embedding at all.",
            )
        if arriving and arriving[0].rank == 3 and arriving[0].features == 1 and source is not None:
            fix = one_id_per_step(context, layer)
            fixes = [] if fix is None else [fix]
            yield warning(
                "ids_with_features",
                layer,
                f"{called(layer)} gets {arriving[0]} and gives one axis more than a sequence has. Let one "
                "id arrive per step: (batch, time).",
                *fixes,
                why="An Embedding puts a vector in the place of every id and so adds an axis. From (batch, "
                "time) it makes the (batch, time, features) that recurrent layers read; from (batch, time, "
                "1) it makes four axes.",
            )
        words = vocabulary(context, source)
        rows = layer.value("input_dim")
        if words is not None and words > rows:
            yield error(
                "ids_too_large",
                layer,
                f"{called(layer)} has {rows} rows, but its data has ids up to {words - 1}. Set input dim to "
                f"{words}.",
                setting(f"Set input dim to {words}", layer, "input_dim", words),
                parameter="input_dim",
                why="The table has one row per id, from 0 to input dim − 1. A larger id has no row: on the "
                "processor Keras stops with an error, on a graphics card it may return anything.",
            )


def amounts(context: Context) -> Iterator[Problem]:
    """Ids that go as real numbers into a layer that reckons with them."""
    for layer in context.design.layers:
        source = context.design.source_of(layer.id) if layer.kind == "Input" else None
        shape = layer.value("shape") if layer.kind == "Input" else None
        links = context.graph.leaving[layer.id]
        reckoning = [link for link in links if context.graph.tops[link.target].kind != "Embedding"]
        if source is None or source.kind not in TEXTS or not reckoning:
            continue
        if not isinstance(shape, tuple) or len(shape) != 2 or shape[-1] != 1:
            continue
        fixes = []
        if len(links) == 1:
            words = vocabulary(context, layer) or USUAL_WORDS
            embedding = inserting("Insert an Embedding", "Embedding", links[0], input_dim=words)
            edit = chain(
                set_parameter(layer.id, "shape", shape[:1]),
                set_parameter(layer.id, "dtype", "int32"),
                embedding.edit,
            )
            fixes = [replace(embedding, edit=edit)]
        yield warning(
            "ids_as_amounts",
            layer,
            f"{called(layer)} feeds ids of tokens, but the layer after it takes them for amounts. Put an "
            "Embedding between.",
            *fixes,
            why="Token ids are names: id 7 is not more than id 3, nor close to id 8. An Embedding holds one "
            "learned vector for each id, so that tokens of like use can become alike.",
        )


RULES = (shapes, tokens, amounts)
