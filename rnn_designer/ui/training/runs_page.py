"""The list of runs: each with its settings in words, its loss as a small curve, its best figure and its state."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QInputDialog,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from rnn_designer.design import Refused
from rnn_designer.design.files import FileProblem
from rnn_designer.session.training.run import STATES
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.training.page import Page
from rnn_designer.ui.training.steering import resume
from rnn_designer.ui.training.words import best_words, monitored, settings_words
from rnn_designer.ui.widgets.flow import FlowLayout

if TYPE_CHECKING:
    from rnn_designer.session.training import TrainingRun

_HEIGHT = 46
_CURVE = 74
_NAME_SHARE = 0.5
"""Of the row, how much a long name may take from the best figure."""
_STATE_WORDS = {
    "running": "under way",
    "finished": "finished",
    "stopped": "stopped",
    "early": "stopped early",
    "not_a_number": "no number",
    "interrupted": "interrupted",
}


class RunsModel(QAbstractListModel):
    """The runs, newest first."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._runs: tuple[TrainingRun, ...] = ()

    def show_runs(self, runs: tuple[TrainingRun, ...]) -> None:
        """Show other runs, or the same as they are now: the selection stays."""
        newest_first = tuple(reversed(runs))
        if [each.id for each in newest_first] != [each.id for each in self._runs]:
            self.beginResetModel()
            self._runs = newest_first
            self.endResetModel()
        elif newest_first != self._runs:
            self._runs = newest_first
            self.dataChanged.emit(self.index(0), self.index(len(self._runs) - 1))

    def run(self, row: int) -> TrainingRun | None:
        """The run in a row."""
        return self._runs[row] if 0 <= row < len(self._runs) else None

    def row_of(self, run_id: str) -> int:
        """The row of a run; -1 where there is none."""
        return next((row for row, run in enumerate(self._runs) if run.id == run_id), -1)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """How many runs there are."""
        return 0 if parent.isValid() else len(self._runs)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """A run, or what is said of it."""
        run = self.run(index.row())
        if run is None:
            return None
        if role == Qt.ItemDataRole.UserRole:
            return run
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            told = (run.name, settings_words(run.training), best_words(run), _STATE_WORDS.get(run.state, ""))
            return ". ".join(filter(None, told))
        if role == Qt.ItemDataRole.ToolTipRole:
            when = run.started.strftime("%Y-%m-%d %H:%M")
            return f"{run.name}, started {when}. {run.sentence or STATES.get(run.state, '')}"
        return None


class RunDelegate(QStyledItemDelegate):
    """Paints a run: name and settings, the small curve, the best figure, the state; a mark where it is shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.shown = ""
        self.compared = ""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Two lines."""
        return QSize(200, _HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        run: TrainingRun = index.data(Qt.ItemDataRole.UserRole)
        # Generated stubs of PySide6 do not know the fields of style options.
        room = QRectF(getattr(option, "rect"))  # noqa: B009
        state: QStyle.StateFlag = getattr(option, "state")  # noqa: B009
        look = theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("accent_soft"))
            painter.drawRoundedRect(room.adjusted(4, 1, -4, -1), 6, 6)
        if run.id in (self.shown, self.compared):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("accent" if run.id == self.shown else "violet"))
            painter.drawRoundedRect(QRectF(room.left() + 5, room.top() + 8, 3, room.height() - 16), 1.5, 1.5)
        curve = QRectF(room.right() - _CURVE - 14, room.top() + 7, _CURVE, room.height() - 14)
        _paint_curve(painter, curve, run)
        words = room.adjusted(15, 5, -_CURVE - 24, -5)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        above, below = QRectF(words), QRectF(words)
        above.setHeight(words.height() / 2)
        below.setTop(above.bottom())
        painter.setFont(interface_font(9.5, bold=True))
        painter.setPen(look.color("text"))
        name_wide = painter.fontMetrics().horizontalAdvance(run.name)
        name_wide = min(name_wide, round(above.width() * _NAME_SHARE))
        name = painter.fontMetrics().elidedText(run.name, Qt.TextElideMode.ElideRight, name_wide + 1)
        painter.drawText(above, middle, name)
        painter.setFont(interface_font(9))
        metrics = painter.fontMetrics()
        rest = above.adjusted(min(name_wide, above.width()) + 10, 0, 0, 0)
        told = " · ".join(filter(None, (best_words(run), _STATE_WORDS.get(run.state, run.state))))
        if rest.width() > 30:
            warned = run.state in ("interrupted", "not_a_number")
            painter.setPen(look.color("warning" if warned else "live" if run.state == "running" else "text"))
            painter.drawText(
                rest, middle, metrics.elidedText(told, Qt.TextElideMode.ElideRight, int(rest.width()))
            )
        painter.setPen(look.color("muted"))
        settings = metrics.elidedText(
            settings_words(run.training), Qt.TextElideMode.ElideRight, int(below.width())
        )
        painter.drawText(below, middle, settings)
        painter.restore()


def _paint_curve(painter: QPainter, room: QRectF, run: TrainingRun) -> None:
    """The monitored figure over the epochs, on a scale of its own, its best epoch dotted."""
    name, look = monitored(run), theme()
    found = [
        (each.epoch, each.logs[name]) for each in run.epochs if math.isfinite(each.logs.get(name, math.nan))
    ]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.color("field"))
    painter.drawRoundedRect(room, 3, 3)
    if len(found) < 2:
        return
    # Figures that fall by orders of magnitude would all lie at the bottom.
    figures = [math.log(value) if min(v for _, v in found) > 0 else value for _, value in found]
    low, high = min(figures), max(figures)
    first, last = found[0][0], max(found[-1][0], found[0][0] + 1)
    inner = room.adjusted(3, 4, -3, -4)
    points = [
        QPointF(
            inner.left() + (epoch - first) / (last - first) * inner.width(),
            inner.bottom() - ((figure - low) / (high - low) if high > low else 0.5) * inner.height(),
        )
        for (epoch, _value), figure in zip(found, figures, strict=True)
    ]
    painter.setPen(QPen(look.color("accent"), 1.3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))
    best = next((place for place, (epoch, _) in enumerate(found) if epoch == run.best_epoch), None)
    if best is not None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("live"))
        painter.drawEllipse(points[best], 2.4, 2.4)


class RunList(QListView):
    """The list; keys do what the buttons below it do.

    Signals:
        asked(what): ``rename``, ``remove``, ``show`` or ``compare``, of the current run.
    """

    asked = Signal(str)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F2 renames, Del removes, Enter shows, Space lays over."""
        what = {
            Qt.Key.Key_F2: "rename",
            Qt.Key.Key_Delete: "remove",
            Qt.Key.Key_Return: "show",
            Qt.Key.Key_Enter: "show",
            Qt.Key.Key_Space: "compare",
        }.get(Qt.Key(event.key()))
        if what is None:
            super().keyPressEvent(event)
        else:
            self.asked.emit(what)

    def event(self, event: QEvent) -> bool:
        """Keep Delete and Space for the list while it has the keys."""
        kept = (Qt.Key.Key_Delete, Qt.Key.Key_Space, Qt.Key.Key_F2)
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() in kept:
            event.accept()
            return True
        return super().event(event)


class RunsPage(Page):
    """Every run of the design, and what can be done with each."""

    name = "runs"
    can_be_saved: ClassVar[bool] = False

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(workspace, parent)
        workspace.runs.changed.connect(self.refresh)

    def build(self) -> None:
        """The list, and below it what can be done with the current run."""
        self.model = RunsModel(self)
        self.list = RunList()
        self.list.setModel(self.model)
        self.delegate = RunDelegate(self)
        self.list.setItemDelegate(self.delegate)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setAccessibleName("Runs")
        self.list.viewport().setAutoFillBackground(False)
        self.column.addWidget(self.list, 1)
        below = QWidget()
        flow = FlowLayout(below, 4)
        flow.setContentsMargins(8, 2, 8, 2)
        self.buttons: dict[str, QPushButton] = {}
        for what, words, tip in (
            ("show", "Show", "Show its curves and its epochs (Enter)"),
            ("compare", "Compare", "Lay its curves over those that are shown (Space)"),
            (
                "restore",
                "Restore",
                "Bring back its design, with its settings and the weights of its best epoch",
            ),
            ("continue", "Continue", "Go on where it was interrupted or stopped"),
            ("rename", "Rename", "Give it another name (F2)"),
            ("remove", "Remove", "Delete it with its weights (Del)"),
        ):
            button = QPushButton(words)
            button.setProperty("role", "fix" if what in ("show", "restore", "continue") else "link")
            button.setToolTip(tip)
            button.clicked.connect(lambda _=False, what=what: self.act(what))
            self.buttons[what] = button
            flow.addWidget(button)
        self.column.addWidget(below)
        self.list.asked.connect(self.act)
        self.list.doubleClicked.connect(lambda _index: self.act("show"))
        self.list.selectionModel().currentChanged.connect(lambda *_: self._show_buttons())
        keeper().changed.connect(self.list.viewport().update)

    @property
    def current(self) -> TrainingRun | None:
        """The run that the buttons are about."""
        index = self.list.currentIndex()
        return self.model.run(index.row()) if index.isValid() else None

    def draw(self, run: TrainingRun, epoch: int | None) -> None:
        """Show the runs as they are now."""
        del epoch
        held = self.current
        compared = self.shown.compared
        marks = (run.id, compared.id if compared is not None else "")
        if marks != (self.delegate.shown, self.delegate.compared):
            self.delegate.shown, self.delegate.compared = marks
            self.list.viewport().update()
        self.model.show_runs(self.workspace.runs.all)
        row = self.model.row_of((held or run).id)
        if row >= 0 and row != self.list.currentIndex().row():
            self.list.setCurrentIndex(self.model.index(row))
        self._show_buttons()

    def _show_buttons(self) -> None:
        run, trainer = self.current, self.workspace.trainer
        shown, compared = self.shown.run, self.shown.compared
        if run is None:
            for button in self.buttons.values():
                button.setEnabled(False)
            return
        under_way = run.state == "running"
        over = compared is not None and compared.id == run.id
        for what, possible in (
            ("show", True),
            ("compare", shown is None or shown.id != run.id),
            ("restore", bool(run.epochs) and not under_way),
            ("continue", run.resumable and not trainer.active),
            ("rename", True),
            ("remove", not under_way),
        ):
            self.buttons[what].setEnabled(possible)
        self.buttons["compare"].setText("Compare no more" if over else "Compare")
        self.buttons["continue"].setVisible(run.resumable)

    def act(self, what: str) -> None:
        """Do with the current run what a button says."""
        run = self.current
        if run is None or (what in self.buttons and not self.buttons[what].isEnabled()):
            return
        try:
            self._act(what, run)
        except (Refused, FileProblem) as problem:
            self.noticed.emit(str(problem))

    def _act(self, what: str, run: TrainingRun) -> None:
        match what:
            case "show":
                self.shown.show(run.id)
                self.page_wanted.emit("loss")
            case "compare":
                compared = self.shown.compared
                same = compared is not None and compared.id == run.id
                self.shown.compare("" if same else run.id)
                if not same:
                    self.page_wanted.emit("loss")
            case "restore":
                self.workspace.restore(run)
                self.noticed.emit(
                    f"“{run.name}” is back: its design, its settings and the weights of epoch {run.best_epoch}."
                )
            case "continue":
                resume(self.workspace, run)
            case "rename":
                name, agreed = QInputDialog.getText(self, "Rename the run", "Name", text=run.name)
                if agreed:
                    self.workspace.runs.rename(run, name)
            case "remove":
                self.workspace.runs.remove(run)
                self.noticed.emit(f"“{run.name}” and its weights are deleted.")
