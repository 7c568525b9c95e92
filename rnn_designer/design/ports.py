"""Which ports a layer has with its present parameters, and where wires go when the ports change."""

from dataclasses import replace

from rnn_designer.catalog import Call, Port
from rnn_designer.catalog.types import no_ports
from rnn_designer.design.groups import exchanged
from rnn_designer.design.model import Design, Layer, Link

_RENAMED = {
    "h": ("forward_h",),
    "c": ("forward_c",),
    "forward_h": ("h",),
    "forward_c": ("c",),
}
"""What a state port is called on the other side of wrapping or unwrapping."""


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


def with_new_ports(design: Design, old: Layer, new: Layer) -> Design:
    """The design with ``new`` in the place of ``old``, its wires moved to the ports that are there now.

    A wire from the main output stays on the main output, whatever that is called now; a wire from a state port that
    is gone (``return_state`` turned off) goes with it.
    """
    layers = tuple(new if layer.id == old.id else layer for layer in design.layers)
    before, after = output_ports(old), output_ports(new)
    if old.id != new.id:
        design = replace(design, groups=exchanged(design.groups, old.id, new.id))
    if old.id == new.id and before == after and input_ports(old) == input_ports(new):
        return replace(design, layers=layers)
    starts = _moved([port.name for port in before], [port.name for port in after])
    ends = _moved([port.name for port in input_ports(old)], [port.name for port in input_ports(new)])
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


def _moved(before: list[str], after: list[str]) -> dict[str, str]:
    """Where the wires of each old port go; ports without a counterpart are missing."""
    found: dict[str, str] = {}
    for index, name in enumerate(before):
        if name in after:
            found[name] = name
            continue
        known = next((each for each in _RENAMED.get(name, ()) if each in after), None)
        if known is not None:
            found[name] = known
        elif index == 0 and after:
            found[name] = after[0]
    return found
