"""Keeps the items of notes and groups in step with the design, as the scene does for boxes and wires."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from rnn_designer.design import Design, Group, Severity
from rnn_designer.ui.canvas.geometry import PortPlace
from rnn_designer.ui.canvas.items import LayerItem
from rnn_designer.ui.canvas.marks.groups import GroupItem, outer_ports
from rnn_designer.ui.canvas.marks.notes import NoteItem

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.scene import CanvasScene


class Marks:
    """The notes and groups in a scene.

    Attributes:
        notes: the item of each note.
        groups: the item of each group.
    """

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self.notes: dict[str, NoteItem] = {}
        self.groups: dict[str, GroupItem] = {}
        self._group_of: dict[str, GroupItem] = {}
        self._chosen: frozenset[str] = frozenset()

    def show(self, design: Design) -> bool:
        """Make the picture that of another design; whether wires have to be drawn anew because of a group."""
        self._show_notes(design)
        before = {key: (item.grouping.collapsed, item.ports) for key, item in self.groups.items()}
        wanted = {group.id: group for group in design.groups}
        for gone in [each for each in self.groups if each not in wanted]:
            self._scene.removeItem(self.groups.pop(gone))
        self._group_of = {}
        for group in design.groups:
            item = self.groups.get(group.id)
            if item is None:
                item = self.groups[group.id] = GroupItem(self._scene, group)
                item.chosen = group.id in self._chosen
                self._scene.addItem(item)
            ports = outer_ports(design, group) if group.collapsed else ()
            item.set_group(group, ports, _words(design, group))
            for member in group.members:
                self._group_of[member] = item
        self._stand_in()
        for item in self.groups.values():
            self._follow(item)
        after = {key: (item.grouping.collapsed, item.ports) for key, item in self.groups.items()}
        return any(collapsed for collapsed, _ports in (*before.values(), *after.values()))

    def _show_notes(self, design: Design) -> None:
        wanted = {note.id: note for note in design.canvas_notes}
        for gone in [each for each in self.notes if each not in wanted]:
            self._scene.removeItem(self.notes.pop(gone))
        for note_id, note in wanted.items():
            item = self.notes.get(note_id)
            if item is None:
                item = self.notes[note_id] = NoteItem(note)
                item.chosen = note_id in self._chosen
                self._scene.addItem(item)
            elif item.note != note:
                item.set_note(note)

    def _stand_in(self) -> None:
        """Hide what a collapsed group stands for, and show everything else."""
        for item in self._scene.item_for_layer.values():
            if item.top is item:
                group = self._group_of.get(item.layer.id)
                stand_in = group if group is not None and group.grouping.collapsed else None
                for each in (item, *_inner(item)):
                    each.stand_in = stand_in
                    each.setVisible(stand_in is None and each.holder is None)
        for note_id, note in self.notes.items():
            group = self._group_of.get(note_id)
            note.setVisible(group is None or not group.grouping.collapsed)

    def hide_inner(self) -> None:
        """Hide the wires between members of one collapsed group."""
        items = self._scene.item_for_layer
        for link, wire in self._scene.item_for_link.items():
            ends = [items[each].stand_in for each in (link.source, link.target) if each in items]
            wire.setVisible(len(ends) < 2 or ends[0] is None or ends[0] is not ends[1])

    def _follow(self, item: GroupItem) -> None:
        area = QRectF()
        for member in item.grouping.members:
            layer, note = self._scene.item_for_layer.get(member), self.notes.get(member)
            if layer is not None:
                area = area.united(layer.scene_rect())
            elif note is not None:
                area = area.united(note.scene_rect())
        item.stand_around(area)

    def follow(self, member: str) -> GroupItem | None:
        """A member moved: its group's frame or box follows; the group, if it is in one."""
        item = self._group_of.get(member)
        if item is not None:
            self._follow(item)
        return item

    def choose(self, ids: Iterable[str]) -> None:
        """Put the ring around the selected notes and groups."""
        self._chosen = frozenset(ids)
        items: list[NoteItem | GroupItem] = [*self.notes.values(), *self.groups.values()]
        for item in items:
            key = item.note.id if isinstance(item, NoteItem) else item.grouping.id
            if item.chosen != (key in self._chosen):
                item.chosen = key in self._chosen
                item.update()

    def show_severity(self, worst: dict[str, Severity]) -> None:
        """Put the badge of the worst problem of its members on each collapsed group."""
        for item in self.groups.values():
            found = [worst[each] for each in self._inside(item) if each in worst]
            severity = max(found, default=None) if item.grouping.collapsed else None
            if severity is not item.severity:
                item.severity = severity
                item.update()

    def _inside(self, item: GroupItem) -> list[str]:
        tops = [self._scene.item_for_layer.get(each) for each in item.grouping.members]
        return [each.layer.id for top in tops if top is not None for each in (top, *_inner(top))]

    def faulty_member(self, item: GroupItem) -> str | None:
        """The member, or a layer inside one, that has the group's worst problem."""
        for layer_id in self._inside(item):
            found = self._scene.item_for_layer[layer_id]
            if found.severity is item.severity:
                return layer_id
        return None

    # What is where

    def group_at(self, at: QPointF) -> GroupItem | None:
        """The group whose title or box is under a point."""
        return next((each for each in self._scene.items(at) if isinstance(each, GroupItem)), None)

    def note_at(self, at: QPointF) -> NoteItem | None:
        """The note under a point."""
        return next((each for each in self._scene.items(at) if isinstance(each, NoteItem)), None)

    def ports(self) -> list[tuple[QPointF, str, PortPlace]]:
        """Every port on a collapsed group: its middle in the scene, the member's id and the place."""
        return [
            (item.pos() + each.place.point, each.layer_id, each.place)
            for item in self.groups.values()
            if item.grouping.collapsed
            for each in item.ports
        ]

    def touched(self, area: QRectF) -> list[str]:
        """The notes and collapsed groups that a rectangle touches, and the frames that it holds whole."""
        notes = [
            key for key, item in self.notes.items() if item.isVisible() and item.scene_rect().intersects(area)
        ]
        groups = [
            key
            for key, item in self.groups.items()
            if (item.grouping.collapsed and item.scene_rect().intersects(area))
            or area.contains(item.scene_rect())
        ]
        return [*notes, *groups]

    def content_rect(self) -> QRectF:
        """The rectangle around all notes and groups."""
        area = QRectF()
        items: list[NoteItem | GroupItem] = [*self.notes.values(), *self.groups.values()]
        for item in items:
            if item.isVisible():
                area = area.united(item.scene_rect())
        return area


def _inner(item: LayerItem) -> list[LayerItem]:
    return [each for child in item.inner for each in (child, *_inner(child))]


def _words(design: Design, group: Group) -> str:
    """What is inside: "LSTM, 2 Dense, note"."""
    members = set(group.members)
    kinds = Counter(layer.kind for layer in design.layers if layer.id in members)
    notes = sum(1 for note in design.canvas_notes if note.id in members)
    words = [f"{count} {kind}" if count > 1 else kind for kind, count in kinds.items()]
    if notes:
        words.append(f"{notes} notes" if notes > 1 else "note")
    return ", ".join(words)
