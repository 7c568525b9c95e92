"""Which one unit a view of single units shows: the one chosen last in any plot, and how to choose another."""

from __future__ import annotations

from PySide6.QtCore import QObject

from rnn_designer.session.playback import Playback
from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.scopes.units import MOST


class UnitChoice(QObject):
    """Remembers, layer by layer, which unit was chosen last."""

    def __init__(self, playback: Playback, shared: SharedChoices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._playback = playback
        self._shared = shared
        self._seen: dict[str, tuple[int, ...]] = {}
        self._last: dict[str, int] = {}
        playback.units_changed.connect(self._notice)

    def unit(self, layer_id: str, count: int) -> int:
        """The unit to show.

        Args:
            layer_id: whose unit.
            count: how many units there are. Those of both directions of a Bidirectional are counted through where
                they stand side by side; here each direction begins with 0.
        """
        self._notice(layer_id)
        last = self._last.get(layer_id)
        if last is None:
            last = next(iter(self._shared.units(layer_id).automatic or ()), 0)
        return last % max(1, count)

    def choose(self, layer_id: str, unit: int, count: int) -> None:
        """Show another unit in every plot, in place of the one that is shown here."""
        before = self.unit(layer_id, count)
        others = [each for each in self._playback.units(layer_id) if each != before]
        self._last[layer_id] = unit
        self._playback.choose_units(layer_id, (*others, unit))

    def show(self, layer_id: str, unit: int) -> None:
        """Show a unit here and as a line in every plot, beside those that are drawn."""
        units = [each for each in self._playback.units(layer_id) if each != unit]
        self._playback.choose_units(layer_id, (*units[-(MOST - 1) :], unit))
        self._seen[layer_id] = self._playback.units(layer_id)
        self._last[layer_id] = unit

    def _notice(self, layer_id: str) -> None:
        units = self._playback.units(layer_id)
        before = self._seen.get(layer_id, ())
        self._seen[layer_id] = units
        new = [each for each in units if each not in before]
        last = self._last.get(layer_id)
        if new and last not in new:
            self._last[layer_id] = new[-1]
        elif units and last not in units:
            self._last[layer_id] = units[-1]
        elif not units:
            self._last.pop(layer_id, None)
