"""Which ports a layer has with its present parameters, and where wires go when the ports change."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from rnn_designer.catalog import Call, CellState, Port
from rnn_designer.catalog.types import no_ports, no_states
from rnn_designer.design.goals import moved_goal
from rnn_designer.design.groups import exchanged
from rnn_designer.design.model import Design, Layer, Link

INITIAL = "initial_"
"""What the names of the ports for initial states begin with; the name of the state follows."""

_RENAMED = {
    "h": ("forward_h",),
    "c": ("forward_c",),
    "forward_h": ("h",),
    "forward_c": ("c",),
}
"""What a state port is called on the other side of wrapping or unwrapping."""

StateOwner: TypeAlias = tuple[bool, str, int]
"""Whether a state is read backwards, the id of the layer or cell that computes it, and which of its states it is."""


def call_of(layer: Layer) -> Call:
    """The layer as the catalog's rules take it, without inputs."""
    return layer.call


def input_ports(layer: Layer) -> tuple[Port, ...]:
    """The ports where wires end, as the parameters and inner layers decide them."""
    kind = layer.type
    if kind.more_inputs is no_ports:  # Asked for every layer at every check.
        return kind.inputs
    return kind.input_ports(layer.values(), layer.call.children)


def output_ports(layer: Layer) -> tuple[Port, ...]:
    """The ports where wires start, as the parameters and inner layers decide them."""
    return layer.type.outputs(layer.values(), tuple(call_of(child) for child in layer.children))


def carried(layer: Layer) -> tuple[CellState, ...]:
    """The states that go from step to step in the layer, those of inner cells included."""
    kind = layer.type
    if kind.carried is no_states:
        return ()
    return kind.carried(layer.values(), layer.call.children)


def with_new_ports(design: Design, old: Layer, new: Layer) -> Design:
    """The design with ``new`` in the place of ``old``, its wires moved to the ports that are there now.

    A wire from the main output stays on the main output, whatever that is called now; one of a state stays with the
    cell that has the state, wherever in the layer that is now. A wire from a state port that is gone
    (``return_state`` turned off) goes with it.
    """
    layers = tuple(new if layer.id == old.id else layer for layer in design.layers)
    before, after = output_ports(old), output_ports(new)
    if old.id != new.id:
        design = replace(
            design,
            groups=exchanged(design.groups, old.id, new.id),
            training=moved_goal(design.training, old.id, new.id),
        )
    same_ports = before == after and input_ports(old) == input_ports(new)
    if old.id == new.id and same_ports and state_owners(old) == state_owners(new):
        return replace(design, layers=layers)
    renamed = _states_moved(old, new)
    starts = _moved([port.name for port in before], [port.name for port in after], renamed)
    ends = _moved(
        [port.name for port in input_ports(old)],
        [port.name for port in input_ports(new)],
        {INITIAL + name: to and INITIAL + to for name, to in renamed.items()},
    )
    links: list[Link] = []
    for link in design.links:
        moved: Link | None = link
        if link.source == old.id:
            port = starts.get(link.source_port)
            moved = replace(link, source=new.id, source_port=port) if port else None
        elif link.target == old.id:
            port = ends.get(link.target_port)
            moved = replace(link, target=new.id, target_port=port) if port else None
        if moved is not None and moved not in links:
            links.append(moved)
    return replace(design, layers=layers, links=tuple(links))


def _moved(before: list[str], after: list[str], renamed: dict[str, str | None]) -> dict[str, str]:
    """Where the wires of each old port go; ports without a counterpart are missing."""
    found: dict[str, str] = {}
    for index, name in enumerate(before):
        if name in renamed:
            now = renamed[name]
            if now is not None and now in after:
                found[name] = now
            continue
        if name in after:
            found[name] = name
            continue
        known = next((each for each in _RENAMED.get(name, ()) if each in after), None)
        if known is not None:
            found[name] = known
        elif index == 0 and after:
            found[name] = after[0]
    return found


def _states_moved(old: Layer, new: Layer) -> dict[str, str | None]:
    """What each state of the old layer is called in the new one; None where its cell is gone.

    Empty where the two have no cell in common, as when a layer is turned into another kind.
    """
    before, after = state_owners(old), {key: name for name, key in state_owners(new).items()}
    if not set(before.values()) & set(after):
        return {}
    return {name: after.get(key) for name, key in before.items()}


def state_owners(layer: Layer) -> dict[str, StateOwner]:
    """Whose state each carried one is, by its name; empty where that cannot be told."""
    states = carried(layer)
    keys = tuple(_keys(layer)) if states else ()
    return (
        {state.name: key for state, key in zip(states, keys, strict=True)} if len(keys) == len(states) else {}
    )


def _keys(layer: Layer) -> Iterator[StateOwner]:
    holders = [child for child in layer.children if carried(child)]
    if not holders:
        yield from ((False, layer.id, index) for index in range(len(carried(layer))))
    elif layer.kind == "Bidirectional":
        yield from _keys(holders[0])
        yield from ((True, owner, index) for _backward, owner, index in _keys(holders[-1]))
    else:
        for child in holders:
            yield from _keys(child)
