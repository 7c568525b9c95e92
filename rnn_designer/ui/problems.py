"""The problem list: every problem of the design by layer, each with the buttons that mend it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from rnn_designer.design import Checked, Design, Fix, Problem, Severity
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.icons import icon
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import FIELD_RADIUS, interface_font, keeper, theme
from rnn_designer.ui.widgets.flow import FlowLayout

_FIXES = 3
_ICON = 16
_MARKS = {
    Severity.ERROR: ("error", "Error"),
    Severity.WARNING: ("warning", "Warning"),
    Severity.INFORMATION: ("information", "Information"),
}


class ProblemsPanel(QWidget):
    """Lists what the check found; rows are updated in place.

    Signals:
        count_changed(errors, warnings, information): how many of each there are now.
    """

    count_changed = Signal(int, int, int)

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
        self._rows: list[ProblemRow] = []
        self._shown: list[Problem] = []
        self._explained: set[tuple[str | None, str | None, str]] = set()
        self._counts = (0, 0, 0)
        self._list = QWidget(self)
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(8, 6, 8, 8)
        self._column.setSpacing(2)
        self._column.addStretch(1)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._list)
        self._empty = QLabel("No problems", self)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._empty, 1)
        outer.addWidget(self._area, 1)
        workspace.checks.changed.connect(self._show)
        selection.changed.connect(self._mark)
        keeper().changed.connect(self._dress)
        self._show(workspace.checks.checked)

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many errors, warnings and pieces of information there are."""
        return self._counts

    @property
    def rows(self) -> tuple[ProblemRow, ...]:
        """The rows in sight, top first."""
        return tuple(self._rows[: len(self._shown)])

    def first_fix(self) -> bool:
        """Apply the first fix of the worst problem, of the selected layers if they have one that can be mended.

        Returns:
            Whether there was anything to apply.
        """
        mendable = [problem for problem in self._shown if problem.fixes]
        selected = [problem for problem in mendable if problem.layer in self._selection.ids]
        worst = max(selected or mendable, key=lambda problem: problem.severity, default=None)
        return worst is not None and self._apply(worst.fixes[0])

    def _apply(self, fix: Fix) -> bool:
        return self._workspace.document.apply(fix.edit, fix.label)

    def _show(self, checked: Checked) -> None:
        self._shown = _by_layer(checked)
        while len(self._rows) < len(self._shown):
            self._rows.append(self._new_row())
        before: str | None = ""
        for index, row in enumerate(self._rows):
            row.setVisible(index < len(self._shown))
            if index >= len(self._shown):
                continue
            problem = self._shown[index]
            title = _title(checked.design, problem.layer) if problem.layer != before else ""
            before = problem.layer
            row.show_problem(problem, title, _key(problem) in self._explained)
        self._area.setVisible(bool(self._shown))
        self._empty.setVisible(not self._shown)
        self._mark()
        of = [problem.severity for problem in checked.problems]
        counts = (of.count(Severity.ERROR), of.count(Severity.WARNING), of.count(Severity.INFORMATION))
        if counts != self._counts:
            self._counts = counts
            self.count_changed.emit(*counts)

    def _new_row(self) -> ProblemRow:
        row = ProblemRow(self._list)
        row.fixed.connect(self._apply)
        row.wanted.connect(self._selection.reveal)
        row.explained.connect(self._explain)
        self._column.insertWidget(len(self._rows), row)
        return row

    def _explain(self, problem: Problem, explained: bool) -> None:
        if explained:
            self._explained.add(_key(problem))
        else:
            self._explained.discard(_key(problem))

    def _mark(self) -> None:
        for row, problem in zip(self._rows, self._shown, strict=False):
            row.set_marked(problem.layer is not None and problem.layer in self._selection.ids)

    def _dress(self) -> None:
        for row in self._rows:
            row.dress()


def _key(problem: Problem) -> tuple[str | None, str | None, str]:
    return problem.layer, problem.parameter, problem.code


def _by_layer(checked: Checked) -> list[Problem]:
    places = {layer.id: place for place, layer in enumerate(checked.design.walk())}
    return sorted(checked.problems, key=lambda each: places.get(each.layer or "", -1))


def _title(design: Design, layer_id: str | None) -> str:
    layer = None if layer_id is None else design.find(layer_id)
    return "The whole design" if layer is None else f"{layer.name} · {layer.kind}"


class ProblemRow(QWidget):
    """One problem: its mark, its sentence, its fixes, and why it is one.

    Signals:
        fixed(fix): a fix button was pressed.
        wanted(layer_id): the row was clicked.
        explained(problem, shown): "Why?" was opened or closed.
    """

    fixed = Signal(object)
    wanted = Signal(str)
    explained = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problem: Problem | None = None
        self._marked = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.title = QLabel(self)
        self.title.setProperty("role", "section")
        self.title.setContentsMargins(0, 4, 0, 0)
        self._mark = QLabel(self)
        self._mark.setFixedSize(QSize(_ICON + 2, _ICON + 2))
        self.text = self._label("")
        self.why = self._label("muted")
        self.fixes = [self._fix_button(index) for index in range(_FIXES)]
        self.why_button = QPushButton("Why?", self)
        self.why_button.setProperty("role", "link")
        self.why_button.setCheckable(True)
        self.why_button.toggled.connect(self._toggle_why)
        self._lay_out()

    @property
    def problem(self) -> Problem | None:
        """What the row is about."""
        return self._problem

    def show_problem(self, problem: Problem, title: str, explained: bool) -> None:
        """Show a problem, with the layer's name above it if it is the first of that layer."""
        self._problem = problem
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.text.setText(problem.message)
        self.why.setText(problem.why)
        for index, button in enumerate(self.fixes):
            there = index < len(problem.fixes)
            button.setVisible(there)
            if there:
                button.setText(problem.fixes[index].label)
                button.setAccessibleDescription(problem.message)
        self.why_button.setVisible(bool(problem.why))
        self._buttons.setVisible(bool(problem.fixes or problem.why))
        blocked = self.why_button.blockSignals(True)
        self.why_button.setChecked(explained and bool(problem.why))
        self.why_button.blockSignals(blocked)
        self.why.setVisible(self.why_button.isChecked())
        self.setAccessibleName(f"{_MARKS[problem.severity][1]}: {problem.message}")
        self.dress()

    def set_marked(self, marked: bool) -> None:
        """Tint the row because its layer is selected."""
        if marked != self._marked:
            self._marked = marked
            self.update()

    def dress(self) -> None:
        """Take the colours of the theme in force."""
        if self._problem is not None:
            name, word = _MARKS[self._problem.severity]
            self._mark.setPixmap(icon(name, getattr(theme(), name)).pixmap(_ICON, _ICON))
            self._mark.setToolTip(word)
        self.title.setFont(interface_font(9, bold=True))
        self.update()

    def _label(self, role: str) -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            label.setProperty("role", role)
        return label

    def _fix_button(self, index: int) -> QPushButton:
        button = QPushButton(self)
        button.setProperty("role", "fix")
        button.clicked.connect(lambda: self._fix(index))
        return button

    def _lay_out(self) -> None:
        self._buttons = QWidget(self)
        buttons = FlowLayout(self._buttons)
        buttons.setContentsMargins(0, 2, 0, 2)
        for button in (*self.fixes, self.why_button):
            buttons.addWidget(button)
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(3)
        for each in (self.text, self._buttons, self.why):
            words.addWidget(each)
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

    def _toggle_why(self, shown: bool) -> None:
        self.why.setVisible(shown)
        if self._problem is not None:
            self.explained.emit(self._problem, shown)

    def _fix(self, index: int) -> None:
        # Looked up now: the list may have changed under a slow click.
        if self._problem is not None and index < len(self._problem.fixes):
            self.fixed.emit(self._problem.fixes[index])

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
        """Enter brings the layer into sight."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._want()
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
