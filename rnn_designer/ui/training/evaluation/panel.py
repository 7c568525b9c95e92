"""The Evaluate panel: one button, one sentence, the figures beside their baselines, and the pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.session.training.figures import Evaluation, OutputFigures
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.data.rows import small_text
from rnn_designer.ui.theme import code_font, interface_font
from rnn_designer.ui.training.evaluation.saving import SaveButton
from rnn_designer.ui.training.evaluation.summary import PART_TITLES, about, rows
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.problem_lines import restyle

if TYPE_CHECKING:
    from rnn_designer.messages import Array
    from rnn_designer.ui.training.evaluation.pictures import Pictures

_ABOUT = (
    "Measures the model on samples that it has not learned from, and beside it what needs no network: repeating the "
    "last value, the mean, the last season, the most frequent class."
)
_LEFT = 268


class EvaluatePanel(QWidget):
    """Measures on a click and shows what came of it."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._evaluator = workspace.evaluator
        self._shown: Evaluation | None = None
        self._layer = ""
        self._feature = 0
        self.start = QPushButton("Evaluate")
        self.start.setProperty("role", "primary")
        self.part = Combo()
        self.part.setAccessibleName("Part of the data")
        self.part.setToolTip("Which part of the data the model is measured on")
        self.part.offer([("", "held-out part"), *((name, title) for name, title in PART_TITLES.items())])
        self.part.show_value("")
        self.part.setFixedWidth(120)
        self.output = Combo()
        self.output.setAccessibleName("Output")
        self.output.setFixedWidth(130)
        self.feature = Combo()
        self.feature.setAccessibleName("Feature")
        self.feature.setFixedWidth(120)
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.verdict.setFont(interface_font(11, bold=True))
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.about = small_text(_ABOUT)
        self.status = small_text()
        self._table = QWidget()
        self._grid = QGridLayout(self._table)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(3)
        self._chips = QButtonGroup(self)
        self._chips.setExclusive(True)
        self._chip_row = QHBoxLayout()
        self._chip_row.setSpacing(4)
        self.pictures: Pictures | None = None
        self._stack = QStackedWidget()
        self._blank = small_text()
        self._blank.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack.addWidget(self._blank)
        self.save = SaveButton(workspace, self, "evaluation", self)
        self._lay_out()
        self.start.clicked.connect(self._start_or_stop)
        self.part.activated.connect(lambda _place: self._evaluate())
        self.output.activated.connect(self._choose_output)
        self.feature.activated.connect(self._choose_feature)
        self._chips.idClicked.connect(self._choose_picture)
        self._evaluator.changed.connect(self.refresh)
        workspace.trainer.changed.connect(self.refresh)
        workspace.checks.changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.start)
        head.addWidget(self.part)
        head.addStretch(1)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(12, 8, 8, 8)
        column.setSpacing(6)
        column.addLayout(head)
        for widget in (self.verdict, self.about, self.status, self._table):
            column.addWidget(widget)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedWidth(_LEFT)
        area.setWidget(left)
        tools = QHBoxLayout()
        tools.setContentsMargins(8, 8, 8, 0)
        tools.setSpacing(6)
        tools.addLayout(self._chip_row)
        tools.addStretch(1)
        tools.addWidget(self.output)
        tools.addWidget(self.feature)
        tools.addWidget(self.save)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(4)
        right.addLayout(tools)
        right.addWidget(self._stack, 1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(area)
        whole.addLayout(right, 1)

    # -------------------------------------------------------------------------------- what the user asks for

    def _start_or_stop(self) -> None:
        if self._evaluator.busy:
            self._evaluator.cancel()
        else:
            self._evaluate()

    def _evaluate(self) -> None:
        chosen = self.part.chosen()
        self._evaluator.evaluate(chosen if isinstance(chosen, str) else "")

    def _choose_output(self, place: int) -> None:
        chosen = self.output.value_at(place)
        if isinstance(chosen, str):
            self._layer, self._feature = chosen, 0
            self._show_output()

    def _choose_feature(self, place: int) -> None:
        chosen = self.feature.value_at(place)
        if isinstance(chosen, int):
            self._feature = chosen
            self._show_output()

    def _choose_picture(self, place: int) -> None:
        if self.pictures is not None:
            self.pictures.choose(place)

    # -------------------------------------------------------------------------------- keeping what is shown

    @property
    def chosen(self) -> OutputFigures | None:
        """The output whose figures are shown."""
        found = self._evaluator.evaluation
        if found is None:
            return None
        return next((each for each in found.outputs if each.layer == self._layer), found.outputs[0])

    @property
    def picture(self) -> QWidget | None:
        """What a saved picture shows."""
        return None if self.pictures is None or self._shown is None else self.pictures.currentWidget()

    def numbers(self) -> Mapping[str, Array]:
        """What the picture in front shows, for a file."""
        return {} if self.pictures is None else self.pictures.numbers()

    def refresh(self, *_: object) -> None:
        """Show what is known now."""
        if not self.isVisible():
            return
        evaluator = self._evaluator
        reason = None if evaluator.busy else evaluator.reason_not_to_evaluate()
        self.start.setText("Stop" if evaluator.busy else "Evaluate")
        self.start.setEnabled(reason is None)
        self.start.setToolTip(reason or "Measure the model on samples that it has not learned from")
        status = evaluator.status
        words = status.text
        if not status.busy and not status.problem:
            words = reason or ""
            if not words and evaluator.outdated:
                words = "The model or its weights are others now: evaluate again."
        self.status.setText(words)
        self.status.setVisible(bool(words))
        restyle(self.status, "role", "error" if status.problem else "muted")
        found = evaluator.evaluation
        if found is not self._shown or found is None:
            self._shown = found
            self._show_found(found)

    def _show_found(self, found: Evaluation | None) -> None:
        there = found is not None
        self.verdict.setVisible(there)
        self._table.setVisible(there)
        self.save.setVisible(there)
        self.output.setVisible(found is not None and len(found.outputs) > 1)
        if found is None:
            self.about.setText(_ABOUT)
            self.feature.hide()
            self._blank.setText("Nothing has been measured yet.")
            self._stack.setCurrentWidget(self._blank)
            self._offer_pictures(())
            return
        self.output.offer([(each.layer, each.name) for each in found.outputs])
        chosen = self.chosen
        if chosen is not None:
            self.output.show_value(chosen.layer)
        self._show_output()

    def _show_output(self) -> None:
        found, output = self._shown, self.chosen
        if found is None or output is None:
            return
        self.about.setText(about(found))
        self.verdict.setText(output.sentence)
        restyle(self.verdict, "role", "warning" if output.bad else "heading")
        self._fill_table(found, output)
        many = output.forecast is not None and len(output.features) > 1
        self.feature.setVisible(many)
        if many:
            self.feature.offer(list(enumerate(output.features)))
            self._feature = min(self._feature, len(output.features) - 1)
            self.feature.show_value(self._feature)
        if self.pictures is None:
            # What draws them needs NumPy, which is not imported before there is something to draw.
            from rnn_designer.ui.training.evaluation.pictures import Pictures

            self.pictures = Pictures()
            self._stack.addWidget(self.pictures)
        self.pictures.show_output(output, self._feature if many else 0)
        self._stack.setCurrentWidget(self.pictures)
        self._offer_pictures(self.pictures.titles)

    def _offer_pictures(self, titles: tuple[str, ...]) -> None:
        shown = [button.text() for button in self._chips.buttons()]
        if shown != list(titles):
            for button in self._chips.buttons():
                self._chips.removeButton(button)
                self._chip_row.removeWidget(button)
                button.hide()
                button.deleteLater()
            for place, title in enumerate(titles):
                button = QPushButton(title)
                button.setProperty("role", "chip")
                button.setCheckable(True)
                self._chips.addButton(button, place)
                self._chip_row.addWidget(button)
        current = None if self.pictures is None else self._chips.button(self.pictures.place)
        if current is not None:
            current.setChecked(True)

    def _fill_table(self, found: Evaluation, output: OutputFigures) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                # It goes later, but what comes now stands in its place already.
                widget.hide()
                widget.deleteLater()
        for place, row in enumerate(rows(found, output)):
            label, figure = QLabel(row.label), QLabel(row.figure)
            label.setProperty("role", "" if row.strong else "muted")
            label.setFont(interface_font(9.5, bold=row.strong))
            figure.setFont(code_font(9.5))
            figure.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            figure.setAlignment(Qt.AlignmentFlag.AlignRight)
            for each in (label, figure):
                each.setToolTip(row.tip)
            self._grid.addWidget(label, place, 0)
            self._grid.addWidget(figure, place, 1)
            label.show()
            figure.show()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while it was hidden."""
        super().showEvent(event)
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        """It may become small: scroll areas and paintings inside adapt."""
        return QSize(_LEFT + 160, 90)
