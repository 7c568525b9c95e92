"""The row above the scopes: tabs of layers on the left, what is drawn of them on the right. A dock's title."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from rnn_designer.ui.icons import icon
from rnn_designer.ui.scopes.chips import ChipBar, ChoiceButton
from rnn_designer.ui.scopes.tabs import LayerTabs
from rnn_designer.ui.theme import keeper, theme


class ScopesHeader(QWidget):
    """Tabs, chips and buttons in one row, or in two where one is too narrow.

    Without tabs, for a scope of one layer, there is the layer's name and a button that closes the dock.

    It takes no mouse press where it is empty, so that a dock can be dragged by it.
    """

    def __init__(self, parent: QWidget | None = None, *, tabs: bool = True) -> None:
        super().__init__(parent)
        self.setObjectName("dock header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tabs = LayerTabs(self)
        self.add_button = QToolButton(self)
        self.add_button.setToolTip("Keep this layer's scope here, whatever is selected")
        self.add_button.setAccessibleName("Pin the current layer")
        self.title = QLabel(self)
        self.title.setProperty("role", "section")
        self.title.setContentsMargins(12, 0, 8, 0)
        self.close_button = QToolButton(self)
        self.close_button.setToolTip("Close this dock; the layer stays")
        self.close_button.setAccessibleName("Close this dock")
        self.tabs.setVisible(tabs)
        self.add_button.setVisible(tabs)
        self.title.setVisible(not tabs)
        self.close_button.setVisible(not tabs)
        self.view_button = ChoiceButton("", self)
        self.view_button.setAccessibleName("View")
        self.view_button.setToolTip("What is shown of the layer (V for the next)")
        self.side_button = ChoiceButton("", self)
        self.side_button.setAccessibleName("Direction or cell")
        self.side_button.setToolTip(
            "What the layers after it get, or one of the inner layers: a direction, which reads the steps forward or "
            "backward,\nor a cell of a stack. All are drawn in the order of the input's steps."
        )
        self.chips = ChipBar(self)
        self.sort_button = ChoiceButton("Sort", self)
        self.sort_button.setToolTip("The order of the rows")
        self.find_button = QToolButton(self)
        self.find_button.setToolTip("Find units by number, by what they do, or by likeness (/)")
        self.find_button.setAccessibleName("Find units")
        self.samples_button = ChoiceButton("Samples", self)
        self.samples_button.setToolTip("One sample of the batch, or all beside each other (S)")
        self.save_button = QToolButton(self)
        self.save_button.setToolTip("Save what is shown")
        self.save_button.setAccessibleName("Save what is shown")
        self.save_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.save_menu = QMenu(self.save_button)
        self.save_button.setMenu(self.save_menu)
        self._lay_out()
        self._dress()
        keeper().changed.connect(self._dress)

    def fit(self) -> None:
        """One row where tabs and chips fit beside each other, two where they do not."""
        wanted = self._left.sizeHint().width() + self._right.sizeHint().width()
        narrow = wanted > self.width()
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._bar.direction() != direction:
            self._bar.setDirection(direction)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the chips below the tabs when it gets narrow."""
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent) -> bool:
        """Look again once chips or tabs have their final widths: fonts and style may come after the texts."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return done

    def _lay_out(self) -> None:
        self._left = QHBoxLayout()
        self._left.setContentsMargins(0, 0, 0, 0)
        self._left.setSpacing(2)
        self._left.addWidget(self.title, 0)
        self._left.addWidget(self.tabs, 0)
        self._left.addWidget(self.add_button, 0)
        self._left.addStretch(1)
        self._right = QHBoxLayout()
        self._right.setContentsMargins(6, 3, 6, 3)
        self._right.setSpacing(6)
        self._right.addStretch(1)
        buttons = (
            self.sort_button,
            self.find_button,
            self.samples_button,
            self.save_button,
            self.close_button,
        )
        for each in (self.view_button, self.side_button, self.chips, *buttons):
            self._right.addWidget(each, 0)
        self._bar = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._bar.setContentsMargins(0, 0, 0, 0)
        self._bar.setSpacing(0)
        self._bar.addLayout(self._left, 1)
        self._bar.addLayout(self._right, 0)
        self._line = QWidget(self)
        self._line.setFixedHeight(1)
        self._line.setObjectName("scopes-line")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._bar)
        column.addWidget(self._line)

    def _dress(self) -> None:
        self.add_button.setIcon(icon("plus"))
        self.add_button.setIconSize(QSize(14, 14))
        self.find_button.setIcon(icon("search"))
        self.find_button.setIconSize(QSize(14, 14))
        self.save_button.setIcon(icon("download"))
        self.save_button.setIconSize(QSize(15, 15))
        self.close_button.setIcon(icon("close"))
        self.close_button.setIconSize(QSize(13, 13))
        self._line.setStyleSheet(f"background: {theme().hairline};")
