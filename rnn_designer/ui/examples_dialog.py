"""The examples as large cards: a picture of each design, its name, and what it shows."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.ui.examples import EXAMPLE, Example, examples_in, fitted, paint_picture
from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import interface_font, theme

_CARD = QSize(268, 258)
_PICTURE = 118
_GAP = 12
_COLUMNS = 3
_AROUND = 172
"""What filter, buttons and margins take of the dialog's height."""
_WRAPPED = int(Qt.AlignmentFlag.AlignTop) | int(Qt.AlignmentFlag.AlignLeft) | int(Qt.TextFlag.TextWordWrap)


class _Card(QStyledItemDelegate):
    """Paints one card."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return _CARD + QSize(_GAP, _GAP)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        example = index.data(EXAMPLE)
        if not isinstance(example, Example):
            return
        colors = theme()
        rect: QRect = option.rect
        card = QRectF(rect.topLeft(), _CARD).adjusted(0.5, 0.5, -0.5, -0.5)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(card, 9, 9)
        painter.fillPath(outline, colors.color("panel"))
        painter.setClipPath(outline)
        picture = QRectF(card.left(), card.top(), card.width(), _PICTURE)
        painter.fillRect(picture, colors.color("canvas"))
        self._dots(painter, picture)
        paint_picture(painter, picture.adjusted(16, 14, -16, -14), example)
        painter.setPen(QPen(colors.color("hairline"), 1))
        painter.drawLine(picture.bottomLeft(), picture.bottomRight())
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(
            QPen(colors.color("accent" if chosen else "faint" if over else "hairline"), 2 if chosen else 1)
        )
        painter.drawPath(outline)
        text = card.adjusted(14, _PICTURE + 9, -14, -9).toRect()
        painter.setFont(interface_font(10.5, bold=True))
        painter.setPen(colors.color("text"))
        metrics = painter.fontMetrics()
        painter.drawText(text, int(Qt.AlignmentFlag.AlignTop), fitted(example.name, metrics, text))
        top = text.top() + metrics.height() + 3
        painter.setFont(interface_font(9))
        painter.setPen(colors.color("muted"))
        foot = painter.fontMetrics().height()
        room = QRect(text.left(), top, text.width(), text.bottom() - top - foot)
        painter.drawText(room, _WRAPPED, fitted(example.note, painter.fontMetrics(), room))
        painter.setPen(colors.color("muted"))
        painter.drawText(
            text, int(Qt.AlignmentFlag.AlignBottom) | int(Qt.AlignmentFlag.AlignLeft), example.layers_in_words
        )
        painter.restore()

    def _dots(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(QPen(theme().color("grid"), 1))
        for x in range(int(area.left()) + 8, int(area.right()), 12):
            for y in range(int(area.top()) + 8, int(area.bottom()), 12):
                painter.drawPoint(x, y)


class CardList(QListWidget):
    """Cards in as many columns as fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Examples")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setSpacing(0)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_Card(self))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let no wheel step jump over a row."""
        super().resizeEvent(event)
        self.verticalScrollBar().setSingleStep(40)


class ExamplesDialog(QDialog):
    """Chooses one of the designs that come with the program.

    Signals:
        example_wanted(path): it is to be opened; the dialog is closed already.
    """

    example_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, folder: Path | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Examples")
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText("Filter by name, layer or topic")
        self.filter.setAccessibleName("Filter the examples")
        self.filter.setClearButtonEnabled(True)
        self.filter.addAction(icon("search", theme().muted), QLineEdit.ActionPosition.LeadingPosition)
        self.filter.textChanged.connect(self._filter)
        self.sections = QButtonGroup(self)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        self.cards = CardList(self)
        self.nothing = QLabel(self)
        self.nothing.setProperty("role", "muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self.nothing.hide()
        self.open_button = QPushButton("Open", self)
        self.open_button.setProperty("role", "primary")
        self.open_button.setDefault(True)
        self.open_button.clicked.connect(self._open)
        cancel = QPushButton("Cancel", self)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        words = QLabel("Each one runs at once. Saving it asks for a file of your own.", self)
        words.setProperty("role", "muted")
        words.setWordWrap(True)
        buttons.addWidget(words, 1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.open_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 14)
        column.setSpacing(12)
        column.addWidget(self.filter)
        column.addLayout(self._chips)
        column.addWidget(self.cards, 1)
        column.addWidget(self.nothing, 1)
        column.addLayout(buttons)
        self.cards.itemDoubleClicked.connect(lambda _item: self._open())
        self.cards.itemSelectionChanged.connect(self._show_choice)
        self._read(folder)
        room = self.screen().availableSize()
        rows = -(-self.cards.count() // _COLUMNS)
        tall = max(1, min(rows, 2)) * (_CARD.height() + _GAP) + _AROUND
        wide = _COLUMNS * (_CARD.width() + _GAP) + 44
        self.resize(min(wide, room.width() - 40), min(tall, room.height() - 80))

    def _read(self, folder: Path | None) -> None:
        examples = examples_in(folder)
        for example in examples:
            item = QListWidgetItem(example.name)
            item.setData(EXAMPLE, example)
            item.setToolTip(example.note)
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole,
                f"{example.name}. {example.note} {example.layers_in_words}",
            )
            self.cards.addItem(item)
        self._offer_sections(dict.fromkeys(example.section for example in examples if example.section))
        self._filter("")
        if self.cards.count():
            self.cards.setCurrentRow(0)
        self.cards.setFocus(Qt.FocusReason.OtherFocusReason)

    def _offer_sections(self, titles: Iterable[str]) -> None:
        """One button for each section, and one for all; none where there is nothing to choose."""
        named = list(titles)
        for number, title in enumerate(["All", *named] if len(named) > 1 else []):
            chip = QPushButton(title, self)
            chip.setProperty("role", "section chip")
            chip.setCheckable(True)
            chip.setChecked(number == 0)
            chip.setAutoDefault(False)
            self.sections.addButton(chip, number)
            self._chips.addWidget(chip)
        self._chips.addStretch(1)
        self.sections.idClicked.connect(lambda _number: self._filter(self.filter.text()))

    @property
    def section(self) -> str:
        """The section whose examples are shown; empty for all."""
        chip = self.sections.checkedButton()
        return chip.text() if chip is not None and self.sections.checkedId() > 0 else ""

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        section = self.section
        first = None
        for row in range(self.cards.count()):
            item = self.cards.item(row)
            example = item.data(EXAMPLE)
            held = f"{example.name} {example.note} {example.kinds} {example.section}".casefold()
            hidden = section not in ("", example.section) or not all(word in held for word in words)
            item.setHidden(hidden)
            if not hidden and first is None:
                first = item
        self.cards.setVisible(first is not None)
        self.nothing.setVisible(first is None)
        self.nothing.setText(
            f"No example under {section} has “{text}” in its name, its layers or its notes. "
            "Choose All to look everywhere."
            if section
            else f"No example has “{text}” in its name, its layers or its notes."
            if self.cards.count()
            else "This installation has no examples."
        )
        current = self.cards.currentItem()
        if first is not None and (current is None or current.isHidden()):
            self.cards.setCurrentItem(first)
        self._show_choice()

    def _chosen(self) -> Example | None:
        item = self.cards.currentItem()
        example = item.data(EXAMPLE) if item is not None and not item.isHidden() else None
        return example if isinstance(example, Example) else None

    def _show_choice(self) -> None:
        self.open_button.setEnabled(self._chosen() is not None)

    def _open(self) -> None:
        example = self._chosen()
        if example is not None:
            self.accept()
            self.example_wanted.emit(example.path)
