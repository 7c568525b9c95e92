"""What the canvas does besides mouse gestures: adding, connecting, copying, removing, wrapping. One edit each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication

from rnn_designer.catalog import layer_type
from rnn_designer.design import Design, Edit, Layer, Link, Refused, connection_refusal, copy, edits, new_layer
from rnn_designer.design.ports import input_ports, output_ports
from rnn_designer.sequences import DataProblem, parse
from rnn_designer.ui import clipboard
from rnn_designer.ui.canvas.arrange import arranged_with_groups
from rnn_designer.ui.canvas.frame_commands import FrameCommands
from rnn_designer.ui.canvas.gestures.wiring import Wiring
from rnn_designer.ui.canvas.naming import labelled
from rnn_designer.ui.canvas.placement import (
    centre_to_corner,
    clear_of_others,
    left_of,
    members_of,
    place_in,
    right_of,
    with_room_in,
)
from rnn_designer.ui.data.feeding import feed_typed

if TYPE_CHECKING:
    from rnn_designer.session.workspace import Workspace
    from rnn_designer.ui.selection import Selection

LAYERS_MIME = "application/x-rnn-designer-layers"
"""The MIME type of copied layers; its data is the text of ``design.copy``."""


class CanvasCommands:
    """Turns wishes into one named edit each, and selects what came of it."""

    def __init__(self, workspace: Workspace, selection: Selection) -> None:
        self._workspace = workspace
        self._document = workspace.document
        self._selection = selection
        self.frames = FrameCommands(workspace, selection)
        """The edits of frames, and of layers that are called again."""

    @property
    def design(self) -> Design:
        """The design as it is now."""
        return self._document.design

    def apply_and_select(self, edit: Edit, label: str) -> bool:
        """Apply an edit, then select the layers, notes and groups that it added to the canvas."""
        before = self.design
        known = {layer.id for layer in before.walk()} | {note.id for note in before.canvas_notes}
        known |= {each.id for each in before.groups}
        if not self._document.apply(edit, label):
            return False
        design = self.design
        groups = [each for each in design.groups if each.id not in known]
        held = {member for each in groups for member in each.members} | known
        added = [layer.id for layer in design.layers if layer.id not in held]
        notes = [note.id for note in design.canvas_notes if note.id not in held]
        if added or notes or groups:
            self._selection.set(added, (*notes, *(each.id for each in groups)))
        return True

    # Adding

    def add_at(self, kind: str, centre: QPointF) -> bool:
        """Add a layer around a point, or beside what is there."""
        layer = new_layer(self.design, kind)
        layer = replace(layer, position=centre_to_corner(layer, centre))
        return self.apply_and_select(clear_of_others(edits.add(layer)), f"Add {kind}")

    def add_after(self, kind: str) -> bool:
        """Add a layer to the right of the current one, connected to it where that makes sense.

        A cell goes into the frame that is selected, or after the cell that is selected in a stack.
        A layer without inputs stands alone below what is there; a current layer without free output passes no wire on.
        """
        design = self.design
        layer = new_layer(design, kind)
        current = self._selection.current
        home = self.frames.place_for(kind, current)
        if home is not None:
            holder_id, index, instead = home
            return self.frames.put(layer, holder_id, index, instead=instead)
        chosen = design.top(current) if current is not None and design.find(current) else None
        takes = bool(input_ports(layer)) and not layer.type.cell
        if chosen is None or not takes:
            anchor = design.layers[-1] if design.layers and takes else None
            layer = replace(layer, position=right_of(design, anchor, layer))
            feeds = anchor if anchor is not None and not self._fed(anchor.id) and chosen is None else None
            return self._add_connected(layer, feeds)
        layer = replace(layer, position=right_of(design, chosen, layer))
        return self._add_connected(layer, chosen)

    def _fed(self, layer_id: str) -> bool:
        return any(link.source == layer_id for link in self.design.links)

    def _add_connected(self, layer: Layer, source: Layer | None) -> bool:
        steps = [edits.add(layer)]
        starts = output_ports(source) if source is not None else ()
        if source is not None and starts and not source.type.cell:
            steps.append(edits.connect(Link(source.id, layer.id, starts[0].name, input_ports(layer)[0].name)))
        return self.apply_and_select(clear_of_others(edits.chain(*steps)), f"Add {layer.kind}")

    def add_wired(self, kind: str, centre: QPointF, wiring: Wiring) -> bool:
        """Add a layer where a wire was let go, with that wire, if the layer can take it."""
        layer = new_layer(self.design, kind)
        settled = self.design.top(wiring.layer_id)
        ends = input_ports(layer) if wiring.from_output else output_ports(layer)
        if not ends:
            return self.add_at(kind, centre)
        layer = replace(layer, position=centre_to_corner(layer, centre))
        if abs(layer.position[1] - settled.position[1]) < 60.0:
            # Let go about level with the other end: the wire becomes a straight one.
            beside = right_of if wiring.from_output else left_of
            level = beside(self.design, settled, layer)
            if abs(level[0] - layer.position[0]) < 120.0:
                layer = replace(layer, position=level)
            elif level[1] - settled.position[1] < 60.0:
                layer = replace(layer, position=(layer.position[0], level[1]))
        link = wiring.link_to(layer.id, ends[0].name)
        edit = edits.chain(edits.add(layer), edits.connect(link))
        return self.apply_and_select(clear_of_others(edit), f"Add {kind}")

    def splice(self, kind: str, link: Link, centre: QPointF) -> bool:
        """Put a new layer into a wire; what follows moves aside."""
        layer = new_layer(self.design, kind)
        layer = replace(layer, position=centre_to_corner(layer, centre))
        edit = edits.chain(edits.splice(layer, link), with_room_in(link, layer.id))
        return self.apply_and_select(edit, f"Insert {kind}")

    def start_blank(self) -> bool:
        """The smallest design that shows something: an Input and an LSTM that returns sequences."""
        design = self.design
        source = new_layer(design, "Input")
        first = replace(source, position=right_of(design, None, source))
        with_source = edits.add(first)(design)
        memory = new_layer(with_source, "LSTM")
        memory = replace(memory, position=right_of(with_source, first, memory))
        memory = replace(memory, params=memory.params.having(return_sequences=True))
        edit = edits.chain(edits.add(first), edits.add(memory), edits.connect(Link(first.id, memory.id)))
        if not self._document.apply(edit, "Start with Input and LSTM"):
            return False
        self._selection.set((memory.id,))
        return True

    # Removing and copying

    def delete(self, ids: Iterable[str]) -> bool:
        """Remove layers, notes and whole groups; wires that ran through layers are joined again."""
        return self._remove(tuple(ids), "Delete")

    def _remove(self, ids: tuple[str, ...], verb: str) -> bool:
        design = self.design
        layers = [each for each in ids if design.find(each)]
        gone = {*layers, *members_of(design, (each for each in ids if each not in layers))}
        if not gone:
            return False
        return self._document.apply(edits.remove(gone, rejoin=True), labelled(verb, design, ids))

    def disconnect(self, link: Link) -> bool:
        """Remove one wire."""
        return self._document.apply(edits.disconnect(link), "Remove wire")

    def copy(self, ids: Iterable[str]) -> bool:
        """Put layers, notes and groups on the clipboard, as text that another window can paste."""
        wanted = tuple(ids)
        if not members_of(self.design, wanted):
            return False
        text = copy(self.design, wanted)
        clipboard.put(text, LAYERS_MIME)
        return True

    def cut(self, ids: Iterable[str]) -> bool:
        """Copy layers, notes and groups, then remove them."""
        wanted = tuple(ids)
        if not self.copy(wanted):
            return False
        return self._remove(wanted, "Cut")

    def paste(self, at: QPointF | None) -> bool:
        """Add the layers of the clipboard beside the originals, or at a point."""
        data = QGuiApplication.clipboard().mimeData()
        text = bytes(data.data(LAYERS_MIME).data()).decode(errors="replace") or data.text()
        if not text.strip():
            self._document.refused.emit("The clipboard holds no layers. Copy some on the canvas first.")
            return False
        if not data.hasFormat(LAYERS_MIME) and '"layers"' not in text:
            return self._paste_numbers(text)
        position = None if at is None else (at.x(), at.y())
        return self.apply_and_select(clear_of_others(edits.paste(text, position)), "Paste")

    def _paste_numbers(self, text: str) -> bool:
        """Feed an array of the clipboard to the selected Input, or to the only one."""
        try:
            pasted = parse(text)
        except DataProblem:
            self._document.refused.emit(
                "The clipboard holds neither layers nor an array of numbers. Copy some on the canvas, or an "
                "array like [[0.1, 0.2], [0.3, 0.4]] for the selected Input."
            )
            return False
        inputs = [layer for layer in self.design.layers if layer.kind == "Input"]
        chosen = [layer for layer in inputs if layer.id in self._selection.ids] or inputs
        if len(chosen) != 1:
            self._document.refused.emit(
                f"The clipboard holds an array of {'×'.join(map(str, pasted.shape))} numbers. "
                + ("Select the Input" if inputs else "Add an Input")
                + " that it is for, then paste again."
            )
            return False
        layer = chosen[0]
        source = self._workspace.samples.source(layer.id)
        edit = feed_typed(layer, source, pasted.values, pasted.shape, fit=True)
        return self._document.apply(edit, "Paste an array")

    def duplicate(self, ids: Iterable[str]) -> bool:
        """Add copies of layers, notes and groups below the originals."""
        wanted = tuple(ids)
        if not members_of(self.design, wanted):
            return False
        label = labelled("Duplicate", self.design, wanted)
        return self.apply_and_select(clear_of_others(edits.duplicate(wanted, (0.0, 112.0))), label)

    # Changing

    def nudge(self, ids: Iterable[str], x: float, y: float) -> bool:
        """Move layers, notes and groups by a little; one after another it is a single undo step."""
        design, chosen = self.design, tuple(ids)
        old = {each: place_in(design, each) for each in members_of(design, chosen)}
        if not old:
            return False
        places = {each: (place[0] + x, place[1] + y) for each, place in old.items()}
        key = "nudge " + " ".join(sorted(places))
        return self._document.apply(edits.move(places), labelled("Move", design, chosen), merge=key)

    def rename(self, layer_id: str, name: str) -> str | None:
        """Rename a layer or group; the sentence why not where that is not possible."""
        layer, group = self.design.find(layer_id), self.design.group(layer_id)
        named = layer if layer is not None else group
        if named is None or name == named.name:
            return None
        edit = edits.rename(layer_id, name) if layer is not None else edits.rename_group(layer_id, name)
        try:
            edit(self.design)
        except Refused as refusal:
            return str(refusal)
        self._document.apply(edit, f"Rename {layer.kind if layer is not None else 'group'}")
        return None

    def arrange(self) -> bool:
        """Put every box in its column, in one undo step."""
        design = self.design
        if not design.layers:
            return False
        left = min(layer.position[0] for layer in design.layers)
        top = min(layer.position[1] for layer in design.layers)
        return self._document.apply(edits.move(arranged_with_groups(design, (left, top))), "Arrange boxes")

    def code_of(self, layer_id: str) -> str:
        """The layer's lines in the exported program; empty while there is none."""
        source = self._workspace.live.source
        if source is None:
            return ""
        lines = source.text.splitlines()
        return "\n".join(
            lines[number - 1].strip() for number in source.lines_of(layer_id) if number <= len(lines)
        )

    def refusal(self, link: Link) -> str | None:
        """Why a wire is not possible, if it is not."""
        return connection_refusal(self.design, link)


def wrappers() -> tuple[str, ...]:
    """The layer types that hold another layer, in the catalog's order."""
    from rnn_designer.catalog import CATALOG

    return tuple(kind for kind in CATALOG if layer_type(kind).slots)
