"""The button that offers the program's own cells to start from, each with a line on what it is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from rnn_designer.catalog.cell_templates import cell_templates


def summary_of(doc: str) -> str:
    """The first sentence of a docstring, on one line."""
    paragraph = " ".join(doc.split("\n\n")[0].split())
    sentence, stop, _rest = paragraph.partition(". ")
    return sentence + "." if stop else paragraph


class TemplateButton(QToolButton):
    """Opens the list of templates.

    Signals:
        picked(code): one was chosen.
    """

    picked = Signal(str)

    def __init__(self, words: str = "Template", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(f"{words} ▾")
        self.setAccessibleName("Start from a template")
        self.setToolTip("Put a ready cell in the place of this one; undo brings yours back")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self.fill)
        self.setMenu(self._menu)

    def fill(self) -> None:
        """Read the templates when they are first asked for."""
        if self._menu.actions():
            return
        for template in cell_templates():
            action = QAction(template.title, self._menu)
            action.setToolTip(f"<p>{template.summary}</p>")
            action.triggered.connect(lambda _on=False, code=template.code: self.picked.emit(code))
            self._menu.addAction(action)
