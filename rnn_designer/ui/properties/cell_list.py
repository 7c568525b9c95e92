"""The cells of a stack as a list: added, moved with buttons, keys or the mouse, opened and taken away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.design import Layer
from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import FIELD_RADIUS, code_font, keeper, theme
from rnn_designer.ui.widgets.labels import ElidedLabel
from rnn_designer.ui.widgets.mark import FamilyMark

_ROW_HEIGHT = 32
_LINE = 2


class CellRow(QWidget):
    """One cell of the list.

    Signals:
        chosen(): it was clicked or got the keyboard.
        acted(what): ``up``, ``down``, ``open``, ``out`` or ``remove``.
        stepped(by): the keyboard goes to the row so many further.
        dragged(y), dropped(): the mouse carries it, and lets go; in the list's pixels.
    """

    chosen = Signal()
    acted = Signal(str)
    stepped = Signal(int)
    dragged = Signal(int)
    dropped = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current = False
        self._pressed: QPointF | None = None
        self._dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(_ROW_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Drag it up or down, or press Alt with an arrow key, to change the order")
        self.number = QLabel()
        self.number.setFont(code_font(9))
        self.number.setProperty("role", "muted")
        self.mark = FamilyMark(10)
        self.name = ElidedLabel(role="")
        self.name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.words = ElidedLabel()
        self._up = self._button("up", "Move it up (Alt+Up)")
        self._down = self._button("down", "Move it down (Alt+Down)")
        self._open = self._button("open", "Show it by itself (Enter)", "inside")
        self._remove = self._button("remove", "Take it away (Del)", "close")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 2, 0)
        row.setSpacing(4)
        row.addWidget(self.number)
        row.addWidget(self.mark)
        row.addWidget(self.name)
        row.addSpacing(4)
        row.addWidget(self.words, 1)
        for button in (self._up, self._down, self._open, self._remove):
            row.addWidget(button)
        self.dress()

    def _button(self, what: str, words: str, sign: str = "") -> QToolButton:
        button = QToolButton()
        button.setObjectName(sign or what)
        button.setIconSize(QSize(14, 14))
        button.setFixedSize(22, 24)
        button.setToolTip(words)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self.acted.emit(what))
        return button

    def dress(self) -> None:
        """Take the colours of the theme in force."""
        for button in (self._up, self._down, self._open, self._remove):
            button.setIcon(icon(button.objectName(), theme().muted))
        self.update()

    def show_cell(self, number: int, count: int, layer: Layer, current: bool) -> None:
        """Show a cell, counted from 0, of so many; ``current`` for the one whose page shows below."""
        self._current = current
        self.number.setText(str(number))
        self.mark.show_kind(layer.kind)
        self.name.show_text(layer.name)
        words = layer.type.words(layer.values())
        self.words.show_text(words)
        self._show_buttons()
        self._up.setEnabled(number > 0)
        self._down.setEnabled(number < count - 1)
        self.setAccessibleName(f"cell {number}: {layer.name}, {layer.kind}, {words}")
        for button, verb in (
            (self._up, "Move up"),
            (self._down, "Move down"),
            (self._open, "Open"),
            (self._remove, "Remove"),
        ):
            button.setAccessibleName(f"{verb} {layer.name}")
        self.update()

    def _show_buttons(self) -> None:
        """Only where the mouse or the choice is: elsewhere the words have the room."""
        shown = self._current or self.underMouse() or self.hasFocus()
        for button in (self._up, self._down, self._open, self._remove):
            button.setVisible(shown)

    # Qt's own.

    def enterEvent(self, event: QEnterEvent) -> None:
        """Offer what can be done."""
        super().enterEvent(event)
        self._show_buttons()

    def leaveEvent(self, event: QEvent) -> None:
        """Give the room back to the words."""
        super().leaveEvent(event)
        self._show_buttons()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down walk, with Alt they move the cell; Enter opens it, Del takes it away."""
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        match Qt.Key(event.key()):
            case Qt.Key.Key_Up | Qt.Key.Key_Down as key:
                up = key == Qt.Key.Key_Up
                if alt:
                    self.acted.emit("up" if up else "down")
                else:
                    self.stepped.emit(-1 if up else 1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.acted.emit("open")
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.acted.emit("remove")
            case Qt.Key.Key_Escape if self._dragging:
                self._end_drag(False)
            case _:
                super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose it, and be ready to carry it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.chosen.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry it."""
        if self._pressed is None:
            return
        moved = abs(event.position().y() - self._pressed.y())
        if self._dragging or moved >= QApplication.startDragDistance():
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.dragged.emit(self.y() + round(event.position().y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._end_drag(self._dragging)

    def _end_drag(self, done: bool) -> None:
        was, self._dragging, self._pressed = self._dragging, False, None
        self.unsetCursor()
        if was:
            self.dropped.emit(done)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open it."""
        self._pressed = None
        self.acted.emit("open")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Everything that can be done with it, in words."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for what, words, possible in (
            ("up", "Move up", self._up.isEnabled()),
            ("down", "Move down", self._down.isEnabled()),
            ("open", "Show it by itself", True),
            ("out", "Take it out onto the canvas", True),
            ("remove", "Remove", True),
        ):
            action = QAction(words, menu)
            action.setEnabled(possible)
            action.triggered.connect(lambda _on=False, what=what: self.acted.emit(what))
            menu.addAction(action)
        menu.popup(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Who tabs here chooses it."""
        super().focusInEvent(event)
        self._show_buttons()
        self.update()
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.chosen.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No ring any more."""
        super().focusOutEvent(event)
        self._show_buttons()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tint for the current one, a ring for the keyboard."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(look.color("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
        tint = look.color("accent_soft" if self._current else "field")
        painter.setBrush(tint if self._current or self.underMouse() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), FIELD_RADIUS, FIELD_RADIUS)
        painter.end()


class CellList(QWidget):
    """Rows of cells, in the order in which a step goes through them.

    Signals:
        chosen(place): another cell's page is wanted.
        moved(from_place, to_place): the order is to change.
        acted(what, place): ``open``, ``out`` or ``remove`` a cell.
    """

    chosen = Signal(int)
    moved = Signal(int, int)
    acted = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._target: int | None = None
        self.rows: list[CellRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 1, 0, 1)
        self._column.setSpacing(_LINE)
        keeper().changed.connect(self._dress)

    @property
    def count(self) -> int:
        """How many cells show."""
        return self._count

    def show_cells(self, layers: Sequence[Layer], current: int) -> None:
        """Show these cells; the page of one of them shows below."""
        self._count = len(layers)
        while len(self.rows) < len(layers):
            self._add_row()
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(layers))
            if place < len(layers):
                row.show_cell(place, len(layers), layers[place], place == current)

    def focus(self, place: int) -> None:
        """Give the keyboard to a row."""
        if 0 <= place < self._count:
            self.rows[place].setFocus(Qt.FocusReason.OtherFocusReason)

    def _add_row(self) -> None:
        row = CellRow()
        place = len(self.rows)
        row.chosen.connect(lambda: self.chosen.emit(place))
        row.stepped.connect(lambda by: self._step(place + by))
        row.acted.connect(lambda what: self._act(what, place))
        row.dragged.connect(self._aim)
        row.dropped.connect(lambda done: self._drop(place, done))
        self.rows.append(row)
        self._column.addWidget(row)

    def _step(self, place: int) -> None:
        if 0 <= place < self._count:
            self.rows[place].setFocus(Qt.FocusReason.OtherFocusReason)
            self.chosen.emit(place)

    def _act(self, what: str, place: int) -> None:
        if what in ("up", "down"):
            to = place + (-1 if what == "up" else 1)
            if 0 <= to < self._count:
                self.moved.emit(place, to)
        else:
            self.acted.emit(what, place)

    def _aim(self, y: int) -> None:
        """Which gap the mouse is nearest to."""
        middles = [row.geometry().center().y() for row in self.rows[: self._count]]
        target = sum(y > middle for middle in middles)
        if target != self._target:
            self._target = target
            self.update()

    def _drop(self, place: int, done: bool) -> None:
        target, self._target = self._target, None
        self.update()
        if done and target is not None:
            to = target - (target > place)
            if to != place:
                self.moved.emit(place, to)

    def _dress(self) -> None:
        for row in self.rows:
            row.dress()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Where a carried cell will go."""
        if self._target is None or not self._count:
            return
        last = self._target >= self._count
        row = self.rows[self._count - 1 if last else self._target]
        y = row.geometry().bottom() + 1 if last else row.geometry().top() - _LINE
        painter = QPainter(self)
        painter.fillRect(0, max(0, y), self.width(), _LINE, theme().color("accent"))
        painter.end()
