"""What an import makes, and the store in which boxes and wires gather while a model is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from rnn_designer.catalog import UNKNOWN, FrozenMap
from rnn_designer.catalog.entries.unknown import MOST_OUTPUTS
from rnn_designer.design.model import Design, Group, Layer, Link, new_id
from rnn_designer.design.naming import LONGEST_NAME, free_name, snake_case, text_fault
from rnn_designer.importer.settings import shown_settings
from rnn_designer.importer.tree import Tree, mapping, text

if TYPE_CHECKING:
    from rnn_designer.messages import Array

Tensor: TypeAlias = tuple[str, str]
"""An output: the id of a box and the name of its port."""


@dataclass(frozen=True)
class Imported:
    """A model file as a design.

    Attributes:
        design: what stands on the canvas.
        weights: by key (``layer id/kernel``), as a design carries them; empty if the file has none.
        remarks: what did not come, or came otherwise than it was, a sentence each.
    """

    design: Design
    weights: Mapping[str, Array] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass
class Container:
    """A model of the file, the whole or a nested one, and where each of its layers is: for finding their weights.

    ``members`` are in the file's order, computations between layers left out.
    """

    members: list[Member] = field(default_factory=list)


@dataclass(eq=False)
class Member:
    """A layer of a model of the file, and what has been made of it so far.

    Attributes:
        tree: its description.
        made: its box, or its layers' places where it is a model itself; None for what has not been read, or cannot.
        reason: why it could not be read.
        outputs: how many of its outputs others use.
    """

    tree: Tree
    made: Layer | Container | None = None
    reason: str = ""
    outputs: int = 1

    @property
    def name(self) -> str:
        """What the file calls it."""
        return text(self.tree.get("name")) or text(mapping(self.tree.get("config")).get("name"))

    @property
    def class_name(self) -> str:
        """Its class in the file."""
        return text(self.tree.get("class_name"))


@dataclass
class Canvas:
    """Boxes, wires and remarks so far."""

    layers: list[Layer] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    placed: set[str] = field(default_factory=set)

    def name(self, wanted: str) -> str:
        """A free name like the wanted one, without characters that Keras refuses."""
        usable = "".join("_" if each == "/" or text_fault(each) else each for each in wanted).strip()
        name = free_name(usable[: LONGEST_NAME - 8] or "layer", self.taken)
        self.taken.add(name)
        return name

    def add(self, layer: Layer) -> Layer:
        """Put a box on the canvas."""
        self.layers.append(layer)
        self.placed.add(layer.id)
        return layer

    def wire(self, tensor: Tensor, target: str, port: str = "input") -> None:
        """Draw a wire, unless it is there."""
        link = Link(tensor[0], target, tensor[1], port)
        if link not in self.links[-64:]:
            self.links.append(link)

    def remark(self, sentence: str) -> None:
        """Note what the user should know, once."""
        if sentence not in self.remarks:
            self.remarks.append(sentence)

    def unknown(self, tree: Tree, reason: str, prefix: str, outputs: int = 1) -> Layer:
        """Put an inert box on the canvas for a layer that cannot be read."""
        name = text(tree.get("class_name")) or "Layer"
        printable = "".join(" " if text_fault(each) else each for each in name)[:60] or "Layer"
        wanted = text(tree.get("name")) or text(mapping(tree.get("config")).get("name"))
        wanted = wanted or snake_case(re.sub(r"\W+", "_", printable))
        params: dict[str, Any] = {
            "class_name": printable,
            "reason": _clean(reason[:1].upper() + reason[1:]),
            "settings": shown_settings(tree.get("config")),
        }
        if outputs > 1:
            params["outputs"] = min(outputs, MOST_OUTPUTS)
        layer = Layer(new_id(), UNKNOWN.kind, self.name(prefix + wanted), FrozenMap(params))
        self.remark(f"“{layer.name}” is an inert box: {_clean(reason)}")
        return self.add(layer)


def _clean(sentence: str) -> str:
    return "".join(" " if text_fault(each) else each for each in sentence)[:900]
