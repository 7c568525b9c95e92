"""Makes the canvas' small widgets and keeps each where it belongs while the canvas moves, zooms and changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect, Qt

from rnn_designer.catalog import CATALOG
from rnn_designer.design import Edit, Fix, Link, Problem
from rnn_designer.ui.canvas.frames import FrameItem
from rnn_designer.ui.canvas.geometry import BADGE_RADIUS
from rnn_designer.ui.canvas.gestures.wiring import Wiring
from rnn_designer.ui.canvas.overlays.empty_state import EmptyState
from rnn_designer.ui.canvas.overlays.fault_card import FaultCard
from rnn_designer.ui.canvas.overlays.hint import Hint
from rnn_designer.ui.canvas.overlays.minimap import Minimap
from rnn_designer.ui.canvas.overlays.note_field import NoteField
from rnn_designer.ui.canvas.overlays.offer_card import OfferCard
from rnn_designer.ui.canvas.overlays.rename_field import RenameField
from rnn_designer.ui.canvas.overlays.search_popup import SearchPopup
from rnn_designer.ui.canvas.overlays.surface import inside
from rnn_designer.ui.canvas.overlays.value_card import ValueCard
from rnn_designer.ui.canvas.tints import tint
from rnn_designer.ui.theme import theme

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView

_CORNER = 12
_EDGE = 6


class Overlays:
    """The hint, the fault card, the rename field, the search popup, the note field, the minimap and others."""

    def __init__(self, canvas: CanvasView) -> None:
        self._canvas = canvas
        self.empty = EmptyState(canvas)
        self.minimap = Minimap(canvas)
        self.hint = Hint(canvas)
        self.card = FaultCard(canvas)
        self.offer = OfferCard(canvas)
        self.rename = RenameField(canvas.commands.rename, canvas)
        self.search = SearchPopup(canvas)
        self.note_field = NoteField(canvas)
        self.card_for_values = ValueCard(canvas)
        self.minimap_wanted = True
        self._search_at = QPointF()
        self._wiring: Wiring | None = None
        self._link: Link | None = None
        self.empty.example_wanted.connect(canvas.example_wanted)
        self.empty.open_wanted.connect(canvas.open_wanted)
        self.empty.blank_wanted.connect(self._start_blank)
        self.empty.double_clicked.connect(self._search_in_the_middle)
        self.minimap.wanted.connect(canvas.centre_on)
        self.card.fix_wanted.connect(self._fix)
        self.card.explained.connect(canvas.selection.ask_why)
        self.card.code_asked.connect(canvas.selection.ask_trust)
        self.card.closed.connect(self._give_back)
        self.offer.accepted.connect(self._accept)
        self.offer.closed.connect(self._give_back)
        self.rename.done.connect(self._give_back)
        self.search.chosen.connect(self._add)
        self.search.closed.connect(self._search_closed)
        self.note_field.closed.connect(self._give_back)

    # Where they are

    def place(self) -> None:
        """Put everything where it belongs in a canvas of this size that looks at this place."""
        canvas = self._canvas
        area = canvas.rect()
        self.minimap.move(
            area.right() - _CORNER - self.minimap.width(), area.bottom() - _CORNER - self.minimap.height()
        )
        self.minimap.show_sight(canvas.camera.sight())
        self.minimap.setVisible(self.minimap_wanted and self._filled and not self._minimap_covers())
        self.empty.fit(max(200, min(600, area.width() - 32)), area.height() - 16)
        self.empty.move(area.center() - self.empty.rect().center())
        if not self.card.isHidden():
            self._place_card()

    @property
    def _filled(self) -> bool:
        design = self._canvas.workspace.document.design
        return bool(design.layers or design.canvas_notes)

    def _minimap_covers(self) -> bool:
        """Whether the minimap would lie on a box of a design that is in sight as a whole, and so tell nothing new."""
        canvas = self._canvas
        boxes = [
            item.scene_rect() for item in canvas.canvas_scene.item_for_layer.values() if item.isVisible()
        ]
        sight, place = canvas.camera.sight(), self.minimap.geometry()
        return all(sight.contains(box) for box in boxes) and any(
            canvas.mapFromScene(box).boundingRect().intersects(place) for box in boxes
        )

    def _place_card(self) -> None:
        canvas, card = self._canvas, self.card
        item = canvas.canvas_scene.item_for_layer.get(card.layer_id or "")
        if item is None:
            card.dismiss()
            return
        badge = canvas.mapFromScene(item.badge_point())
        box = canvas.mapFromScene(item.shown_rect()).boundingRect()
        gap = round(BADGE_RADIUS * canvas.zoom) + 5
        size = card.size()
        room = canvas.rect().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        left = min(
            max(box.right() - size.width(), room.left()), max(room.right() - size.width(), room.left())
        )
        corners = (
            QPoint(badge.x() + gap, badge.y() - 6),
            QPoint(left, box.bottom() + gap),
            QPoint(left, box.top() - gap - size.height()),
            QPoint(box.left() - gap - size.width(), badge.y() - 6),
        )
        fitting = (corner for corner in corners if room.contains(QRect(corner, size)))
        card.move(inside(canvas.rect(), next(fitting, corners[0]), size))
        card.raise_()

    def show_design(self) -> None:
        """The design is another one."""
        canvas = self._canvas
        scene = canvas.canvas_scene
        self.empty.setVisible(not self._filled)
        colors = theme()
        blocks = []
        for item in scene.item_for_layer.values():
            if not item.isVisible():
                continue
            hue = colors.family(item.layer.type.family)
            blocks.append((item.scene_rect(), hue, isinstance(item, FrameItem)))
        for group in scene.marks.groups.values():
            hue = tint(group.grouping.color, colors) or colors.color("slate")
            blocks.append((group.scene_rect(), hue, not group.grouping.collapsed))
        for note in scene.marks.notes.values():
            if note.isVisible():
                hue = tint(note.note.color, colors) or colors.color("faint")
                blocks.append((note.scene_rect(), hue, True))
        blocks.sort(key=lambda block: not block[2])
        self.minimap.show_blocks(blocks)
        self.place()

    # The fault card

    def show_fault(self, layer_id: str, *, focus: bool) -> None:
        """Open the card beside a layer's badge."""
        problems = self._canvas.canvas_scene.problems_of(layer_id)
        if not problems:
            return
        self.card.show_problems(layer_id, problems)
        self.card.show()
        self.card.adjustSize()
        self._place_card()
        if focus:
            self.card.focus_first()

    def refresh_card(self) -> None:
        """The check is another one: the open card says what is wrong now, or goes."""
        if self.card.isHidden() or self.card.layer_id is None:
            return
        problems = self._canvas.canvas_scene.problems_of(self.card.layer_id)
        if problems:
            self.card.show_problems(self.card.layer_id, problems)
            self._place_card()
        else:
            self.card.dismiss()

    def _fix(self, _problem: Problem, fix: Fix) -> None:
        self._canvas.workspace.document.apply(fix.edit, fix.label)

    def _accept(self, edit: Edit, label: str) -> None:
        if self._canvas.commands.frames.apply(edit, label):
            self._canvas.reveal_current()

    def _give_back(self) -> None:
        self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    # Searching

    def ask_for_layer(self, at: QPointF, wiring: Wiring | None, link: Link | None = None) -> None:
        """Offer layers to add at a point of the scene, on the loose end of a wire or into a wire if there is one."""
        self._search_at, self._wiring, self._link = at, wiring, link
        types = list(CATALOG.values())
        if link is not None or (wiring is not None and wiring.from_output):
            types = [each for each in types if each.inputs]
        self.search.ask(self._canvas.mapFromScene(at) + QPoint(-12, -12), types)

    # Notes

    def write_note(self, note_id: str | None, at: QPointF) -> None:
        """Write on a note, or on a new one whose top left corner is at a point of the scene."""
        self.note_field.ask(note_id, at)

    def _search_in_the_middle(self) -> None:
        self.ask_for_layer(self._canvas.camera.sight().center(), None)

    def _add(self, kind: str) -> None:
        wiring, self._wiring = self._wiring, None
        link, self._link = self._link, None
        if link is not None and link in self._canvas.workspace.document.design.links:
            self._canvas.commands.splice(kind, link, self._search_at)
            self._canvas.reveal_current()
            return
        if wiring is not None and self._canvas.workspace.document.design.find(wiring.layer_id):
            self._canvas.commands.add_wired(kind, self._search_at, wiring)
        else:
            self._canvas.commands.add_at(kind, self._search_at)
        self._canvas.reveal_current()

    def _search_closed(self) -> None:
        self._give_back()

    def _start_blank(self) -> None:
        if self._canvas.commands.start_blank():
            self._canvas.fit()
        self._give_back()
