"""One line of the problem list: mark, sentence, the buttons that mend it, and "Why?"."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rnn_designer.design import Problem, Severity
from rnn_designer.session.checks import UNTRUSTED
from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import FIELD_RADIUS, interface_font, theme
from rnn_designer.ui.widgets.flow import FlowLayout
from rnn_designer.ui.widgets.problem_lines import SHOW_CODE

ICON = 16
MARKS = {
    Severity.ERROR: ("error", "Error"),
    Severity.WARNING: ("warning", "Warning"),
    Severity.INFORMATION: ("information", "Information"),
}
_FIXES = 3
_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -5,
    Qt.Key.Key_PageDown: 5,
    Qt.Key.Key_Home: -(10**6),
    Qt.Key.Key_End: 10**6,
}


class ProblemRow(QWidget):
    """One problem, updated in place.

    Signals:
        fixed(fix): a fix button was pressed.
        all_wanted(code): "Fix all" was pressed.
        wanted(layer_id): the row was clicked.
        explained(problem): "Why?" was pressed.
        code_asked(problem): "Show the code…" was pressed.
        moved(steps): the keyboard goes that many rows on.
    """

    fixed = Signal(object)
    all_wanted = Signal(str)
    wanted = Signal(str)
    explained = Signal(object)
    code_asked = Signal(object)
    moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problem: Problem | None = None
        self._marked = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title = QLabel(self)
        self.title.setProperty("role", "section")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setContentsMargins(0, 4, 0, 0)
        self._mark = QLabel(self)
        self._mark.setFixedSize(QSize(ICON + 2, ICON + 2))
        self.text = QLabel(self)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.fixes = [self._fix_button(index) for index in range(_FIXES)]
        self.all_button = QPushButton(self)
        self.all_button.setProperty("role", "fix")
        self.all_button.clicked.connect(self._fix_all)
        self.why_button = QPushButton("Why?", self)
        self.why_button.setProperty("role", "link")
        self.why_button.setToolTip("Read what is behind it under Explain (F1)")
        self.why_button.clicked.connect(self._explain)
        self.code_button = QPushButton(SHOW_CODE, self)
        self.code_button.setProperty("role", "fix")
        self.code_button.clicked.connect(self._ask_for_code)
        self._lay_out()

    @property
    def problem(self) -> Problem | None:
        """What the row is about."""
        return self._problem

    def show_problem(self, problem: Problem, title: str, alike: int = 0) -> None:
        """Show a problem.

        Args:
            problem: which.
            title: the layer's name, above the first problem of a layer; empty for none.
            alike: how many problems of the same kind "Fix all" mends; 0 offers no such button.
        """
        self._problem = problem
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.text.setText(problem.message)
        for index, button in enumerate(self.fixes):
            there = index < len(problem.fixes)
            button.setVisible(there)
            if there:
                button.setText(problem.fixes[index].label)
                button.setToolTip(problem.fixes[index].label)
                button.setAccessibleDescription(problem.message)
        self.all_button.setVisible(alike > 1)
        if alike > 1:
            self.all_button.setText(f"Fix all {alike} like this")
            self.all_button.setToolTip(
                f"Apply the first fix to all {alike} problems of this kind, as one undo step"
            )
        self.why_button.setVisible(bool(problem.why))
        self.why_button.setAccessibleDescription(problem.message)
        self.code_button.setVisible(problem.code == UNTRUSTED)
        self.code_button.setAccessibleDescription(problem.message)
        self._buttons.setVisible(bool(problem.fixes or problem.why or problem.code == UNTRUSTED))
        self.setAccessibleName(f"{MARKS[problem.severity][1]}: {problem.message}")
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if problem.layer is not None else Qt.CursorShape.ArrowCursor
        )
        self.dress()

    def set_marked(self, marked: bool) -> None:
        """Tint the row because its layer is selected."""
        if marked != self._marked:
            self._marked = marked
            self.update()

    def dress(self) -> None:
        """Take the colours of the theme in force."""
        if self._problem is not None:
            name, word = MARKS[self._problem.severity]
            self._mark.setPixmap(icon(name, getattr(theme(), name)).pixmap(ICON, ICON))
            self._mark.setToolTip(word)
        self.title.setFont(interface_font(9, bold=True))
        self.update()

    def _fix_button(self, index: int) -> QPushButton:
        button = QPushButton(self)
        button.setProperty("role", "fix")
        button.clicked.connect(lambda: self._fix(index))
        return button

    def _lay_out(self) -> None:
        self._buttons = QWidget(self)
        buttons = FlowLayout(self._buttons)
        buttons.setContentsMargins(0, 2, 0, 2)
        for button in (*self.fixes, self.all_button, self.code_button, self.why_button):
            buttons.addWidget(button)
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(3)
        words.addWidget(self.text)
        words.addWidget(self._buttons)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 5, 8, 5)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addLayout(line)

    def _fix(self, index: int) -> None:
        # Looked up now: the list may have changed under a slow click.
        if self._problem is not None and index < len(self._problem.fixes):
            self.fixed.emit(self._problem.fixes[index])

    def _fix_all(self) -> None:
        if self._problem is not None:
            self.all_wanted.emit(self._problem.code)

    def _explain(self) -> None:
        if self._problem is not None:
            self.explained.emit(self._problem)

    def _ask_for_code(self) -> None:
        if self._problem is not None:
            self.code_asked.emit(self._problem)

    def _want(self) -> None:
        if self._problem is not None and self._problem.layer is not None:
            self.wanted.emit(self._problem.layer)

    # Qt's own

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tint under the mouse or for the selected layer, a ring for the keyboard."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.color("accent"), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
        tint = look.color("accent_soft" if self._marked else "field")
        painter.setBrush(tint if self._marked or self.underMouse() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), FIELD_RADIUS, FIELD_RADIUS)
        painter.end()
        super().paintEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Bring the layer into sight."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._want()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter brings the layer into sight; up, down, page, Home and End walk the list."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._want()
        elif key in _STEPS:
            self.moved.emit(_STEPS[key])
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Tint."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Tint no more."""
        super().leaveEvent(event)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Ring."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Ring no more."""
        super().focusOutEvent(event)
        self.update()
