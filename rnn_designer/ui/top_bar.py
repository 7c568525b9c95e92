"""The bar at the top: undo and redo, the transport, the command search, and the one filled button."""

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolBar, QToolButton, QWidget

from rnn_designer.session import Workspace
from rnn_designer.ui.actions import Actions
from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import keeper, theme
from rnn_designer.ui.transport import Transport

_SEARCH_ROOM = 26
"""What frame, padding and icon of the search button take beside its words."""


class SearchButton(QPushButton):
    """Looks like a field: its words where they fit, fewer where they do not, at last only its icon."""

    def __init__(self, words: str, fewer: str, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self._texts: tuple[str, ...] = ("",)
        self.setProperty("role", "search")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(38)
        keeper().changed.connect(self._dress)
        self.set_words(words, fewer)
        self._dress()

    def set_words(self, words: str, fewer: str) -> None:
        """Say this, or less where it does not fit."""
        self._texts = (f"{words}   {self._keys}", f"{fewer}   {self._keys}", fewer, "")
        self.setAccessibleName(words)
        self.setToolTip(f"{words}  {self._keys}")
        self.updateGeometry()
        self._fit()

    def _fit(self) -> None:
        room = self.width() - 2 * _SEARCH_ROOM
        advance = self.fontMetrics().horizontalAdvance
        self.setText(next(text for text in self._texts if not text or advance(text) <= room))

    def _dress(self) -> None:
        self.setIcon(icon("search", theme().muted))
        self.setIconSize(QSize(14, 14))
        self._fit()

    def sizeHint(self) -> QSize:
        """As wide as all the words."""
        widest = self.fontMetrics().horizontalAdvance(self._texts[0])
        return QSize(widest + 2 * _SEARCH_ROOM, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """As wide as the icon."""
        return QSize(38, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much as fits."""
        super().resizeEvent(event)
        self._fit()


class TopBar(QToolBar):
    """What is used all the time, in one row.

    Signals:
        search_wanted(): the command search is to open.
    """

    search_wanted = Signal()

    def __init__(self, workspace: Workspace, actions: Actions, parent: QWidget) -> None:
        super().__init__("Top bar", parent)
        self.setObjectName("top bar")
        self.setMovable(False)
        self.setFloatable(False)
        self.toggleViewAction().setEnabled(False)
        self.setIconSize(QSize(18, 18))
        for name in ("undo", "redo"):
            button = QToolButton(self)
            button.setDefaultAction(actions[name])
            button.setToolTip(actions.tip(name))
            self.addWidget(button)
        self.addSeparator()
        # One widget for all that gives way: a tool bar would hide what does not fit instead of shrinking it.
        rest = QWidget(self)
        rest.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.transport = Transport(workspace, rest)
        self.transport.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.search = SearchButton("Search layers, commands…", "Search", "Ctrl+K", rest)
        self.search.setMaximumWidth(270)
        self.search.clicked.connect(self.search_wanted)
        self.export = QPushButton("Export Keras code", rest)
        self.export.setProperty("role", "primary")
        self.export.setToolTip(actions.tip("export"))
        self.export.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.export.clicked.connect(lambda: actions["export"].trigger())
        row = QHBoxLayout(rest)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.transport, 1)
        row.addWidget(self.search, 0)
        row.addWidget(self.export, 0)
        self.addWidget(rest)

    def search_corner(self) -> QPoint:
        """Where the lower right corner of the search button is on the screen."""
        return self.search.mapToGlobal(QPoint(self.search.width(), self.search.height() + 4))

    def contextMenuEvent(self, event: object) -> None:
        """No menu: the bar cannot be hidden."""
