"""The tabs of the scopes: the first follows the selection, the others are pinned layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QTabBar, QToolButton, QWidget

from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import keeper, theme

FOLLOWING = ""
"""Stands for "the selected layer" where a tab's layer id is expected."""


class LayerTabs(QTabBar):
    """One tab per pinned layer, after the one that follows the selection.

    Signals:
        shown(layer_id): another tab is in front; :data:`FOLLOWING` for the first.
        closed(layer_id): the cross of a pinned layer's tab was pressed.
    """

    shown = Signal(str)
    closed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setIconSize(QSize(12, 12))
        self.setAccessibleName("Scopes by layer")
        self.addTab("Selection")
        self.setTabData(0, FOLLOWING)
        self.currentChanged.connect(self._turned)
        keeper().changed.connect(self._dress)

    @property
    def layer_in_front(self) -> str:
        """The layer id of the tab in front; :data:`FOLLOWING` for the first."""
        return str(self.tabData(self.currentIndex()) or FOLLOWING)

    @property
    def layers(self) -> tuple[str, ...]:
        """The pinned layers that have a tab."""
        return tuple(str(self.tabData(index)) for index in range(1, self.count()))

    def show_layers(self, following: str, pinned: Sequence[str], title: Callable[[str], str]) -> None:
        """Have a tab for each of these layers, changing what is there in place.

        Args:
            following: the layer that the first tab shows; empty for none.
            pinned: ids of the pinned layers, in order.
            title: from a layer's id to what its tab says.
        """
        in_front = self.layer_in_front
        with QSignalBlocker(self):
            self._text(0, title(following) if following else "Selection")
            self.setTabToolTip(0, "Follows the selection.")
            for index in range(self.count() - 1, 0, -1):
                if self.tabData(index) not in pinned:
                    self.removeTab(index)
            for place, layer_id in enumerate(pinned, start=1):
                if place >= self.count() or self.tabData(place) != layer_id:
                    there = [index for index in range(1, self.count()) if self.tabData(index) == layer_id]
                    if there:
                        self.moveTab(there[0], place)
                    else:
                        self._insert(place, layer_id)
                self._text(place, title(layer_id))
        # Another text alone does not tell the layout that the tabs need another width.
        self.updateGeometry()
        if self.layer_in_front != in_front:
            self.shown.emit(self.layer_in_front)

    def go_to(self, layer_id: str) -> None:
        """Bring a layer's tab to the front, if it has one."""
        for index in range(self.count()):
            if self.tabData(index) == layer_id:
                self.setCurrentIndex(index)

    def _turned(self, _index: int) -> None:
        self.shown.emit(self.layer_in_front)

    def _text(self, index: int, text: str) -> None:
        if self.tabText(index) != text:
            self.setTabText(index, text)

    def _insert(self, place: int, layer_id: str) -> None:
        self.insertTab(place, "")
        self.setTabData(place, layer_id)
        self.setTabToolTip(place, "Pinned: stays here whatever is selected.")
        close = QToolButton(self)
        close.setIconSize(QSize(11, 11))
        close.setFixedSize(18, 18)
        close.setStyleSheet("padding: 2px;")
        close.setIcon(icon("close", theme().faint))
        close.setToolTip("Unpin")
        close.setAccessibleName("Unpin this layer")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(lambda: self.closed.emit(layer_id))
        self.setTabButton(place, QTabBar.ButtonPosition.RightSide, close)

    def _dress(self) -> None:
        for index in range(1, self.count()):
            button = self.tabButton(index, QTabBar.ButtonPosition.RightSide)
            if isinstance(button, QToolButton):
                button.setIcon(icon("close", theme().faint))

    # Qt's own

    def minimumSizeHint(self) -> QSize:
        """No wider than the tabs: Qt would keep room for scroll buttons that are not there."""
        return super().minimumSizeHint().boundedTo(self.sizeHint())
