"""The examples: the designs that come with the program, each with its name, a line about it and a small picture."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPainterPath, QPen, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.catalog import CATALOG, Family
from rnn_designer.paths import resource
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.titles import title_of
from rnn_designer.ui.widgets.mark import family_of
from rnn_designer.wording import counted

EXAMPLE = Qt.ItemDataRole.UserRole
"""The role under which a list keeps its :class:`Example`."""
_PICTURE = 58
_BOX = (180.0, 78.0)
"""The size of a box on the canvas, as far as the picture needs it."""
_WRAPPED = int(Qt.AlignmentFlag.AlignTop) | int(Qt.AlignmentFlag.AlignLeft) | int(Qt.TextFlag.TextWordWrap)


@dataclass(frozen=True)
class Example:
    """What the list shows of a design file.

    Attributes:
        path: of the file.
        name: of the design.
        note: the first line of its notes.
        boxes: kind and position of every layer on its canvas.
        wires: pairs of places in ``boxes``.
    """

    path: Path
    name: str
    note: str
    boxes: tuple[tuple[str, float, float], ...] = ()
    wires: tuple[tuple[int, int], ...] = ()

    @property
    def layers_in_words(self) -> str:
        """How many layers it has, and of which recurrent or wrapping kinds."""
        number = len(self.boxes)
        kinds = dict.fromkeys(
            kind
            for kind, _x, _y in self.boxes
            if kind in CATALOG and CATALOG[kind].family in (Family.RECURRENT, Family.WRAPPERS)
        )
        return " · ".join((counted(number, "layer", grouped=False), *kinds))


def examples_in(folder: Path | None = None) -> list[Example]:
    """The examples in a folder, the program's own if none is given; files that are no designs are left out."""
    place = folder or resource("examples")
    found = [read_example(path) for path in sorted(place.glob("*.rnnd"))] if place.is_dir() else []
    return [example for example in found if example is not None]


def read_example(path: Path) -> Example | None:
    """What the list shows of a file; None if it is no design. Only its JSON is looked at, nothing is checked."""
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
        layers: list[dict[str, Any]] = tree["layers"]
        boxes = tuple((str(each["kind"]), *_position(each)) for each in layers)
        places = {each["id"]: place for place, each in enumerate(layers)}
        wires = tuple(
            (places[link["source"]], places[link["target"]])
            for link in tree.get("links", [])
            if link["source"] in places and link["target"] in places
        )
        lines = [line.strip() for line in str(tree.get("notes", "")).splitlines() if line.strip()]
        name = title_of(str(tree.get("name", path.stem)))
        return Example(path, name, lines[0] if lines else "", boxes, wires)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _position(layer: dict[str, Any]) -> tuple[float, float]:
    x, y = layer.get("position", (0.0, 0.0))
    return float(x), float(y)


def paint_picture(painter: QPainter, rect: QRectF, example: Example) -> None:
    """Paint the boxes and wires of a design, fitted into a rectangle; boxes with words where they are large enough."""
    if not example.boxes:
        return
    left = min(x for _kind, x, _y in example.boxes)
    top = min(y for _kind, _x, y in example.boxes)
    width = max(x for _kind, x, _y in example.boxes) + _BOX[0] - left
    height = max(y for _kind, _x, y in example.boxes) + _BOX[1] - top
    scale = min(rect.width() / width, rect.height() / height, 0.34)
    corner = rect.center() - QPointF(width, height) * scale / 2
    boxes = [
        QRectF(corner + QPointF(x - left, y - top) * scale, QRectF(0, 0, *_BOX).size() * scale)
        for _kind, x, y in example.boxes
    ]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme().color("wire"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for source, target in example.wires:
        painter.drawPath(_wire(boxes[source], boxes[target]))
    for (kind, _x, _y), box in zip(example.boxes, boxes, strict=True):
        _paint_box(painter, box, kind)
    painter.restore()


def _wire(source: QRectF, target: QRectF) -> QPainterPath:
    start = QPointF(source.right(), source.center().y())
    end = QPointF(target.left(), target.center().y())
    path = QPainterPath(start)
    if end.x() >= start.x():
        reach = QPointF(max(2.0, (end.x() - start.x()) / 2), 0)
        path.cubicTo(start + reach, end - reach, end)
    else:
        # Back to the next row: out to the right, between the rows, and in from the left.
        reach = QPointF(source.width() / 3, 0)
        middle = (start + end) / 2
        path.cubicTo(start + reach, QPointF(start.x() + reach.x(), middle.y()), middle)
        path.cubicTo(QPointF(end.x() - reach.x(), middle.y()), end - reach, end)
    return path


def _paint_box(painter: QPainter, box: QRectF, kind: str) -> None:
    colors = theme()
    hue = colors.family(family_of(kind))
    painter.setPen(QPen(colors.color("faint", 0.7), 1))
    painter.setBrush(colors.color("panel"))
    radius = min(4.0, box.height() / 5)
    painter.drawRoundedRect(box, radius, radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(hue)
    mark = max(3.0, min(6.0, box.height() * 0.24))
    inset = max(3.0, box.width() * 0.08)
    room = box.width() - 3 * inset - mark
    largest = min(8.0, box.height() * 0.3)
    sizes = [size for size in (largest, largest - 0.5, largest - 1, largest - 1.5) if size >= 6]
    fonts = [interface_font(size) for size in sizes]
    font = next((each for each in fonts if QFontMetrics(each).horizontalAdvance(kind) <= room), None)
    if font is not None:
        painter.drawRoundedRect(QRectF(box.left() + inset, box.center().y() - mark / 2, mark, mark), 1.2, 1.2)
        painter.setFont(font)
        painter.setPen(colors.color("text"))
        painter.drawText(
            box.adjusted(2 * inset + mark, 0, 0, 0),
            int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.AlignmentFlag.AlignLeft),
            kind,
        )
    else:
        mark = max(3.0, min(box.height(), box.width()) * 0.4)
        painter.drawRoundedRect(
            QRectF(box.center().x() - mark / 2, box.center().y() - mark / 2, mark, mark), 1.5, 1.5
        )


def fitted(text: str, metrics: QFontMetrics, room: QRect) -> str:
    """As many words as fit into a rectangle, with an ellipsis where some are left out."""
    words = text.split()
    for count in range(len(words), 0, -1):
        shown = " ".join(words[:count]) + ("…" if count < len(words) else "")
        if metrics.boundingRect(QRect(0, 0, room.width(), 10_000), _WRAPPED, shown).height() <= room.height():
            return shown
    return "…" if words else ""


class _Delegate(QStyledItemDelegate):
    """Paints a card: the picture, the name, the line about it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, _PICTURE + 80)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        example = index.data(EXAMPLE)
        if not isinstance(example, Example):
            return
        colors = theme()
        rect: QRect = option.rect
        card = QRectF(rect).adjusted(8.5, 4.5, -8.5, -3.5)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colors.color("accent" if chosen else "faint" if over else "hairline"), 1))
        painter.setBrush(colors.color("accent_soft" if chosen else "panel"))
        painter.drawRoundedRect(card, 9, 9)
        paint_picture(
            painter, QRectF(card.left() + 10, card.top() + 8, card.width() - 20, _PICTURE - 10), example
        )
        text = card.adjusted(10, _PICTURE, -10, -6).toRect()
        painter.setFont(interface_font(10, bold=True))
        painter.setPen(colors.color("text"))
        name = painter.fontMetrics().elidedText(example.name, Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, int(Qt.AlignmentFlag.AlignTop), name)
        painter.setFont(interface_font(9))
        painter.setPen(colors.color("muted"))
        below = text.adjusted(0, 19, 0, 0)
        note = fitted(example.note, painter.fontMetrics(), below)
        painter.drawText(below, _WRAPPED, note)
        painter.restore()


class _List(QListWidget):
    """The list, in which Enter opens."""

    chosen = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)


class ExamplesPanel(QWidget):
    """The list of examples, read when it is first shown.

    Signals:
        example_wanted(path): a design file is to be opened.
    """

    example_wanted = Signal(object)

    def __init__(
        self,
        workspace: Workspace,
        selection: Selection,
        parent: QWidget | None = None,
        *,
        folder: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        self._read = False
        self.list = _List()
        self.list.setAccessibleName("Examples")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.itemDoubleClicked.connect(lambda _item: self._open())
        self.list.chosen.connect(self._open)
        self._empty = QLabel("This installation has no examples.")
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setMargin(10)
        self._empty.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._empty)
        layout.addWidget(self.list, 1)
        keeper().changed.connect(self.list.viewport().update)

    def read(self) -> None:
        """Read the folder again."""
        self._read = True
        self.list.clear()
        for example in examples_in(self._folder):
            item = QListWidgetItem(example.name)
            item.setData(EXAMPLE, example)
            item.setToolTip(example.note)
            text = f"{example.name}. {example.note} {len(example.boxes)} layers."
            item.setData(Qt.ItemDataRole.AccessibleTextRole, text)
            self.list.addItem(item)
        self._empty.setVisible(self.list.count() == 0)

    def _open(self) -> None:
        item = self.list.currentItem()
        example = item.data(EXAMPLE) if item is not None else None
        if isinstance(example, Example):
            self.example_wanted.emit(example.path)

    def showEvent(self, event: QShowEvent) -> None:
        """Read the folder the first time."""
        super().showEvent(event)
        if not self._read:
            self.read()
