"""The dot beside a field that says: another value than the default; it takes the default back."""

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import FIELD_HEIGHT, keeper, theme


class ResetDot(QAbstractButton):
    """A dot that marks a value other than the default; hovered or focused it turns into an arrow that resets it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(14, FIELD_HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        keeper().changed.connect(self.update)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the arrow."""
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Show the dot."""
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint dot or arrow."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        center = self.rect().center()
        if self.underMouse() or self.hasFocus():
            icon("reset", theme().accent).paint(painter, center.x() - 6, center.y() - 6, 13, 13)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("accent"))
            painter.drawEllipse(QRectF(center.x() - 1.5, center.y() - 1.5, 5, 5))
        painter.end()
