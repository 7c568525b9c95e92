"""The strip left of the code: line numbers, and a mark on every line that is at fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from rnn_designer.ui.theme import code_font, theme

if TYPE_CHECKING:
    from rnn_designer.ui.cell_editor.code_edit import CodeEdit

_MARK = 14
_SIDE = 8


class Gutter(QWidget):
    """Paints what :class:`CodeEdit` tells it; a click on a number puts the caret on that line."""

    def __init__(self, edit: CodeEdit) -> None:
        super().__init__(edit)
        self._edit = edit
        self._faults: Mapping[int, str] = {}
        self.setAccessibleName("Line numbers")

    def show_faults(self, faults: Mapping[int, str]) -> None:
        """Mark exactly these lines, from 1, each with the sentence that its mark says when pointed at."""
        self._faults = dict(faults)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the greatest number and a mark."""
        digits = max(3, len(str(self._edit.blockCount())))
        metrics = self.fontMetrics()
        return QSize(_MARK + _SIDE + metrics.horizontalAdvance("9") * digits, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the numbers in sight."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), look.color("window"))
        painter.setFont(code_font(9))
        current = self._edit.textCursor().blockNumber() + 1
        for line, top, height in self._edit.lines_in_sight():
            faulty = line in self._faults
            painter.setPen(look.color("error" if faulty else "text" if line == current else "faint"))
            room = QRectF(0, top, self.width() - _SIDE, height)
            painter.drawText(
                room, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(line)
            )
            if faulty:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color("error"))
                painter.drawEllipse(QRectF(4, top + height / 2 - 3.5, 7, 7))
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Say what is wrong with the line that is pointed at."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            sentence = self._faults.get(self._line_at(event.y()), "")
            QToolTip.showText(event.globalPos(), sentence, self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the caret on the line."""
        line = self._line_at(int(event.position().y()))
        if line:
            self._edit.go_to(line)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The click ends here, and not in the text."""
        event.accept()

    def _line_at(self, y: int) -> int:
        return next((line for line, top, height in self._edit.lines_in_sight() if top <= y < top + height), 0)
