"""A foldable group of rows with its title, and a word at the right such as "1 set"."""

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from rnn_designer.ui.theme import interface_font, keeper, theme


class SectionHeader(QAbstractButton):
    """The line that folds a section: title at the left, note and chevron at the right."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._note = ""
        self.setText(title)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(interface_font(9.5, bold=True))
        keeper().changed.connect(self.update)
        self._name()
        self.toggled.connect(lambda _open: self._name())

    @property
    def note(self) -> str:
        """The word at the right."""
        return self._note

    def show_note(self, note: str) -> None:
        """Show another word at the right."""
        if note != self._note:
            self._note = note
            self._name()
            self.update()

    def _name(self) -> None:
        self.setAccessibleName(f"{self.text()} {self._note}".strip())
        self.setAccessibleDescription("open" if self.isChecked() else "folded")

    def sizeHint(self) -> QSize:
        """One line with air."""
        return QSize(80, 26)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Right opens, left folds, Enter does either."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.setChecked(event.key() == Qt.Key.Key_Right)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.toggle()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint title, note and chevron."""
        colors = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strong = self.hasFocus() or self.underMouse()
        painter.setPen(colors.color("accent" if self.hasFocus() else "text" if strong else "muted"))
        painter.setFont(self.font())
        room = QRect(0, 0, self.width() - 16, self.height())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self.text())
        if self._note:
            painter.setFont(interface_font(9))
            painter.drawText(
                room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), self._note
            )
        middle = QPointF(self.width() - 7, self.height() / 2)
        points = [QPointF(-3, -1.5), QPointF(0, 1.5), QPointF(3, -1.5)]
        if not self.isChecked():
            points = [QPointF(-1.5, -3), QPointF(1.5, 0), QPointF(-1.5, 3)]
        painter.setPen(QPen(painter.pen().color(), 1.4))
        painter.drawPolyline(QPolygonF([middle + point for point in points]))
        painter.end()


class Section(QWidget):
    """A header and the rows below it, which it shows or folds away.

    Signals:
        toggled(open): the user, or the filter, opened or folded it.
    """

    toggled = Signal(bool)

    def __init__(self, title: str, *, opened: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = SectionHeader(title)
        self.body = QWidget()
        self.rows = QVBoxLayout(self.body)
        self.rows.setContentsMargins(0, 0, 0, 6)
        self.rows.setSpacing(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.header)
        layout.addWidget(self.body)
        self.header.setChecked(opened)
        self.body.setVisible(opened)
        self.header.toggled.connect(self._toggle)

    @property
    def opened(self) -> bool:
        """Whether the rows show."""
        return self.header.isChecked()

    def open(self, opened: bool = True) -> None:
        """Show the rows, or fold them away."""
        self.header.setChecked(opened)

    def _toggle(self, opened: bool) -> None:
        self.body.setVisible(opened)
        self.toggled.emit(opened)
