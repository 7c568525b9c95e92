"""The weights of a layer as heat maps, split by gate, with what they do to a state from step to step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from rnn_designer.design import Layer
from rnn_designer.session.analyses import Question
from rnn_designer.ui.scopes.chips import ChoiceButton
from rnn_designer.ui.scopes.units import toggled
from rnn_designer.ui.theme import interface_font, keeper, theme
from rnn_designer.ui.views.eigenvalues import EigenvaluePlot
from rnn_designer.ui.views.heat_map import HeatMap
from rnn_designer.ui.views.insides import insides
from rnn_designer.ui.views.sides import drawn_units
from rnn_designer.ui.views.view import View

if TYPE_CHECKING:
    from rnn_designer.messages import Analysis, Array, Trace

_BINS = 41
_LARGE = 200_000
"""A layer with a weight of more numbers is made small, and counted, by the worker."""

_THIN, _THICK = 52, 76
"""How high a map is at least: of one or two rows, of more."""

_WITH_HISTOGRAMS, _WITH_EIGENVALUES = 460, 640
"""From which width on there is room for them."""

_FIRST = ("kernel", "recurrent_kernel", "embeddings", "gamma", "beta")


class Histogram(QWidget):
    """How often which values occur, as bars around zero."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: tuple[int, ...] = ()
        self._limit = 1.0
        keeper().changed.connect(self.update)

    def show_counts(self, counts: Array, limit: float) -> None:
        """Show what was counted elsewhere: how many values are in each of the bins from −limit to limit."""
        self._counts, self._limit = tuple(int(each) for each in counts), limit
        self.update()

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
        area = QRectF(self.rect()).adjusted(2, 6, -2, -14)
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


@dataclass(frozen=True)
class Owner:
    """A layer or cell with weights of its own, or the mirror image of one inside a Bidirectional.

    Attributes:
        layer: of the design.
        backward: whether it is the mirror image.
        words: what it is called where it is chosen.
        weights: by their own names.
    """

    layer: Layer
    backward: bool
    words: str
    weights: Mapping[str, Array]

    @property
    def id(self) -> str:
        """The id that the worker knows it by: of the box whose weights these are."""
        return self.layer.shares or self.layer.id

    @property
    def options(self) -> dict[str, float]:
        """How the worker is told which one is meant, beside the id."""
        return {"backward": 1.0} if self.backward else {}


def owners_in(layer: Layer, every: Mapping[str, Array]) -> dict[str, Owner]:
    """The layer and the layers inside it that have weights, by "id" or "id/backward", outermost first.

    Args:
        layer: of the design.
        every: all weights by "<layer id>/<weight>".
    """
    found: dict[str, Owner] = {}
    for each in layer.walk():
        own = each.shares or each.id
        weights = {key[len(own) + 1 :]: value for key, value in every.items() if key.startswith(f"{own}/")}
        mirrored = {
            name.removeprefix("backward/"): value
            for name, value in weights.items()
            if name.startswith("backward/")
        }
        forward = {name: value for name, value in weights.items() if not name.startswith("backward/")}
        if forward:
            words = f"{each.name}, forward" if mirrored else each.name
            found[own] = Owner(each, False, words, _ordered(forward))
        if mirrored:
            found[f"{own}/backward"] = Owner(each, True, f"{each.name}, backward", _ordered(mirrored))
    return found


def _ordered(weights: Mapping[str, Array]) -> dict[str, Array]:
    """Kernels first and biases last, as the formulas have them."""

    def rank(name: str) -> int:
        last = name.rpartition("/")[2]
        return _FIRST.index(last) if last in _FIRST else len(_FIRST) + ("bias" in last)

    # Those of layers inside stay together, in their order.
    groups = dict.fromkeys(name.rpartition("/")[0] for name in weights)
    return {
        name: weights[name]
        for group in groups
        for name in sorted((n for n in weights if n.rpartition("/")[0] == group), key=rank)
    }


class WeightsView(View):
    """Every weight of a layer, or of one of the layers inside it, with histograms and eigenvalues."""

    explanation = (
        "Rows are what comes in, columns are units, gate by gate. Click a column to choose its unit."
    )

    def build(self) -> None:
        """Maps and histograms on the left, eigenvalues of the recurrent kernel on the right, numbers above."""
        self.owner_button = ChoiceButton("Of", self.body)
        self.owner_button.setToolTip("Whose weights are shown")
        self.owner_button.setAccessibleName("Whose weights are shown")
        self.owner_button.picked.connect(self._owner_picked)
        self._owner = ""
        self.maps: list[HeatMap] = []
        self.histograms: list[Histogram] = []
        self.facts = QLabel(self.body)
        self.facts.setProperty("role", "muted")
        self.facts.setWordWrap(True)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.eigenvalues = EigenvaluePlot(self.body)
        self.eigenvalues.setToolTip(
            "Eigenvalues of the recurrent kernel, gate by gate, and the largest modulus. A state shrinks along those "
            "inside the unit circle and grows along those outside."
        )
        inside = QWidget(self.body)
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, 4, 0)
        self._grid.setSpacing(2)
        self._grid.setColumnStretch(0, 5)
        self._grid.setColumnStretch(1, 1)
        self._scroll = QScrollArea(self.body)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inside)
        self._scroll.setMinimumHeight(40)
        top = QHBoxLayout()
        top.setContentsMargins(12, 0, 12, 0)
        top.addWidget(self.owner_button)
        top.addWidget(self.facts, 1)
        parts = QHBoxLayout()
        parts.setContentsMargins(0, 0, 8, 4)
        parts.addWidget(self._scroll, 7)
        parts.addWidget(self.eigenvalues, 3)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addLayout(parts, 1)
        self._shown: dict[str, Array] = {}
        self._turning = False

    def draw(self, layer: Layer, trace: Trace | None) -> str:
        """Show the weights that the last build had."""
        owners = owners_in(layer, self.workspace.live.weights)
        if not owners:
            return f"“{layer.name}” has no weights: {layer.kind} computes without any. Select another layer."
        if self._owner not in owners:
            self._owner = next(iter(owners))
        self.owner_button.show_choices({key: each.words for key, each in owners.items()}, self._owner)
        self.owner_button.setVisible(len(owners) > 1)
        owner = owners[self._owner]
        self._shown = dict(owner.weights)
        gates = tuple(each.symbol for each in owner.layer.gates)
        small: Analysis | None = None
        if any(values.size > _LARGE for values in self._shown.values()):
            options = {**owner.options, "parts": float(len(gates) or 1)}
            question = Question("weight_maps", owner.id, options)
            small = self.workspace.analyses.answer(question)
            if small is None:
                return (
                    self.workspace.analyses.reason(question)
                    or "Making large weights small enough to be drawn …"
                )
        self._show_maps(gates, small)
        self.facts.setText(self._stretch(owner))
        self._fit()
        return ""

    def numbers(self) -> Mapping[str, Array]:
        """Every weight under its own name."""
        return self._shown

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wide = self.width()
        for number, histogram in enumerate(self.histograms):
            histogram.setVisible(wide >= _WITH_HISTOGRAMS and number < len(self._shown))
        self.eigenvalues.setVisible(self._turning and wide >= _WITH_EIGENVALUES)

    def _show_maps(self, gates: tuple[str, ...], small: Analysis | None) -> None:
        while len(self.maps) < len(self._shown):
            self._add_row(len(self.maps))
        units = drawn_units(self, self._layer_id)
        colors = self.shared.units(self._layer_id).colors(units, theme())
        for number, each in enumerate(self.maps):
            there = number < len(self._shown)
            each.setVisible(there)
            self._grid.setRowStretch(number, 0)
            if not there:
                continue
            name, values = list(self._shown.items())[number]
            table = values.reshape(1, -1) if values.ndim < 2 else values.reshape(-1, values.shape[-1])
            full = (int(table.shape[0]), int(table.shape[1]))
            limit = None
            if small is not None:
                limit = float(small.arrays[f"limit/{name}"])
                table = small.arrays[f"map/{name}"]
                self.histograms[number].show_counts(small.arrays[f"counts/{name}"], limit)
            else:
                self.histograms[number].show_values(values)
            thin = full[0] <= 2
            each.setMinimumHeight(_THIN if thin else _THICK)
            each.setMaximumHeight(_THIN + 26 if thin else _UNBOUNDED)
            self._grid.setRowStretch(number, 0 if thin else 1)
            each.set_title(name)
            each.setAccessibleName(f"Weights {name}")
            each.show_values(
                table,
                parts=gates if gates and full[1] % len(gates) == 0 else (),
                rows=_rows(name),
                columns="unit",
                marked=colors,
                full=full,
                limit=limit,
            )

    def _add_row(self, row: int) -> None:
        heat, histogram = HeatMap("", self.body), Histogram(self.body)
        heat.pressed.connect(lambda _row, column: self._column_picked(row, column))
        self.offers.offer(
            heat, lambda at: self._unit_at(row, heat, at), side=self._side_shown, chosen=self.chosen_unit
        )
        self.maps.append(heat)
        self.histograms.append(histogram)
        self._grid.addWidget(heat, row, 0)
        self._grid.addWidget(histogram, row, 1)

    def _stretch(self, owner: Owner) -> str:
        """What the recurrent kernel does to a state, in words."""
        self._turning = False
        if not any(name.rpartition("/")[2] == "recurrent_kernel" for name in self._shown):
            return _sizes(self._shown)
        question = Question("recurrent_weights", owner.id, owner.options)
        answer = self.workspace.analyses.answer(question)
        if answer is None:
            return self.workspace.analyses.reason(question) or "Working out what the recurrent kernel does …"
        symbols = [each.symbol for each in owner.layer.gates] or ["U"]
        self._turning = answer.arrays["eigenvalues"].shape[1] > 0
        if self._turning:
            self.eigenvalues.show_values(answer.arrays["eigenvalues"], symbols)
        told = [
            f"{symbol}: {'' if np.isnan(radius) else f'spectral radius {radius:.3g}, '}norm {norm:.3g}"
            for symbol, radius, norm in zip(
                symbols, answer.arrays["radius"], answer.arrays["norm"], strict=False
            )
        ]
        return "Recurrent kernel · " + "; ".join(told)

    def _owner_picked(self, owner: str) -> None:
        self._owner = owner
        self.refresh()

    def _unit_at(self, row: int, heat: HeatMap, at: QPointF) -> int | None:
        place = heat.place_at(at)
        return None if place is None else self._unit_of(row, place[1])

    def _side_shown(self) -> str:
        """The direction or cell whose weights are shown, as its path below the layer."""
        layer, trace = self.layer, self.workspace.live.trace
        owner = owners_in(layer, self.workspace.live.weights).get(self._owner) if layer is not None else None
        if layer is None or trace is None or owner is None:
            return ""
        path = trace.layers.get(layer.id, "")
        found = insides(self.workspace.document.design, layer, trace)
        return next((each.path[len(path) :].strip("/") for each in found if each.weights == self._owner), "")

    def _unit_of(self, row: int, column: int) -> int | None:
        """The unit that a column of the weight in a row belongs to."""
        names = list(self._shown)
        layer = self.layer
        if layer is None or row >= len(names):
            return None
        owner = owners_in(layer, self.workspace.live.weights).get(self._owner)
        gates = len(owner.layer.gates) if owner is not None else 0
        width = self._shown[names[row]].shape[-1]
        return column % (width // gates) if gates and width % gates == 0 else column

    def _column_picked(self, row: int, column: int) -> None:
        unit = self._unit_of(row, column)
        if unit is not None:
            chosen = drawn_units(self, self._layer_id)
            self.workspace.playback.choose_units(self._layer_id, toggled(chosen, unit))


_UNBOUNDED = 16_777_215


def _rows(name: str) -> str:
    """What a row of a weight stands for."""
    if "recurrent_kernel" in name:
        return "unit before"
    if "embeddings" in name:
        return "number"
    return "row" if "bias" in name else "input"


def _sizes(weights: Mapping[str, Array]) -> str:
    """How many numbers there are, in words."""
    told = [f"{name} {'×'.join(map(str, values.shape))}" for name, values in weights.items()]
    return f"{sum(int(values.size) for values in weights.values()):,} numbers: {', '.join(told)}"
