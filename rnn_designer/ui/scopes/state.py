"""What the user chose in the scopes: signals, order, zoom, colours of units. Not part of the design."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from rnn_designer.ui.scopes.digests import Digests
from rnn_designer.ui.scopes.frame import Window
from rnn_designer.ui.scopes.signals import ALL, RESULT, SCORES, Shown, overview
from rnn_designer.ui.theme import Theme

ONE, MAPS, LINES = "one", "maps", "lines"
"""One sample, or all of them beside each other as heat maps or as lines of the chosen units."""

SAMPLES = {ONE: "One", MAPS: "All, heat maps", LINES: "All, lines"}
ORDERS = {"index": "Index", "variance": "Variance", "peak": "Peak time", "similarity": "Similarity"}


@dataclass
class LayerView:
    """What one scope shows of one layer, kept while the program runs.

    Attributes:
        side: which direction of a Bidirectional; None until a trace says which there are.
        symbols: the chosen chips; empty for the usual choice.
    """

    side: str | None = None
    symbols: tuple[str, ...] = ()

    def chosen(self, signals: tuple[Shown, ...]) -> tuple[Shown, ...]:
        """The signals to draw out of those that there are."""
        if self.symbols == (ALL,) and len(signals) > 1:
            return overview(signals)
        found = tuple(each for each in signals if each.symbol in self.symbols)
        return found or usual(signals)

    def chips(self, signals: tuple[Shown, ...]) -> tuple[str, ...]:
        """The chips that are down."""
        if self.symbols == (ALL,) and len(signals) > 1:
            return (ALL,)
        return tuple(each.symbol for each in self.chosen(signals))


@dataclass
class DrawnUnits:
    """The units of one layer that are drawn as lines, alike in every scope.

    Attributes:
        automatic: those drawn while the user has chosen none; None until the first trace.
        among: how many units there were when those were chosen.
        slots: which colour each unit has; a unit keeps it until another needs it.
    """

    automatic: tuple[int, ...] | None = None
    among: int = 0
    slots: dict[int, int] = field(default_factory=dict)

    def fit(self, count: int) -> bool:
        """Whether the automatic choice still stands for a layer of so many units: all are there, most were asked."""
        return (
            self.automatic is not None and count < 2 * self.among and max(self.automatic, default=0) < count
        )

    def colors(self, units: Iterable[int], look: Theme) -> dict[int, QColor]:
        """A colour per unit: the one that it had before, else the first that no other of them has."""
        units = tuple(units)
        taken = {self.slots[unit] for unit in units if unit in self.slots}
        for unit in units:
            if unit not in self.slots:
                free = (slot for slot in range(len(units) + len(taken) + 1) if slot not in taken)
                self.slots[unit] = next(free)
                taken.add(self.slots[unit])
        self.slots = {unit: self.slots[unit] for unit in units}
        return {unit: QColor(look.series[self.slots[unit] % len(look.series)]) for unit in units}


class SharedChoices(QObject):
    """What all scopes of a window have in common: order of units, part of the time axis, limits of colours.

    Signals:
        changed(): every scope has to draw anew.
        window_changed(window): another part of the time axis is in view.
    """

    changed = Signal()
    window_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._order = "index"
        self._window = Window.whole(0)
        # Beside each other samples are there to be compared; alone a quiet one has to be seen, too.
        self._common = {False: False, True: True}
        self._units: dict[str, DrawnUnits] = {}
        self.digests = Digests(self)
        """Works up large tables for all scopes and views."""

    @property
    def order(self) -> str:
        """How units are sorted, a key of :data:`ORDERS`."""
        return self._order

    @property
    def window(self) -> Window:
        """The steps in view."""
        return self._window

    def units(self, layer_id: str) -> DrawnUnits:
        """What is drawn as lines of a layer."""
        return self._units.setdefault(layer_id, DrawnUnits())

    def common(self, every_sample: bool) -> bool:
        """Whether the samples share the limits of their colours, where one or where all of them are shown."""
        return self._common[every_sample]

    def sort_by(self, order: str) -> None:
        """Sort the units of every layer."""
        if order != self._order:
            self._order = order
            self.changed.emit()

    def set_common(self, every_sample: bool, common: bool) -> None:
        """Have the samples share their limits, or let each have its own."""
        if common != self._common[every_sample]:
            self._common[every_sample] = common
            self.changed.emit()

    def show_window(self, window: Window) -> None:
        """Have another part of the time axis in view."""
        if window != self._window:
            self._window = window
            self.window_changed.emit(window)


def usual(signals: tuple[Shown, ...]) -> tuple[Shown, ...]:
    """What is drawn before the user chooses: the hidden state, of every cell in a stack; scores; else the output."""
    hidden = tuple(each for each in signals if _hidden(each))
    return hidden or tuple(each for each in signals if each.spoken == SCORES) or signals[:1]


def _hidden(shown: Shown) -> bool:
    """Whether it is a hidden state at every step, of the layer or of a cell in it."""
    return "state/" in shown.path and shown.spoken.split(" ")[0] == "h"


def usual_side(sides: tuple[str, ...]) -> str:
    """The direction shown first: the result, as the layers after it get it."""
    return RESULT if RESULT in sides or not sides else sides[0]
