"""The search of Ctrl+K: one field that finds layers to add, boxes to go to, examples to open and commands to run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

_ROWS_SHOWN = 60


@dataclass(frozen=True)
class Command:
    """Something that can be found and done.

    Attributes:
        title: what the row says.
        detail: behind it, in muted text: the kind of thing, or a shortcut.
        words: further words by which it is found.
        do: what Enter does.
    """

    title: str
    detail: str
    words: str
    do: Callable[[], object]


class CommandSearch(QFrame):
    """A popup below the search field of the top bar."""

    def __init__(self, commands: Callable[[], Iterable[Command]], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setProperty("role", "card")
        self._commands = commands
        self._known: list[Command] = []
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Search layers, boxes, examples, commands…")
        self.field.setAccessibleName("Search")
        self._list = QListWidget(self)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setAccessibleName("Found")
        self._nothing = QLabel("Nothing is called that. Try another word.", self)
        self._nothing.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self._list, 1)
        column.addWidget(self._nothing)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.field.returnPressed.connect(self._choose)
        self._list.itemClicked.connect(lambda _item: self._choose())

    def open_at(self, corner: QPoint, width: int) -> None:
        """Open with the upper right corner at a global position."""
        self._known = list(self._commands())
        self.field.clear()
        self._filter("")
        self.setFixedSize(width, 380)
        self.move(corner.x() - width, corner.y())
        self.show()
        self.field.setFocus()

    def _filter(self, text: str) -> None:
        wanted = text.casefold().split()
        ranked = []
        for order, command in enumerate(self._known):
            hay = f"{command.title} {command.detail} {command.words}".casefold()
            if all(word in hay for word in wanted):
                title = command.title.casefold()
                rank = (
                    0
                    if wanted and title.startswith(wanted[0])
                    else 1
                    if not wanted or wanted[0] in title
                    else 2
                )
                ranked.append((rank, order, command))
        ranked.sort(key=lambda each: each[:2])
        self._list.clear()
        for _, _, command in ranked[:_ROWS_SHOWN]:
            item = QListWidgetItem(f"{command.title}    {command.detail}")
            item.setData(Qt.ItemDataRole.UserRole, command)
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._nothing.setVisible(not ranked)
        self._list.setVisible(bool(ranked))

    def _choose(self) -> None:
        item: QListWidgetItem | None = self._list.currentItem()
        if item is None:
            return
        command: Command = item.data(Qt.ItemDataRole.UserRole)
        self.close()
        command.do()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}.get(
                Qt.Key(event.key())
            )
            if step is not None and self._list.count():
                row = max(0, min(self._list.currentRow() + step, self._list.count() - 1))
                self._list.setCurrentRow(row)
                return True
        return super().eventFilter(watched, event)
