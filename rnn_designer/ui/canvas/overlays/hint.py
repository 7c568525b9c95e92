"""A sentence near the pointer: why a wire cannot go there, or what the keys do just now."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget

from rnn_designer.ui.canvas.overlays.surface import inside
from rnn_designer.ui.theme import keeper, theme

_WIDTH = 300


class Hint(QLabel):
    """One sentence in the colours of a tooltip; it lets the mouse through and never takes the focus."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setWordWrap(True)
        self.hide()
        keeper().changed.connect(self._dress)
        self._dress()

    def say(self, at: QPoint, sentence: str) -> None:
        """Show a sentence below and right of a point of the parent."""
        self.setText(sentence)
        room = self.fontMetrics().horizontalAdvance(sentence) + 24
        self.setFixedWidth(min(room, _WIDTH))
        self.setFixedHeight(self.heightForWidth(self.width()))
        self.move(inside(self._canvas.rect(), at + QPoint(14, 16), self.size()))
        self.raise_()
        self.show()

    def _dress(self) -> None:
        colors = theme()
        self.setStyleSheet(
            f"background: {colors.tooltip}; color: {colors.on_tooltip}; border-radius: 6px; padding: 5px 9px;"
        )
