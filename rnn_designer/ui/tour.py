"""Five hints for the first start, each beside the thing it is about; nothing waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
    QShortcut,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rnn_designer.ui.theme import BOX_RADIUS, interface_font, keeper, theme

_ARROW = 9
_WIDTH = 300
_EDGE = 8


@dataclass(frozen=True)
class Hint:
    """One hint: its title, and what there is to know about the thing it stands beside."""

    title: str
    words: str


HINTS = (
    Hint(
        "Layers",
        "Drag one onto the canvas, or double-click it. Type to find a layer by its name or by what it does.",
    ),
    Hint(
        "Canvas",
        "Drag from a port to another box to wire them. Drop a layer on a wire to put it in between. "
        "Double-click an empty place and type a name.",
    ),
    Hint(
        "Parameters",
        "Change the units and watch shapes, code and plots follow at once. Each parameter explains itself here; "
        "the Data tab chooses what the network is fed.",
    ),
    Hint(
        "Time",
        "Play, step and drag through the sequence. The scopes at the bottom show hidden states, cell states and "
        "gates at the same step.",
    ),
    Hint(
        "Training",
        "Train lets the design learn from its data, with settings that fit it. The plots follow while it learns; "
        "afterwards drag through the epochs and watch states and gates take shape.",
    ),
    Hint(
        "Keras code",
        "The design as exact Keras code, with the weights that the plots show. It runs without this program.",
    ),
)


class Callout(QWidget):
    """A card with an arrow to a widget of the window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("tour")
        self.setAccessibleName("Hint")
        self._target: QWidget | None = None
        self._side = Qt.Edge.LeftEdge
        self._tip = QPoint()
        self.count = QLabel(self)
        self.count.setProperty("role", "muted")
        self.title = QLabel(self)
        self.title.setFont(interface_font(11, bold=True))
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.skip = QPushButton("Skip", self)
        self.skip.setProperty("role", "link")
        self.next = QPushButton("Next", self)
        self.next.setProperty("role", "primary")
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.count)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.skip)
        buttons.addWidget(self.next)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(8)
        self._column.addLayout(head)
        self._column.addWidget(self.words)
        self._column.addLayout(buttons)
        self.hide()
        keeper().changed.connect(self.update)

    def show_hint(self, hint: Hint, target: QWidget, place: int, of: int) -> None:
        """Say a hint beside a widget."""
        self._target = target
        self.title.setText(hint.title)
        self.words.setText(hint.words)
        self.count.setText(f"{place + 1} of {of}")
        last = place + 1 == of
        self.next.setText("Done" if last else "Next")
        self.skip.setVisible(not last)
        self.setAccessibleDescription(f"{hint.title}. {hint.words}")
        self.ensurePolished()
        for child in (self.title, self.words, self.count, self.skip, self.next):
            child.ensurePolished()
        self.place()
        self.show()
        self.raise_()

    def place(self) -> None:
        """Beside the target, on the side that has room, the arrow on it."""
        target, window = self._target, self.parentWidget()
        if target is None or window is None:
            return
        about = QRect(target.mapTo(window, QPoint(0, 0)), target.size())
        room = window.rect().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        self._side, corner = Qt.Edge.LeftEdge, QPoint()
        for side in _sides(about, room):
            self._side = side
            size = self._fit(side)
            corner = _corner(side, about, size)
            if room.contains(QRect(corner, size)):
                break
        size = self.size()
        left = max(room.left(), min(corner.x(), room.right() - size.width()))
        top = max(room.top(), min(corner.y(), room.bottom() - size.height()))
        self.move(left, top)
        middle = about.center() - self.pos()
        inset = _ARROW + BOX_RADIUS + 4
        self._tip = QPoint(
            max(inset, min(middle.x(), size.width() - inset)),
            max(inset, min(middle.y(), size.height() - inset)),
        )
        self.update()

    def _fit(self, side: Qt.Edge) -> QSize:
        """Leave room for the arrow on its side, and take the height that the words need."""
        margins = {edge: 14 + (_ARROW if edge == side else 0) for edge in Qt.Edge}
        self._column.setContentsMargins(
            margins[Qt.Edge.LeftEdge],
            margins[Qt.Edge.TopEdge],
            margins[Qt.Edge.RightEdge],
            margins[Qt.Edge.BottomEdge],
        )
        width = _WIDTH + (_ARROW if side in (Qt.Edge.LeftEdge, Qt.Edge.RightEdge) else 0)
        self._column.activate()
        self.setFixedSize(width, self._column.totalHeightForWidth(width))
        return self.size()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on; outside dialogs a button takes only Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            (self.skip if self.skip.hasFocus() else self.next).click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card and its arrow, in one outline."""
        colors = theme()
        body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        x, y, far = float(self._tip.x()), float(self._tip.y()), float(_ARROW)
        if self._side == Qt.Edge.LeftEdge:
            body.setLeft(body.left() + far)
            points = [(body.left(), y - far), (body.left() - far, y), (body.left(), y + far)]
        elif self._side == Qt.Edge.RightEdge:
            body.setRight(body.right() - far)
            points = [(body.right(), y - far), (body.right() + far, y), (body.right(), y + far)]
        elif self._side == Qt.Edge.TopEdge:
            body.setTop(body.top() + far)
            points = [(x - far, body.top()), (x, body.top() - far), (x + far, body.top())]
        else:
            body.setBottom(body.bottom() - far)
            points = [(x - far, body.bottom()), (x, body.bottom() + far), (x + far, body.bottom())]
        path = QPainterPath()
        path.addRoundedRect(body, BOX_RADIUS, BOX_RADIUS)
        arrow = QPainterPath()
        arrow.addPolygon(QPolygonF([QPointF(*point) for point in points]))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colors.color("accent"), 1.2))
        painter.setBrush(colors.color("panel"))
        painter.drawPath(path.united(arrow))


class Tour(QObject):
    """Walks through the hints: Next, Skip, or Esc. The window can be used meanwhile."""

    def __init__(self, window: QWidget, targets: Sequence[QWidget]) -> None:
        super().__init__(window)
        self._window = window
        self._targets = tuple(targets)
        self._place = 0
        self.callout = Callout(window)
        self.callout.next.clicked.connect(self.forward)
        self.callout.skip.clicked.connect(self.end)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self.callout)
        self._escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._escape.activated.connect(self.end)
        for watched in (window, *targets):
            watched.installEventFilter(self)

    @property
    def running(self) -> bool:
        """Whether a hint is shown."""
        return not self.callout.isHidden()

    @property
    def place(self) -> int:
        """Which hint is shown, from 0."""
        return self._place

    def start(self) -> None:
        """Show the first hint, with the focus on Next: Enter goes on, Esc ends it."""
        self._place = 0
        self._show()

    def forward(self) -> None:
        """The next hint; after the last one it is over."""
        self._place += 1
        if self._place >= len(HINTS):
            self.end()
        else:
            self._show()

    def end(self) -> None:
        """Take the hint away."""
        if self.running:
            self.callout.hide()
            self._window.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        self.callout.show_hint(HINTS[self._place], self._targets[self._place], self._place, len(HINTS))
        self.callout.next.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay beside the target while the window changes."""
        if self.running and event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.LayoutRequest):
            self.callout.place()
        return False


def _sides(about: QRect, room: QRect) -> list[Qt.Edge]:
    """The sides of the card on which its arrow may be: where the room beside the target is largest, first.

    An arrow on the left edge means that the card is to the right of the target.
    """
    space = {
        Qt.Edge.LeftEdge: room.right() - about.right(),
        Qt.Edge.RightEdge: about.left() - room.left(),
        Qt.Edge.TopEdge: room.bottom() - about.bottom(),
        Qt.Edge.BottomEdge: about.top() - room.top(),
    }
    wide = about.width() > 3 * about.height()
    preferred = (Qt.Edge.TopEdge, Qt.Edge.BottomEdge) if wide else (Qt.Edge.LeftEdge, Qt.Edge.RightEdge)
    return sorted(space, key=lambda side: (side not in preferred, -space[side]))


def _corner(side: Qt.Edge, about: QRect, size: QSize) -> QPoint:
    middle = about.center()
    if side == Qt.Edge.LeftEdge:
        return QPoint(about.right() + 2, middle.y() - size.height() // 2)
    if side == Qt.Edge.RightEdge:
        return QPoint(about.left() - 2 - size.width(), middle.y() - size.height() // 2)
    if side == Qt.Edge.TopEdge:
        return QPoint(middle.x() - size.width() // 2, about.bottom() + 2)
    return QPoint(middle.x() - size.width() // 2, about.top() - 2 - size.height())
