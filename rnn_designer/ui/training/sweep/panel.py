"""The Sweep panel: what varies, how trials are chosen, and what came of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.design import Design, edits
from rnn_designer.design.sweeping import METHODS, Sweep, Varied
from rnn_designer.design.trials import MOST_TRIALS, living, shown, title, variable
from rnn_designer.session.training.sweeper import SweepTrial
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.data.rows import small_text
from rnn_designer.ui.generate.fields import SmallField
from rnn_designer.ui.numbers import number
from rnn_designer.ui.training.evaluation.saving import SaveButton
from rnn_designer.ui.training.sweep.parallel import Axis, ParallelPlot
from rnn_designer.ui.training.sweep.ranking import Ranking
from rnn_designer.ui.training.sweep.rows import VariedRow
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.editing import try_edit
from rnn_designer.ui.widgets.flow import FlowLayout
from rnn_designer.ui.widgets.problem_lines import restyle

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_ABOUT = (
    "Trains the design again and again with other settings, several at once if you like, and ranks what comes of it. "
    "Choose the settings that vary; the rest stays as it is."
)
_LEFT = 284
_SETTLE = 150


class SweepPanel(QWidget):
    """Sets up a sweep, runs it, and lets its trials be opened.

    Signals:
        open_wanted(path): the design of a trial is wanted.
    """

    open_wanted = Signal(Path)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._sweeper = workspace.sweeper
        self._chosen = -1
        self._looked: tuple[Varied, ...] | None = None
        self._rows: dict[str, VariedRow] = {}
        # Many trials may tell of themselves at once; the pictures follow a moment later.
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE)
        self._settle.timeout.connect(self._show_trials)
        self.start = QPushButton("Start")
        self.start.setProperty("role", "primary")
        self.about = small_text(_ABOUT)
        self.status = small_text()
        self.add = Combo()
        self.add.setAccessibleName("Vary another setting")
        self.add.setToolTip("Vary another setting")
        self.method = Combo()
        self.method.setAccessibleName("How trials are chosen")
        self.method.offer([(name, name) for name in METHODS])
        self.method.setFixedWidth(96)
        self.trials = SmallField("trials", "How many trainings in all; those done count", most=MOST_TRIALS)
        self.workers = SmallField(
            "at once", "How many trials are trained at the same time on this machine", most=64
        )
        self.pruning = QPushButton("end bad ones early")
        self.pruning.setProperty("role", "chip")
        self.pruning.setCheckable(True)
        self.pruning.setToolTip(
            "End a trial early that does worse than the median of those before at the same epoch"
        )
        self._count = max(1, min(2, (os.cpu_count() or 1) // 2))
        self.plot = ParallelPlot()
        self.ranking = Ranking()
        self.told = small_text()
        self.open = QPushButton("Open its design")
        self.open.setProperty("role", "fix")
        self.open.setToolTip("The trial's design with its trained weights, in a window of its own")
        self.save = SaveButton(workspace, self, "sweep", self)
        self._blank = small_text("The trials stand here once there are any.")
        self._blank.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        for each in (self._blank, self.plot, self.ranking):
            self._stack.addWidget(each)
        self._chips = QButtonGroup(self)
        self._lay_out()
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.start)
        head.addWidget(self.add, 1)
        settings = QWidget()
        flow = FlowLayout(settings, 8)
        flow.setContentsMargins(0, 0, 0, 0)
        for each in (self.trials, self.workers, self.method, self.pruning):
            flow.addWidget(each)
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(12, 8, 8, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.status)
        column.addWidget(self.about)
        column.addWidget(settings)
        column.addLayout(self._list)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedWidth(_LEFT)
        area.setWidget(left)
        tools = QHBoxLayout()
        tools.setContentsMargins(8, 8, 8, 0)
        tools.setSpacing(4)
        for place, words in enumerate(("Settings and figure", "Ranking"), start=1):
            chip = QPushButton(words)
            chip.setProperty("role", "chip")
            chip.setCheckable(True)
            chip.setChecked(place == 1)
            self._chips.addButton(chip, place)
            tools.addWidget(chip)
        tools.addStretch(1)
        tools.addWidget(self.save)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 0, 12, 6)
        foot.addWidget(self.told, 1)
        foot.addWidget(self.open)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(4)
        right.addLayout(tools)
        right.addWidget(self._stack, 1)
        right.addLayout(foot)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(area)
        whole.addLayout(right, 1)

    def _connect(self) -> None:
        workspace = self._workspace
        self.start.clicked.connect(self._start_or_stop)
        self.add.activated.connect(self._vary)
        self.method.activated.connect(lambda place: self._set("method", self.method.value_at(place)))
        self.trials.wanted.connect(lambda value: self._set("trials", value))
        self.trials.finished.connect(workspace.document.seal)
        self.workers.wanted.connect(self._set_workers)
        self.pruning.clicked.connect(lambda on: self._set("pruning", on))
        self._chips.idClicked.connect(lambda _place: self._show_trials())
        for each in (self.plot, self.ranking):
            each.chosen.connect(self._choose)
            each.opened.connect(self._open)
        self.open.clicked.connect(lambda: self._open(self._chosen))
        workspace.checks.changed.connect(self.refresh)
        self._sweeper.changed.connect(self._sweeper_changed)

    # ------------------------------------------------------------------------------------ what the user asks for

    def _start_or_stop(self) -> None:
        if self._sweeper.running:
            self._sweeper.stop()
        else:
            self._looked = None
            self._sweeper.start(self._count)

    def _vary(self, place: int) -> None:
        chosen = self.add.value_at(place)
        self.add.show_value(None)
        if isinstance(chosen, tuple):
            layer_id, name = chosen
            self._workspace.document.apply(edits.vary_setting(layer_id, name), "Vary a setting")

    def _set(self, name: str, value: Any) -> None:
        if value is None or isinstance(value, str) != (name == "method"):
            return
        fault = try_edit(
            self._workspace.document,
            edits.change_sweep(**{name: value}),
            f"Set {name} of the sweep",
            f"sweep {name}",
        )
        if name == "trials":
            self.trials.mark(fault is not None)

    def _set_workers(self, value: Any) -> None:
        good = isinstance(value, int) and 1 <= value <= 64
        self.workers.mark(not good)
        if good:
            self._count = value

    def _change(self, row: VariedRow, varied: Varied) -> None:
        row.refuse(
            try_edit(self._workspace.document, edits.vary(varied), "Set what is tried", f"sweep {varied.key}")
        )

    def _open(self, ticket: int) -> None:
        trial = self._trial(ticket)
        if trial is not None and trial.file:
            self.open_wanted.emit(Path(trial.file))

    # ------------------------------------------------------------------------------------ keeping what is shown

    @property
    def picture(self) -> QWidget | None:
        """What a saved picture shows."""
        return None if self._stack.currentWidget() is self._blank else self._stack.currentWidget()

    def numbers(self) -> Mapping[str, Array]:
        """The trials as columns."""
        return self.plot.numbers()

    @property
    def rows(self) -> tuple[VariedRow, ...]:
        """A row for each setting that varies."""
        return tuple(self._rows.values())

    def refresh(self, *_: object) -> None:
        """Show what is known now; put off while the panel is hidden."""
        if not self.isVisible():
            return
        design = self._workspace.document.design
        sweep = design.sweep or Sweep()
        varied = living(design)
        self._show_rows(design, varied)
        known = {(each.layer, each.name) for each in varied}
        self.add.offer(
            [
                (None, "Vary…"),
                *((each, self._title(design, each)) for each in variable(design) if each not in known),
            ]
        )
        self.add.show_value(None)
        self.about.setVisible(not varied)
        self.method.show_value(sweep.method)
        self.method.setToolTip(METHODS[sweep.method])
        self.trials.show_value(sweep.trials)
        self.workers.show_value(self._count)
        self.pruning.setChecked(sweep.pruning)
        self._show_status()
        self._show_trials()
        if varied and self._looked != varied and not self._sweeper.running:
            self._looked = varied
            self._sweeper.look()

    @staticmethod
    def _title(design: Design, each: tuple[str | None, str]) -> str:
        return title(design, Varied(*each))

    def _show_rows(self, design: Design, varied: tuple[Varied, ...]) -> None:
        wanted = {each.key: each for each in varied}
        for key in [key for key, row in self._rows.items() if not _fits(row, wanted.get(key))]:
            gone = self._rows.pop(key)
            self._list.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, (key, each) in enumerate(wanted.items()):
            row = self._rows.get(key)
            if row is None:
                row = VariedRow(design, each)
                row.wanted.connect(lambda changed, row=row: self._change(row, changed))
                row.finished.connect(self._workspace.document.seal)
                row.unwanted.connect(
                    lambda gone: self._workspace.document.apply(
                        edits.vary_no_more(gone.layer, gone.name), "Vary no more"
                    )
                )
                self._rows[key] = row
                self._list.insertWidget(place, row)
                row.show()
            elif row.varied != each:
                row.show_varied(design, each)
        self._rows = {key: self._rows[key] for key in wanted}

    def _sweeper_changed(self) -> None:
        if self.isVisible():
            self._show_status()
            self._settle.start()

    def _show_status(self) -> None:
        sweeper = self._sweeper
        reason = None if sweeper.running else sweeper.reason_not_to_start()
        self.start.setText("Stop" if sweeper.running else "Start")
        self.start.setEnabled(reason is None)
        self.start.setToolTip(reason or "Train the trials that are left")
        status = sweeper.status
        words = status.text or (reason or "" if living(self._workspace.document.design) else "")
        self.status.setText(words)
        self.status.setVisible(bool(words))
        restyle(self.status, "role", "error" if status.problem else "muted")

    def _show_trials(self) -> None:
        sweeper, design = self._sweeper, self._workspace.document.design
        names = {each.key: title(design, each) for each in sweeper.varied if living(design)}
        trials, ranked = sweeper.trials, sweeper.ranked
        there = any(each.params for each in trials)
        self.save.setEnabled(there)
        if there:
            axes = [_axis(names[each.key], each) for each in sweeper.varied if each.key in names]
            self.plot.show_trials(axes, trials, ranked, sweeper.larger)
            self.ranking.show_trials(names, trials, ranked)
        front = {1: self.plot, 2: self.ranking}[self._chips.checkedId()] if there else self._blank
        self._stack.setCurrentWidget(front)
        if self._trial(self._chosen) is None:
            self._chosen = -1
        self._tell()

    def _trial(self, ticket: int) -> SweepTrial | None:
        return next((each for each in self._sweeper.trials if each.ticket == ticket), None)

    def _choose(self, ticket: int) -> None:
        self._chosen = ticket
        self.plot.choose(ticket)
        self.ranking.choose(ticket)
        self._tell()

    def _tell(self) -> None:
        trial = self._trial(self._chosen)
        if trial is None:
            ranked = self._sweeper.ranked
            self.told.setText("Click a trial to see its settings and open its design." if ranked else "")
            self.open.hide()
            return
        design = self._workspace.document.design
        settings = [
            f"{title(design, each)} {_value(trial.params[each.key])}"
            for each in self._sweeper.varied
            if each.key in trial.params
        ]
        value = "" if trial.best is None else f" {number(trial.best)} ·"
        reason = f" · {trial.reason}" if trial.reason else ""
        self.told.setText(f"trial {trial.ticket} ·{value} {', '.join(settings)}{reason}")
        self.open.setVisible(bool(trial.file))

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while it was hidden."""
        super().showEvent(event)
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        """It may become small."""
        return QSize(_LEFT + 180, 90)


def _fits(row: VariedRow, varied: Varied | None) -> bool:
    """Whether a row can show it: a range stays a range."""
    return varied is not None and bool(varied.choices) == bool(row.varied.choices)


def _axis(words: str, varied: Varied) -> Axis:
    if varied.choices:
        return Axis(varied.key, words, choices=tuple(shown(each) for each in varied.choices))
    return Axis(varied.key, words, float(varied.low), float(varied.high), varied.log)


def _value(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)
