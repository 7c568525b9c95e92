"""The status bar: what the engine does, parameters, problems, saved or not, device, zoom."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from rnn_designer.design import Checked, Severity
from rnn_designer.session import EngineState, LiveStatus, Workspace
from rnn_designer.ui.properties.header import total_text
from rnn_designer.ui.theme import keeper, theme
from rnn_designer.ui.training.note import TrainingNote
from rnn_designer.ui.widgets.labels import ElidedLabel
from rnn_designer.ui.work_bar import WorkBar

_STATE_WORDS = {
    EngineState.STARTING: "TensorFlow is loading",
    EngineState.CRASHED: "Engine ended, starting again",
    EngineState.STOPPED: "Engine stopped",
}


class _Link(QLabel):
    """A label that can be clicked."""

    clicked = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.unsetCursor()
        super().leaveEvent(event)


class StatusBar(QStatusBar):
    """Says in a line how things stand.

    Signals:
        problems_wanted(): the number of problems was clicked.
        zoom_reset_wanted(): the zoom was clicked.
    """

    problems_wanted = Signal()
    zoom_reset_wanted = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        # What comes and goes in the bar must not move everything above it.
        self.setFixedHeight(self.fontMetrics().height() + 12)
        self._workspace = workspace
        self._engine = QLabel(self)
        self._activity = ElidedLabel(parent=self)
        self._parameters = QLabel(self)
        self._problems = _Link(self)
        self._saved = QLabel(self)
        self._device = QLabel(self)
        self._zoom = _Link(self)
        self.work = WorkBar(workspace, self)
        self.training = TrainingNote(workspace, self)
        for widget in (
            self._engine,
            self.training,
            self.work,
            self._activity,
            self._parameters,
            self._problems,
        ):
            # A long sentence takes the room that is there: it must never make the window wider.
            self.addWidget(widget, 1 if widget is self._activity else 0)
        for widget in (self._saved, self._device, self._zoom):
            self.addPermanentWidget(widget)
        # The bar says the same in its own words.
        self.work.shown_changed.connect(lambda shown: self._activity.setVisible(not shown))
        self._problems.clicked.connect(self.problems_wanted)
        self._zoom.clicked.connect(self.zoom_reset_wanted)
        self._zoom.setToolTip("Zoom; click for 100 %")

        workspace.live.status_changed.connect(self._show_activity)
        workspace.engine.state_changed.connect(self._show_engine)
        workspace.checks.changed.connect(self._show_checked)
        workspace.document.file_changed.connect(self._show_saved)
        keeper().changed.connect(self._show_engine)
        self.refresh()

    def refresh(self) -> None:
        """Show everything anew."""
        self._show_activity(self._workspace.live.status)
        self._show_engine()
        self._show_checked(self._workspace.checks.checked)
        self._show_saved()
        self.show_zoom(1.0)

    @property
    def labels(self) -> tuple[QLabel, ...]:
        """Everything that is written in the bar, from left to right."""
        return (
            self._engine,
            self._activity,
            self._parameters,
            self._problems,
            self._saved,
            self._device,
            self._zoom,
        )

    def show_zoom(self, scale: float) -> None:
        """Show the canvas' zoom; 1 is 100 %."""
        self._zoom.setText(f"{round(scale * 100)} %")

    def _show_engine(self) -> None:
        state = self._workspace.engine.state
        words = _STATE_WORDS.get(state)
        if words is None:
            words = "Live" if self._workspace.live.enabled else "Paused"
        color = {
            EngineState.STARTING: theme().warning,
            EngineState.CRASHED: theme().error,
            EngineState.STOPPED: theme().error,
        }.get(state, theme().live if self._workspace.live.enabled else theme().muted)
        self._engine.setText(f'<span style="color:{color}">●</span> {words}')
        self._engine.setToolTip(self._workspace.engine.reason)
        hello = self._workspace.engine.hello
        if hello is not None:
            version = hello.versions.get("tensorflow", "")
            open_to_code = " · not sandboxed" if hello.sandbox.startswith("not") else ""
            self._device.setText(
                f"TensorFlow {'.'.join(version.split('.')[:2])} · {hello.device}{open_to_code}"
            )
            self._device.setToolTip(f"The engine is {hello.sandbox}." if hello.sandbox else "")

    def _show_activity(self, status: LiveStatus) -> None:
        self._activity.show_text(status.text)
        self._show_engine()

    def _show_checked(self, checked: Checked) -> None:
        self._parameters.setText(total_text(checked) if checked.design.layers else "")
        words = []
        for severity, word in ((Severity.ERROR, "error"), (Severity.WARNING, "warning")):
            number = sum(problem.severity is severity for problem in checked.problems)
            if number:
                words.append(f"{number} {word}{'s' * (number != 1)}")
        self._problems.setText(", ".join(words))

    def _show_saved(self) -> None:
        document = self._workspace.document
        self._saved.setText("not saved" if document.modified or document.path is None else "saved")
