"""Code written by hand in one window: its editor, the question whether it may run, and the notice that it does not."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.cell_editor.dock import CellDock
from rnn_designer.ui.cell_editor.trust_dialog import TrustDialog, foreign_codes
from rnn_designer.ui.notice import NoticeBar
from rnn_designer.ui.selection import Selection

_SUBJECT = "code of others"
_NAMED = 3


class OwnCode(QObject):
    """Opens the editor and the dialog where panels ask for them, and says once what came with a file.

    Attributes:
        dock: where cells are written.
    """

    def __init__(
        self,
        window: QMainWindow,
        workspace: Workspace,
        selection: Selection,
        notice: NoticeBar,
        neighbour: QDockWidget,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = workspace
        self._selection = selection
        self._notice = notice
        self._told: frozenset[str] = frozenset()
        self.dock = CellDock(window, workspace, neighbour)
        self.dock.editor.trust_wanted.connect(self.ask)
        selection.trust_wanted.connect(self.ask)
        workspace.checks.changed.connect(self._look)
        self._look()

    def edit(self, layer_id: str | None = None) -> None:
        """Open the code of a cell; without one, of the selected cell or the one inside what is selected."""
        wanted = layer_id or self._selected_cell()
        if wanted is None:
            self._notice.say(
                "There is no code to edit here: select a custom cell, or put one into an RNN first."
            )
            return
        self.dock.open(wanted)

    def finish(self) -> None:
        """Hand over what is being typed without waiting for a pause: the design is about to be saved, run or left."""
        self.dock.editor.draft.finish()

    def close(self) -> None:
        """Nothing typed from now on reaches the design: the window goes."""
        self.dock.editor.draft.close()

    def _selected_cell(self) -> str | None:
        design = self._workspace.document.design
        current = self._selection.current
        layer = design.find(current) if current is not None else None
        inside = layer.walk() if layer is not None else design.walk()
        return next((each.id for each in inside if each.kind == "CustomCell"), None)

    def ask(self, layer_id: str | None = None) -> None:
        """Show code that may not run yet, and ask whether it may."""
        dialog = TrustDialog(self._workspace, self._window, layer_id=layer_id)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _look(self) -> None:
        """Say that code of others came in, once for each; take it back when nothing waits any more."""
        waiting = foreign_codes(self._workspace)
        codes = frozenset(each.code for each in waiting)
        if codes - self._told:
            names = ", ".join(each.class_name for each in waiting[:_NAMED])
            more = f" and {len(waiting) - _NAMED} more" if len(waiting) > _NAMED else ""
            self._notice.say(
                f"This design holds code that came with a file: {names}{more}. It does not run, nor does what hangs "
                "on it, before you have looked at it.",
                kind="warning",
                subject=_SUBJECT,
                action="Show the code…",
                do=self.ask,
                stay=True,
            )
        elif not codes:
            self._notice.clear(_SUBJECT)
        self._told = codes
