"""The Train panel: what is learned, how, and for how long; with defaults that train any design as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from rnn_designer.catalog import Parameter, PartOf
from rnn_designer.design import Problem, edits
from rnn_designer.design.model import Goal, Training
from rnn_designer.design.tasks import fitting
from rnn_designer.design.training_settings import TRAINING_SETTING
from rnn_designer.session.training import TrainerState
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.data.rows import small_text
from rnn_designer.ui.properties.part_editor import PartEditor
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.training.goal_form import GoalForm
from rnn_designer.ui.training.monitor_editor import MonitorEditor
from rnn_designer.ui.training.preview import Preview
from rnn_designer.ui.training.problems import hindrances, of_training, on_goal, setting_of
from rnn_designer.ui.training.schedule_curve import ScheduleCurve
from rnn_designer.ui.training.settings_rows import HintFollower, SettingsRows
from rnn_designer.ui.training.steering import Steering
from rnn_designer.ui.widgets.problem_lines import ProblemLines
from rnn_designer.ui.widgets.section import Section

_LEAST_WIDTH = 310
_OPTIMIZER = ("optimizer", "schedule", "clipping", "clip_at")
_COURSE = ("epochs", "batch_size", "patience", "monitor", "least_progress")
_DATA = ("validation", "test", "stride", "samples", "shuffle", "seed")
_DEFAULTS = Training()
_SEE_BELOW = "One thing is missing before this design can be trained: see below."


class TrainingPanel(QWidget):
    """Says what will be trained and lets everything about it be set.

    Signals:
        explained(parameter): a setting has the focus; Explain says more.
    """

    explained = Signal(object)

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
        self._stale = True
        self._goals: dict[str, GoalForm] = {}
        self.preview = Preview(workspace, self)
        self.preview.changed.connect(self._show_plan)
        self.steering = Steering(workspace)
        self.plan = small_text()
        self.start = self._start_line()
        self.problems = self._problem_lines()
        self.learned = Section("What is learned", opened=True)
        self.nothing = small_text()
        self.learned.rows.addWidget(self.nothing)
        self.monitor = MonitorEditor()
        chosen = PartEditor(PartOf("optimizers"))
        self.schedule = PartEditor(PartOf("schedules", optional=True))
        self.schedule.combo.setItemText(0, "constant")
        # Their names are long.
        chosen.labels = self.schedule.labels = self.monitor.labels = "above"
        self.optimizer = self._rows(_OPTIMIZER, {"optimizer": chosen, "schedule": self.schedule})
        self.curve = ScheduleCurve()
        self.course = self._rows(_COURSE, {"monitor": self.monitor})
        self.data = self._rows(_DATA, {})
        self.sections: dict[str, Section] = {"learned": self.learned}
        for name, title, rows in (
            ("optimizer", "Optimizer", self.optimizer),
            ("course", "How long", self.course),
            ("data", "Samples", self.data),
        ):
            section = Section(title, opened=name != "data")
            section.rows.addWidget(rows)
            self.sections[name] = section
        # The curve stands below the schedule that it is of.
        layout = self.optimizer.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(2, self.curve)
        self._lay_out()
        self.hints = HintFollower(self.area, self.forms, self)
        self.hints.moved.connect(self.explained)
        workspace.checks.changed.connect(self.refresh)
        workspace.samples.changed.connect(self.refresh)
        workspace.live.built.connect(lambda _built: self._show_start())
        workspace.trainer.changed.connect(self._trainer_changed)
        workspace.runs.changed.connect(self.preview.look)

    def _lay_out(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.steering)
        column.addWidget(self.plan)
        column.addWidget(self.start)
        column.addWidget(self.problems)
        for section in self.sections.values():
            line = QFrame()
            line.setProperty("role", "line")
            column.addWidget(line)
            column.addWidget(section)
        column.addStretch(1)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(self.area.horizontalScrollBarPolicy().ScrollBarAlwaysOff)
        self.area.setWidget(body)
        # Narrower, fields would be cut off: the panel does not scroll sideways.
        self.area.setMinimumWidth(_LEAST_WIDTH)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.area)

    def _start_line(self) -> QWidget:
        """Says that weights already learned are trained further, and offers to begin from new ones."""
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(small_text("Starts from the weights the design has."), 1)
        self.draw = QPushButton("Draw new weights")
        self.draw.setProperty("role", "link")
        self.draw.setToolTip(
            "Train from scratch: every weight is drawn anew from the seed. Runs keep what they learned."
        )
        self.draw.clicked.connect(self._draw_weights)
        row.addWidget(self.draw)
        line.hide()
        return line

    def _draw_weights(self) -> None:
        self._workspace.epochs.leave()
        self._workspace.forget_weights()
        self._show_start()

    def _show_start(self) -> None:
        self.start.setVisible(self._workspace.live.carries_weights and not self._workspace.trainer.active)

    def _rows(self, names: tuple[str, ...], editors: dict[str, Any]) -> SettingsRows:
        rows = SettingsRows(
            self._workspace.document,
            [TRAINING_SETTING[name] for name in names],
            lambda name, value: edits.change_training(**{name: value}),
            defaults={name: getattr(_DEFAULTS, name) for name in names},
            editors=editors,
        )
        self._connect(rows)
        return rows

    def _connect(self, rows: SettingsRows | GoalForm) -> None:
        rows.fixed.connect(lambda fix: self._workspace.document.apply(fix.edit, fix.label))
        rows.explained.connect(self._selection.ask_why)
        rows.pointed.connect(self._point)

    def _problem_lines(self) -> ProblemLines:
        lines = ProblemLines()
        lines.fixed.connect(lambda fix: self._workspace.document.apply(fix.edit, fix.label))
        lines.explained.connect(self._selection.ask_why)
        return lines

    def _point(self, parameter: Parameter) -> None:
        for form in self.forms():
            row = form.rows.get(parameter.name)
            if row is not None and row.parameter is parameter:
                self.hints.point(form, parameter.name)
                self.explained.emit(parameter)

    def forms(self) -> Iterator[SettingsRows]:
        """Every set of rows there is, from the top."""
        for goal in self._goals.values():
            yield from goal.forms
        yield from (self.optimizer, self.course, self.data)

    def focus_first(self) -> None:
        """Put the focus on the button that trains."""
        button = self.steering.train if not self.steering.train.isHidden() else self.steering.pause
        button.setFocus()

    # Keeping what is shown

    def refresh(self, *_: object) -> None:
        """Show the settings as they are now; while the panel is hidden, when it shows next."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        checked = self._workspace.checks.checked
        design = checked.design
        training = design.training or _DEFAULTS
        problems = of_training(checked.problems) if design.training is not None else hindrances(checked)
        goals = fitting(design, checked)
        self._show_goals(goals, training, problems)
        own = [each for each in problems if not any(on_goal(each, layer_id) for layer_id in goals)]
        values = {name: getattr(training, name) for name in TRAINING_SETTING}
        figures = [
            "loss",
            *dict.fromkeys(name for goal in goals.values() for name in figure_names(goal.metrics)),
        ]
        self.monitor.offer(figures)
        for rows in (self.optimizer, self.course, self.data):
            rows.show_values(values, own)
        self.optimizer.rows["clip_at"].setVisible(training.clipping != "none")
        self.course.rows["least_progress"].setVisible(
            training.patience is not None or training.least_progress != 0
        )
        generated = any(self._workspace.samples.table(goal.input) is None for goal in goals.values())
        self.data.rows["samples"].setVisible(generated or not goals)
        self.data.rows["stride"].setVisible(not generated or not goals)
        known = {name for rows in (self.optimizer, self.course, self.data) for name in rows.rows}
        self.problems.show_problems([each for each in own if setting_of(each) not in known])
        self._note("data", self.data, training)
        self._show_plan()
        self._show_start()
        self._show_curve()
        self.preview.look()

    def _show_goals(self, goals: dict[str, Any], training: Training, problems: list[Problem]) -> None:
        for layer_id in goals:
            if layer_id not in self._goals:
                form = GoalForm(self._workspace, layer_id)
                self._connect(form)
                self._goals[layer_id] = form
                self.learned.rows.addWidget(form)
        for layer_id, form in self._goals.items():
            form.setVisible(layer_id in goals)
            if layer_id in goals:
                wrong = [each for each in problems if on_goal(each, layer_id)]
                goal = training.goals.get(layer_id) or Goal()
                form.show_goal(goals[layer_id], goal, wrong, among=len(goals))
        gone = [each for each in self._goals if self._workspace.document.design.find(each) is None]
        for layer_id in gone:
            self._goals.pop(layer_id).deleteLater()
        self.nothing.setVisible(not goals)
        self.nothing.setText(
            "A network learns by comparing its output with a target. Connect an Input to a recurrent layer and end "
            "with a Dense layer; what fits it stands here then."
        )

    def _note(self, name: str, rows: SettingsRows, training: Training) -> None:
        changed = sum(getattr(training, each) != getattr(_DEFAULTS, each) for each in rows.rows)
        self.sections[name].header.show_note(f"{changed} set" if changed else "")

    def _show_plan(self) -> None:
        plan = self.preview.plan
        # What stands at its field below, with its fixes, need not be said twice.
        said = plan.fault and any(goal.says(plan.sentence) for goal in self._goals.values())
        self.plan.setText(_SEE_BELOW if said else plan.sentence)
        self.plan.setVisible(bool(plan.sentence) and not self._workspace.trainer.active)
        self.plan.setProperty("role", "warning" if plan.fault else "muted")
        self.plan.style().unpolish(self.plan)
        self.plan.style().polish(self.plan)
        self.steering.train.setEnabled(not plan.fault)
        self._show_curve()

    def _show_curve(self) -> None:
        training = self._workspace.document.design.training or _DEFAULTS
        batches = self.preview.plan.batches(training.batch_size) * training.epochs or training.epochs * 100
        self.curve.show_schedule(training.schedule, learning_rate(training), batches, training.epochs)

    def _trainer_changed(self) -> None:
        self._show_start()
        self.plan.setVisible(bool(self.preview.plan.sentence) and not self._workspace.trainer.active)
        if self._workspace.trainer.state is TrainerState.IDLE:
            self.preview.look()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        self.preview.want(True)
        if self._stale:
            self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Cut no data that nobody sees counted."""
        super().hideEvent(event)
        self.preview.want(False)


def learning_rate(training: Training) -> float:
    """The rate that the optimizer starts with."""
    from rnn_designer.catalog.parts import part_type

    given = training.optimizer.params.get("learning_rate")
    if given is None:
        found = part_type("optimizers", training.optimizer.kind)
        given = (
            next((each.default for each in found.parameters if each.name == "learning_rate"), None)
            if found
            else None
        )
    return float(given) if isinstance(given, int | float) else 0.001


def figure_names(metrics: tuple[Any, ...]) -> list[str]:
    """What Keras calls the figures of metrics: ``root_mean_squared_error``."""
    from rnn_designer.ui.training.words import figure_name

    return [figure_name(each.kind) for each in metrics]
