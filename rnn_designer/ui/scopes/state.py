"""What the user chose in the scope of each layer: direction, signals, colours of units. Not part of the design."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from PySide6.QtGui import QColor

from rnn_designer.ui.scopes.signals import ALL, RESULT, Shown, overview
from rnn_designer.ui.theme import Theme


@dataclass
class LayerView:
    """The choices for one layer, kept while the program runs.

    Attributes:
        side: which direction of a Bidirectional; None until a trace says which there are.
        symbols: the chosen chips; empty for the usual choice.
        automatic: the units drawn while the user has chosen none; None until the first trace.
        slots: which colour each unit has; a unit keeps it until another needs it.
    """

    side: str | None = None
    symbols: tuple[str, ...] = ()
    automatic: tuple[int, ...] | None = None
    slots: dict[int, int] = field(default_factory=dict)

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


def usual(signals: tuple[Shown, ...]) -> tuple[Shown, ...]:
    """What is drawn before the user chooses: the hidden state where there is one, else the output."""
    for each in signals:
        if each.symbol == "h":
            return (each,)
    return signals[:1]


def usual_side(sides: tuple[str, ...]) -> str:
    """The direction shown first: the result, as the layers after it get it."""
    return RESULT if RESULT in sides or not sides else sides[0]
