"""Scopes in docks of their own: torn off from the tabs, sharing cursor, sample, zoom, units and their colours."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow

from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.scopes.panel import Scopes
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import keeper, theme

_WIDE, _HIGH = 780, 320
_CASCADE = 28
_REMEMBERED = 50
"""Docks of other designs that are still known when they are opened again."""


class ScopeDock(QDockWidget):
    """One layer's scope.

    Signals:
        gone(layer_id): it was closed.
    """

    gone = Signal(str)

    def __init__(self, scope: Scopes, layer_id: str, title: str, window: QMainWindow) -> None:
        super().__init__(title, window)
        self.layer_id = layer_id
        self.scope = scope
        # By this name the window's layout knows it again.
        self.setObjectName(f"scope {layer_id}")
        self.setWidget(scope)
        self.setTitleBarWidget(scope.header)
        scope.header.close_button.clicked.connect(self.close)
        self.topLevelChanged.connect(self._frame)
        keeper().changed.connect(self.update)

    def _frame(self, floating: bool) -> None:
        # Without a title bar of the system's nothing would tell a floating dock from what lies below it.
        edge = 1 if floating else 0
        self.setContentsMargins(edge, edge, edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A line around it while it floats."""
        super().paintEvent(event)
        if self.isFloating():
            painter = QPainter(self)
            painter.setPen(QColor(theme().faint))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
            painter.end()

    def closeEvent(self, event: QCloseEvent) -> None:
        """It is made anew when it is wanted again."""
        super().closeEvent(event)
        self.gone.emit(self.layer_id)
        self.deleteLater()


class ScopeDocks(QObject):
    """The torn-off scopes of one window.

    Signals:
        changed(): one was opened or closed.
        noticed(sentence): something was saved, or could not be.
    """

    changed = Signal()
    noticed = Signal(str)

    def __init__(self, window: QMainWindow, workspace: Workspace, selection: Selection, main: Scopes) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = workspace
        self._selection = selection
        self._main = main
        self._docks: dict[str, ScopeDock] = {}
        self._elsewhere: list[str] = []
        main.dock_wanted.connect(self.open)
        workspace.checks.changed.connect(self._rename)

    @property
    def docks(self) -> tuple[ScopeDock, ...]:
        """Those that are open, in the order they were opened."""
        return tuple(self._docks.values())

    @property
    def layers(self) -> tuple[str, ...]:
        """Whose scopes they are."""
        return tuple(self._docks)

    @property
    def in_use(self) -> Scopes:
        """The scopes with the keyboard focus; those of the window itself while none has it."""
        focused = QApplication.focusWidget()
        with_focus = (dock.scope for dock in self.docks if focused is not None and dock.isAncestorOf(focused))
        return next(with_focus, self._main)

    @property
    def remembered(self) -> list[str]:
        """Whose scopes are to be opened with their designs: those that are open, and those of other designs."""
        find = self._workspace.document.design.find
        elsewhere = [each for each in self._elsewhere if each not in self._docks and find(each) is None]
        return [*self._docks, *elsewhere][:_REMEMBERED]

    def open(self, layer_id: str) -> None:
        """Show a layer's scope in a dock of its own: where it was last, else floating over the window."""
        layer = self._workspace.document.design.find(layer_id)
        if layer is None:
            return
        if layer_id not in self._docks:
            self._make(layer_id, layer.name)
            self.changed.emit()
        dock = self._docks[layer_id]
        dock.show()
        dock.raise_()
        dock.activateWindow()
        dock.scope.first_stop.setFocus(Qt.FocusReason.OtherFocusReason)

    def reopen(self, layer_ids: list[str]) -> None:
        """Open those that the design has, and close those that it has not: another design was opened."""
        design = self._workspace.document.design
        self._elsewhere = [*self._docks, *(each for each in layer_ids if each not in self._docks)]
        for dock in self.docks:
            if design.find(dock.layer_id) is None:
                dock.close()
        for layer_id in layer_ids:
            if layer_id not in self._docks and (layer := design.find(layer_id)) is not None:
                self._make(layer_id, layer.name)
                self.changed.emit()

    def close_all(self) -> None:
        """Close every one, and forget those of other designs."""
        self._elsewhere = []
        for dock in self.docks:
            dock.close()

    def _make(self, layer_id: str, name: str) -> None:
        window = self._window
        scope = Scopes(self._workspace, self._selection, shared=self._main.shared, only=layer_id)
        scope.noticed.connect(self.noticed)
        dock = ScopeDock(scope, layer_id, f"Scope of {name}", window)
        dock.gone.connect(self._gone)
        self._docks[layer_id] = dock
        for action in self._main.actions():
            scope.addAction(action)
        if not window.restoreDockWidget(dock):
            window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
            dock.setFloating(True)
            shift = _CASCADE * (len(self._docks) - 1)
            wide, high = min(_WIDE, window.width() - 80), min(_HIGH, window.height() - 120)
            corner = QPoint((window.width() - wide) // 2 + shift, (window.height() - high) // 3 + shift)
            dock.resize(wide, high)
            dock.move(window.mapToGlobal(corner))
        dock.show()

    def _gone(self, layer_id: str) -> None:
        if self._docks.pop(layer_id, None) is not None:
            self.changed.emit()

    def _rename(self, *_: object) -> None:
        for dock in self.docks:
            layer = self._workspace.document.design.find(dock.layer_id)
            if layer is not None:
                dock.setWindowTitle(f"Scope of {layer.name}")
