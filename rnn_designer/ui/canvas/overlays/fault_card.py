"""The card beside a faulty box: what is wrong, the buttons that mend it, and why it is so."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rnn_designer.design import Fix, Problem, Severity
from rnn_designer.session.checks import UNTRUSTED
from rnn_designer.ui.canvas.overlays.surface import dress_as_card
from rnn_designer.ui.theme import theme
from rnn_designer.ui.widgets.problem_lines import SHOW_CODE

_WIDTH = 232
_WIDEST = 340
"""A card grows with the texts of its buttons up to this; longer ones are cut off and told in full by tooltip."""
_SIDE = 12
_BORDER = 1


class FaultCard(QFrame):
    """Shows the problems of one layer, worst first.

    Signals:
        fix_wanted(problem, fix): a button that mends a problem was pressed.
        explained(problem): its "Why?" was pressed.
        code_asked(problem): its "Show the code…" was pressed.
        closed(): the card went away.
    """

    fix_wanted = Signal(object, object)
    explained = Signal(object)
    code_asked = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("fault_card")
        self.setAccessibleName("Problems of the layer")
        self._room = _WIDTH - 2 * _SIDE
        self.layer_id: str | None = None
        self._problems: tuple[Problem, ...] = ()
        self._body: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_problems(self, layer_id: str, problems: Sequence[Problem]) -> None:
        """Fill the card; it stays where it is until it is moved."""
        self.layer_id = layer_id
        new = tuple(problems)
        if self._body is None or [(p.message, p.fixes) for p in new] != [
            (p.message, p.fixes) for p in self._problems
        ]:
            self._fill(new)
        self._problems = new
        self._settle()
        worst = max((each.severity for each in new), default=Severity.WARNING)
        dress_as_card(self, theme().error if worst is Severity.ERROR else theme().warning)
        self.adjustSize()

    def _settle(self) -> None:
        """Give every sentence the height that it needs in its width: Qt guesses too much."""
        for label in self.findChildren(QLabel):
            label.ensurePolished()
            label.setFixedHeight(max(0, label.heightForWidth(label.width())))

    def dismiss(self) -> None:
        """Close the card."""
        if self.isHidden():
            return
        self.layer_id = None
        self.hide()
        self.closed.emit()

    def focus_first(self) -> None:
        """Give the keyboard to the first button."""
        button = self.findChild(QPushButton)
        (button or self).setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self, problems: Sequence[Problem]) -> None:
        old = self._body
        body = QWidget(self)
        rows = QVBoxLayout(body)
        rows.setContentsMargins(_SIDE, 10, _SIDE, 10)
        rows.setSpacing(8)
        buttons = [[self._fix_button(problem, fix, body) for fix in problem.fixes] for problem in problems]
        widest = max((each.sizeHint().width() for made in buttons for each in made), default=0)
        self._room = max(_WIDTH - 2 * _SIDE, min(widest, _WIDEST - 2 * (_SIDE + _BORDER)))
        self.setFixedWidth(self._room + 2 * (_SIDE + _BORDER))
        for index, problem in enumerate(problems):
            if index:
                line = QFrame(body)
                line.setProperty("role", "line")
                rows.addWidget(line)
            self._add(problem, buttons[index], rows, body)
        self._column.addWidget(body)
        self._body = body
        if old is not None:
            # A button inside may be what asked for this: it goes once its signal is through.
            old.hide()
            self._column.removeWidget(old)
            old.deleteLater()

    def _fix_button(self, problem: Problem, fix: Fix, body: QWidget) -> QPushButton:
        button = QPushButton(fix.label, body)
        button.setProperty("role", "fix")
        button.setAutoDefault(True)
        button.clicked.connect(lambda: self.fix_wanted.emit(problem, fix))
        button.ensurePolished()
        excess = button.sizeHint().width() - (_WIDEST - 2 * (_SIDE + _BORDER))
        if excess > 0:
            metrics = button.fontMetrics()
            room = metrics.horizontalAdvance(fix.label) - excess
            button.setText(metrics.elidedText(fix.label, Qt.TextElideMode.ElideRight, room))
            button.setToolTip(fix.label)
            button.setAccessibleName(fix.label)
        return button

    def _add(self, problem: Problem, made: list[QPushButton], rows: QVBoxLayout, body: QWidget) -> None:
        sentence = _wrapping(problem.message, self._room, body)
        rows.addWidget(sentence)
        why = _wrapping(problem.why, self._room, body)
        why.setProperty("role", "hint")
        why.hide()
        if problem.code == UNTRUSTED:
            show = QPushButton(SHOW_CODE, body)
            show.setProperty("role", "fix")
            show.setAutoDefault(True)
            show.clicked.connect(lambda: self.code_asked.emit(problem))
            made.append(show)
        if problem.why:
            toggle = QPushButton("Why?", body)
            toggle.setProperty("role", "link")
            toggle.setCheckable(True)
            toggle.toggled.connect(lambda shown: self._explain(problem, why, shown))
            made.append(toggle)
        self._add_in_rows(made, rows)
        rows.addWidget(why)

    def _add_in_rows(self, buttons: Sequence[QPushButton], rows: QVBoxLayout) -> None:
        """As many buttons beside one another as fit."""
        room, line = 0, QHBoxLayout()
        for button in buttons:
            button.ensurePolished()
            wanted = button.sizeHint().width() + 6
            if line.count() and room < wanted:
                line.addStretch(1)
                rows.addLayout(line)
                line = QHBoxLayout()
            if not line.count():
                room = self._room
                line.setSpacing(6)
            line.addWidget(button)
            room -= wanted
        if line.count():
            line.addStretch(1)
            rows.addLayout(line)

    def _explain(self, problem: Problem, why: QLabel, shown: bool) -> None:
        why.setVisible(shown)
        if shown:
            self.explained.emit(problem)
        if self._body is not None:
            self._body.adjustSize()
        self.adjustSize()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the card."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)


def _wrapping(text: str, width: int, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setWordWrap(True)
    label.setFixedWidth(width)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
