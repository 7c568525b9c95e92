"""The search of Ctrl+K: one field that finds layers to add, boxes to go to, examples to open and commands to run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import interface_font, theme
from rnn_designer.ui.widgets.mark import MARK_SIZE, paint_mark

_ROWS_SHOWN = 200
_ROW, _HEADING = 30, 26
_HEIGHT = 420
_COMMAND = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Command:
    """Something that can be found and done.

    Attributes:
        title: what the row says.
        detail: at the right, in muted text: what kind of thing it is, or what it does.
        words: further words by which it is found.
        do: what Enter does.
        section: the heading below which it stands.
        kind: the layer type whose mark stands before it, if it is about one.
        icon: the name of the icon that stands before it otherwise.
        keys: its shortcut, as the platform writes it.
        rank: how well it fits a query, 0 for best and None for not at all; by title and words if not given.
    """

    title: str
    detail: str
    words: str
    do: Callable[[], object]
    section: str = "Commands"
    kind: str = ""
    icon: str = ""
    keys: str = ""
    rank: Callable[[str], int | None] | None = None

    def fit(self, query: str) -> int | None:
        """How well it fits a query: 0 for best, None for not at all."""
        if not query.strip():
            return 0
        own = self._own_fit(query)
        special = self.rank(query) if self.rank is not None else None
        found = [each for each in (own, special) if each is not None]
        return min(found, default=None)

    def _own_fit(self, query: str) -> int | None:
        words = query.casefold().split()
        title = self.title.casefold()
        hay = f"{title} {self.detail} {self.words} {self.keys}".casefold()
        if not all(word in hay for word in words):
            return None
        if title.startswith(" ".join(words)):
            return 0
        starts = title.split()
        if all(any(each.startswith(word) for each in starts) for word in words):
            return 1
        return 2 if all(word in title for word in words) else 6


class _Delegate(QStyledItemDelegate):
    """Paints a heading, or a row: mark or icon, title, what it is in muted text, its shortcut in a frame."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, _ROW if isinstance(index.data(_COMMAND), Command) else _HEADING)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        colors, command = theme(), index.data(_COMMAND)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not isinstance(command, Command):
            painter.setFont(interface_font(8.75, bold=True))
            painter.setPen(colors.color("muted"))
            painter.drawText(
                rect.adjusted(8, 4, -8, 0), int(Qt.AlignmentFlag.AlignVCenter), str(index.data())
            )
            painter.restore()
            return
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("accent_soft"))
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 0, 0, -1), 6, 6)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("field"))
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 0, 0, -1), 6, 6)
        mark = QRectF(rect.left() + 8, rect.center().y() - MARK_SIZE / 2 + 0.5, MARK_SIZE, MARK_SIZE)
        if command.kind:
            paint_mark(painter, mark, command.kind)
        elif command.icon:
            icon(command.icon, colors.muted).paint(painter, mark.toRect())
        left, right = int(mark.right()) + 10, rect.right() - 8
        if command.keys:
            right = self._paint_keys(painter, rect, right, command.keys) - 10
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(interface_font(10))
        painter.setPen(colors.color("text"))
        metrics = painter.fontMetrics()
        title = metrics.elidedText(command.title, Qt.TextElideMode.ElideRight, right - left)
        painter.drawText(QRect(left, rect.top(), right - left, rect.height()), middle, title)
        left += metrics.horizontalAdvance(title) + 16
        if command.detail and right - left > 40:
            painter.setFont(interface_font(9))
            painter.setPen(colors.color("muted"))
            detail = painter.fontMetrics().elidedText(
                command.detail, Qt.TextElideMode.ElideRight, right - left
            )
            room = QRect(left, rect.top(), right - left, rect.height())
            painter.drawText(room, middle | int(Qt.AlignmentFlag.AlignRight), detail)
        painter.restore()

    @staticmethod
    def _paint_keys(painter: QPainter, rect: QRect, right: int, keys: str) -> int:
        """Paint a shortcut as a key cap; where it starts."""
        colors = theme()
        painter.setFont(interface_font(8.5))
        width = painter.fontMetrics().horizontalAdvance(keys) + 12
        cap = QRectF(right - width, rect.center().y() - 9, width, 19)
        painter.setPen(colors.color("hairline"))
        painter.setBrush(colors.color("panel"))
        painter.drawRoundedRect(cap, 4, 4)
        painter.setPen(colors.color("muted"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, keys)
        return int(cap.left())


class CommandSearch(QFrame):
    """A popup below the search field of the top bar."""

    def __init__(self, commands: Callable[[], Iterable[Command]], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setProperty("role", "card")
        self._commands = commands
        self._known: list[Command] = []
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Search by name, or by what it does…")
        self.field.setAccessibleName("Search layers, boxes, examples and commands")
        self.field.setMinimumHeight(32)
        self._glass = self.field.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        self.list = QListWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("Found")
        self.list.setMouseTracking(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._nothing = QLabel(self)
        self._nothing.setProperty("role", "muted")
        self._nothing.setWordWrap(True)
        self._nothing.setMargin(8)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._keys = QLabel("↑ ↓ choose   ·   Enter does it   ·   Esc closes", self)
        self._keys.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        column.addWidget(self._nothing, 1)
        column.addWidget(self._keys)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.field.returnPressed.connect(self._choose)
        self.list.itemClicked.connect(self._click)

    def open_at(self, corner: QPoint, width: int) -> None:
        """Open with the upper right corner at a global position."""
        self._known = list(self._commands())
        self._glass.setIcon(icon("search", theme().muted))
        self.list.setStyleSheet("background: transparent;")
        self.field.clear()
        self._filter("")
        self.setFixedSize(width, _HEIGHT)
        self.move(corner.x() - width, corner.y())
        self.show()
        self.field.setFocus()

    def _filter(self, text: str) -> None:
        sections: dict[str, list[tuple[int, int, Command]]] = {}
        for order, command in enumerate(self._known):
            fit = command.fit(text)
            if fit is not None:
                sections.setdefault(command.section, []).append((fit, order, command))
        for rows in sections.values():
            rows.sort(key=lambda each: each[:2])
        ordered = sections.items()
        if text.strip():
            ordered = dict(sorted(ordered, key=lambda each: each[1][0][0])).items()
        self.list.clear()
        shown = 0
        for section, rows in ordered:
            heading = QListWidgetItem(section)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(heading)
            for _fit, _order, command in rows[: _ROWS_SHOWN - shown]:
                item = QListWidgetItem(command.title)
                item.setData(_COMMAND, command)
                spoken = (command.title, command.detail, command.keys)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(each for each in spoken if each))
                item.setToolTip(command.detail)
                self.list.addItem(item)
                shown += 1
            if shown >= _ROWS_SHOWN:
                break
        self._nothing.setText(
            f"Nothing fits “{text.strip()}”. Try another word: “remember”, “smooth”, “export”."
        )
        self._nothing.setVisible(not shown)
        self.list.setVisible(bool(shown))
        if shown:
            self.list.setCurrentRow(1)
            self.list.scrollToTop()

    def _click(self, item: QListWidgetItem) -> None:
        if isinstance(item.data(_COMMAND), Command):
            self._choose()

    def _choose(self) -> None:
        item: QListWidgetItem | None = self.list.currentItem()
        command = item.data(_COMMAND) if item is not None and not self.list.isHidden() else None
        if isinstance(command, Command):
            self.close()
            command.do()

    def _step(self, by: int) -> None:
        """Go up or down by so many rows, past the headings."""
        rows = [
            row for row in range(self.list.count()) if isinstance(self.list.item(row).data(_COMMAND), Command)
        ]
        if not rows:
            return
        current = self.list.currentRow()
        at = rows.index(current) if current in rows else 0
        row = rows[max(0, min(at + by, len(rows) - 1))]
        self.list.setCurrentRow(row)
        if row == rows[0]:
            self.list.scrollToTop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}.get(
                Qt.Key(event.key())
            )
            if step is not None and self.list.count():
                self._step(step)
                return True
        return super().eventFilter(watched, event)
