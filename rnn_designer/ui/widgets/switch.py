"""A toggle switch for yes and no, painted in the theme's colours."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy, QWidget

from rnn_designer.ui.theme import FIELD_HEIGHT, keeper, theme

_WIDTH, _HEIGHT = 32.0, 18.0


class Switch(QAbstractButton):
    """A checkable button that looks like a switch; ``mixed`` shows that several layers differ."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mixed = False
        self._pressed_at: QPoint | None = None
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        keeper().changed.connect(self.update)

    @property
    def mixed(self) -> bool:
        """Whether the switch stands for layers that differ."""
        return self._mixed

    def show_value(self, on: bool, *, mixed: bool = False) -> None:
        """Show a value without saying that the user changed it."""
        self._mixed = mixed
        if self.isChecked() != on:
            self.setChecked(on)
        self.setAccessibleDescription("mixed" if mixed else "")
        self.update()

    def sizeHint(self) -> QSize:
        """The height of a field, so that rows line up."""
        return QSize(int(_WIDTH) + 4, FIELD_HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where on the screen the press was, before it can move the switch."""
        self._pressed_at = event.globalPosition().toPoint()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Toggle as :meth:`hitButton` says, and forget the press."""
        super().mouseReleaseEvent(event)
        self._pressed_at = None

    def hitButton(self, pos: QPoint) -> bool:
        """Also the place of the press: the press folds an explanation above away, and the switch moves with it."""
        if super().hitButton(pos):
            return True
        if self._pressed_at is None:
            return False
        moved = self.mapToGlobal(pos) - self._pressed_at
        return moved.manhattanLength() < QApplication.startDragDistance()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter toggles as well as Space; the arrows choose a side."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            if self.isChecked() != (event.key() == Qt.Key.Key_Right):
                self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint track, knob and focus ring."""
        colors = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(2, (self.height() - _HEIGHT) / 2, _WIDTH, _HEIGHT)
        on = self.isChecked() and not self._mixed
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("accent" if on else ("faint" if self.underMouse() else "hairline")))
        if not self.isEnabled():
            painter.setOpacity(0.5)
        painter.drawRoundedRect(track, _HEIGHT / 2, _HEIGHT / 2)
        knob = _HEIGHT - 4
        place = track.left() + 2
        if self._mixed:
            place = track.center().x() - knob / 2
        elif on:
            place = track.right() - knob - 2
        painter.setBrush(QColor("#ffffff") if on or not colors.dark else colors.color("text"))
        if self._mixed:
            painter.drawRoundedRect(QRectF(place, track.center().y() - 1.5, knob, 3), 1.5, 1.5)
        else:
            painter.drawEllipse(QRectF(place, track.top() + 2, knob, knob))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colors.color("accent"), 1.2))
            painter.drawRoundedRect(
                track.adjusted(-1.5, -1.5, 1.5, 1.5), _HEIGHT / 2 + 1.5, _HEIGHT / 2 + 1.5
            )
        painter.end()
