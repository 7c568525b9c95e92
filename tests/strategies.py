"""Hypothesis strategies for designs and edits: anything that the catalog allows, runnable or not.

``from strategies import designs, chains, recipes, edit_of``: the folder is on pytest's path.
"""

import itertools
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from rnn_designer.catalog import (
    CATALOG,
    REQUIRED,
    Activation,
    BadValue,
    Choice,
    Flag,
    FrozenMap,
    Integer,
    Integers,
    Number,
    Part,
    PartOf,
    States,
)
from rnn_designer.catalog.cell_templates import minimal_cell
from rnn_designer.catalog.code_parameters import Arguments, Text
from rnn_designer.catalog.parts import ACTIVATIONS, parts
from rnn_designer.design import (
    COLORS,
    DataSource,
    Design,
    Edit,
    Group,
    Layer,
    Link,
    Note,
    Refused,
    edits,
)
from rnn_designer.design.encoding import equals_default
from rnn_designer.design.naming import free_name
from rnn_designer.design.ports import input_ports, output_ports
from rnn_designer.design.sharing import mirrored

KINDS = sorted(CATALOG)
SEQUENCE_KINDS = ["SimpleRNN", "LSTM", "GRU", "Bidirectional"]
CELL_KINDS = sorted(kind for kind, entry in CATALOG.items() if entry.cell)
WRAPPERS = ["Bidirectional", "TimeDistributed", "RNN", "StackedRNNCells"]
POINTWISE_KINDS = ["Dense", "Dropout", "LayerNormalization", "Activation"]

names = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=12
).filter(lambda text: text == text.strip() and bool(text))
plain = st.none() | st.booleans() | st.integers(-1000, 1000) | st.floats(-1e6, 1e6) | names
extras = st.dictionaries(
    names.map(lambda name: f"x-{name}"), plain | st.tuples(plain, plain), max_size=2
).map(FrozenMap)
positions = st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
sizes = st.tuples(st.floats(96, 900), st.floats(48, 900))
colors = st.none() | st.sampled_from(COLORS)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values that a parameter type accepts."""
    match kind:
        case Integer():
            low = kind.minimum if kind.minimum is not None else -20
            high = min(kind.maximum if kind.maximum is not None else low + 64, low + 64)
            chosen: st.SearchStrategy[Any] = st.integers(low, high)
        case Number():
            low_number = kind.minimum if kind.minimum is not None else -10.0
            high_number = kind.maximum if kind.maximum is not None else low_number + 20.0
            chosen = st.floats(low_number, high_number).map(lambda number: number + 0.0)
        case Flag():
            chosen = st.booleans()
        case Choice():
            chosen = st.sampled_from(kind.options)
        case Activation():
            chosen = st.sampled_from(sorted(ACTIVATIONS))
        case Integers():
            size: st.SearchStrategy[Any] = st.integers(max(kind.minimum, 1), max(kind.minimum, 1) + 8)
            if kind.unknown:
                size = size | st.none()
            length = kind.length
            chosen = st.lists(size, min_size=length or 1, max_size=length or 3).map(tuple)
            if kind.single:
                chosen = chosen | st.integers(max(kind.minimum, 1), max(kind.minimum, 1) + 8)
        case PartOf():
            chosen = st.sampled_from(parts(kind.namespace)).flatmap(
                lambda found: st.fixed_dictionaries(
                    {}, optional={each.name: values(each.type) for each in found.parameters}
                ).map(lambda params: Part(found.kind, FrozenMap(params)))
            )
        case States():
            number = st.floats(-4.0, 4.0).map(lambda each: each + 0.0)
            row = st.lists(number, min_size=1, max_size=3).map(tuple)
            chosen = st.none() | st.lists(number | row, min_size=1, max_size=4).map(tuple)
        case Text() if kind.code:
            chosen = st.sampled_from([minimal_cell(), "class Half:\n    pass\n", "import"])
        case Text():
            chosen = names
        case Arguments():
            chosen = st.builds(
                lambda given: Part("MinimalCell", FrozenMap(given)),
                st.dictionaries(st.sampled_from(["units", "leak"]), st.integers(1, 9), max_size=2),
            )
        case _:
            raise TypeError(f"No values for {kind!r}.")
    return chosen | st.none() if getattr(kind, "optional", False) else chosen


def _accepted(kind: str, drawn: dict[str, Any]) -> FrozenMap:
    params = dict(CATALOG[kind].new_params())
    for name, value in drawn.items():
        parameter = CATALOG[kind].by_name[name]
        try:
            accepted = parameter.type.accept(value)
        except BadValue:
            continue
        if parameter.default is REQUIRED or not equals_default(parameter, accepted):
            params[name] = accepted
    return FrozenMap(params)


def params(kind: str) -> st.SearchStrategy[FrozenMap]:
    """Parameters of a layer kind, as a design holds them."""
    editable = [each for each in CATALOG[kind].parameters if each.editable]
    return st.lists(st.sampled_from(editable), max_size=3, unique_by=lambda each: each.name).flatmap(
        lambda chosen: st.fixed_dictionaries({each.name: values(each.type) for each in chosen}).map(
            lambda drawn: _accepted(kind, drawn)
        )
    )


@st.composite
def layers(draw: st.DrawFn, kind: str, identity: str, depth: int = 0) -> Layer:
    """A layer of a kind; its name equals its id until :func:`designs` renames it."""
    children: list[Layer] = []
    slots = CATALOG[kind].slots if depth < 2 else ()
    places = [slot for slot in slots for _place in range(3 if slot.many else 1)]
    for index, slot in enumerate(places):
        if len(children) == index and draw(st.integers(0, 9)) < (8 if index == 0 else 5 if slot.many else 2):
            fitting = [each for each in KINDS if slot.accepts(CATALOG[each]) and each != "Input"]
            inner = draw(st.sampled_from(fitting))
            children.append(draw(layers(inner, f"{identity}.{index}", depth + 1)))
        while slot.many and len(children) < 3 and draw(st.booleans()):
            fitting = [each for each in KINDS if slot.accepts(CATALOG[each])]
            inner = draw(st.sampled_from(fitting))
            children.append(draw(layers(inner, f"{identity}.{len(children)}", depth + 1)))
    return Layer(
        identity,
        kind,
        identity,
        draw(params(kind)),
        draw(positions),
        tuple(children),
        draw(extras),
        draw(colors),
    )


@st.composite
def designs(draw: st.DrawFn, max_layers: int = 6) -> Design:
    """Any design that a file can hold: free names, open wires, wrappers, sources, unknown fields."""
    kinds = draw(st.lists(st.sampled_from(KINDS), max_size=max_layers))
    made = [draw(layers(kind, f"id{index}")) for index, kind in enumerate(kinds)]
    count = sum(1 for layer in made for _each in layer.walk())
    fresh = iter(draw(st.lists(names, min_size=count, max_size=count, unique=True)))
    named = tuple(_renamed(layer, fresh) for layer in made)
    design = Design(name=draw(names), layers=named, extra=draw(extras))
    for number in range(draw(st.sampled_from([0, 0, 1, 2]))):
        design = _with_call(draw, design, f"again{number}")
    named = design.layers
    for _wire in range(draw(st.integers(0, len(named) * 2)) if len(named) > 1 else 0):
        design = _with_wire(draw, design)
    data = {
        layer.id: DataSource(
            draw(st.sampled_from(["sine", "csv", "tokens"])),
            FrozenMap(draw(st.dictionaries(names, plain, max_size=2))),
            draw(st.integers(1, 64)),
            draw(st.integers(1, 500)),
            draw(st.integers(1, 5)),
            draw(st.sampled_from(["none", "standard", "range"])),
            draw(extras),
        )
        for layer in named
        if layer.kind == "Input" and draw(st.booleans())
    }
    return replace(
        design,
        data=FrozenMap(data),
        seed=draw(st.integers(0, 2**32 - 1)),
        weights=draw(st.sampled_from([None, "model.weights.npz"])),
        notes=draw(st.sampled_from(["", "Two lines\nof notes", "„Größe“ × 2"])),
        **draw(_marks([layer.id for layer in named])),
    )


@st.composite
def _marks(draw: st.DrawFn, layer_ids: list[str]) -> dict[str, Any]:
    """Notes, and groups of notes and layers."""
    texts = draw(st.lists(st.sampled_from(["", "A note", "Two\nlines"]), max_size=3))
    notes = tuple(
        Note(f"note{index}", text, draw(positions), draw(sizes), draw(colors), draw(extras))
        for index, text in enumerate(texts)
    )
    free = [*layer_ids, *(note.id for note in notes)]
    groups = []
    for index in range(draw(st.integers(0, 2))):
        members = draw(st.lists(st.sampled_from(free), min_size=1, max_size=3, unique=True)) if free else []
        if members:
            free = [each for each in free if each not in members]
            groups.append(
                Group(
                    f"group{index}",
                    draw(names),
                    tuple(members),
                    draw(st.booleans()),
                    draw(colors),
                    draw(extras),
                )
            )
    return {"canvas_notes": notes, "groups": tuple(groups)}


def _renamed(layer: Layer, fresh: Any) -> Layer:
    name = next(fresh)
    return replace(layer, name=name, children=tuple(_renamed(child, fresh) for child in layer.children))


def _with_call(draw: st.DrawFn, design: Design, identity: str) -> Design:
    """A layer called once more."""
    callable_layers = [each for each in design.layers if each.kind != "Input" and each.shares is None]
    if not callable_layers:
        return design
    original = draw(st.sampled_from(callable_layers))
    taken = {each.name for each in design.walk()}
    name = free_name(original.name, taken)
    box = Layer(identity, original.kind, name, position=draw(positions), color=draw(colors))
    return replace(design, layers=(*design.layers, mirrored(original, box, {*taken, name})))


def _with_wire(draw: st.DrawFn, design: Design) -> Design:
    source = draw(st.sampled_from(design.layers))
    target = draw(st.sampled_from(design.layers))
    if not input_ports(target):
        return design
    starts = [port.name for port in output_ports(source)]
    ends = [port.name for port in input_ports(target)]
    link = Link(source.id, target.id, draw(st.sampled_from(starts)), draw(st.sampled_from(ends)))
    return edits.connect(link)(design) if edits.connection_refusal(design, link) is None else design


@st.composite
def chains(draw: st.DrawFn, max_layers: int = 5) -> Design:
    """Input, then recurrent and pointwise layers in a row, then a Dense: mostly runnable."""
    kinds = draw(st.lists(st.sampled_from(SEQUENCE_KINDS + POINTWISE_KINDS), min_size=1, max_size=max_layers))
    features = draw(st.integers(1, 5))
    made = [Layer("input", "Input", "series", FrozenMap(shape=(None, features)))]
    for index, kind in enumerate(kinds):
        layer = draw(layers(kind, f"layer_{index}", 0))
        if kind == "Bidirectional":
            inner = draw(st.sampled_from(["SimpleRNN", "LSTM", "GRU"]))
            child = Layer(
                f"inner_{index}", inner, f"inner_{index}", FrozenMap(units=3, return_sequences=True)
            )
            layer = replace(layer, params=FrozenMap(), children=(child,))
        elif kind in SEQUENCE_KINDS:
            safe = layer.params.without("return_state", "stateful", "unroll", "return_sequences")
            layer = replace(layer, params=safe.having(return_sequences=True))
        made.append(replace(layer, extra=FrozenMap()))
    made.append(Layer("output", "Dense", "forecast", FrozenMap(units=1)))
    links = tuple(Link(one.id, two.id) for one, two in pairwise(made))
    return Design("chain", tuple(made), links)


recipes = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "add",
                "remove",
                "move",
                "connect",
                "connect",
                "disconnect",
                "rename",
                "set",
                "reset",
                "wrap",
                "unwrap",
                "fill",
                "insert",
                "insert",
                "shift",
                "take out",
                "convert",
                "to rnn",
                "states",
                "share",
                "share",
                "own",
                "offer",
                "splice",
                "duplicate",
                "paste",
                "data",
                "seed",
                "name",
                "note",
                "write",
                "color",
                "group",
                "group",
                "ungroup",
                "collapse",
            ]
        ),
        st.integers(0, 1000),
        st.integers(0, 1000),
        names,
    ),
    max_size=25,
)
"""Descriptions of edits; :func:`edit_of` makes them edits of the design at hand."""


def edit_of(design: Design, recipe: tuple[str, int, int, str]) -> Edit:
    """The edit that a recipe describes; it may well be refused."""
    operation, first, second, text = recipe
    everything = list(design.walk())
    if operation == "add" or not everything:
        return edits.add(edits.new_layer(design, KINDS[first % len(KINDS)], (float(first), float(second))))
    one = everything[first % len(everything)]
    other = everything[second % len(everything)]
    starts = [port.name for port in output_ports(one)]
    ends = [port.name for port in input_ports(other)] or ["input"]
    frames = [each for each in everything if each.type.slots] or everything
    frame = frames[first % len(frames)]
    shared = [each for each in design.layers if each.shares] or everything
    link = design.links[first % len(design.links)] if design.links else Link(one.id, other.id)
    parameter = one.type.parameters[second % len(one.type.parameters)]
    marked = _mark_edit(design, operation, one, other, first, second, text)
    if marked is not None:
        return marked
    match operation:
        case "remove":
            return edits.remove({one.id, other.id}, rejoin=bool(first % 3))
        case "move":
            return edits.move({one.id: (float(first), float(second))})
        case "connect":
            return edits.connect(
                Link(one.id, other.id, starts[second % len(starts)], ends[first % len(ends)])
            )
        case "disconnect":
            return edits.disconnect(link)
        case "rename":
            return edits.rename(one.id, text)
        case "set":
            tries = [True, False, 1, 3, 0.5, None, "relu", "concat", (3, 1), Part("L2")]
            return edits.set_parameter(one.id, parameter.name, tries[first % len(tries)])
        case "reset":
            return edits.reset_parameter(one.id, parameter.name)
        case "wrap":
            return edits.wrap(one.id, WRAPPERS[second % len(WRAPPERS)])
        case "unwrap":
            return edits.unwrap(one.id)
        case "fill":
            return edits.set_child(one.id, second % 2, other if first % 2 else edits.new_layer(design, "GRU"))
        case "insert":
            cell = edits.new_layer(design, CELL_KINDS[second % len(CELL_KINDS)])
            return edits.insert_child(frame.id, second % 4, other if second % 3 else cell)
        case "shift":
            return edits.move_child(frame.id, first % 3, second % 3)
        case "take out":
            inner = [each for each in everything if design.owner(each.id)] or everything
            return edits.take_out(inner[first % len(inner)].id, (float(first), float(second)))
        case "convert":
            return edits.convert_child(one.id)
        case "to rnn":
            return edits.turn_into_rnn(one.id)
        case "states":
            return edits.connect_states(one.id, other.id)
        case "share":
            return edits.call_again(one.id, (float(first), float(second)))
        case "own":
            return edits.make_own(shared[first % len(shared)].id)
        case "offer":
            return _offered(design, frame, other, second)
        case "splice":
            return edits.splice(edits.new_layer(design, KINDS[second % len(KINDS)]), link)
        case "duplicate":
            return edits.duplicate([one.id, other.id])
        case "paste":
            return edits.paste(edits.copy(design, [one.id, other.id]))
        case "data":
            return edits.set_data(
                one.id, DataSource("sine", batch_size=1 + first % 5), features=1 + second % 4
            )
        case "seed":
            return edits.set_seed(first)
        case _:
            return edits.set_name(text)


def _offered(design: Design, frame: Layer, other: Layer, number: int) -> Edit:
    """What is offered where a layer does not fit into a frame, or into a wrapper."""
    tries = (
        edits.insert_child(frame.id, number % 3, other),
        edits.set_child(frame.id, number % 2, other),
        edits.wrap(other.id, WRAPPERS[number % len(WRAPPERS)]),
    )
    wanted = tries[number % len(tries)]
    try:
        wanted(design)
    except Refused as refusal:
        return wanted if refusal.offer is None else refusal.offer[1]
    return wanted


def _mark_edit(
    design: Design, operation: str, one: Layer, other: Layer, first: int, second: int, text: str
) -> Edit | None:
    notes, groups = design.canvas_notes, design.groups
    note = notes[first % len(notes)].id if notes else "none"
    group = groups[first % len(groups)].id if groups else "none"
    match operation:
        case "note":
            return edits.add_note(Note(f"added{first}", text, (float(first), float(second))))
        case "write":
            return edits.chain(edits.set_note_text(note, text), edits.resize_note(note, (first, second)))
        case "color":
            chosen = [one.id, *(each for each in (note, group) if each != "none")]
            return edits.set_color(chosen, [*COLORS, None][second % 9])
        case "group":
            return edits.group([one.id, other.id, *(each.id for each in notes[: second % 2])], text)
        case "ungroup":
            return edits.ungroup(group)
        case "collapse":
            return edits.chain(edits.collapse(group, bool(second % 2)), edits.rename_group(group, text))
        case "remove" if second % 4 == 0 and notes:
            return edits.remove([one.id, note])
        case "duplicate" if second % 2:
            return edits.duplicate([one.id, *(each for each in (note, group) if each != "none")])
        case _:
            return None


@st.composite
def lines(draw: st.DrawFn, max_layers: int = 5) -> Design:
    """An Input of any rank, then layers of any kind in a row, some fed by an earlier one too: many do not fit."""
    shape = draw(st.lists(st.integers(1, 12) | st.none(), min_size=1, max_size=3).map(tuple))
    dtype = draw(st.sampled_from([None, None, None, "int32"]))
    start = Layer("x", "Input", "x", FrozenMap({"shape": shape} | ({"dtype": dtype} if dtype else {})))
    made = [start]
    wires: list[Link] = []
    for index, kind in enumerate(draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=max_layers))):
        if kind == "Input":
            continue
        layer = draw(layers(kind, f"l{index}"))
        ports = [port.name for port in output_ports(made[-1])]
        ends = input_ports(layer)
        wires.append(Link(made[-1].id, layer.id, draw(st.sampled_from(ports)), ends[0].name))
        for end in ends if ends[0].many else ends[1:]:
            other = draw(st.sampled_from(made))
            if end.optional and draw(st.booleans()):
                continue
            starts = [port.name for port in output_ports(other)]
            link = Link(other.id, layer.id, draw(st.sampled_from(starts)), end.name)
            wires += [link] if link not in wires else []
        made.append(layer)
    fresh = (f"n{number}" for number in itertools.count())
    named = tuple(_renamed(layer, fresh) for layer in made)
    source = DataSource(
        draw(st.sampled_from(["sine", "csv"])),
        FrozenMap(
            draw(st.sampled_from([{}, {"features": 3}, {"columns": ("a", "b")}, {"vocabulary": 2000}]))
        ),
        draw(st.integers(1, 300)),
        draw(st.integers(1, 300)),
    )
    data = FrozenMap({"x": source} if draw(st.booleans()) else {})
    design = Design("line", named, tuple(wires), data)
    if draw(st.booleans()):
        called = _with_call(draw, design, "again")
        if len(called.layers) > len(named):
            box = called.layers[-1]
            starts = [each for each in named if output_ports(each)]
            fed = [
                Link(draw(st.sampled_from(starts)).id, box.id, "output", port.name)
                for port in input_ports(box)
                if not port.optional
            ]
            fitting = [
                each
                for each in fed
                if any(port.name == "output" for port in output_ports(design.layer(each.source)))
            ]
            design = replace(called, links=(*design.links, *fitting))
    return design
