"""The canvas: a view of the design in which it is drawn, wired and rearranged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from rnn_designer.catalog import CATALOG
from rnn_designer.design import Checked, Design, Link, Refused
from rnn_designer.ui.canvas import frame_menu, keyboard, menu, naming, pressing, strip_units
from rnn_designer.ui.canvas.acting import ActingView
from rnn_designer.ui.canvas.edge_scroll import EdgeScroll
from rnn_designer.ui.canvas.gestures import (
    DropGesture,
    Gesture,
    KeyboardWire,
    PanGesture,
)
from rnn_designer.ui.canvas.gestures.wiring import Wiring
from rnn_designer.ui.canvas.items import MIDDLE
from rnn_designer.ui.canvas.overlays.host import Overlays
from rnn_designer.ui.canvas.wires import VALUES_FROM, WireItem
from rnn_designer.ui.theme import keeper
from rnn_designer.ui.training_only import acting

if TYPE_CHECKING:
    from rnn_designer.session.workspace import Workspace
    from rnn_designer.ui.selection import Selection

LAYER_MIME = "application/x-rnn-designer-layer"
"""The MIME type of a layer type dragged from the palette; its data is the kind as UTF-8 text."""


class CanvasView(ActingView):
    """Shows the document's design and turns gestures and keys into edits.

    Attributes:
        overlays: the small widgets over the canvas.

    Signals:
        opened(layer_id): a box without an inside was double-clicked, or Enter pressed on any.
        unit_wanted(layer_id, unit): a unit in a recurrent layer's strip was double-clicked, or chosen in the menu.
        inside_wanted(layer_id): a recurrent layer or cell was double-clicked, or Shift+Enter pressed on it.
        example_wanted(): the empty canvas' button for an example.
        open_wanted(): the empty canvas' button for a file.
    """

    opened = Signal(str)
    inside_wanted = Signal(str)
    unit_wanted = Signal(str, int)
    example_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(workspace, selection, parent)
        self._lit: WireItem | None = None
        self._space_held = self._space_used = self._folded = False
        self._edges = EdgeScroll(self._pan_at_edge, self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.viewport().setMouseTracking(True)
        self.setMinimumSize(200, 160)
        self.setAccessibleName("Canvas")
        self.overlays = Overlays(self)
        self._connect()
        self.show_design(Design(), workspace.document.design)
        self.fit()

    def _connect(self) -> None:
        workspace = self.workspace
        self.commands.frames.offer = self.offer
        workspace.document.changed.connect(self.show_design)
        workspace.checks.changed.connect(self._show_checked)
        workspace.playback.step_changed.connect(self._show_step)
        workspace.playback.sample_changed.connect(self._show_step)
        for signal in (workspace.live.traced, workspace.live.cleared):
            signal.connect(self._show_training)
            signal.connect(self._show_step)
        workspace.live.training.changed.connect(self._show_training)
        self.selection.changed.connect(self._show_selection)
        self.selection.wanted.connect(self.reveal)
        keeper().changed.connect(self._dress)

    # What is shown

    def show_design(self, old: Design, new: Design) -> None:
        """Reconcile the picture with another design."""
        self.cancel_gesture()
        self.overlays.offer.dismiss()
        if self.selected_link is not None and self.selected_link not in new.links:
            self.select_link(None)
        another = not {layer.id for layer in old.layers} & {layer.id for layer in new.layers}
        self.overlays.card_for_values.dismiss()
        self.canvas_scene.show(old, new)
        self.selection.keep(layer.id for layer in new.walk())
        notes, groups = (note.id for note in new.canvas_notes), (group.id for group in new.groups)
        self.selection.keep_marks((*notes, *groups))
        self.canvas_scene.show_selection(self.selection.ids, self.selection.marks)
        self.overlays.show_design()
        self._show_checked(self.workspace.checks.checked)
        if another and new.layers and (old.layers or not self._touched):
            self.fit()
        self._describe()

    def _show_checked(self, checked: Checked) -> None:
        if checked.design is not self.workspace.document.design:
            return
        self.canvas_scene.show_checked(checked)
        self.overlays.refresh_card()

    def _show_step(self, *_ignored: object) -> None:
        if self.zoom >= MIDDLE:
            self.canvas_scene.show_step(wires=self.zoom >= VALUES_FROM)
        self.overlays.card_for_values.refresh()

    def _show_training(self, *_ignored: object) -> None:
        self.canvas_scene.show_training(acting(self.workspace.live))

    def _show_selection(self) -> None:
        if self.selection.everything and self.selected_link is not None:
            self.select_link(None)
        self.canvas_scene.show_selection(self.selection.ids, self.selection.marks)
        self._describe()

    def _describe(self) -> None:
        """Say in words what is selected: assistive tools see no item of the scene."""
        design, ids = self.workspace.document.design, self.selection.ids
        faults = self.canvas_scene.problems_of(ids[0]) if len(ids) == 1 else ()
        fault = faults[0].message if faults else ""
        self.announce(naming.spoken(design, ids, fault, self.selection.marks))

    def _dress(self) -> None:
        for item in self.canvas_scene.item_for_layer.values():
            item.update()
        self.canvas_scene.update()
        self.overlays.card.dismiss()
        self.overlays.show_design()
        self.viewport().update()

    # What gestures and overlays call

    def select_link(self, link: Link | None) -> None:
        """Select a wire instead of layers, or no wire."""
        for each, chosen in ((self.selected_link, False), (link, True)):
            item = self.canvas_scene.item_for_link.get(each) if each is not None else None
            if item is not None:
                item.chosen = chosen
                item.update()
        self.selected_link = link
        if link is not None:
            self.selection.clear()

    def light(self, wire: WireItem | None) -> None:
        """Highlight the wire that would take what is dragged."""
        if wire is self._lit:
            return
        known = self.canvas_scene.item_for_link.values()
        for each, on in ((self._lit, False), (wire, True)):
            if each is not None and each in known:
                each.lit = on
                each.update()
        self._lit = wire

    def say_at(self, at: QPointF, sentence: str) -> None:
        """Say something near a point of the scene."""
        self.overlays.hint.say(self.mapFromScene(at), sentence)

    def hush(self) -> None:
        """Take the sentence away."""
        self.overlays.hint.hide()

    def search_at(self, at: QPointF, wiring: Wiring | None = None) -> None:
        """Offer layers to add at a point of the scene."""
        self.overlays.ask_for_layer(at, wiring)

    def show_fault(self, layer_id: str, *, focus: bool = False) -> None:
        """Open the card that says what is wrong with a layer."""
        self.overlays.show_fault(layer_id, focus=focus)

    def open_menu(self, at: QPoint) -> None:
        """Open the menu for what is at a point of the viewport."""
        point = self.mapToScene(at)
        made = menu.menu_at(self, point)
        self.pop_up(made, at)

    # Gestures

    @property
    def drag_distance(self) -> int:
        """How many pixels the pointer has to move before a press becomes a drag."""
        return min(QApplication.startDragDistance(), 6)

    @property
    def gesture(self) -> Gesture | None:
        """The gesture under way."""
        return self._gesture

    def _begin(self, gesture: Gesture) -> None:
        self.cancel_gesture()
        self._gesture = gesture
        if gesture.cursor is not None:
            self.viewport().setCursor(gesture.cursor)
        gesture.start()

    def fold(self, layer_id: str) -> None:
        """Collapse or expand a frame; the second click of a double click then changes nothing."""
        self._folded = True
        self.commands.frames.fold(layer_id)

    def offer(self, refusal: Refused, label: str, at: QPointF | None = None) -> None:
        """Say why something is not possible, with a button that does what was probably meant.

        Args:
            refusal: with its offer.
            label: the name of the undo step.
            at: a point of the scene; beside what is selected if not given.
        """
        point = self.chosen_rect().bottomLeft() if at is None else at
        self.overlays.offer.ask(self.mapFromScene(point), refusal, label)

    def look_inside(self, layer_id: str) -> bool:
        """Ask for the inside of a layer or cell; False where there is none."""
        layer = self.workspace.document.design.find(layer_id)
        if layer is None or not (layer.type.recurrent or layer.type.cell):
            return False
        self.inside_wanted.emit(layer_id)
        return True

    def begin_wire(self, layer_id: str) -> None:
        """Let the keyboard draw a wire from a layer."""
        self._begin(KeyboardWire(self, layer_id))

    def offer_wrapping(self, made: QMenu, layer_id: str) -> None:
        """Fill a menu with the wrappers that a layer could go into, or come out of."""
        frame_menu.add_wrapping(made, self.commands.frames, layer_id)

    def cancel_gesture(self) -> None:
        """Take the gesture under way back."""
        gesture = self._take_gesture()
        if gesture is not None:
            gesture.cancel()

    def finish_gesture(self) -> None:
        """End a gesture that has no button to release."""
        self.cancel_gesture()

    def _take_gesture(self) -> Gesture | None:
        gesture, self._gesture = self._gesture, None
        self._edges.stop()
        if gesture is not None:
            self.viewport().unsetCursor()
        return gesture

    def _pan_at_edge(self, pixels: QPoint) -> None:
        if self._gesture is None:
            return
        self.pan_by(pixels)
        spot = self.viewport().mapFromGlobal(QCursor.pos())
        self._gesture.move(self.mapToScene(spot), QGuiApplication.keyboardModifiers())

    def _show_cursor(self, shape: Qt.CursorShape) -> None:
        if self._space_held:
            shape = Qt.CursorShape.OpenHandCursor
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)

    # Qt's own

    def camera_moved(self) -> None:
        """The view looks elsewhere: what floats over it follows."""
        self.overlays.place()
        self.overlays.card_for_values.dismiss()
        super().camera_moved()

    def drawForeground(self, painter: QPainter, rect: object) -> None:
        """Paint the preview of the gesture under way."""
        if self._gesture is not None:
            self._gesture.paint(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the floating widgets in their corners; until the user has moved anything, keep the design in sight."""
        super().resizeEvent(event)
        if self._touched:
            self.overlays.place()
        else:
            self.fit()

    def event(self, event: QEvent) -> bool:
        """Keep keys that are the canvas' own from shortcuts and from moving the focus."""
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and self._keeps(event):
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                if self._gesture is not None:
                    self._gesture.key(event)
                    return True
                if keyboard.walk(self, back=event.key() == Qt.Key.Key_Backtab):
                    return True
        return super().event(event)

    def _keeps(self, event: QKeyEvent) -> bool:
        return self._gesture is not None or (event.key() == Qt.Key.Key_Space and not event.modifiers())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the key stands for; Space is held for panning, or plays when only tapped."""
        self._touched = True
        if event.key() == Qt.Key.Key_Space and self._gesture is None:
            if not event.isAutoRepeat():
                self._space_held, self._space_used = True, False
                self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
            event.accept()
        elif keyboard.handle(self, event):
            event.accept()
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space let go without a drag plays or pauses."""
        if event.key() == Qt.Key.Key_Space and self._space_held and not event.isAutoRepeat():
            self._space_held = False
            self.viewport().unsetCursor()
            if not self._space_used:
                self.workspace.playback.toggle()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is elsewhere: nothing is hovered."""
        self.overlays.card_for_values.dismiss()
        self.canvas_scene.hover(None)
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Whoever has the keyboard now gets the release of Space."""
        self._space_held = False
        super().focusOutEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin the gesture that the button and the place stand for."""
        self._touched, self._folded = True, False
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.overlays.card.dismiss()
        self.overlays.offer.dismiss()
        self.overlays.card_for_values.dismiss()
        self.cancel_gesture()
        spot = event.position().toPoint()
        gesture: Gesture | None = None
        if event.button() in (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton):
            gesture = PanGesture(self, spot, menu=event.button() == Qt.MouseButton.RightButton)
        elif event.button() == Qt.MouseButton.LeftButton and self._space_held:
            self._space_used = True
            gesture = PanGesture(self, spot, menu=False)
        elif event.button() == Qt.MouseButton.LeftButton:
            gesture = pressing.gesture_at(self, self.mapToScene(spot), event.modifiers())
        if gesture is not None:
            self._begin(gesture)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry the gesture on."""
        at = self.mapToScene(event.position().toPoint())
        if isinstance(self._gesture, PanGesture):
            self._gesture.pan(event.position().toPoint())
        elif self._gesture is not None and event.buttons():
            self._gesture.move(at, event.modifiers())
            self._edges.follow(event.position().toPoint(), self.viewport().rect())
        elif self._gesture is None:
            self._show_cursor(pressing.cursor_at(self, at))
            self.canvas_scene.hover(at)
            self.overlays.card_for_values.hover(at)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the gesture."""
        if not isinstance(self._gesture, KeyboardWire):
            gesture = self._take_gesture()
            if gesture is not None:
                gesture.end(self.mapToScene(event.position().toPoint()), event.modifiers())
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Look inside a recurrent layer, open any other box, or offer layers on empty canvas."""
        at = self.mapToScene(event.position().toPoint())
        item = self.canvas_scene.layer_at(at)
        if event.button() != Qt.MouseButton.LeftButton or self.canvas_scene.badge_at(at) is not None:
            self.mousePressEvent(event)
        elif self._folded or pressing.open_mark(self, at):
            pass
        elif item is not None and pressing.unfolds_at(item, at):
            self.fold(item.layer.id)
        elif item is not None:
            if not (strip_units.show_unit(self, at) or self.look_inside(item.layer.id)):
                self.opened.emit(item.layer.id)
        elif self.canvas_scene.wire_at(at) is None:
            self.search_at(at)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu from the keyboard; with the mouse it comes on release, so that a right drag can pan."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.open_menu(self.mapFromScene(self.chosen_rect().center()))
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A layer type comes in from the palette."""
        kind = bytes(event.mimeData().data(LAYER_MIME).data()).decode(errors="replace")
        if kind not in CATALOG:
            event.ignore()
            return
        self._touched = True
        self.overlays.empty.hide()
        self._begin(DropGesture(self, kind))
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where it would go."""
        if isinstance(self._gesture, DropGesture):
            self._gesture.move(self.mapToScene(event.position().toPoint()), event.modifiers())
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It went away again, or Esc was pressed."""
        if isinstance(self._gesture, DropGesture):
            self.cancel_gesture()
            self.overlays.show_design()
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Put it there."""
        gesture = self._take_gesture()
        if isinstance(gesture, DropGesture):
            gesture.end(self.mapToScene(event.position().toPoint()), event.modifiers())
            self.overlays.show_design()
            if self.overlays.offer.isHidden():
                self.setFocus(Qt.FocusReason.OtherFocusReason)
            event.acceptProposedAction()
        else:
            event.ignore()
