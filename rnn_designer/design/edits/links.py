"""Edits of wires: connecting, disconnecting and putting a layer into a wire."""

from collections.abc import Iterable
from dataclasses import replace

from rnn_designer.catalog import Port
from rnn_designer.design.edits.layers import checked_new
from rnn_designer.design.groups import joined
from rnn_designer.design.model import Design, Layer, Link
from rnn_designer.design.ports import input_ports, output_ports
from rnn_designer.design.refusal import Edit, Refused


def connect(link: Link) -> Edit:
    """Draw a wire. At an input port that takes only one wire it replaces the wire that was there."""

    def edit(design: Design) -> Design:
        return replace(design, links=_connected(design, link))

    return edit


def disconnect(link: Link) -> Edit:
    """Remove a wire."""

    def edit(design: Design) -> Design:
        if link not in design.links:
            raise Refused("That wire is not in the design any more.")
        return replace(design, links=tuple(each for each in design.links if each != link))

    return edit


def splice(layer: Layer, link: Link) -> Edit:
    """Put a layer into a wire: the wire's source feeds the layer, the layer feeds the wire's target.

    ``layer`` may be new or stand on the canvas already, where it keeps what else hangs on it.
    """

    def edit(design: Design) -> Design:
        if link not in design.links:
            raise Refused("That wire is not in the design any more.")
        if any(each.id == layer.id for each in design.layers):
            inner = next(each for each in design.layers if each.id == layer.id)
        else:
            inner = checked_new(design, layer)
            design = replace(design, layers=(*design.layers, inner))
        ends, starts = input_ports(inner), output_ports(inner)
        if not ends or not starts:
            raise Refused(f"{inner.kind} has no input, so it cannot stand in the middle of a wire.")
        if inner.id in (link.source, link.target):
            raise Refused(f"“{inner.name}” is at an end of that wire already. Drop it on another one.")
        design = replace(design, groups=joined(design.groups, inner.id, link.source, link.target))
        onward = replace(link, source=inner.id, source_port=starts[0].name)
        without = replace(design, links=tuple(each for each in design.links if each != link))
        if _leads(without, inner.id, link.source) or _leads(without, link.target, inner.id):
            raise Refused(f"“{inner.name}” in this wire would close a loop. Disconnect it first.")
        taken = set()
        if not ends[0].many:
            taken = {
                each for each in without.links if (each.target, each.target_port) == (inner.id, ends[0].name)
            }
        arriving = Link(link.source, inner.id, link.source_port, ends[0].name)
        links: list[Link] = []
        for each in design.links:
            if each == link:
                links.extend(new for new in (arriving, onward) if new not in design.links)
            elif each not in taken or each == arriving:
                links.append(each)
        return replace(design, links=tuple(links))

    return edit


def connection_refusal(design: Design, link: Link) -> str | None:
    """Why a wire cannot be drawn, as a sentence; None if it can.

    Only what no design can hold is refused: missing layers and ports, wires to itself, loops, the same wire twice.
    Shapes that do not fit may be wired; ``check`` then says what is wrong and how to mend it.
    """
    tops = {layer.id: layer for layer in design.layers}
    for end in (link.source, link.target):
        if end not in tops:
            inner = design.find(end)
            if inner is None:
                return "One end of the wire is not in the design any more."
            outer = design.top(end).name
            return f"‘{inner.name}’ is inside ‘{outer}’. Connect ‘{outer}’ instead."
    source, target = tops[link.source], tops[link.target]
    starts, ends = output_ports(source), input_ports(target)
    if not ends:
        return f"{target.kind} ‘{target.name}’ is where data enters, so no wire can end there."
    if not any(port.name == link.source_port for port in starts):
        return f"{source.kind} ‘{source.name}’ has no output “{link.source_port}”; it has {_listed(starts)}."
    if not any(port.name == link.target_port for port in ends):
        return f"{target.kind} ‘{target.name}’ has no input “{link.target_port}”; it has {_listed(ends)}."
    if source is target:
        return f"A wire from ‘{source.name}’ to itself would be a loop. The recurrence is inside the layer."
    if link in design.links:
        return f"‘{source.name}’ is connected to ‘{target.name}’ already."
    if _leads(design, target.id, source.id):
        return (
            f"‘{target.name}’ already leads to ‘{source.name}’, so this wire would close a loop. Data flows "
            "one way through a design."
        )
    return None


def leaving(design: Design, ids: Iterable[str]) -> tuple[Link, ...]:
    """The wires between layers of a group."""
    group = set(ids)
    return tuple(link for link in design.links if link.source in group and link.target in group)


def _connected(design: Design, link: Link) -> tuple[Link, ...]:
    refusal = connection_refusal(design, link)
    if refusal:
        raise Refused(refusal)
    port = next(each for each in input_ports(design.layer(link.target)) if each.name == link.target_port)
    links = list(design.links)
    if not port.many:
        same_end = [
            each for each in links if (each.target, each.target_port) == (link.target, link.target_port)
        ]
        if same_end:
            place = links.index(same_end[0])
            links = [each for each in links if each not in same_end]
            return (*links[:place], link, *links[place:])
    return (*links, link)


def _leads(design: Design, start: str, end: str) -> bool:
    """Whether wires lead from one layer to another, or the two are one."""
    after: dict[str, list[str]] = {}
    for link in design.links:
        after.setdefault(link.source, []).append(link.target)
    open_ids, seen = [start], {start}
    while open_ids:
        at = open_ids.pop()
        if at == end:
            return True
        for following in after.get(at, ()):
            if following not in seen:
                seen.add(following)
                open_ids.append(following)
    return False


def _listed(ports: tuple[Port, ...]) -> str:
    return ", ".join(f"“{port.name}”" for port in ports) or "none"
