"""Edits of states on their way from one recurrent layer to another, as from an encoder to a decoder."""

from collections.abc import Mapping
from dataclasses import replace

from rnn_designer.catalog import FrozenMap, Port
from rnn_designer.design.edits.layers import found, reset_parameter, set_parameter
from rnn_designer.design.edits.links import connect
from rnn_designer.design.model import Design, Layer, Link, Position, new_id
from rnn_designer.design.naming import new_layer
from rnn_designer.design.ports import INITIAL, input_ports, output_ports
from rnn_designer.design.refusal import Edit, Refused

_DIRECTIONS = ("forward_", "backward_")
_ROOM: Position = (280.0, 96.0)
"""How far right of its source a box for joined states stands, and how far below each other they do; scene units."""


def connect_states(source_id: str, target_id: str) -> Edit:
    """Start a recurrent layer from where another one ended: every state by a wire to the port of its name.

    ``return_state`` of the source is turned on, and a typed initial state of the target taken out. A Bidirectional
    ends in two states of a kind: in front of a layer that reads one way they are put side by side by a Concatenate,
    so that the target needs twice the units. A layer that reads one way starts both directions of a Bidirectional.
    """
    fresh: dict[str, str] = {}

    def edit(design: Design) -> Design:
        source, target = _on_canvas(design, source_id), _on_canvas(design, target_id)
        for inner in source.walk():
            if inner.type.recurrent and "return_state" in inner.type.by_name:
                design = set_parameter(inner.id, "return_state", True)(design)
        source = design.layer(source.id)
        starts = {port.name: port for port in output_ports(source) if port.state}
        ends = {port.name.removeprefix(INITIAL): port for port in initial_ports(target)}
        if not starts or not ends:
            lacking, what = (source, "hands on") if not starts else (target, "starts from")
            raise Refused(
                f"{lacking.kind} ‘{lacking.name}’ {what} no state. Choose a recurrent layer, such as an LSTM or a GRU."
            )
        origins = {name: _origins(name, starts) for name in ends}
        if not all(origins.values()):
            raise Refused(
                f"{target.kind} ‘{target.name}’ starts from {_listed(ends)}, but {source.kind} ‘{source.name}’ "
                f"hands on {_listed(starts)}. Use two layers of the same kind."
            )
        if target.params.get("initial_state") is not None:
            design = reset_parameter(target.id, "initial_state")(design)
        for row, (name, from_ports) in enumerate(origins.items()):
            port = ends[name].name
            if len(from_ports) == 1:
                design = _wired(Link(source.id, target.id, from_ports[0], port))(design)
            else:
                design = _joined(design, source, target, from_ports, port, row, fresh)
        return design

    return edit


def initial_ports(layer: Layer) -> tuple[Port, ...]:
    """The input ports of a layer for the states that it starts from."""
    return tuple(port for port in input_ports(layer) if port.state and port.optional)


def _on_canvas(design: Design, layer_id: str) -> Layer:
    """The box whose ports carry the layer's states."""
    return design.top(found(design, layer_id).id)


def _origins(name: str, starts: Mapping[str, Port]) -> tuple[str, ...]:
    """The source's ports that go into the target's state of that name, in the order in which they are joined."""
    if name in starts:
        return (name,)
    both = tuple(direction + name for direction in _DIRECTIONS)
    if all(each in starts for each in both):
        return both
    for direction in _DIRECTIONS:
        if name.startswith(direction) and name.removeprefix(direction) in starts:
            return (name.removeprefix(direction),)
    return ()


def _joined(
    design: Design,
    source: Layer,
    target: Layer,
    from_ports: tuple[str, ...],
    port: str,
    row: int,
    fresh: dict[str, str],
) -> Design:
    """The design with both directions' states side by side at one port, through a Concatenate that may be there."""
    wires = [Link(source.id, "", each) for each in from_ports]
    for layer in design.layers:
        entering = [replace(link, target="") for link in design.links if link.target == layer.id]
        if layer.kind == "Concatenate" and entering == wires and not layer.params:
            return _wired(Link(layer.id, target.id, "output", port))(design)
    made = new_layer(design, "Concatenate")
    x, y = source.position
    join = Layer(
        fresh.setdefault(port, new_id()),
        "Concatenate",
        made.name,
        FrozenMap(),
        (x + _ROOM[0], y + (row + 1) * _ROOM[1]),
    )
    design = replace(design, layers=(*design.layers, join))
    for wire in wires:
        design = _wired(replace(wire, target=join.id))(design)
    return _wired(Link(join.id, target.id, "output", port))(design)


def _wired(link: Link) -> Edit:
    """Draw a wire, unless it is there."""
    return lambda design: design if link in design.links else connect(link)(design)


def _listed(names: Mapping[str, Port]) -> str:
    return " and ".join(f"“{name}”" for name in names)
