"""The design's own properties, shown while no layer is selected: name, seed and notes."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from rnn_designer.catalog import Integer
from rnn_designer.design import Checked, Design, Edit, Problem, edits
from rnn_designer.session.document import Document
from rnn_designer.ui.properties.editors import NumberEditor
from rnn_designer.ui.properties.header import total_text
from rnn_designer.ui.properties.row import LABEL_WIDTH
from rnn_designer.ui.widgets.editing import try_edit
from rnn_designer.ui.widgets.labels import ScrubLabel
from rnn_designer.ui.widgets.problem_lines import ProblemLines, restyle


class _Notes(QPlainTextEdit):
    """The notes; typing on is one undo step until the focus leaves."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class DesignPage(QWidget):
    """Name, seed and notes of the design, with a line of help.

    Signals:
        fixed(fix): a fix of a problem of the design as a whole was chosen.
        explained(problem): the user asks why something is a problem.
    """

    fixed = Signal(object)
    explained = Signal(object)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        heading = QLabel("Design")
        heading.setProperty("role", "heading")
        self._facts = QLabel()
        self._facts.setProperty("role", "muted")
        self.problems = ProblemLines()
        self.problems.fixed.connect(self.fixed)
        self.problems.explained.connect(self.explained)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the design")
        self.name.setToolTip("Also the name of the exported model.")
        self.name.textEdited.connect(
            lambda text: self._apply(edits.set_name(text), "Name the design", "name")
        )
        self.name.editingFinished.connect(self._leave_name)
        self.seed = NumberEditor(Integer(minimum=0, maximum=2**32 - 1))
        self.seed.name("Seed")
        self.seed.wanted.connect(self._seed)
        self.seed.finished.connect(document.seal)
        self.notes = _Notes()
        self.notes.setProperty("role", "field")
        self.notes.setAccessibleName("Notes")
        self.notes.setTabChangesFocus(True)
        self.notes.setPlaceholderText("What this design is for. The first line shows in the gallery.")
        self.notes.textChanged.connect(self._note)
        self.notes.left.connect(document.seal)
        self._message = QLabel()
        self._message.setProperty("role", "error")
        self._message.setWordWrap(True)
        self._message.hide()
        help_text = QLabel(
            "Click a layer to set its parameters. Select several of one type to set them together. "
            "The seed decides the random weights that a layer starts with: the same seed, the same numbers."
        )
        help_text.setProperty("role", "hint")
        help_text.setWordWrap(True)
        line = QFrame()
        line.setProperty("role", "line")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        top = QHBoxLayout()
        top.addWidget(heading)
        top.addWidget(self._facts, 1)
        layout.addLayout(top)
        layout.addWidget(self.problems)
        layout.addLayout(self._row(ScrubLabel("name"), self.name))
        seed_label = ScrubLabel("seed", scrubs=True)
        seed_label.scrubbed.connect(self.seed.scrub)
        seed_label.scrub_ended.connect(self.seed.end_scrub)
        layout.addLayout(self._row(seed_label, self.seed))
        layout.addWidget(self._message)
        layout.addWidget(ScrubLabel("notes"))
        # The style sheet sets the field's own limits, so the height is its frame's.
        frame = QWidget()
        frame.setFixedHeight(104)
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.notes)
        layout.addWidget(frame)
        layout.addWidget(line)
        layout.addWidget(help_text)

    @staticmethod
    def _row(label: QLabel, field: QWidget) -> QHBoxLayout:
        label.setFixedWidth(LABEL_WIDTH)
        label.setBuddy(field)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(label)
        row.addWidget(field, 1)
        return row

    def show_design(self, design: Design, checked: Checked) -> None:
        """Show the design's values, leaving alone what is being typed while it stands for them."""
        layers = len(design.layers)
        self._facts.setText(f"{layers} layer{'s' * (layers != 1)} · {total_text(checked)}")
        wrong: list[Problem] = [each for each in checked.problems if each.layer is None]
        self.problems.show_problems(wrong)
        if self.name.text().strip() != design.name and not (
            self.name.hasFocus() and self._message.isVisible()
        ):
            self.name.setText(design.name)
            self.name.setCursorPosition(0)
        self.seed.show_value(design.seed)
        if self.notes.toPlainText() != design.notes:
            blocked = self.notes.blockSignals(True)
            self.notes.setPlainText(design.notes)
            self.notes.blockSignals(blocked)

    def _apply(self, edit: Edit, label: str, field: str) -> None:
        refused = try_edit(self._document, edit, label, f"design {field}")
        self._message.setText(refused or "")
        self._message.setVisible(bool(refused))
        if field == "name":
            restyle(self.name, "state", "bad" if refused else "")
        if field == "seed":
            self.seed.mark(bool(refused))

    def _leave_name(self) -> None:
        self._document.seal()
        if self.name.text() != self._document.design.name:
            self.name.setText(self._document.design.name)
            self._message.hide()
            restyle(self.name, "state", "")

    def _seed(self, value: object) -> None:
        self._apply(edits.set_seed(value), "Set the seed", "seed")  # type: ignore[arg-type]

    def _note(self) -> None:
        self._apply(edits.set_notes(self.notes.toPlainText()), "Write notes", "notes")
