"""Problems in place: each one's sentence with the buttons that mend it, updated without making widgets anew."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rnn_designer.design import Problem, Severity
from rnn_designer.session.checks import UNTRUSTED

_ROLES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "muted"}
_FIXES = 3
_ROOM = 260
"""Pixels between the edges of the Properties dock as it comes, beside its scroll bar."""
SHOW_CODE = "Show the code…"
"""The button of a problem with code that may not run before somebody has looked at it."""


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and let the sheet see it."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class _Line(QWidget):
    """One problem. The buttons look their fix up when clicked, so that a change under the click harms nothing."""

    fixed = Signal(object)
    explained = Signal(object)
    code_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problem: Problem | None = None
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.buttons = [self._button(index) for index in range(_FIXES)]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.text)
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.why = QPushButton("Why?")
        self.why.setProperty("role", "link")
        self.why.setToolTip("Read what is behind it under Explain")
        self.why.clicked.connect(self._explain)
        self.code = QPushButton(SHOW_CODE)
        self.code.setProperty("role", "fix")
        self.code.clicked.connect(self._ask_for_code)
        for button in (*self.buttons, self.code, self.why):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        row.addStretch(1)
        layout.addWidget(self._row)

    def _button(self, index: int) -> QPushButton:
        button = QPushButton()
        button.setProperty("role", "fix")
        button.clicked.connect(lambda: self._fix(index))
        return button

    def show_problem(self, problem: Problem) -> None:
        if problem == self._problem:
            self._problem = problem
            return
        self._problem = problem
        self.text.setText(problem.message)
        self.text.setToolTip(f"<p>{escape(problem.why)}</p>" if problem.why else "")
        restyle(self.text, "role", _ROLES[problem.severity])
        self.code.setVisible(problem.code == UNTRUSTED)
        self.code.setAccessibleDescription(problem.message)
        self._row.setVisible(bool(problem.fixes or problem.why or problem.code == UNTRUSTED))
        self.why.setVisible(bool(problem.why))
        self.why.setAccessibleDescription(problem.message)
        for index, button in enumerate(self.buttons):
            there = index < len(problem.fixes) and index < (3 if self._short(problem) else 1)
            button.setVisible(there)
            if there:
                self._label(button, problem.fixes[index].label)
                button.setAccessibleDescription(problem.message)
        self._arrange()

    @staticmethod
    def _label(button: QPushButton, label: str) -> None:
        """The label, cut where it alone would push the form out of its dock; whole as its tip."""
        button.ensurePolished()
        button.setText(label)
        frame = button.sizeHint().width() - button.fontMetrics().horizontalAdvance(label)
        shown = button.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, _ROOM - frame)
        button.setText(shown)
        button.setToolTip("" if shown == label else label)
        button.setAccessibleName(label)

    def _arrange(self) -> None:
        """Buttons side by side, or one below the other where that would be too wide."""
        shown = [each for each in (*self.buttons, self.code, self.why) if not each.isHidden()]
        for each in shown:
            each.ensurePolished()
        width = sum(each.sizeHint().width() + 4 for each in shown) - 4
        row = self._row.layout()
        assert isinstance(row, QBoxLayout)
        row.setDirection(
            QBoxLayout.Direction.LeftToRight if width <= _ROOM else QBoxLayout.Direction.TopToBottom
        )

    @staticmethod
    def _short(problem: Problem) -> bool:
        return sum(len(fix.label) + 6 for fix in problem.fixes[:_FIXES]) < 34

    def _fix(self, index: int) -> None:
        if self._problem is not None and index < len(self._problem.fixes):
            self.fixed.emit(self._problem.fixes[index])

    def _ask_for_code(self) -> None:
        if self._problem is not None:
            self.code_asked.emit(self._problem)

    def _explain(self) -> None:
        if self._problem is not None:
            self.explained.emit(self._problem)


class ProblemLines(QWidget):
    """The problems of one field or layer.

    Signals:
        fixed(fix): the user chose a fix; whoever owns the document applies its edit.
        explained(problem): the user asks why.
        code_asked(problem): the user wants to see the code that may not run yet.
    """

    fixed = Signal(object)
    explained = Signal(object)
    code_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[_Line] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 2)
        self._layout.setSpacing(6)
        self.hide()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show exactly these."""
        while len(self._lines) < len(problems):
            line = _Line(self)
            line.fixed.connect(self.fixed)
            line.explained.connect(self.explained)
            line.code_asked.connect(self.code_asked)
            self._lines.append(line)
            self._layout.addWidget(line)
        for index, line in enumerate(self._lines):
            line.setVisible(index < len(problems))
            if index < len(problems):
                line.show_problem(problems[index])
        self.setVisible(bool(problems))
