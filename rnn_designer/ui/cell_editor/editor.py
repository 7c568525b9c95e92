"""The panel in which a cell is written: what it is called and where it is used, its text, and what is wrong with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from rnn_designer.design import Layer
from rnn_designer.design.edits.cell_code import boxes_of
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.cell_editor.code_edit import CodeEdit
from rnn_designer.ui.cell_editor.draft import CellDraft, DraftState
from rnn_designer.ui.cell_editor.find_bar import FindBar
from rnn_designer.ui.cell_editor.templates import TemplateButton
from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.widgets.labels import ElidedLabel
from rnn_designer.ui.widgets.mark import FamilyMark

_ICON = 16
_KEYS = "Tab indents · Ctrl+F finds · Ctrl+/ comments · F6 leaves"
_FOREIGN = (
    "This code came with a file and has not run here. It runs once you say so; until then its layer, and what hangs "
    "on it, is not traced."
)


class CellEditor(QWidget):
    """Writes one custom cell at a time.

    Signals:
        trust_wanted(layer_id): the user wants to decide whether code from a file may run.
        closed(): the cell is gone, so that there is nothing to write.
    """

    trust_wanted = Signal(str)
    closed = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.edit = CodeEdit()
        self.edit.setAccessibleName("Code of the cell")
        self.draft = CellDraft(workspace, self.edit, self)
        self.find_bar = FindBar(self.edit)
        self.templates = TemplateButton()
        self._make_head()
        self._make_foreign()
        self._make_foot()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head)
        column.addWidget(self._foreign)
        column.addWidget(_line())
        column.addWidget(self.edit, 1)
        column.addWidget(_line())
        column.addWidget(self.find_bar)
        column.addWidget(self._foot)
        self.edit.find_wanted.connect(self.find_bar.open)
        self.templates.picked.connect(self.draft.replace)
        self.templates.picked.connect(lambda _code: self.edit.setFocus(Qt.FocusReason.OtherFocusReason))
        self.draft.changed.connect(self._show)
        workspace.trust.changed.connect(self._show)
        keeper().changed.connect(self._show)
        self._show()

    def _make_head(self) -> None:
        self._mark = FamilyMark(10)
        self.title = ElidedLabel(role="heading")
        self.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.title.setFont(interface_font(10.5, bold=True))
        self.facts = ElidedLabel()
        self.apply_button = QPushButton("Apply")
        self.apply_button.setToolTip("Use this code now instead of after a pause (Ctrl+Enter)")
        self.apply_button.clicked.connect(self.draft.finish)
        self._head = QHBoxLayout()
        self._head.setContentsMargins(12, 6, 10, 6)
        self._head.setSpacing(6)
        self._head.addWidget(self._mark)
        self._head.addWidget(self.title)
        self._head.addWidget(self.facts, 1)
        self._head.addWidget(self.templates)
        self._head.addWidget(self.apply_button)

    def _make_foreign(self) -> None:
        self._foreign = QFrame()
        words = QLabel(_FOREIGN)
        words.setWordWrap(True)
        self.trust_button = QPushButton("Decide…")
        self.trust_button.setProperty("role", "fix")
        self.trust_button.clicked.connect(self._want_trust)
        card = QFrame()
        card.setProperty("role", "hint")
        row = QHBoxLayout(card)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(words, 1)
        row.addWidget(self.trust_button, 0, Qt.AlignmentFlag.AlignVCenter)
        around = QHBoxLayout(self._foreign)
        around.setContentsMargins(10, 0, 10, 8)
        around.addWidget(card)
        self._foreign.hide()

    def _make_foot(self) -> None:
        self._foot = QWidget()
        self._sign = QLabel()
        self._sign.setFixedSize(_ICON + 2, _ICON + 2)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.go_button = QPushButton()
        self.go_button.setProperty("role", "fix")
        self.go_button.clicked.connect(lambda: self.edit.go_to(self.draft.line))
        row = QHBoxLayout(self._foot)
        row.setContentsMargins(12, 6, 10, 6)
        row.setSpacing(8)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.message, 1)
        row.addWidget(self.go_button, 0, Qt.AlignmentFlag.AlignTop)

    def open(self, layer_id: str) -> None:
        """Write the cell of a layer, with the keyboard in its text."""
        self.draft.open(layer_id)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _want_trust(self) -> None:
        layer = self.draft.layer
        if layer is not None:
            self.trust_wanted.emit(layer.id)

    # What is shown around the text.

    def _show(self) -> None:
        layer = self.draft.layer
        self.edit.setEnabled(layer is not None)
        self.templates.setEnabled(layer is not None)
        self.apply_button.setEnabled(layer is not None and self.draft.state is DraftState.TYPING)
        if layer is None:
            self._foreign.hide()
            self.title.show_text("No cell")
            self.facts.show_text("")
            self._say("", "Select a custom cell and press “Edit code…”.")
            self.closed.emit()
            return
        self._mark.show_kind(layer.kind)
        cell = self.draft.cell
        if cell is not None:
            self.title.show_text(cell.class_name)
        elif self.title.whole_text() in ("", "No cell"):
            self.title.show_text(str(layer.value("arguments").kind))
        self.facts.show_text(self._where(layer))
        self._foreign.setVisible(not self._workspace.trust.knows(layer.value("code")))
        self._show_state()

    def _where(self, layer: Layer) -> str:
        boxes = boxes_of(self._workspace.document.design, layer.id)
        if len(boxes) <= 1:
            return f"in ‘{layer.name}’"
        others = len(boxes) - 1
        return f"in ‘{layer.name}’ and {others} more box" + "es" * (others > 1) + ", which change with it"

    def _show_state(self) -> None:
        draft = self.draft
        if draft.state is DraftState.FAULTY:
            self._say("error", f"{draft.sentence} The last code that was whole stays in use.")
        elif draft.state is DraftState.TYPING and draft.sentence:
            # What is being mended stays in sight until it is read again: a line that comes and goes moves the text.
            return
        elif draft.sentence:
            self._say("error", draft.sentence)
        elif draft.state is DraftState.TYPING:
            self._say("", "Applied as soon as you pause.")
        elif not self._foreign.isHidden():
            self._say("", f"Not run yet. {_KEYS}")
        else:
            self._say("check", f"In use. {_KEYS}")
        self.go_button.setText(f"Go to line {draft.line}")
        self.go_button.setVisible(bool(draft.line) and bool(draft.sentence))

    def _say(self, sign: str, sentence: str) -> None:
        look = theme()
        color = look.error if sign == "error" else look.live
        self._sign.setPixmap(icon(sign, color).pixmap(_ICON, _ICON) if sign else QPixmap())
        self.message.setText(sentence)
        role = "" if sign == "error" else "muted"
        if self.message.property("role") != role:
            self.message.setProperty("role", role)
            self.message.style().unpolish(self.message)
            self.message.style().polish(self.message)
        self.go_button.hide()


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("role", "line")
    return line
