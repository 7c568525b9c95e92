"""Carries text between an editor and the design: what is a cell is applied after a pause, what is none yet is kept."""

from __future__ import annotations

import re
from enum import Enum

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from rnn_designer.catalog.cell_code import CellCode, CodeFault, read_cell
from rnn_designer.design import Layer
from rnn_designer.design.edits.cell_code import draft_of, keep_draft, set_code
from rnn_designer.messages import Failure
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.cell_editor.code_edit import CodeEdit
from rnn_designer.ui.widgets.editing import try_edit

_PAUSE = 450
"""Milliseconds without a key after which what was typed is read."""
_STEP = 4000
"""Milliseconds between two pauses after which the next one begins an undo step of its own."""


_OWN_LINE = re.compile(r"\((\w+), line (\d+)\)")
"""How the engine names a place in a class: "Cell “memory” (LeakyCell, line 12) …"."""


class DraftState(Enum):
    """What became of the text in the editor."""

    APPLIED = "applied"
    TYPING = "typing"
    FAULTY = "faulty"


class CellDraft(QObject):
    """One cell's text while it is written.

    The design never holds half a class: text that cannot be read stays beside the code that holds, in the same undo
    steps and the same file, until it can be.

    Signals:
        changed(): another state, sentence or cell.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, edit: CodeEdit, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._edit = edit
        self._layer_id: str | None = None
        self._state = DraftState.APPLIED
        self._sentence = ""
        self._line = 0
        self._failure: Failure | None = None
        self._showing = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self.apply)
        self._since = QElapsedTimer()
        edit.edited.connect(self._typed)
        edit.committed.connect(self.finish)
        edit.left.connect(self.finish)
        workspace.checks.changed.connect(self._design_changed)
        workspace.live.failed.connect(self._run_failed)
        workspace.live.traced.connect(self._run_came_through)

    @property
    def layer(self) -> Layer | None:
        """The cell that is written; None if there is none."""
        return None if self._layer_id is None else self._workspace.document.design.find(self._layer_id)

    @property
    def state(self) -> DraftState:
        """What became of the text."""
        return self._state

    @property
    def sentence(self) -> str:
        """What is wrong with the text, or with how it ran; empty if nothing is."""
        return self._sentence

    @property
    def line(self) -> int:
        """The line that the sentence is about, from 1; 0 for none."""
        return self._line

    @property
    def cell(self) -> CellCode | None:
        """The class as it stands in the editor; None while it cannot be read."""
        try:
            return read_cell(self._edit.text())
        except CodeFault:
            return None

    def open(self, layer_id: str) -> None:
        """Write the cell of a layer from now on; a shared box's cell is its original's."""
        self.finish()
        layer = self._workspace.document.design.find(layer_id)
        if layer is not None and layer.shares is not None:
            layer = self._workspace.document.design.find(layer.shares)
        if layer is None:
            self.close()
            return
        if layer.id == self._layer_id:
            return
        self._layer_id = layer.id
        self._failure = None
        self._showing = True
        try:
            self._edit.open_text(_text_of(layer))
        finally:
            self._showing = False
        self._judge()

    def close(self) -> None:
        """Write no cell any more."""
        self._timer.stop()
        self._layer_id = None
        self._failure = None
        self._state, self._sentence, self._line = DraftState.APPLIED, "", 0
        self.changed.emit()

    def apply(self) -> None:
        """Read what was typed: hand it to the design as code, or as a draft if it is no cell yet."""
        self._timer.stop()
        layer, text = self.layer, self._edit.text()
        if layer is None:
            return
        if self._since.isValid() and self._since.elapsed() > _STEP:
            self._workspace.document.seal()
        self._since.start()
        if text != _text_of(layer):
            self._hand_over(layer, text)
        self._judge()

    def finish(self) -> None:
        """Apply at once, and begin a new undo step with the next key."""
        if self._timer.isActive():
            self.apply()
        layer = self.layer
        if layer is not None:
            # The draft too: whoever goes on with it tomorrow need not be asked about it.
            for text in {str(layer.value("code")), _text_of(layer)}:
                if self._workspace.trust.knows(text):
                    self._workspace.trust.add(text)
            self._workspace.document.seal()
            self._since.invalidate()

    def replace(self, text: str) -> None:
        """Put another text in the place of this one, as a template does; the editor's own undo takes it back."""
        self._edit.show_text(text)
        self.apply()
        self.finish()

    def _hand_over(self, layer: Layer, text: str) -> None:
        document = self._workspace.document
        merge = f"code of {layer.id}"
        label = f"Edit the code of {layer.name}"
        code = layer.value("code")
        if text == code:
            document.apply(keep_draft(layer.id, None), label, merge)
            return
        if self._workspace.trust.knows(_text_of(layer)):
            # Who changes a text that may run has seen it: what is typed here is this user's own. Noted down once it
            # is done, not at every pause. What counts is the text that was shown: a file may hold a draft beside
            # code that is trusted, and that draft is as foreign as any code in it.
            self._workspace.trust.allow(text)
        if _is_no_cell(text) or try_edit(document, set_code(layer.id, text), label, merge):
            document.apply(keep_draft(layer.id, text), label, merge)

    # What is said about it.

    def _typed(self) -> None:
        if self._showing:
            return
        self._failure = None
        self._timer.start()
        if self._state is not DraftState.TYPING:
            # A fault that is being mended keeps its mark until the next pause: marks that flicker help nobody.
            self._state = DraftState.TYPING
            self.changed.emit()

    def _judge(self) -> None:
        layer = self.layer
        if layer is None:
            return
        faults: dict[int, tuple[int, str]] = {}
        self._sentence, self._line = "", 0
        try:
            read_cell(self._edit.text())
        except CodeFault as fault:
            self._state = DraftState.FAULTY
            self._sentence, self._line = f"Line {fault.line}: {fault.sentence}", fault.line
            faults[fault.line] = (fault.column, fault.sentence)
        else:
            self._state = DraftState.APPLIED
            self._add_problems(layer, faults)
        self._edit.show_faults(faults)
        self.changed.emit()

    def _add_problems(self, layer: Layer, faults: dict[int, tuple[int, str]]) -> None:
        """What the check, or the engine, says about code that can be read."""
        for problem in self._workspace.checks.checked.of(layer.id):
            if problem.parameter == "code" and problem.code != "untrusted_cell" and not self._sentence:
                self._sentence = problem.message
        if self._failure is not None and not self._sentence:
            self._sentence = self._failure.sentence
            self._line = _line_of(self._failure, layer.value("arguments").kind)
            if self._line:
                faults[self._line] = (0, self._sentence)

    def _run_failed(self, failure: Failure) -> None:
        layer = self.layer
        if layer is None or failure.layer is None:
            return
        design = self._workspace.document.design
        if layer.id != failure.layer:
            # An RNN is blamed for the cell in it, where the engine cannot tell them apart.
            blamed = design.find(failure.layer)
            if blamed is None or all(each.id != layer.id for each in blamed.walk()):
                return
        self._failure = failure
        if not self._timer.isActive():
            self._judge()

    def _run_came_through(self, _trace: object) -> None:
        if self._failure is not None:
            self._failure = None
            if not self._timer.isActive():
                self._judge()

    def _design_changed(self, _checked: object) -> None:
        """Undo, redo, a fix, another box of the same class: the editor shows what the design holds."""
        if self._layer_id is None:
            return
        layer = self.layer
        if layer is None or layer.kind != "CustomCell":
            self.close()
            return
        if self._timer.isActive():
            return
        text = _text_of(layer)
        if text != self._edit.text():
            self._showing = True
            try:
                self._edit.show_text(text)
            finally:
                self._showing = False
        self._judge()


def _text_of(layer: Layer) -> str:
    """What the editor shows for a cell: the draft, where there is one."""
    draft = draft_of(layer)
    return str(layer.value("code")) if draft is None else draft


def _is_no_cell(text: str) -> bool:
    try:
        read_cell(text)
    except CodeFault:
        return True
    return False


def _line_of(failure: Failure, class_name: str) -> int:
    """The line of the class's own text that a failure's sentence names; 0 if it names none."""
    found = _OWN_LINE.search(failure.sentence)
    return int(found[2]) if found is not None and found[1] == class_name else 0
