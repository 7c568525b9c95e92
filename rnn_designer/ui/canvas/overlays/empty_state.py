"""What an empty canvas shows: three ways to begin, and the designs opened last."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.widgets.labels import ElidedLabel

_MOST_RECENT = 4
_CARD_HEIGHT = 104


class StartCard(QPushButton):
    """A large button: an icon, what it opens, and a line about it."""

    def __init__(self, icon_name: str, title: str, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "start")
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        self._icon_name = icon_name
        self._mark = QLabel(self)
        self._title = QLabel(title, self)
        self._title.setFont(interface_font(10, bold=True))
        self._words = QLabel(words, self)
        self._words.setProperty("role", "muted")
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        for label in (self._mark, self._title, self._words):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._mark)
        head.addWidget(self._title, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(14, 12, 12, 10)
        self._column.setSpacing(6)
        self._column.addLayout(head)
        self._column.addWidget(self._words, 1)
        self.dress()

    def dress(self) -> None:
        """Take the colours of the theme."""
        self._mark.setPixmap(icon(self._icon_name, theme().accent).pixmap(20, 20))

    def needed(self, width: int) -> int:
        """The height that the words need at a width."""
        return max(_CARD_HEIGHT, self._column.totalHeightForWidth(width))

    def sizeHint(self) -> QSize:
        """The words, not the button's own empty text."""
        return QSize(170, _CARD_HEIGHT)


class EmptyState(QWidget):
    """Three starting points, the designs opened last, and how to begin by hand.

    Signals:
        example_wanted(), blank_wanted(), open_wanted(): the user chose that start.
        recent_wanted(path): one of the designs opened last.
        double_clicked(): on the free part, as on the canvas behind it.
    """

    example_wanted = Signal()
    blank_wanted = Signal()
    open_wanted = Signal()
    recent_wanted = Signal(object)
    double_clicked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.title = QLabel("Design a recurrent network", self)
        self.title.setFont(interface_font(17.0, bold=True))
        self.words = QLabel(
            "Draw layers, feed a sequence, and watch hidden states, cell states and gates step by step.", self
        )
        self.words.setProperty("role", "muted")
        self.words.setWordWrap(True)
        self.example = StartCard(
            "play", "Open an example", "Finished, fed and running: the quickest way in.", self
        )
        self.blank = StartCard(
            "plus", "Start with an Input", "The first box of your own, with a sine to feed it.", self
        )
        self.open = StartCard(
            "open",
            "Open or import",
            "A design, or a Keras model (.keras, .h5). Or drop it onto this window.",
            self,
        )
        self.hint = QLabel("Or drag a layer from the left, or double-click anywhere and type its name.", self)
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self._cards = (self.example, self.blank, self.open)
        cards = QHBoxLayout()
        cards.setSpacing(10)
        for card, signal in zip(
            self._cards, (self.example_wanted, self.blank_wanted, self.open_wanted), strict=True
        ):
            card.clicked.connect(signal.emit)
            cards.addWidget(card, 1)
        self.recent_title = QLabel("Recent", self)
        self.recent_title.setProperty("role", "section")
        self._rows: list[tuple[QPushButton, ElidedLabel]] = []
        self._paths: tuple[Path, ...] = ()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        for place in range(_MOST_RECENT):
            self._make_row(place)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.words)
        column.addSpacing(8)
        column.addLayout(cards)
        column.addSpacing(6)
        column.addWidget(self.recent_title)
        column.addLayout(self._grid)
        column.addWidget(self.hint)
        keeper().changed.connect(self._dress)
        self.show_recent(())

    def _make_row(self, place: int) -> None:
        name = QPushButton(self)
        name.setProperty("role", "recent")
        name.clicked.connect(lambda: self.recent_wanted.emit(self._paths[place]))
        folder = ElidedLabel(role="muted")
        self._rows.append((name, folder))
        self._grid.addWidget(name, place, 0)
        self._grid.addWidget(folder, place, 1)

    def show_recent(self, paths: Sequence[Path]) -> None:
        """Offer the designs opened last, the newest first."""
        self._paths = tuple(paths[:_MOST_RECENT])
        self._show_rows()

    def fit(self, width: int, height: int) -> None:
        """Take a width, and offer as many of the last designs as there is room for at a height."""
        self.setFixedWidth(width)
        inner = (width - 8 - 20) // 3
        tall = max(card.needed(inner) for card in self._cards)
        for card in self._cards:
            card.setFixedHeight(tall)
        rows = len(self._paths)
        self._show_rows()
        while rows > 0 and self._height(width) > height:
            rows -= 1
            self._show_rows(rows)
        self.setFixedHeight(self._height(width))

    def _height(self, width: int) -> int:
        self._column.invalidate()
        return max(self._column.totalHeightForWidth(width), self._column.totalMinimumSize().height())

    def _show_rows(self, most: int = _MOST_RECENT) -> None:
        shown = self._paths[:most]
        self.recent_title.setVisible(bool(shown))
        for place, (name, folder) in enumerate(self._rows):
            there = place < len(shown)
            name.setVisible(there)
            folder.setVisible(there)
            if there:
                path = shown[place]
                name.setText(path.stem.replace("&", "&&"))
                name.setToolTip(str(path))
                name.setAccessibleName(f"Open {path.stem}")
                folder.show_text(str(path.parent))

    def _dress(self) -> None:
        for card in self._cards:
            card.dress()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The free part is canvas as well."""
        self.double_clicked.emit()
        event.accept()
