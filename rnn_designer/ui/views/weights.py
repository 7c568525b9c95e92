"""The weights of a layer as heat maps, split by gate, with what they do to a state from step to step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from rnn_designer.design import Layer
from rnn_designer.session.analyses import Question
from rnn_designer.ui.scopes.chips import ChoiceButton
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.views.heat_map import HeatMap
from rnn_designer.ui.views.view import View

if TYPE_CHECKING:
    from rnn_designer.messages import Array, Trace

_BINS = 41
_MOST = 4
"""More heat maps than this have no room beside each other."""


class Histogram(QWidget):
    """How often which values occur, as bars around zero."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: tuple[int, ...] = ()
        self._limit = 1.0
        keeper().changed.connect(self.update)

    def show_values(self, values: Array) -> None:
        """Count the finite values in bins that lie evenly around zero."""
        flat = np.asarray(values, dtype=np.float64).ravel()
        flat = flat[np.isfinite(flat)]
        self._limit = float(np.abs(flat).max()) if flat.size and np.abs(flat).max() > 0 else 1.0
        counts, _ = np.histogram(flat, bins=_BINS, range=(-self._limit, self._limit))
        self._counts = tuple(int(each) for each in counts)
        self.update()

    def sizeHint(self) -> QSize:
        """Small beside the heat maps."""
        return QSize(180, 64)

    def minimumSizeHint(self) -> QSize:
        """Enough for bars and their ends."""
        return QSize(110, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars, the line of zero, the outermost values."""
        colors = theme()
        painter = QPainter(self)
        area = QRectF(self.rect()).adjusted(2, 2, -2, -14)
        most = max(self._counts, default=0) or 1
        wide = area.width() / _BINS
        painter.setPen(Qt.PenStyle.NoPen)
        for number, count in enumerate(self._counts):
            height = area.height() * count / most
            token = "negative" if number < _BINS // 2 else "positive" if number > _BINS // 2 else "muted"
            painter.setBrush(colors.color(token, 0.85))
            painter.drawRect(QRectF(area.left() + number * wide, area.bottom() - height, wide - 0.6, height))
        painter.setPen(QPen(colors.color("hairline"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setFont(interface_font(8))
        painter.setPen(colors.color("muted"))
        below = QRectF(area.left(), area.bottom() + 1, area.width(), 13)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft), f"−{self._limit:.3g}")
        painter.drawText(below, int(Qt.AlignmentFlag.AlignHCenter), "0")
        painter.drawText(below, int(Qt.AlignmentFlag.AlignRight), f"{self._limit:.3g}")
        painter.end()


class WeightsView(View):
    """Kernel, recurrent kernel and bias of a layer, or of one of the layers inside it."""

    explanation = (
        "The layer's weights: rows are what comes in, columns are units, gate by gate. Blue is negative, orange "
        "positive."
    )

    def build(self) -> None:
        """Heat maps on the left, histograms and numbers on the right."""
        self.owner_button = ChoiceButton("Of", self.body)
        self.owner_button.setToolTip("Whose weights are shown")
        self.owner_button.picked.connect(self._owner_picked)
        self._owner = ""
        self.maps = [HeatMap("", self.body) for _ in range(_MOST)]
        self.histograms = [Histogram(self.body) for _ in range(_MOST)]
        self.facts = QLabel(self.body)
        self.facts.setProperty("role", "muted")
        self.facts.setWordWrap(True)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(4, 0, 8, 4)
        for row, (each, histogram) in enumerate(zip(self.maps, self.histograms, strict=True)):
            self._grid.addWidget(each, row, 0)
            self._grid.addWidget(histogram, row, 1)
        self._grid.setColumnStretch(0, 4)
        self._grid.setColumnStretch(1, 1)
        top = QHBoxLayout()
        top.setContentsMargins(12, 0, 12, 0)
        top.addWidget(self.owner_button)
        top.addWidget(self.facts, 1)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addLayout(self._grid, 1)
        self._shown: dict[str, Array] = {}

    def draw(self, layer: Layer, trace: Trace | None) -> str:
        """Show the weights that the last build had."""
        owners = self._owners(layer)
        if not owners:
            return f"“{layer.name}” has no weights: {layer.kind} computes without any. Select another layer."
        if self._owner not in owners:
            self._owner = next(iter(owners))
        names = {key: each.name for key, (each, _weights) in owners.items()}
        self.owner_button.show_choices(names, self._owner)
        self.owner_button.setVisible(len(owners) > 1)
        owner, weights = owners[self._owner]
        gates = tuple(each.symbol for each in owner.gates) or ("",)
        self._shown = dict(list(weights.items())[:_MOST])
        for number, (each, histogram) in enumerate(zip(self.maps, self.histograms, strict=True)):
            there = number < len(self._shown)
            each.setVisible(there)
            histogram.setVisible(there)
            if there:
                name, values = list(self._shown.items())[number]
                self._show(each, name, values, gates)
                histogram.show_values(values)
        self.facts.setText(self._stretch(owner))
        return ""

    def numbers(self) -> Mapping[str, Array]:
        """Every weight under its own name."""
        return self._shown

    def _owners(self, layer: Layer) -> dict[str, tuple[Layer, dict[str, Array]]]:
        """The layer, or the layers inside it, that have weights of their own."""
        found: dict[str, tuple[Layer, dict[str, Array]]] = {}
        every = self.workspace.live.weights
        for each in layer.walk():
            owner = each.shares or each.id
            own = {
                key.partition("/")[2]: value for key, value in every.items() if key.startswith(f"{owner}/")
            }
            if own:
                found[owner] = (each, own)
        return found

    def _show(self, target: HeatMap, name: str, values: Array, gates: tuple[str, ...]) -> None:
        table = values.reshape(1, -1) if values.ndim < 2 else values.reshape(-1, values.shape[-1])
        parts = gates if gates != ("",) and table.shape[1] % len(gates) == 0 else ()
        target.set_title(name)
        units = self.workspace.playback.units(self._layer_id)
        target.show_values(
            table,
            parts=parts,
            rows="unit before" if "recurrent" in name else "input",
            columns="unit",
            marked=units,
        )

    def _stretch(self, owner: Layer) -> str:
        """What the recurrent kernel does to a state, in words."""
        if not any("recurrent_kernel" in name for name in self._shown):
            return ""
        question = Question("recurrent_weights", owner.shares or owner.id)
        answer = self.workspace.analyses.answer(question)
        if answer is None:
            return self.workspace.analyses.reason(question) or "Working out what the recurrent kernel does …"
        symbols = [each.symbol for each in owner.gates] or ["U"]
        told = [
            f"{symbol}: radius {radius:.3f}, norm {norm:.3f}"
            for symbol, radius, norm in zip(
                symbols, answer.arrays["radius"], answer.arrays["norm"], strict=False
            )
        ]
        return "Recurrent kernel · " + "; ".join(told)

    def _owner_picked(self, owner: str) -> None:
        self._owner = owner
        self.refresh()
