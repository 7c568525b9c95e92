"""Wherever a unit can be seen, a double-click shows all about it, and a right-click offers to."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

UnitAt = Callable[[QPointF], int | None]


def show_unit_words(unit: int) -> str:
    """What the line of a menu says that shows the Unit view."""
    return f"Show unit {unit}"


class UnitOffers(QObject):
    """Takes double-clicks and right-clicks on the pictures of a view.

    Args:
        parent: the view.
        possible: whether there is all about a unit to show: a layer without states has no such view.

    Signals:
        wanted(unit, side): all about this unit is wanted; the side is a direction or cell below the layer, or empty.
    """

    wanted = Signal(int, str)

    def __init__(self, parent: QObject, possible: Callable[[], bool]) -> None:
        super().__init__(parent)
        self._possible = possible
        self._pictures: dict[QObject, tuple[UnitAt, Callable[[], str], Callable[[], int | None], bool]] = {}

    def offer(
        self,
        picture: QWidget,
        unit_at: UnitAt,
        *,
        side: Callable[[], str] = lambda: "",
        chosen: Callable[[], int | None] = lambda: None,
        double: bool = True,
    ) -> None:
        """Offer the units of a picture.

        Args:
            picture: the widget in which they are seen.
            unit_at: which unit is at a place of it; None where there is none.
            side: of which direction or cell the picture is, as its path below the layer.
            chosen: which unit the menu key is about.
            double: whether a double-click shows it; False where that does something else.
        """
        self._pictures[picture] = unit_at, side, chosen, double
        picture.installEventFilter(self)

    def menu(self, unit: int, side: str, parent: QWidget) -> QMenu:
        """The menu over a unit."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(show_unit_words(unit), lambda: self.wanted.emit(unit, side))
        return menu

    # Qt's own

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show what is double-clicked, and offer what is right-clicked; everything else goes its way."""
        known = self._pictures.get(watched)
        asks = event.type() in (QEvent.Type.MouseButtonDblClick, QEvent.Type.ContextMenu)
        if known is None or not asks or not isinstance(watched, QWidget) or not self._possible():
            return False
        unit_at, side, chosen, double = known
        if event.type() == QEvent.Type.MouseButtonDblClick and isinstance(event, QMouseEvent):
            unit = unit_at(event.position())
            if double and unit is not None and event.button() == Qt.MouseButton.LeftButton:
                self.wanted.emit(unit, side())
                return True
        elif event.type() == QEvent.Type.ContextMenu and isinstance(event, QContextMenuEvent):
            by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
            unit = chosen() if by_key else unit_at(QPointF(event.pos()))
            if unit is not None:
                place = watched.mapToGlobal(QPoint(8, 8)) if by_key else event.globalPos()
                self.menu(unit, side(), watched).popup(place)
                return True
        return False
