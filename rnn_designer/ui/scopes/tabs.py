"""The tabs of the scopes: the first follows the selection, the others are pinned layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QMenu, QTabBar, QToolButton, QWidget

from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import keeper, theme

FOLLOWING = ""
"""Stands for "the selected layer" where a tab's layer id is expected."""


class LayerTabs(QTabBar):
    """One tab per pinned layer, after the one that follows the selection.

    Signals:
        shown(layer_id): another tab is in front; :data:`FOLLOWING` for the first.
        closed(layer_id): the cross of a pinned layer's tab was pressed.
        pinned(layer_id): the layer is to get a tab of its own.
        dock_wanted(layer_id): the layer is to get a dock of its own; :data:`FOLLOWING` for the layer in the first tab.
    """

    shown = Signal(str)
    closed = Signal(str)
    pinned = Signal(str)
    dock_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setIconSize(QSize(12, 12))
        self.setAccessibleName("Scopes by layer")
        self._following = ""
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
            self._following = following
            self._text(0, title(following) if following else "Selection")
            self.setTabToolTip(
                0, "Follows the selection.\nRight-click pins it or opens it in a dock of its own."
            )
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

    def menu_of(self, index: int) -> QMenu:
        """What can be done with the layer of a tab."""
        layer_id = str(self.tabData(index) or FOLLOWING)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if layer_id == FOLLOWING:
            pin = menu.addAction("Pin: keep it here", lambda: self.pinned.emit(self._following))
            pin.setEnabled(bool(self._following) and self._following not in self.layers)
        else:
            menu.addAction("Unpin", lambda: self.closed.emit(layer_id))
        dock = menu.addAction("Open in its own dock", lambda: self.dock_wanted.emit(layer_id))
        dock.setEnabled(layer_id != FOLLOWING or bool(self._following))
        return menu

    def _turned(self, _index: int) -> None:
        self.shown.emit(self.layer_in_front)

    def _text(self, index: int, text: str) -> None:
        if self.tabText(index) != text:
            self.setTabText(index, text)

    def _insert(self, place: int, layer_id: str) -> None:
        self.insertTab(place, "")
        self.setTabData(place, layer_id)
        self.setTabToolTip(
            place, "Pinned: stays here whatever is selected.\nRight-click for a dock of its own."
        )
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

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the tab under the mouse, or of the one in front when the keyboard asks."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.tabAt(event.pos())
        if index >= 0:
            place = self.tabRect(index).bottomLeft() if by_key else event.pos()
            self.menu_of(index).popup(self.mapToGlobal(place))

    def minimumSizeHint(self) -> QSize:
        """No wider than the tabs: Qt would keep room for scroll buttons that are not there."""
        return super().minimumSizeHint().boundedTo(self.sizeHint())
