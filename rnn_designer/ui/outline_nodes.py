"""What the outline lists: the design as a tree of lines, each with the words that a screen reader says."""

from dataclasses import dataclass, field

from rnn_designer.catalog import find_type
from rnn_designer.design import Checked, Layer, Link, Severity
from rnn_designer.design.ports import output_ports
from rnn_designer.ui.canvas.naming import inner_words, marked

LINE_BREAK = " ⏎ "
"""Stands for the end of a line in the text of a note, which has one line here."""


@dataclass(frozen=True)
class Node:
    """A line of the outline: a layer, a link, a group or a note.

    Attributes:
        key: an id, or the link itself.
        name: the layer's name, where the link leads, the group's title or the note's text.
        kind: the layer's type; empty for everything else.
        sign: what stands before the name of everything else.
        detail: what stands muted at the right: type or port.
        text: everything about it, for screen readers and as the tooltip.
        severity: of its worst problem.
        children: links and inner layers.
    """

    key: str | Link
    name: str
    kind: str
    detail: str
    text: str
    severity: Severity | None = None
    children: tuple["Node", ...] = field(default=())
    sign: str = ""

    @property
    def editable(self) -> bool:
        """Whether the line can be written over: everything but a link."""
        return isinstance(self.key, str)


def outline(checked: Checked) -> tuple[Node, ...]:
    """The layers in topological order, those on a cycle last, with their links and inner layers; groups; notes."""
    design = checked.design
    by_id = {layer.id: layer for layer in design.layers}
    order = [*checked.order, *(each for each in by_id if each not in set(checked.order))]
    layers = tuple(_layer_node(by_id[each], checked) for each in order if each in by_id)
    groups = tuple(
        Node(
            group.id,
            group.name,
            "",
            "collapsed" if group.collapsed else "group",
            marked(design, group.id),
            sign="▸" if group.collapsed else "▾",
        )
        for group in design.groups
    )
    notes = tuple(
        Node(note.id, LINE_BREAK.join(note.text.split("\n")), "", "note", marked(design, note.id), sign="✎")
        for note in design.canvas_notes
    )
    return (*layers, *groups, *notes)


def _layer_node(layer: Layer, checked: Checked) -> Node:
    design = checked.design
    problems = checked.of(layer.id)
    original = design.find(layer.shares) if layer.shares is not None else None
    owner = design.owner(layer.id)
    shapes = [f"{port} {spec}" for (owner, port), spec in checked.shapes.items() if owner == layer.id]
    words = [f"{layer.kind} {layer.name}" + (f", marked {layer.color}" if layer.color else "")]
    entry = find_type(layer.kind)
    if entry is not None and entry.slots:
        words.append(f"holds {inner_words(layer)}" + (", collapsed" if layer.collapsed else ""))
    if entry is not None:
        words.append(entry.words(layer.values()))
    if owner is not None and owner.type.most_children is None:
        index = next(place for place, each in enumerate(owner.children) if each.id == layer.id)
        words.append(f"cell {index} of {len(owner.children)} in {owner.name}, counted from 0")
    if original is not None and design.owner(layer.id) is None:
        words.append(f"calls {original.name} again, with the same weights")
    if shapes:
        words.append(f"gives {', '.join(shapes)}")
    if problems:
        words.append(f"{len(problems)} problem{'s' * (len(problems) > 1)}: {problems[0].message}")
    inner = [_layer_node(child, checked) for child in layer.children]
    links = [_link_node(link, checked) for link in design.links if link.source == layer.id]
    worst = max((problem.severity for problem in problems), default=None)
    text = ". ".join(word.rstrip(".") for word in words if word)
    again = original is not None and owner is None
    detail = f"↺ {original.name}" if again and original is not None else layer.kind
    return Node(layer.id, layer.name, layer.kind, detail, text, worst, (*inner, *links))


def _link_node(link: Link, checked: Checked) -> Node:
    target = checked.design.find(link.target)
    name = target.name if target is not None else "?"
    ports = [port for port in (link.source_port, link.target_port) if port not in ("output", "input")]
    spec = checked.shapes.get((link.source, link.source_port))
    shape = f", carries {spec}" if spec is not None else ""
    source = checked.design.find(link.source)
    port = (
        next((each for each in output_ports(source) if each.name == link.source_port), None)
        if source
        else None
    )
    state = port is not None and port.state
    text = f"{'state ' if state else ''}link from {link.source_port} to {name} {link.target_port}{shape}"
    return Node(link, name, "", " → ".join(ports), text, sign="⇢" if state else "→")
