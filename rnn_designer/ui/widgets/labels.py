"""Labels: one that scrubs a number, one that elides, and the title that can be edited in place."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QWidget

from rnn_designer.ui.theme import interface_font


class ScrubLabel(QLabel):
    """A label beside a field; dragging it sideways scrubs the field's number.

    Signals:
        scrubbed(pixels, fine): how far the mouse is from where it was pressed; ``fine`` while Ctrl is held.
        scrub_ended(): the mouse let go after scrubbing.
        clicked(): pressed and released without dragging.
    """

    scrubbed = Signal(int, bool)
    scrub_ended = Signal()
    clicked = Signal()

    def __init__(self, text: str, *, scrubs: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._scrubs = scrubs
        self._pressed_at: float | None = None
        self._dragging = False
        self.setWordWrap(True)
        self.setProperty("role", "muted")
        if scrubs:
            self.setCursor(Qt.CursorShape.SizeHorCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where the mouse went down."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.globalPosition().x()
            self._dragging = False
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say how far the mouse has come."""
        if self._pressed_at is None or not self._scrubs:
            return
        pixels = round(event.globalPosition().x() - self._pressed_at)
        if self._dragging or abs(pixels) >= 3:
            self._dragging = True
            self.scrubbed.emit(pixels, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the scrub, or count it as a click."""
        if self._pressed_at is None:
            return
        self._pressed_at = None
        if self._dragging:
            self._dragging = False
            self.scrub_ended.emit()
        else:
            self.clicked.emit()


class ElidedLabel(QLabel):
    """A one-line label that ends in an ellipsis where it does not fit, with the whole text as its tooltip."""

    def __init__(self, text: str = "", *, role: str = "muted", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.show_text(text)

    def show_text(self, text: str) -> None:
        """Show another text."""
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def whole_text(self) -> str:
        """The text without an ellipsis."""
        return self._whole

    def sizeHint(self) -> QSize:
        """As wide as the whole text."""
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._whole) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(16, QFontMetrics(self.font()).height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint as much of the text as fits."""
        metrics = QFontMetrics(self.font())
        shown = metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, self.contentsRect().width())
        self.setToolTip(self._whole if shown != self._whole else "")
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)
        painter.end()


class TitleEdit(QLineEdit):
    """A name that looks like a heading and is edited where it stands.

    Signals:
        renamed(name): Enter was pressed, or the focus left, and the text is another.
    """

    renamed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self.setProperty("role", "title")
        self.setFont(interface_font(10.5, bold=True))
        self.setAccessibleName("Name")
        self.setToolTip("The layer's name, also in the exported code. Click to change it.")
        self.textChanged.connect(lambda _text: self.updateGeometry())
        self.editingFinished.connect(self._finish)

    def show_name(self, name: str) -> None:
        """Show another name; a name that is being typed is left alone unless the held one changed."""
        if name != self._name or not self.hasFocus():
            self._name = name
            if self.text() != name:
                self.setText(name)
                self.setCursorPosition(0)

    def settle(self, name: str) -> None:
        """Show the name that holds, whatever was typed."""
        self._name = name
        if self.text() != name:
            self.setText(name)

    def _finish(self) -> None:
        if self.text() != self._name:
            self.renamed.emit(self.text())

    def sizeHint(self) -> QSize:
        """As wide as the name."""
        hint = super().sizeHint()
        width = QFontMetrics(self.font()).horizontalAdvance(self.text() or "name") + 16
        return QSize(max(48, min(190, width)), hint.height())

    def minimumSizeHint(self) -> QSize:
        """A name may be cut off, never its field's neighbours."""
        return QSize(48, super().minimumSizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes the typing back."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self._name:
            self.setText(self._name)
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the beginning of a name that does not fit."""
        super().resizeEvent(event)
        if not self.hasFocus():
            self.setCursorPosition(0)
