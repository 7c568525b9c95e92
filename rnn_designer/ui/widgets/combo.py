"""A combo box that leaves the wheel to the scrolling panel unless it has the focus."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QPalette, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from rnn_designer.ui.theme import theme

_REASON_WIDTH = 236


class RowDelegate(QStyledItemDelegate):
    """Rows of a dropped-down list; those that cannot be chosen are fainter, which style sheets forget."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Dim what cannot be chosen."""
        super().initStyleOption(option, index)
        if not index.flags() & Qt.ItemFlag.ItemIsEnabled:
            # Generated stubs of PySide6 do not know the fields of style options.
            palette: QPalette = getattr(option, "palette")  # noqa: B009
            for group in (QPalette.ColorGroup.Normal, QPalette.ColorGroup.Disabled):
                palette.setColor(group, QPalette.ColorRole.Text, theme().color("faint"))
            setattr(option, "palette", palette)  # noqa: B010


class Combo(QComboBox):
    """A combo box as narrow as its column, whose rows each carry a value of ours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: list[object] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setMaxVisibleItems(16)
        self.setItemDelegate(RowDelegate(self))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def offer(self, rows: Sequence[tuple[object, str]]) -> None:
        """Offer these values with their labels, keeping what is chosen if it is still there."""
        values = [value for value, _label in rows]
        labels = [label for _value, label in rows]
        if values == self._values and labels == [self.itemText(place) for place in range(self.count())]:
            return
        held = self.chosen() if self._values else None
        blocked = self.blockSignals(True)
        self.clear()
        self._values = values
        self.addItems(labels)
        self.setCurrentIndex(values.index(held) if held in values else -1)
        self.blockSignals(blocked)

    def rule_out(self, place: int, reason: str) -> None:
        """Keep a row in the list but not to be chosen, with the reason behind its label and as its tooltip."""
        model = self.model()
        item = model.item(place) if isinstance(model, QStandardItemModel) else None
        if item is not None:
            item.setEnabled(False)
            self.view().setMinimumWidth(_REASON_WIDTH)
            item.setText(f"{item.text()}: {reason}")
            self.setItemData(place, reason, Qt.ItemDataRole.ToolTipRole)

    def chosen(self) -> object:
        """The value of the current row; None if there is none."""
        return self.value_at(self.currentIndex())

    def value_at(self, place: int) -> object:
        """The value of a row."""
        return self._values[place] if 0 <= place < len(self._values) else None

    def show_value(self, value: object, *, mixed: bool = False) -> None:
        """Show a value without saying that the user chose it."""
        place = -1
        if not mixed:
            same = (type(value), value)
            found = (index for index, each in enumerate(self._values) if (type(each), each) == same)
            place = next(found, -1)
        if place != self.currentIndex():
            blocked = self.blockSignals(True)
            self.setCurrentIndex(place)
            self.blockSignals(blocked)

    def minimumSizeHint(self) -> QSize:
        """As narrow as its column needs it; the list is as wide as its rows."""
        return QSize(60, super().minimumSizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Choose with the wheel only while focused."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
