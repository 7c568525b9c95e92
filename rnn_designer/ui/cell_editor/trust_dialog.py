"""The question whether code that came with a file may run, asked with the code in sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rnn_designer.session.trust import code_of
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.cell_editor.code_edit import CodeEdit
from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import interface_font, theme

_SIZE = QSize(840, 640)
_MEANING = (
    "Running it means that this computer does what the code says: in a process of its own, which is limited where the "
    "system allows it, and without being asked again until the code changes."
)
_NAMED = 3


@dataclass(frozen=True)
class ForeignCode:
    """Code that this user has not allowed yet, and the boxes that hold it."""

    code: str
    class_name: str
    boxes: tuple[str, ...]


def foreign_codes(workspace: Workspace) -> tuple[ForeignCode, ...]:
    """Every class of the open design that may not run yet, in the design's order."""
    found: dict[str, ForeignCode] = {}
    for layer in workspace.checks.untrusted:
        code = code_of(layer) or ""
        boxes = found[code].boxes if code in found else ()
        found[code] = ForeignCode(code, layer.value("arguments").kind, (*boxes, layer.name))
    return tuple(found.values())


class TrustDialog(QDialog):
    """Shows one class after the other; what is not allowed stays as it is, and can be allowed later.

    Signals:
        decided(): nothing is left to ask.
    """

    decided = Signal()

    def __init__(
        self, workspace: Workspace, parent: QWidget | None = None, *, layer_id: str | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        waiting = list(foreign_codes(workspace))
        design = workspace.document.design
        layer = design.find(layer_id) if layer_id is not None else None
        if layer is not None:
            # The one that was asked about goes first.
            waiting.sort(key=lambda each: each.code != code_of(layer))
        self._waiting: Sequence[ForeignCode] = waiting
        self._at = 0
        self.setWindowTitle("Code that came with a file")
        self.title = QLabel()
        self.title.setFont(interface_font(12, bold=True))
        self.title.setWordWrap(True)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.meaning = QLabel(_MEANING)
        self.meaning.setWordWrap(True)
        self.meaning.setProperty("role", "hint")
        self.code = CodeEdit(read_only=True)
        self.code.setAccessibleName("The code, to be read")
        self.refuse_button = QPushButton("Don't run")
        self.refuse_button.setToolTip("It stays in the design, drawn and exported, but not run")
        self.run_button = QPushButton("Run this code")
        self.run_button.setAutoDefault(False)
        self.refuse_button.setDefault(True)
        self.refuse_button.clicked.connect(self.reject)
        self.run_button.clicked.connect(self._run)
        self._lay_out()
        room = parent.screen().availableGeometry().size() if parent is not None else _SIZE
        self.resize(_SIZE.boundedTo(room - QSize(24, 64)))
        self._show()

    def _lay_out(self) -> None:
        sign = QLabel()
        sign.setPixmap(icon("warning", theme().warning).pixmap(22, 22))
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.title)
        words.addWidget(self.words)
        head.addLayout(words, 1)
        card = QFrame()
        card.setProperty("role", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(4, 4, 4, 4)
        inside.addWidget(self.code)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.run_button)
        buttons.addWidget(self.refuse_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(card, 1)
        column.addWidget(self.meaning)
        column.addLayout(buttons)

    @property
    def shown(self) -> ForeignCode | None:
        """What is asked about; None if there is nothing to ask."""
        return self._waiting[self._at] if self._at < len(self._waiting) else None

    def _show(self) -> None:
        shown = self.shown
        if shown is None:
            self.title.setText("All code of this design may run")
            self.words.setText("There is nothing to decide.")
            self.run_button.setEnabled(False)
            return
        count = len(self._waiting)
        number = f" ({self._at + 1} of {count})" if count > 1 else ""
        self.title.setText(f"Run the code of {shown.class_name}?{number}")
        path = self._workspace.document.path
        whence = f"came with the file “{path.name}”" if path is not None else "was not typed here"
        self.words.setText(
            f"{_boxes(shown.boxes)} a cell written by hand that {whence}. Read it before it runs."
        )
        self.code.open_text(shown.code)
        self.refuse_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _run(self) -> None:
        shown = self.shown
        if shown is None:
            return
        self._workspace.trust.add(shown.code)
        self._at += 1
        if self.shown is None:
            self.accept()
            self.decided.emit()
        else:
            self._show()


def _boxes(names: tuple[str, ...]) -> str:
    listed = ", ".join(f"‘{name}’" for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{listed}{more} {'are boxes of' if len(names) > 1 else 'is'}"
