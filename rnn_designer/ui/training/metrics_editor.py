"""The metrics of an output: those that fit, or a list of one's own, each with its arguments."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from rnn_designer.catalog import Part, PartOf
from rnn_designer.catalog.parts import parts
from rnn_designer.ui.icons import icon
from rnn_designer.ui.properties.editors import Editor
from rnn_designer.ui.properties.part_editor import PartEditor
from rnn_designer.ui.theme import keeper
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.tab_order import order_tabs

_ADD = "Add a metric …"


class _Line(QWidget):
    """One metric, and the button that takes it away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.part = PartEditor(PartOf("metrics"))
        self.remove = QToolButton()
        self.remove.setIconSize(QSize(12, 12))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.part, 1)
        row.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignTop)
        keeper().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        self.remove.setIcon(icon("close"))


class MetricsEditor(Editor):
    """A line for each metric. While None holds, those that fit are shown; changing one makes the list one's own."""

    labels = "above"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[_Line] = []
        self._held: tuple[Part, ...] | None = None
        self._fitting: tuple[Part, ...] = ()
        self.add = Combo()
        self.add.setAccessibleName("Add a metric")
        self.add.setPlaceholderText(_ADD)
        self.add.offer([(each.kind, each.kind) for each in parts("metrics")])
        for place, each in enumerate(parts("metrics")):
            self.add.setItemData(place, f"<p>{each.explanation}</p>", Qt.ItemDataRole.ToolTipRole)
        self.add.setCurrentIndex(-1)
        self.add.activated.connect(self._add)
        self.column.addWidget(self.add)
        self.setFocusProxy(self.add)

    @property
    def shown(self) -> tuple[Part, ...]:
        """The metrics that hold: one's own, or those that fit."""
        return self._fitting if self._held is None else self._held

    def show_fitting(self, metrics: tuple[Part, ...]) -> None:
        """Hear which metrics fit; they are shown while nobody has chosen any."""
        if metrics != self._fitting:
            self._fitting = metrics
            self._show()

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the metrics chosen, or those that fit."""
        del mixed
        self._held = value
        self._show()

    def _show(self) -> None:
        shown = self.shown
        while len(self._lines) < len(shown):
            place = len(self._lines)
            line = _Line()
            line.part.name(f"Metric {place + 1}")
            line.part.wanted.connect(lambda part, place=place: self._change(place, part))
            line.part.finished.connect(self.finished)
            line.remove.clicked.connect(lambda _=False, place=place: self._remove(place))
            self._lines.append(line)
            self.column.insertWidget(place, line)
        for place, line in enumerate(self._lines):
            line.setVisible(place < len(shown))
            if place < len(shown):
                line.part.show_value(shown[place])
                words = f"Leave out {shown[place].kind}"
                line.remove.setToolTip(words)
                line.remove.setAccessibleName(words)
        order_tabs(self)

    def _change(self, place: int, part: Part | None) -> None:
        shown = list(self.shown)
        if part is not None and place < len(shown):
            shown[place] = part
            self.wanted.emit(tuple(shown))

    def _remove(self, place: int) -> None:
        shown = self.shown
        self.wanted.emit((*shown[:place], *shown[place + 1 :]))
        self.finished.emit()

    def _add(self, place: int) -> None:
        chosen = self.add.value_at(place)
        self.add.setCurrentIndex(-1)
        if chosen is not None:
            self.wanted.emit((*self.shown, Part(str(chosen))))
            self.finished.emit()

    def name(self, text: str) -> None:
        """The lines name themselves."""
        self.setAccessibleName(text)
