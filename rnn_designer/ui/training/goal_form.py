"""What one output is to learn: its task, loss and metrics, each with the reason why it fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from pathlib import PurePath
from typing import Any, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from rnn_designer.catalog import Parameter, Part, PartOf
from rnn_designer.catalog.parts import part_type
from rnn_designer.design import DataSource, Problem, edits
from rnn_designer.design.model import Goal
from rnn_designer.design.tasks import TASKS, FittedGoal
from rnn_designer.design.training_settings import GOAL_SETTING
from rnn_designer.session.inputs import RESOURCE
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.data.rows import small_text
from rnn_designer.ui.properties.editors import Editor
from rnn_designer.ui.properties.part_editor import PartEditor
from rnn_designer.ui.theme import interface_font
from rnn_designer.ui.training.columns_editor import ColumnsButton
from rnn_designer.ui.training.metrics_editor import MetricsEditor
from rnn_designer.ui.training.problems import setting_of
from rnn_designer.ui.training.settings_rows import SettingsRows
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.editing import try_edit
from rnn_designer.ui.widgets.problem_lines import ProblemLines

_AUTO = "auto"
_CHOICE = 0


class Metrics:
    """The values that a list of metrics takes: None for those that fit."""

    optional = True
    expected = "a list of metrics, or none for those that fit"

    def accept(self, value: Any) -> Any:
        """The metrics, each checked."""
        if value is None:
            return None
        kind = PartOf("metrics")
        return tuple(kind.accept(each) for each in value)


class TaskEditor(Editor):
    """One of the tasks, or the one that fits the data and the output."""

    merges = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.combo = Combo()
        self.combo.offer([(_AUTO, "What fits"), *((name, task.title) for name, task in TASKS.items())])
        for place in range(1, self.combo.count()):
            task = TASKS[str(self.combo.value_at(place))]
            words = f"<p>{escape(task.explanation)}</p><p>{escape(task.formula)}</p>"
            self.combo.setItemData(place, words, Qt.ItemDataRole.ToolTipRole)
        self.combo.activated.connect(lambda place: self.wanted.emit(self.combo.value_at(place)))
        self.column.addWidget(self.combo)
        self.setFocusProxy(self.combo)

    def show_fitting(self, task: str) -> None:
        """Say which task fits, in the row that leaves it open."""
        self.combo.setItemText(_CHOICE, f"Fits: {TASKS[task].title.lower()}")

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the task."""
        self.combo.show_value(value, mixed=mixed)

    def name(self, text: str) -> None:
        """Name the combo box."""
        self.combo.setAccessibleName(text)


class _AnyTask:
    """The values that a task takes."""

    expected = "a task"

    def accept(self, value: Any) -> Any:
        """The edit judges it."""
        return value


_TASK = Parameter(
    "task",
    cast(Any, _AnyTask()),
    _AUTO,
    "What the output is asked for, and so which targets are made from the data.",
)


def _reason(text: str) -> QLabel:
    label = small_text(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setContentsMargins(0, 0, 0, 2)
    return label


class GoalForm(QWidget):
    """The goal of one output.

    Signals:
        fixed(fix), explained(problem): as in any form.
        pointed(parameter): a setting has the focus.
    """

    fixed = Signal(object)
    explained = Signal(object)
    pointed = Signal(object)

    def __init__(self, workspace: Workspace, layer_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.layer_id = layer_id
        self._said: set[str] = set()
        self.title = QLabel()
        self.title.setFont(interface_font(9.5, bold=True))
        self.task = TaskEditor()
        self.loss = PartEditor(PartOf("losses", optional=True))
        # Their words are long.
        self.task.labels = self.loss.labels = "above"
        self.metrics = MetricsEditor()
        self.what = self._rows(("task",), {"task": self.task})
        self.task_why = _reason("")
        self.columns = ColumnsButton()
        self.columns.wanted.connect(self._choose_columns)
        self.message = QLabel()
        self.message.setProperty("role", "error")
        self.message.setWordWrap(True)
        self.message.hide()
        self.missing = QLabel()
        self.missing.setProperty("role", "warning")
        self.missing.setWordWrap(True)
        self.missing.setTextFormat(Qt.TextFormat.PlainText)
        self.problems = ProblemLines()
        self.problems.fixed.connect(self.fixed)
        self.problems.explained.connect(self.explained)
        self.ahead = self._rows(("horizon",), {})
        self.how = self._rows(("loss",), {"loss": self.loss})
        self.loss_why = _reason("")
        self.measured = self._rows(("metrics",), {"metrics": self.metrics})
        self.metrics_why = _reason("")
        self.beside = self._rows(("balanced", "weight"), {})
        self._targets = QWidget()
        row = QHBoxLayout(self._targets)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        named = QLabel("targets")
        named.setProperty("role", "muted")
        named.setFont(interface_font(9.5))
        named.setBuddy(self.columns)
        row.addWidget(named)
        row.addWidget(self.columns)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(5)
        for each in (
            self.title,
            self.what,
            self.task_why,
            self._targets,
            self.missing,
            self.message,
            self.problems,
            self.ahead,
            self.how,
            self.loss_why,
            self.measured,
            self.metrics_why,
            self.beside,
        ):
            column.addWidget(each)

    @property
    def forms(self) -> tuple[SettingsRows, ...]:
        """Its rows, from the top."""
        return (self.what, self.ahead, self.how, self.measured, self.beside)

    def _rows(self, names: Sequence[str], editors: dict[str, Editor]) -> SettingsRows:
        known = {**GOAL_SETTING, "task": _TASK, "metrics": _METRICS}
        rows = SettingsRows(
            self._workspace.document,
            [known[name] for name in names],
            lambda name, value: edits.change_goal(self.layer_id, **{name: value}),
            of=f"goal of {self.layer_id}",
            defaults={name: getattr(Goal(), name) for name in names},
            editors=editors,
        )
        rows.fixed.connect(self.fixed)
        rows.explained.connect(self.explained)
        rows.pointed.connect(self.pointed)
        return rows

    def show_goal(self, fitted: FittedGoal, goal: Goal, problems: Sequence[Problem], *, among: int) -> None:
        """Show the goal.

        Args:
            fitted: what holds, chosen or fitting.
            goal: what was chosen.
            problems: of this output's goal.
            among: how many outputs are trained.
        """
        layer = self._workspace.document.design.find(self.layer_id)
        self.title.setText(layer.name if layer is not None else "")
        self.title.setVisible(among > 1)
        values = {name: getattr(goal, name) for rows in self.forms for name in rows.rows}
        if goal.task == _AUTO:
            self.task.show_fitting(fitted.task)
        else:
            self.task.combo.setItemText(_CHOICE, "What fits")
        fits = fitted.loss.kind if goal.loss is None else ""
        self.loss.combo.setItemText(_CHOICE, f"Fits: {fits}" if fits else "What fits")
        self.metrics.show_fitting(fitted.metrics)
        for rows in self.forms:
            rows.show_values(values, problems)
        task = TASKS[fitted.task]
        words = task.explanation if goal.task != _AUTO else fitted.task_why
        self.task_why.setText(f"{words}")
        self.task_why.setToolTip(f"<p>{escape(task.explanation)}</p><p>{escape(task.formula)}</p>")
        self.loss_why.setText(fitted.loss_why)
        self.loss_why.setToolTip(_explained("losses", fitted.loss))
        self.metrics_why.setText(fitted.metrics_why)
        self.metrics_why.setToolTip("".join(_explained("metrics", each) for each in fitted.metrics))
        self._said = {fitted.missing, *(each.message for each in problems)}
        self.missing.setText(fitted.missing)
        # Where the check says it, too, it stands there, with its fixes.
        self.missing.setVisible(
            bool(fitted.missing) and not any(setting_of(each) == "task" for each in problems)
        )
        self._show_columns(fitted, goal)
        self.ahead.setVisible(fitted.task == "horizon")
        self.beside.rows["balanced"].setVisible(task.classes)
        self.beside.rows["weight"].setVisible(among > 1)
        self.beside.setVisible(task.classes or among > 1)
        known = {name for rows in self.forms for name in rows.rows}
        others = [each for each in problems if setting_of(each) not in known]
        self.problems.show_problems(others)

    def says(self, sentence: str) -> bool:
        """Whether the form says this already."""
        return not self.isHidden() and sentence in self._said

    def _show_columns(self, fitted: FittedGoal, goal: Goal) -> None:
        table = self._workspace.samples.table(fitted.input)
        available = table.available if table is not None else ()
        own = "" if goal.source is None else _own_words(goal.source)
        self.columns.show_columns(available, goal.columns, own)
        self._targets.setVisible(bool(available or goal.columns or own))

    def _choose_columns(self, columns: tuple[str, ...]) -> None:
        fault = try_edit(
            self._workspace.document, edits.change_goal(self.layer_id, columns=columns), "Choose the targets"
        )
        self.message.setText(fault or "")
        self.message.setVisible(bool(fault))


def _explained(namespace: Any, part: Part) -> str:
    found = part_type(namespace, part.kind)
    return f"<p><b>{escape(part.kind)}</b>: {escape(found.explanation)}</p>" if found is not None else ""


_METRICS = replace(
    GOAL_SETTING["loss"],
    name="metrics",
    type=cast(Any, Metrics()),
    explanation="What is told besides the loss, after every batch and for the validation part after every epoch. "
    "Metrics change nothing of what is learned: they are for people to read.",
    formula="",
)


def _own_words(source: DataSource) -> str:
    """What a source of the targets' own is called: its array, its file, or its kind."""
    file = str(source.options.get("path", "")).removeprefix(RESOURCE)
    return str(source.options.get("member") or PurePath(file).name or source.kind)
