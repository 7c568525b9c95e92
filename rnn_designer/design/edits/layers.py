"""Edits of layers: placing, removing, moving, renaming and setting parameters."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from rnn_designer.catalog import REQUIRED, BadValue, FrozenMap, Parameter, Value
from rnn_designer.design.goals import without_goals
from rnn_designer.design.groups import without_members
from rnn_designer.design.model import Design, Layer, Link, Note, Position
from rnn_designer.design.naming import name_fault, names
from rnn_designer.design.ports import input_ports, output_ports, with_new_ports
from rnn_designer.design.refusal import Edit, Refused
from rnn_designer.design.sharing import aligned, original_id


def add(layer: Layer) -> Edit:
    """Place a layer on the canvas. Refused where its id, its name or a value is not possible."""

    def edit(design: Design) -> Design:
        return aligned(replace(design, layers=(*design.layers, checked_new(design, layer))))

    return edit


def remove(ids: Iterable[str], rejoin: bool = True) -> Edit:
    """Take layers out, with their wires and sample sources; an inner layer leaves its wrapper's place empty.

    What is taken out of a shared box is taken out of its original; the box itself goes alone.

    Args:
        ids: layers on the canvas or inside wrappers, and notes.
        rejoin: whether a wire that ran through a removed layer is drawn again past it, where there is just one way.
    """
    wanted = frozenset(ids)

    def edit(design: Design) -> Design:
        for each in wanted:
            found_on_canvas(design, each)
        gone = wanted | _inside_originals(design, wanted)
        links = _past(design, gone) if rejoin else design.links
        layers = tuple(_without(layer, gone) for layer in design.layers if layer.id not in gone)
        smaller = replace(
            design,
            layers=layers,
            links=tuple(link for link in links if link.source not in gone and link.target not in gone),
            data=design.data.without(*gone),
            canvas_notes=tuple(note for note in design.canvas_notes if note.id not in gone),
            groups=without_members(design.groups, gone),
            training=without_goals(design.training, gone),
        )
        return aligned(_with_ports_that_exist(design, smaller))

    return edit


def move(positions: Mapping[str, Position]) -> Edit:
    """Put layers and notes somewhere else on the canvas; positions in scene units."""
    wanted = dict(positions)

    def edit(design: Design) -> Design:
        for moved, (x, y) in wanted.items():
            found_on_canvas(design, moved)
            if not (math.isfinite(x) and math.isfinite(y)):
                raise Refused(f"Expected a place on the canvas, got ({x}, {y}). Move the layer again.")
        return replace(
            design,
            layers=tuple(
                replace(layer, position=(float(wanted[layer.id][0]), float(wanted[layer.id][1])))
                if layer.id in wanted
                else layer
                for layer in design.layers
            ),
            canvas_notes=tuple(
                replace(note, position=(float(wanted[note.id][0]), float(wanted[note.id][1])))
                if note.id in wanted
                else note
                for note in design.canvas_notes
            ),
        )

    return edit


def rename(layer_id: str, name: str) -> Edit:
    """Give a layer, wrapped or not, another name. Refused where Keras cannot take it or another layer has it."""

    def edit(design: Design) -> Design:
        layer = found(design, layer_id)
        fault = name_fault(name)
        if fault:
            raise Refused(fault)
        wanted = name.strip()
        if wanted != layer.name and wanted in names(design):
            raise Refused(f"Another layer is called “{wanted}” already. Choose another name.")
        return design.replacing(replace(layer, name=wanted))

    return edit


def set_parameter(layer_id: str, name: str, value: object) -> Edit:
    """Set one parameter; setting Keras' default takes it out of the layer. Refused with the sentence of a bad value.

    Wires follow the ports: those of a state port that disappears are removed. A shared box and its original change
    together, except for what belongs to a single call.
    """

    def edit(design: Design) -> Design:
        layer = found(design, layer_id)
        parameter = _parameter(layer, name)
        if not parameter.at_call or layer not in design.layers:
            layer = deciding(design, layer_id)
        if not parameter.editable:
            raise Refused(f"“{name}” of {layer.kind} is not set by hand. {parameter.explanation}")
        accepted = accept(layer.kind, parameter, value)
        return put(design, layer, replace(layer, params=_holding(layer.params, parameter, accepted)))

    return edit


def reset_parameter(layer_id: str, name: str) -> Edit:
    """Give a parameter Keras' default again, or the value of a newly placed layer where Keras has none."""

    def edit(design: Design) -> Design:
        layer = found(design, layer_id)
        parameter = _parameter(layer, name)
        if not parameter.at_call or layer not in design.layers:
            layer = deciding(design, layer_id)
        params = layer.params.without(name)
        if parameter.default is REQUIRED:
            params = layer.params.having(**{name: parameter.initial})
        return put(design, layer, replace(layer, params=params))

    return edit


def found(design: Design, layer_id: str) -> Layer:
    """The layer with that id; :class:`Refused` if there is none."""
    layer = design.find(layer_id)
    if layer is None:
        raise Refused("That layer is not in the design any more. Select another one.")
    return layer


def deciding(design: Design, layer_id: str) -> Layer:
    """The layer that decides the settings of the one with that id: its original, where it is a shared box."""
    return found(design, original_id(design, found(design, layer_id).id))


def found_on_canvas(design: Design, each: str) -> Layer | Note:
    """The layer or the note with that id; :class:`Refused` if there is none."""
    note = design.note(each)
    return note if note is not None else found(design, each)


def put(design: Design, old: Layer, new: Layer) -> Design:
    """The design with a layer replaced wherever it is, its shared boxes alike, and the wires at the ports of now."""
    top = design.top(old.id)
    if top.id == old.id:
        return aligned(with_new_ports(design, old, new))
    return aligned(with_new_ports(design, top, design.replacing(new).layer(top.id)))


def accept(kind: str, parameter: Parameter, value: object) -> Value:
    """The value as the design stores it; :class:`Refused` with a sentence otherwise."""
    try:
        return parameter.type.accept(value)
    except BadValue as bad:
        raise Refused(f"“{parameter.label}” of {kind}: {bad}") from None


def equals_default(parameter: Parameter, value: Value) -> bool:
    """Whether the value is Keras' own, so that the design need not hold it. True is no 1 here."""
    return FrozenMap(value=value) == FrozenMap(value=parameter.default)


def checked_new(design: Design, layer: Layer) -> Layer:
    """The layer as the design can take it, inner layers included; :class:`Refused` otherwise."""
    taken_ids = {each.id for each in design.walk()}
    taken_names = names(design)
    for each in layer.walk():
        if each.id in taken_ids:
            raise Refused(f"“{each.name}” is in the design already. Duplicate it instead.")
        fault = name_fault(each.name)
        if fault:
            raise Refused(fault)
        if each.name in taken_names:
            raise Refused(f"Another layer is called “{each.name}” already. Choose another name.")
        taken_ids.add(each.id)
        taken_names.add(each.name)
    return _normal(layer)


def _normal(layer: Layer) -> Layer:
    """The layer with every value accepted and no defaults stored."""
    try:
        kind = layer.type
    except KeyError as unknown:
        raise Refused(str(unknown.args[0])) from None
    params = FrozenMap(kind.new_params())
    for name, value in layer.params.items():
        parameter = _parameter(layer, name)
        params = _holding(params, parameter, accept(layer.kind, parameter, value))
    children = tuple(_normal(child) for child in layer.children)
    for index, child in enumerate(children):
        slot = kind.slot(index)
        if slot is None:
            raise Refused(f"{layer.kind} holds up to {kind.most_children} layers, got {len(children)}.")
        if not slot.accepts(child.type):
            raise Refused(f"{layer.kind} holds {slot.expected}, got {child.kind}. Choose another layer.")
    return replace(layer, params=params, children=children)


def _holding(params: FrozenMap, parameter: Parameter, value: Value) -> FrozenMap:
    if parameter.default is not REQUIRED and equals_default(parameter, value):
        return params.without(parameter.name)
    return params.having(**{parameter.name: value})


def _parameter(layer: Layer, name: str) -> Parameter:
    parameter = layer.type.by_name.get(name)
    if parameter is None:
        raise Refused(f"{layer.kind} has no parameter called “{name}”.")
    return parameter


def _inside_originals(design: Design, wanted: frozenset[str]) -> frozenset[str]:
    """The layers inside originals that boxes to be left without them are copies of."""
    return frozenset(
        inner.shares
        for layer in design.layers
        if layer.shares is not None and layer.id not in wanted
        for inner in layer.walk()
        if inner.id in wanted and inner.shares is not None
    )


def _without(layer: Layer, gone: frozenset[str]) -> Layer:
    if not layer.children:
        return layer
    children = tuple(_without(child, gone) for child in layer.children if child.id not in gone)
    return layer if children == layer.children else replace(layer, children=children)


def _with_ports_that_exist(before: Design, after: Design) -> Design:
    """Wires at wrappers that lost an inner layer, and with it perhaps a port."""
    old = {layer.id: layer for layer in before.layers}
    design = after
    for layer in after.layers:
        if layer.children != old[layer.id].children:
            design = with_new_ports(design, old[layer.id], layer)
    return design


def _past(design: Design, gone: frozenset[str]) -> tuple[Link, ...]:
    """The wires with those that ran through removed layers drawn past them, in the places of the old ones."""
    layers = {layer.id: layer for layer in design.layers}
    entering: dict[str, list[Link]] = {}
    for link in design.links:
        entering.setdefault(link.target, []).append(link)

    def before(link: Link) -> Link | None:
        """Where the tensor on the wire comes from, if that is one surviving port."""
        seen: set[str] = set()
        while link.source in gone:
            layer = layers.get(link.source)
            arriving = entering.get(link.source, [])
            if layer is None or layer.id in seen or len(arriving) != 1:
                return None
            ports = output_ports(layer)
            if not input_ports(layer) or not ports or link.source_port != ports[0].name:
                return None
            seen.add(layer.id)
            link = arriving[0]
        return link

    links: list[Link] = []
    for link in design.links:
        start: Link | None = link
        if link.source in gone and link.target not in gone:
            start = before(link)
        if start is None:
            continue
        joined = replace(link, source=start.source, source_port=start.source_port)
        if joined not in links:
            links.append(joined)
    return tuple(links)
