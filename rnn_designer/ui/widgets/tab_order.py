"""Tab goes through fields as they stand: what is made later would otherwise come last."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLayout, QWidget

TAB_LAST = "tab_last"
"""A dynamic property: within its row of a grid, this widget comes after the others."""


def order_tabs(*widgets: QWidget) -> None:
    """Let Tab go through these widgets, and what they hold, in the order of their layouts.

    The first field keeps its place among all others; the rest follow it.
    """
    fields = [field for widget in widgets for field in _fields(widget)]
    for before, after in pairwise(fields):
        QWidget.setTabOrder(before, after)


def _fields(widget: QWidget) -> Iterator[QWidget]:
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield widget
        return
    layout = widget.layout()
    if layout is not None:
        yield from _in_layout(layout)


def _in_layout(layout: QLayout) -> Iterator[QWidget]:
    places = list(range(layout.count()))
    if isinstance(layout, QGridLayout):
        places.sort(key=lambda place: _cell(layout, place))
    for place in places:
        item = layout.itemAt(place)
        if item is None:
            continue
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            yield from _fields(widget)
        elif inner is not None:
            yield from _in_layout(inner)


def _cell(layout: QGridLayout, place: int) -> tuple[int, bool, int]:
    # Generated stubs of PySide6 say "object" where four numbers come.
    position: Any = layout.getItemPosition(place)
    row, column = int(position[0]), int(position[1])
    item = layout.itemAt(place)
    widget = item.widget() if item is not None else None
    return row, widget is not None and bool(widget.property(TAB_LAST)), column
