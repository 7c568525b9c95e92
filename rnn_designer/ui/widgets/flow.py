"""A layout that sets widgets in lines, like words, for buttons whose number and length nobody knows beforehand."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Left to right, onto a new line where the next one does not fit any more."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 6) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)

    def _place(self, rect: QRect, *, move: bool) -> int:
        """Set the items into ``rect`` if ``move``; return the height that they need at its width."""
        margins = self.contentsMargins()
        inner = rect.marginsRemoved(margins)
        x, y, tall = inner.x(), inner.y(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            width = min(size.width(), inner.width())
            if x > inner.x() and x + width > inner.right() + 1:
                x, y, tall = inner.x(), y + tall + self.spacing(), 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), QSize(width, size.height())))
            x += width + self.spacing()
            tall = max(tall, size.height())
        return y + tall - rect.y() + margins.bottom()

    # Qt's own

    def addItem(self, item: QLayoutItem) -> None:
        """Put an item at the end."""
        self._items.append(item)

    def count(self) -> int:
        """How many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """One item; None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take one item out; None beyond the last."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """It takes no more than it needs."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Narrower means higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height that the lines need at a width."""
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Set the items."""
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        """As narrow as it can be."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Wide enough for some of the widest item, which is cut beyond that."""
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        margins = self.contentsMargins()
        wide = min(120, max((size.width() for size in shown), default=0))
        tall = max((size.height() for size in shown), default=0)
        return QSize(wide + margins.left() + margins.right(), tall + margins.top() + margins.bottom())
