"""How far the reading of a file is, with Stop; it shows itself after half a second."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from rnn_designer.ui.data.rows import small_text

_PATIENCE = 500


class ReadingBar(QWidget):
    """A bar, a sentence and a button.

    Signals:
        stop_wanted(): the reading is to be stopped.
    """

    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of reading")
        self.words = small_text()
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("Stop reading, and use the rows that were read so far.")
        self.stop.clicked.connect(lambda: self.stop_wanted.emit())
        row = QHBoxLayout()
        row.addWidget(self.words, 1)
        row.addWidget(self.stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.bar)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PATIENCE)
        self._timer.timeout.connect(self.show)
        self.hide()

    def show_progress(self, progress: tuple[float | None, str] | None) -> None:
        """Show how far it is; None: nothing is being read."""
        if progress is None:
            self._timer.stop()
            self.hide()
            return
        fraction, words = progress
        self.words.setText(words)
        self.bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self.bar.setValue(round(1000 * fraction))
        if self.isHidden() and not self._timer.isActive():
            self._timer.start()
