"""The examples: the designs that come with the program, each with its name, a line about it and a small picture."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

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
_LARGEST = 0.46
"""The scale of small designs: a box is wide enough for the longest name of a usual layer."""
_FRAME = (44.0, 34.0, 24.0)
"""How much wider a frame is than what is in it, and how much room its title and its foot take."""
MORE = "More"
"""The section of designs that the list of sections does not name."""
_WRAPPED = int(Qt.AlignmentFlag.AlignTop) | int(Qt.AlignmentFlag.AlignLeft) | int(Qt.TextFlag.TextWordWrap)


class Box(NamedTuple):
    """A layer on an example's canvas: its kind, its place, and the kinds of the innermost layers inside it."""

    kind: str
    x: float
    y: float
    inner: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[float, float]:
        """Width and height on the canvas, roughly."""
        if not self.inner:
            return _BOX
        side, title, foot = _FRAME
        return _BOX[0] + side, title + foot + _BOX[1] * len(self.inner) + 12.0 * (len(self.inner) - 1)


@dataclass(frozen=True)
class Example:
    """What the list shows of a design file.

    Attributes:
        path: of the file.
        name: of the design.
        note: the first line of its notes.
        boxes: every layer on its canvas.
        wires: pairs of places in ``boxes``.
        section: under which heading it stands.
    """

    path: Path
    name: str
    note: str
    boxes: tuple[Box, ...] = ()
    wires: tuple[tuple[int, int], ...] = ()
    section: str = ""

    @property
    def layers_in_words(self) -> str:
        """How many layers it has, and of which recurrent or wrapping kinds."""
        number = len(self.boxes)
        told = (Family.RECURRENT, Family.WRAPPERS, Family.ATTENTION)
        kinds = dict.fromkeys(
            each.kind for each in self.boxes if each.kind in CATALOG and CATALOG[each.kind].family in told
        )
        return " · ".join((counted(number, "layer", grouped=False), *kinds))

    @property
    def kinds(self) -> str:
        """The kinds of all its layers, for search."""
        return " ".join(kind for each in self.boxes for kind in (each.kind, *each.inner))


def example_files(folder: Path | None = None) -> list[tuple[str, Path]]:
    """The design files of a folder with their section, in the order of its list of sections.

    Args:
        folder: with ``.rnnd`` files and perhaps a ``sections.json``; the program's own examples if none is given.
    """
    place = folder or resource("examples")
    if not place.is_dir():
        return []
    there = {path.stem: path for path in sorted(place.glob("*.rnnd"))}
    found = [(title, there.pop(name)) for title, name in _listed(place) if name in there]
    return [*found, *((MORE if found else "", path) for path in there.values())]


def _listed(place: Path) -> Iterator[tuple[str, str]]:
    """Section and file name, as the folder's list has them; nothing where there is no such list."""
    try:
        sections = json.loads((place / "sections.json").read_text(encoding="utf-8"))
        pairs = [(str(each["title"]), str(name)) for each in sections for name in each["designs"]]
    except (OSError, ValueError, KeyError, TypeError):
        return
    yield from {name: (title, name) for title, name in pairs}.values()


def examples_in(folder: Path | None = None) -> list[Example]:
    """The examples in a folder, the program's own if none is given; files that are no designs are left out."""
    found = [read_example(path, section) for section, path in example_files(folder)]
    return [example for example in found if example is not None]


def read_example(path: Path, section: str = "") -> Example | None:
    """What the list shows of a file; None if it is no design. Only its JSON is looked at, nothing is checked."""
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
        layers: list[dict[str, Any]] = tree["layers"]
        boxes = tuple(Box(str(each["kind"]), *_position(each), tuple(_innermost(each))) for each in layers)
        places = {each["id"]: place for place, each in enumerate(layers)}
        wires = tuple(
            (places[link["source"]], places[link["target"]])
            for link in tree.get("links", [])
            if link["source"] in places and link["target"] in places
        )
        lines = [line.strip() for line in str(tree.get("notes", "")).splitlines() if line.strip()]
        name = title_of(str(tree.get("name", path.stem)))
        return Example(path, name, lines[0] if lines else "", boxes, wires, section)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _position(layer: dict[str, Any]) -> tuple[float, float]:
    x, y = layer.get("position", (0.0, 0.0))
    return float(x), float(y)


def _innermost(layer: dict[str, Any]) -> Iterator[str]:
    for child in layer.get("children", ()):
        if child.get("children"):
            yield from _innermost(child)
        else:
            yield str(child["kind"])


def paint_picture(painter: QPainter, rect: QRectF, example: Example) -> None:
    """Paint the boxes and wires of a design, fitted into a rectangle; boxes with words where they are large enough."""
    if not example.boxes:
        return
    areas = [QRectF(each.x, each.y, *each.size) for each in example.boxes]
    whole = QRectF()
    for area in areas:
        whole = whole.united(area)
    scale = min(rect.width() / whole.width(), rect.height() / whole.height(), _LARGEST)
    corner = rect.center() - QPointF(whole.width(), whole.height()) * scale / 2
    boxes = [
        QRectF(corner + (area.topLeft() - whole.topLeft()) * scale, area.size() * scale) for area in areas
    ]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme().color("wire"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for source, target in example.wires:
        painter.drawPath(_wire(boxes[source], boxes[target]))
    for each, box in zip(example.boxes, boxes, strict=True):
        if each.inner:
            _paint_frame(painter, box, each, scale)
        else:
            _paint_box(painter, box, each.kind)
    painter.restore()


def _paint_frame(painter: QPainter, box: QRectF, frame: Box, scale: float) -> None:
    colors = theme()
    painter.setPen(QPen(colors.color("violet", 0.7), 1, Qt.PenStyle.DashLine))
    painter.setBrush(colors.color("violet", 0.08))
    painter.drawRoundedRect(box, 4.0, 4.0)
    side, title, _foot = _FRAME
    height, gap = _BOX[1] * scale, 12.0 * scale
    for number, kind in enumerate(frame.inner):
        top = box.top() + title * scale + number * (height + gap)
        _paint_box(
            painter, QRectF(box.left() + side * scale / 2, top, box.width() - side * scale, height), kind
        )


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
        return QSize(120, _PICTURE + 80 if isinstance(index.data(EXAMPLE), Example) else 30)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        example = index.data(EXAMPLE)
        if not isinstance(example, Example):
            painter.save()
            painter.setFont(interface_font(9, bold=True))
            painter.setPen(theme().color("muted"))
            place = QRect(option.rect).adjusted(12, 0, -8, -4)
            flags = int(Qt.AlignmentFlag.AlignBottom) | int(Qt.AlignmentFlag.AlignLeft)
            painter.drawText(place, flags, str(index.data(Qt.ItemDataRole.DisplayRole)))
            painter.restore()
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


def _heading(title: str) -> QListWidgetItem:
    """A line above the examples of a section, which cannot be chosen."""
    item = QListWidgetItem(title)
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item


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
        section = ""
        for example in examples_in(self._folder):
            item = QListWidgetItem(example.name)
            item.setData(EXAMPLE, example)
            item.setToolTip(example.note)
            text = f"{example.name}. {example.note} {len(example.boxes)} layers."
            item.setData(Qt.ItemDataRole.AccessibleTextRole, text)
            if example.section and example.section != section:
                section = example.section
                self.list.addItem(_heading(section))
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
