"""Which columns of the data are the targets: a button with a menu of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

_MOST_NAMED = 3
_NONE = "What the Input reads"


class ColumnsButton(QToolButton):
    """Says which columns are chosen, and opens a menu in which each can be ticked.

    Signals:
        wanted(columns): other columns, in the order of the data; none for those that the Input reads.
    """

    wanted = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._available: tuple[str, ...] = ()
        self._chosen: tuple[str, ...] = ()
        self._else = _NONE
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Target columns")
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)

    def show_columns(self, available: Sequence[str], chosen: Sequence[str], own: str = "") -> None:
        """Offer columns, some of which are chosen.

        Args:
            available: the names of the columns in the Input's data.
            chosen: those that are the targets.
            own: what the targets come from where no column is chosen; empty for what the Input reads.
        """
        self._available, self._chosen, self._else = tuple(available), tuple(chosen), own or _NONE
        words = ", ".join(self._chosen[:_MOST_NAMED]) or self._else
        if len(self._chosen) > _MOST_NAMED:
            words += f" and {len(self._chosen) - _MOST_NAMED} more"
        shown = self.fontMetrics().elidedText(f"{words} ▾", Qt.TextElideMode.ElideMiddle, 170)
        self.setText(shown)
        self.setToolTip(
            f"The targets: {words[0].lower() + words[1:] if not self._chosen else words}. Click to choose columns."
        )

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        none = menu.addAction(self._else.replace("&", "&&"))
        none.setCheckable(True)
        none.setChecked(not self._chosen)
        none.triggered.connect(lambda _on: self.wanted.emit(()))
        menu.addSeparator()
        gone = [each for each in self._chosen if each not in self._available]
        for name in (*self._available, *gone):
            words = name.replace("&", "&&")
            entry = menu.addAction(f"{words} (not in the data)" if name in gone else words)
            entry.setCheckable(True)
            entry.setChecked(name in self._chosen)
            entry.triggered.connect(lambda on, name=name: self._toggle(name, on))

    def _toggle(self, name: str, on: bool) -> None:
        wanted = {*self._chosen, name} if on else set(self._chosen) - {name}
        order = (*self._available, *self._chosen)
        self.wanted.emit(tuple(each for each in dict.fromkeys(order) if each in wanted))
