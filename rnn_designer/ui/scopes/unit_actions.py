"""What is done with single units in a scope: drawn as lines, held, searched for, looked at in the Unit view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from rnn_designer.design import Design, Layer
from rnn_designer.session.holds import begins_anew
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.scopes.finding import FindRow, found_units
from rnn_designer.ui.scopes.holding import held_signal, hold_menu
from rnn_designer.ui.scopes.signals import shown, sides
from rnn_designer.ui.scopes.state import usual
from rnn_designer.ui.scopes.units import MOST, moved, toggled

if TYPE_CHECKING:
    from rnn_designer.messages import Array
    from rnn_designer.ui.scopes.bands import Band
    from rnn_designer.ui.scopes.panel import Scopes
    from rnn_designer.ui.scopes.picture import Picture


class UnitActions(QObject):
    """Serves the units of one panel of scopes.

    Args:
        panel: whose units they are; it owns this.
        workspace: whose playback has the choice of units, and whose live run holds.
        find: the row in which one searches.
    """

    def __init__(self, panel: Scopes, workspace: Workspace, find: FindRow) -> None:
        super().__init__(panel)
        self._panel = panel
        self._workspace = workspace
        self._find = find
        self._before: tuple[str, tuple[int, ...]] | None = None
        plot = panel.plot
        plot.unit_toggled.connect(self.toggle)
        plot.unit_moved.connect(self.move)
        plot.unit_opened.connect(self.open)
        plot.menu_wanted.connect(self.offer)
        plot.find_wanted.connect(self.search)
        panel.header.find_button.clicked.connect(self.search)
        panel.instruments.unit_wanted.connect(self.show)
        find.searched.connect(self._searched)
        find.left.connect(self._left)

    # One unit

    def toggle(self, unit: int) -> None:
        """Draw a unit as a line, or no longer."""
        picture = self._panel.plot.picture
        if picture is not None:
            units = toggled(self._panel.units_of(picture), unit)
            self._workspace.playback.choose_units(picture.layer_id, units)
            if not units:
                self._panel.recolor_units(picture.layer_id)

    def move(self, rows: int, add: bool) -> None:
        """Draw the unit that many rows further down in place of the last one, or besides it."""
        picture = self._panel.plot.picture
        if picture is not None and not picture.flat:
            order = [int(each) for each in picture.order]
            slots = self._panel.shared.units(picture.layer_id).slots
            units = moved(self._panel.units_of(picture), order, slots, rows, add)
            self._workspace.playback.choose_units(picture.layer_id, units)

    def open(self, place: QPointF | None) -> None:
        """All about the unit at a place of the plot, or, without one, about the one chosen last."""
        found = self._found(place)
        if found is not None and steps_in_time(found[0]):
            self.show(found[3], side_of(found[2]))

    def show(self, unit: int, side: str) -> None:
        """All about a unit of the layer in front, in the Unit view; the keyboard goes along."""
        from rnn_designer.ui.views.unit import UnitView

        self._panel.show_view("unit")
        view = self._panel.instruments.view
        if isinstance(view, UnitView):
            view.show_unit(unit, side)
            view.setFocus()

    def offer(self, place: QPointF | None) -> None:
        """Offer what can be done with the unit under the mouse, or with the one chosen last at the cursor's step."""
        found = self._found(place)
        if found is None:
            return
        layer, picture, band, unit = found
        plot, frame = self._panel.plot, self._panel.plot.frame_now()
        step = self._workspace.playback.step if place is None else frame.nearest_step(place.x())
        place = QPointF(frame.plot.left(), frame.plot.top()) if place is None else place
        signal = None if picture.samples else held_signal(layer, band.shown.path)
        if signal is not None:
            value = float(band.values[picture.local_step(band, step), unit])
            menu = hold_menu(self._workspace, layer, signal, unit, step, value, self._panel)
        else:
            menu = QMenu(self._panel)
        held = menu.actions()
        show = QAction(f"Show {picture.word} {unit}\tU", menu)
        show.triggered.connect(lambda: self.show(unit, side_of(band)))
        look = QAction(f"Find {picture.word}s…\t/", menu)
        look.triggered.connect(self.search)
        mine = [show, look] if steps_in_time(layer) else [look]
        if held:
            menu.insertActions(held[0], mine)
            menu.insertSeparator(held[0])
        else:
            menu.addActions(mine)
        if not held and not picture.samples:
            self._panel.noticed.emit(
                cannot_be_held(self._workspace.document.design, layer, band.shown.spoken)
            )
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(plot.mapToGlobal(place.toPoint()))

    def _found(self, place: QPointF | None) -> tuple[Layer, Picture, Band, int] | None:
        """The layer, what is drawn of it, and which unit of which signal is there."""
        picture, frame = self._panel.plot.picture, self._panel.plot.frame_now()
        layer = None if picture is None else self._workspace.document.design.find(picture.layer_id)
        if picture is None or layer is None or picture.flat:
            return None
        drawn = self._panel.units_of(picture)
        if place is None:
            return layer, picture, picture.main, next(reversed(drawn), 0)
        from rnn_designer.ui.scopes.reading import unit_at

        found = unit_at(picture, frame, place, drawn)
        return None if found is None else (layer, picture, *found)

    # Searching

    def search(self) -> None:
        """Let the user type which units are wanted."""
        layer_id = self._panel.layer_id
        if layer_id is not None and self._values(layer_id) is not None:
            self._before = layer_id, self._workspace.playback.units(layer_id)
            self._find.open()

    def _searched(self, query: str) -> None:
        layer_id = self._panel.layer_id
        values = None if layer_id is None else self._values(layer_id)
        if layer_id is None or values is None:
            return
        if self._before is None or self._before[0] != layer_id:
            self._before = layer_id, self._workspace.playback.units(layer_id)
        playback = self._workspace.playback
        step = min(playback.step * len(values) // max(1, playback.steps), len(values) - 1)
        found = found_units(query, values, step)
        self._find.tell(found)
        if found.units:
            playback.choose_units(layer_id, found.units[:MOST])

    def _left(self, keep: bool) -> None:
        if not keep and self._before is not None:
            self._workspace.playback.choose_units(*self._before)
            self._panel.recolor_units(self._before[0])
        self._before = None
        self._panel.first_stop.setFocus(Qt.FocusReason.OtherFocusReason)

    def _values(self, layer_id: str) -> Array | None:
        """``(steps, units)`` of the signal whose units are sorted, or that a scope would show first."""
        picture = self._panel.plot.picture
        if self._panel.instruments.view is None:
            there = picture is not None and picture.layer_id == layer_id and not picture.flat
            return picture.main.values if there and picture is not None else None
        trace, layer = self._workspace.live.trace, self._workspace.document.design.find(layer_id)
        if trace is None or layer is None or layer_id not in trace.layers:
            return None
        recorded = trace.signals(layer_id)
        signals = [each for side in sides(recorded) for each in usual(shown(layer, recorded, side))]
        for each in signals:
            array = trace.signal(layer_id, each.path)
            if array is not None and array.ndim >= 3 and array.size:
                row = array[min(self._workspace.playback.sample, len(array) - 1)]
                return row.reshape(len(row), -1)
        return None


def side_of(band: Band) -> str:
    """Which direction or cell a signal is of, as its path below the layer; empty for the layer itself."""
    return next(iter(sides((band.shown.path,))), "")


def cannot_be_held(design: Design, layer: Layer, spoken: str) -> str:
    """Why a signal cannot be held, and what can be."""
    inner = next((each for each in layer.walk() if each.type.recurrent), None)
    if inner is not None and begins_anew(design, inner.id):
        return (
            f"Nothing inside {layer.name} can be held: the {inner.kind} in it begins anew at every step of the "
            "TimeDistributed, and its own steps are not recorded one by one. Put it outside of the TimeDistributed."
        )
    return f"{spoken.capitalize()} of {layer.name} cannot be held; states and gates of recurrent layers can."


def steps_in_time(layer: Layer) -> bool:
    """Whether the layer, or one in it, carries states, so that there is more about its units than one line."""
    return any(each.type.recurrent or each.type.cell for each in layer.walk())
