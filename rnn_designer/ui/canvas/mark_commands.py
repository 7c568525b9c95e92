"""What the canvas does with notes, colours, groups and alignment. One named edit each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from rnn_designer.design import Design, Note, Position, edits, new_id
from rnn_designer.ui.canvas.aligning import Edge, Way, aligned, distributed
from rnn_designer.ui.canvas.geometry import snapped
from rnn_designer.ui.canvas.naming import labelled
from rnn_designer.ui.canvas.placement import members_of, place_in

if TYPE_CHECKING:
    from rnn_designer.session.workspace import Workspace
    from rnn_designer.ui.canvas.scene import CanvasScene
    from rnn_designer.ui.selection import Selection


class MarkCommands:
    """Turns wishes about what only the canvas shows into edits, and selects what came of it."""

    def __init__(self, workspace: Workspace, selection: Selection, scene: CanvasScene) -> None:
        self._document = workspace.document
        self._selection = selection
        self._scene = scene

    @property
    def design(self) -> Design:
        """The design as it is now."""
        return self._document.design

    # Notes

    def add_note(self, text: str, at: QPointF) -> bool:
        """Put a note on the canvas with its top left corner at a point."""
        note = Note(new_id(), text, (snapped(at.x()), snapped(at.y())))
        longest = max(len(text) // 28, text.count("\n")) + 1
        note = replace(note, size=(note.size[0], max(note.size[1], 24.0 + 16.0 * longest)))
        if not self._document.apply(edits.add_note(note), "Add note"):
            return False
        self._selection.set((), (note.id,))
        return True

    def write(self, note_id: str, text: str) -> bool:
        """Write something else on a note."""
        return self._document.apply(edits.set_note_text(note_id, text), "Write note")

    def resize(self, marks: Iterable[str], x: float, y: float) -> bool:
        """Make the selected notes larger or smaller; one after another it is a single undo step."""
        design = self.design
        notes = [note for note in (design.note(each) for each in marks) if note is not None]
        steps = [edits.resize_note(note.id, (note.size[0] + x, note.size[1] + y)) for note in notes]
        key = "resize " + " ".join(sorted(note.id for note in notes))
        label = labelled("Resize", design, [note.id for note in notes])
        return bool(steps) and self._document.apply(edits.chain(*steps), label, merge=key)

    # Colours

    def color(self, ids: Iterable[str], color: str | None) -> bool:
        """Mark what is selected with a named colour, or take the mark away."""
        wanted = tuple(ids)
        if not wanted:
            self._document.refused.emit("Select boxes, notes or groups first; then choose their colour.")
            return False
        return self._document.apply(edits.set_color(wanted, color), labelled("Colour", self.design, wanted))

    # Groups

    def group(self, ids: Iterable[str]) -> str | None:
        """Put what is selected under one title; the new group's id."""
        members = members_of(self.design, ids)
        if not members:
            self._document.refused.emit("Select the boxes and notes first that belong together.")
            return None
        known = {each.id for each in self.design.groups}
        taken = {each.name for each in self.design.groups}
        number = next(number for number in range(1, len(taken) + 2) if f"Group {number}" not in taken)
        if not self._document.apply(edits.group(members, f"Group {number}"), "Group"):
            return None
        made = next(each.id for each in self.design.groups if each.id not in known)
        self._selection.set((), (made,))
        return made

    def ungroup(self, ids: Iterable[str]) -> bool:
        """Take the titles of the selected groups away, and select what was under them."""
        design = self.design
        groups = self.groups_of(ids)
        if not groups:
            self._document.refused.emit("Select a group first, or a box in one.")
            return False
        members = [member for each in groups for member in members_of(design, (each,))]
        if not self._document.apply(edits.chain(*map(edits.ungroup, groups)), "Ungroup"):
            return False
        layers = [each for each in members if design.find(each)]
        self._selection.set(layers, (each for each in members if each not in layers))
        return True

    def groups_of(self, ids: Iterable[str]) -> list[str]:
        """The groups that are selected, or else those that selected boxes and notes are in."""
        design, wanted = self.design, tuple(ids)
        chosen = [each for each in wanted if design.group(each) is not None]
        if chosen:
            return chosen
        found = (design.group_of(each) for each in members_of(design, wanted))
        return list(dict.fromkeys(group.id for group in found if group is not None))

    def toggle_groups(self, groups: Iterable[str]) -> bool:
        """Collapse groups to one box each, or expand them where the first is collapsed."""
        wanted = tuple(groups)
        first = self.design.group(wanted[0]) if wanted else None
        if first is None:
            self._document.refused.emit("Select a group first, or a box in one. Ctrl+G makes a group.")
            return False
        collapsed = not first.collapsed
        steps = [edits.collapse(each, collapsed) for each in wanted]
        done = self._document.apply(edits.chain(*steps), "Collapse group" if collapsed else "Expand group")
        if done:
            self._selection.set((), wanted)
        return done

    # Alignment

    def align(self, ids: Iterable[str], edge: Edge) -> bool:
        """Put what is selected in line."""
        wanted = tuple(ids)
        rects = self._rects(wanted)
        if len(rects) < 2:
            self._document.refused.emit("Select two boxes or more to put them in line.")
            return False
        return self._shift(aligned(rects, edge), f"Align {edge}")

    def distribute(self, ids: Iterable[str], way: Way) -> bool:
        """Even out the gaps between what is selected."""
        rects = self._rects(tuple(ids))
        if len(rects) < 3:
            self._document.refused.emit("Select three boxes or more to put them at even distances.")
            return False
        return self._shift(distributed(rects, way), f"Distribute {way}")

    def _rects(self, ids: tuple[str, ...]) -> dict[str, QRectF]:
        """The rectangle of each selected thing, a group being one."""
        marks, found = self._scene.marks, dict[str, QRectF]()
        for each in ids:
            mark = marks.notes.get(each) or marks.groups.get(each)
            if mark is not None:
                found[each] = mark.scene_rect()
            elif self.design.find(each) is not None:
                item = self._scene.item_for_layer[self.design.top(each).id]
                found[item.layer.id] = item.scene_rect()
        return found

    def _shift(self, shifts: dict[str, QPointF], label: str) -> bool:
        design, places = self.design, dict[str, Position]()
        for each, shift in shifts.items():
            for member in members_of(design, (each,)):
                x, y = place_in(design, member)
                places[member] = (x + shift.x(), y + shift.y())
        return self._document.apply(edits.move(places), label)
