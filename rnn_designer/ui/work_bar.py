"""In the status bar: whatever takes longer than half a second shows how far it is, and can be stopped."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from rnn_designer.messages import Message, Progress
from rnn_designer.session import EngineState, Workspace
from rnn_designer.session.exporter import Exporter

PATIENCE = 500
"""Milliseconds after which work is shown; shorter work would only flicker."""


class WorkBar(QWidget):
    """A bar, what is being done, and Stop; hidden while nothing takes long.

    Signals:
        shown_changed(shown): it came or went.
    """

    shown_changed = Signal(bool)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._exporter: Exporter | None = None
        self._fraction: float | None = None
        self._words = ""
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(110)
        self.bar.setAccessibleName("Progress")
        self.text = QLabel(self)
        self.stop = QPushButton("Stop", self)
        self.stop.setProperty("role", "link")
        self.stop.setToolTip("Stop this")
        self.stop.clicked.connect(self._stop)
        self._stopper: Callable[[], object] | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.bar)
        row.addWidget(self.text)
        row.addWidget(self.stop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PATIENCE)
        self._timer.timeout.connect(self._show)
        workspace.engine.received.connect(self._take)
        workspace.engine.state_changed.connect(self.look)
        workspace.live.status_changed.connect(self.look)
        workspace.samples.changed.connect(self.look)
        workspace.samples.settled.connect(self.look)
        self.hide()

    def watch(self, exporter: Exporter) -> None:
        """Show exports as well."""
        self._exporter = exporter
        exporter.busy_changed.connect(self.look)

    def look(self, *_: object) -> None:
        """See whether something is under way."""
        words, stopper = self._work()
        if not words:
            self._timer.stop()
            self._fraction = None
            self._words = ""
            if not self.isHidden():
                self.hide()
                self.shown_changed.emit(False)
            return
        if words != self._words:
            # Another piece of work: what was known of the one before does not count for it.
            self._fraction = None
        self._words, self._stopper = words, stopper
        if not self.isHidden():
            self._show()
        elif not self._timer.isActive():
            self._timer.start()

    def _work(self) -> tuple[str, Callable[[], object] | None]:
        """What is under way and how it is stopped; empty words for nothing."""
        workspace = self._workspace
        if self._exporter is not None and self._exporter.busy:
            return "Exporting the weights", self._exporter.cancel
        if workspace.engine.state is EngineState.STARTING:
            # The words before the bar say what starts; these say how long.
            return "a few seconds, longer the first time", None
        status = workspace.live.status
        if status.busy:
            if not workspace.samples.ready:
                return "Reading the data", workspace.samples.stop_reading
            return status.text.rstrip(" …"), workspace.live.cancel
        return "", None

    def _take(self, message: Message) -> None:
        if isinstance(message, Progress):
            self._fraction = message.fraction
            self.look()

    def _show(self) -> None:
        fraction = self._fraction
        self.bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self.bar.setValue(round(1000 * max(0.0, min(fraction, 1.0))))
        self.text.setText(self._words)
        self.stop.setVisible(self._stopper is not None)
        if self.isHidden():
            self.show()
            self.shown_changed.emit(True)

    def _stop(self) -> None:
        if self._stopper is not None:
            self._stopper()
