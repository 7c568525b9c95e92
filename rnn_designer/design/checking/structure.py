"""Checks of the graph and the names: loops, missing wires, empty wrappers, names that Keras refuses."""

import re
from collections import Counter
from collections.abc import Iterator

from rnn_designer.design.checking.context import (
    Context,
    adding_input,
    called,
    error,
    information,
    warning,
)
from rnn_designer.design.edits.layers import remove, rename
from rnn_designer.design.edits.links import connect, connection_refusal, disconnect
from rnn_designer.design.edits.wrapping import set_child
from rnn_designer.design.model import Design, Layer, Link, new_id
from rnn_designer.design.naming import FIRST_CHILD, name_fault, new_layer, unique_name
from rnn_designer.design.ports import output_ports
from rnn_designer.design.problems import Fix, Problem
from rnn_designer.design.refusal import Edit


def loops(context: Context) -> Iterator[Problem]:
    """Wires that go round."""
    for loop in context.graph.loops:
        names = [context.graph.tops[link.source].name for link in loop]
        first = context.graph.tops[loop[0].source]
        way = " → ".join(f"‘{name}’" for name in [*names, names[0]])
        yield error(
            "cycle",
            first,
            f"The wires go round: {way}. Remove the one from ‘{names[-1]}’ to ‘{names[0]}’.",
            Fix(f"Remove the wire from ‘{names[-1]}’", disconnect(loop[-1])),
            why=(
                "Data flows one way through a Keras model: every layer waits for what is before it, and in "
                "a loop each would wait for the other. What a recurrent layer hands from one step to the "
                "next stays inside the layer."
            ),
        )


def connections(context: Context) -> Iterator[Problem]:
    """Inputs of layers where no wire ends, and Inputs that feed nothing."""
    for layer in context.design.layers:
        leaves = bool(context.graph.leaving[layer.id])
        if layer.kind == "Input":
            if not leaves:
                yield information(
                    "unused_input",
                    layer,
                    f"{called(layer)} feeds no layer yet. Draw a wire from its output.",
                    Fix("Remove it", remove([layer.id])),
                    why="Samples enter at an Input and go where its wires lead. Without one they go "
                    "nowhere, and the exported model leaves the Input out.",
                )
            continue
        every = context.graph.into(layer)
        ports = [(port, links) for port, links in every if not port.optional]
        empty = [port for port, links in ports if not links]
        if not empty:
            continue
        fed = any(links for _port, links in every)
        where = f"its input “{empty[0].label or empty[0].name}”" if len(ports) > 1 else "its input"
        fixes = _wiring(context, layer, empty[0].name)
        if not leaves and not fed:
            yield warning(
                "unconnected",
                layer,
                f"{called(layer)} is connected to nothing: draw a wire to {where}.",
                *fixes,
                Fix("Remove it", remove([layer.id])),
                why="A layer that gets nothing computes nothing. It stays in the design and in its file, "
                "but is left out of what runs and of the exported code.",
            )
        else:
            hanging = "" if not leaves else ", though other layers wait for its output"
            yield error(
                "missing_input",
                layer,
                f"{called(layer)} gets nothing at {where}{hanging}. Draw a wire to it, or add an Input "
                "before it.",
                *fixes,
                why="A layer works on what arrives at its inputs, and every way through a design begins at "
                "an Input, which says what one sample looks like. Nothing after this layer can run before "
                "it is fed.",
            )


def _wiring(context: Context, layer: Layer, port: str) -> tuple[Fix, ...]:
    fixes: list[Fix] = []
    wired = context.graph.feeding(layer.id)
    if wired:  # Attention over a sequence itself, which is the query and the value at once.
        again = Link(wired[0].source, layer.id, wired[0].source_port, port)
        fixes.append(Fix(f"Connect ‘{context.graph.tops[again.source].name}’ to it as well", connect(again)))
    near = _nearest_open_end(context, layer, port)
    if near is not None:
        label = f"Connect ‘{near.name}’ to it"
        fixes.append(Fix(label, connect(Link(near.id, layer.id, output_ports(near)[0].name, port))))
    shape: tuple[int | None, ...] = (None,) if layer.kind == "Embedding" else (None, 1)
    if layer.kind == "RepeatVector":
        shape = (1,)
    there = context.flow.shapes.get((wired[0].source, wired[0].source_port)) if wired else None
    if there is not None and there.rank > 2:
        shape = there.sizes[1:]
    fixes.append(adding_input("Add an Input", layer, port, shape))
    return tuple(fixes)


def _nearest_open_end(context: Context, layer: Layer, port: str) -> Layer | None:
    """The closest layer to the left that feeds nothing yet."""
    x, y = layer.position
    best: tuple[float, Layer] | None = None
    for each in context.design.layers:
        if each.id == layer.id or context.graph.leaving[each.id] or each.position[0] > x:
            continue
        if each.kind != "Input" and each.id in context.flow.unconnected:
            continue
        link = Link(each.id, layer.id, output_ports(each)[0].name, port)
        if connection_refusal(context.design, link) is not None:
            continue
        distance = (each.position[0] - x) ** 2 + (each.position[1] - y) ** 2
        if best is None or distance < best[0]:
            best = (distance, each)
    return best[1] if best else None


def wrappers(context: Context) -> Iterator[Problem]:
    """Wrappers with nothing inside."""
    for layer in context.layers:
        slots = layer.type.slots
        missing = next(
            (index for index, slot in enumerate(slots) if slot.required and index >= len(layer.children)),
            None,
        )
        if missing is None:
            continue
        kinds = FIRST_CHILD.get(layer.kind, ("LSTM",))
        inside = f"{_article(kinds[0])} {kinds[0]}" if len(kinds) == 1 else f"{len(kinds)} {kinds[0]}s"
        cells = layer.kind in ("RNN", "StackedRNNCells")
        yield error(
            "needs_layer",
            layer,
            f"{called(layer)} is empty: it needs {slots[missing].expected}. Drop one into its frame.",
            Fix(f"Put {inside} inside", _filling(layer.id, missing, kinds)),
            why=f"{layer.kind} walks through the steps; what is computed at each of them is up to the cells inside."
            if cells
            else f"{layer.kind} does nothing by itself; it changes how the layer inside it is applied.",
        )


def _filling(wrapper_id: str, index: int, kinds: tuple[str, ...]) -> Edit:
    fresh = [new_id() for _kind in kinds]

    def edit(design: Design) -> Design:
        for place, kind in enumerate(kinds):
            made = new_layer(design, kind)
            child = Layer(fresh[place], kind, made.name, made.params)
            design = set_child(wrapper_id, index + place, child)(design)
        return design

    return edit


def _article(word: str) -> str:
    return "an" if word[:1] in "AEIOULMNR" and (word[:1] in "AEIOU" or word.isupper()) else "a"


def names(context: Context) -> Iterator[Problem]:
    """Names that two layers have, that Keras refuses, or that are no Python names."""
    times = Counter(layer.name for layer in context.layers)
    seen: set[str] = set()
    for layer in context.layers:
        fault = name_fault(layer.name)
        if fault:
            yield error(
                "bad_name",
                layer,
                fault,
                _renaming(context.design, layer, slug(layer.name) or layer.kind.lower()),
                why="Keras uses the name to tell layers and their weights apart, and “/” to separate a "
                "layer's name from its weights' names.",
            )
        elif times[layer.name] > 1 and layer.name in seen:
            yield error(
                "duplicate_name",
                layer,
                f"Two layers are called “{layer.name}”. Give one of them another name.",
                _renaming(context.design, layer, layer.name),
                why="Keras refuses a model in which two layers have the same name, because their weights "
                "could not be told apart.",
            )
        elif not layer.name.isidentifier():
            yield warning(
                "unusual_name",
                layer,
                f"“{layer.name}” is no plain name. Letters, digits and “_” make readable code and traces.",
                _renaming(context.design, layer, slug(layer.name) or layer.kind.lower()),
                why="Keras takes almost any name, but in the exported code the layer's variable has to be "
                "called something else then, and some export formats replace the other characters.",
            )
        seen.add(layer.name)


def _renaming(design: Design, layer: Layer, wanted: str) -> Fix:
    name = unique_name(design, wanted)
    return Fix(f"Rename it to “{name}”", rename(layer.id, name))


def slug(name: str) -> str:
    """The name with everything but letters, digits and “_” replaced, so that Python takes it; may be empty."""
    plain = re.sub(r"\W+", "_", name).strip("_")[:100]
    if plain and not plain.isidentifier():
        plain = f"layer_{plain}"
    return plain if plain.isidentifier() else ""


RULES = (loops, connections, wrappers, names)
