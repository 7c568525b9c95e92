"""The problem list: every problem of the design by layer, each with the buttons that mend it."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.design import Checked, Design, Edit, Fix, Problem, Refused, Severity, check
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.icons import icon
from rnn_designer.ui.problem_row import MARKS, ProblemRow
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import keeper, theme

_NUMEROUS = 3
"""More pieces of information than this hide behind their chip until they are asked for."""

_WORDS = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFORMATION: ("piece of information", "pieces of information"),
}


class ProblemsPanel(QWidget):
    """Lists what the check found; rows are updated in place.

    Attributes:
        chips: one button per severity that shows or hides its problems; the window may put it elsewhere.

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
        self._counts = (0, 0, 0)
        self._chosen: dict[Severity, bool] = {}
        self._make_chips()
        self._make_list()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.addStretch(1)
        row.addWidget(self.chips)
        outer.addLayout(row)
        outer.addWidget(self._empty, 1)
        outer.addWidget(self._area, 1)
        workspace.checks.changed.connect(self._show)
        selection.changed.connect(self._mark)
        keeper().changed.connect(self._dress)
        self._show(workspace.checks.checked)
        self._dress()

    def _make_chips(self) -> None:
        self.chips = QWidget(self)
        row = QHBoxLayout(self.chips)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self._chips: dict[Severity, QPushButton] = {}
        for severity in MARKS:
            chip = QPushButton(self.chips)
            chip.setProperty("role", "chip")
            chip.setCheckable(True)
            chip.setIconSize(QSize(13, 13))
            chip.clicked.connect(lambda on, severity=severity: self.show_severity(severity, on))
            row.addWidget(chip)
            self._chips[severity] = chip

    def _make_list(self) -> None:
        self._list = QWidget(self)
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(8, 6, 8, 8)
        self._column.setSpacing(2)
        self._more = QPushButton(self._list)
        self._more.setProperty("role", "link")
        self._more.clicked.connect(self._show_everything)
        self._column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addStretch(1)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._list)
        self._empty = QLabel("No problems", self)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many errors, warnings and pieces of information there are, hidden ones included."""
        return self._counts

    @property
    def rows(self) -> tuple[ProblemRow, ...]:
        """The rows in sight, top first."""
        return tuple(self._rows[: len(self._shown)])

    def chip(self, severity: Severity) -> QPushButton:
        """The button that shows or hides the problems of a severity."""
        return self._chips[severity]

    def show_severity(self, severity: Severity, shown: bool) -> None:
        """Show or hide the problems of a severity from now on."""
        self._chosen[severity] = shown
        self._show(self._workspace.checks.checked)

    def first_fix(self) -> bool:
        """Apply the first fix of the row that has the keyboard, or else of the worst problem.

        The worst of the selected layers goes first if they have one that can be mended.

        Returns:
            Whether there was anything to apply.
        """
        mendable = [problem for problem in self._shown if problem.fixes]
        focused = [problem for problem in mendable if problem is self.focused]
        selected = [problem for problem in mendable if problem.layer in self._selection.ids]
        worst = max(focused or selected or mendable, key=lambda problem: problem.severity, default=None)
        return worst is not None and self._apply(worst.fixes[0])

    @property
    def focused(self) -> Problem | None:
        """The problem whose row, or a button of it, has the keyboard."""
        holder = QApplication.focusWidget()
        for row in self.rows:
            if holder is not None and (row is holder or row.isAncestorOf(holder)):
                return row.problem
        return None

    def fix_all(self, code: str) -> bool:
        """Mend every problem of a kind with its first fix, as one undo step; whether anything changed."""
        alike = [each for each in self._workspace.checks.checked.problems if each.code == code and each.fixes]
        if not alike:
            return False
        return self._workspace.document.apply(
            mend_all(code, len(alike)), f"{alike[0].fixes[0].label} ({len(alike)} problems of this kind)"
        )

    def _apply(self, fix: Fix) -> bool:
        return self._workspace.document.apply(fix.edit, fix.label)

    def _shows(self, severity: Severity) -> bool:
        if severity in self._chosen:
            return self._chosen[severity]
        return severity is not Severity.INFORMATION or self._counts[2] <= _NUMEROUS

    def _show(self, checked: Checked) -> None:
        of = Counter(problem.severity for problem in checked.problems)
        counts = (of[Severity.ERROR], of[Severity.WARNING], of[Severity.INFORMATION])
        changed, self._counts = counts != self._counts, counts
        holder = self._holder()
        self._shown = [each for each in _by_layer(checked) if self._shows(each.severity)]
        self._fill(checked)
        self._show_chips(of)
        hidden = len(checked.problems) - len(self._shown)
        self._more.setVisible(bool(hidden))
        self._more.setText(f"{hidden} more {'is' if hidden == 1 else 'are'} hidden: show")
        self._area.setVisible(bool(checked.problems))
        self._empty.setVisible(not checked.problems)
        self._keep_focus(holder)
        self._mark()
        if changed:
            self.count_changed.emit(*counts)

    def _fill(self, checked: Checked) -> None:
        while len(self._rows) < len(self._shown):
            self._rows.append(self._new_row())
        alike = Counter(each.code for each in checked.problems if each.fixes)
        offered: set[str] = set()
        before: str | None = ""
        for index, row in enumerate(self._rows):
            row.setVisible(index < len(self._shown))
            if index >= len(self._shown):
                continue
            problem = self._shown[index]
            title = _title(checked.design, problem.layer) if problem.layer != before else ""
            before = problem.layer
            first = bool(problem.fixes) and problem.code not in offered
            offered.add(problem.code)
            row.show_problem(problem, title, alike[problem.code] if first else 0)

    def _show_chips(self, of: Counter[Severity]) -> None:
        for severity, chip in self._chips.items():
            count = of[severity]
            chip.setVisible(bool(count))
            chip.setChecked(self._shows(severity))
            chip.setText(str(count))
            words = f"{count} {_WORDS[severity][count != 1]}"
            chip.setAccessibleName(words)
            chip.setToolTip(f"{words}: {'hide' if chip.isChecked() else 'show'}")

    def _holder(self) -> int | None:
        """Which row holds the keyboard; None if none does."""
        problem = self.focused
        return None if problem is None else next(i for i, each in enumerate(self._shown) if each is problem)

    def _keep_focus(self, holder: int | None) -> None:
        """Whoever mends with the keyboard goes on with the problem that takes the mended one's place."""
        focused = QApplication.focusWidget()
        if holder is not None and self._shown and focused is not None:
            row = self._rows[min(holder, len(self._shown) - 1)]
            if row is not focused and not row.isAncestorOf(focused):
                row.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_everything(self) -> None:
        for severity in self._chips:
            self._chosen[severity] = True
        self._show(self._workspace.checks.checked)

    def _new_row(self) -> ProblemRow:
        row = ProblemRow(self._list)
        row.fixed.connect(self._apply)
        row.all_wanted.connect(self.fix_all)
        row.wanted.connect(self._selection.reveal)
        row.explained.connect(self._selection.ask_why)
        row.code_asked.connect(self._selection.ask_trust)
        row.moved.connect(lambda steps: self._go(row, steps))
        self._column.insertWidget(len(self._rows), row)
        return row

    def explain_focused(self) -> bool:
        """Ask for the explanation of the problem that has the keyboard; whether there is one."""
        problem = self.focused
        if problem is None:
            return False
        self._selection.ask_why(problem)
        return True

    def _go(self, row: ProblemRow, steps: int) -> None:
        place = max(0, min(len(self._shown) - 1, self._rows.index(row) + steps))
        target = self._rows[place]
        target.setFocus(Qt.FocusReason.TabFocusReason)
        self._area.ensureWidgetVisible(target, 0, 8)

    def _mark(self) -> None:
        for row, problem in zip(self._rows, self._shown, strict=False):
            row.set_marked(problem.layer is not None and problem.layer in self._selection.ids)

    def _dress(self) -> None:
        for row in self._rows:
            row.dress()
        for severity, chip in self._chips.items():
            name = MARKS[severity][0]
            chip.setIcon(icon(name, getattr(theme(), name)))


def mend_all(code: str, most: int) -> Edit:
    """An edit that mends up to ``most`` problems of a kind, each with its first fix.

    The design is checked again after every one, because one fix may mend several problems or move the rest.
    """

    def edit(design: Design) -> Design:
        passed: set[tuple[str | None, str | None, str]] = set()
        for _ in range(most):
            found = (each for each in check(design).problems if each.code == code and each.fixes)
            problem = next((each for each in found if _key(each) not in passed), None)
            if problem is None:
                break
            passed.add(_key(problem))
            try:
                design = problem.fixes[0].edit(design)
            except Refused:
                continue
        return design

    return edit


def _key(problem: Problem) -> tuple[str | None, str | None, str]:
    return problem.layer, problem.parameter, problem.message


def _by_layer(checked: Checked) -> list[Problem]:
    places = {layer.id: place for place, layer in enumerate(checked.design.walk())}
    return sorted(checked.problems, key=lambda each: places.get(each.layer or "", -1))


def _title(design: Design, layer_id: str | None) -> str:
    layer = None if layer_id is None else design.find(layer_id)
    return "The whole design" if layer is None else f"{layer.name} · {layer.kind}"
