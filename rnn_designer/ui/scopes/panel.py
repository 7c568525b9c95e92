"""The scopes panel: tabs for layers, chips for signals, one plot, one time cursor shared with everything else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QStackedWidget, QVBoxLayout, QWidget

from rnn_designer.design import Design, Layer
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.scopes.header import ScopesHeader
from rnn_designer.ui.scopes.plot import ScopePlot
from rnn_designer.ui.scopes.reasons import instead_of_a_picture, over_the_picture
from rnn_designer.ui.scopes.signals import Shown, mask_path, shown, side_label, sides
from rnn_designer.ui.scopes.state import LayerView, usual_side
from rnn_designer.ui.scopes.tabs import FOLLOWING
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import keeper, theme

if TYPE_CHECKING:
    from rnn_designer.messages import Trace
    from rnn_designer.ui.scopes.picture import Picture, Series

ORDERS = {"index": "Index", "variance": "Variance", "peak": "Peak time"}
_AUTOMATIC_UNITS = 2
_MOST_UNITS = 8
_FADE_AFTER = 200
"""Milliseconds that an old picture stays at full strength: most runs are over by then, and nothing flickers."""


class Scopes(QWidget):
    """Plots what the selected or pinned layers computed in the last run.

    Signals:
        noticed(sentence): something was saved, or could not be.
    """

    noticed = Signal(str)

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
        self._views: dict[str, LayerView] = {}
        self._order = "index"
        self._followed = ""
        self._dirty = True

        self.header = ScopesHeader(self)
        """Tabs, chips and buttons; it sits above the plot until a dock takes it as its title."""
        self.tabs, self.chips = self.header.tabs, self.header.chips
        self.add_button, self.side_button = self.header.add_button, self.header.side_button
        self.sort_button, self.save_button = self.header.sort_button, self.header.save_button
        self.sort_button.show_choices(ORDERS, self._order)
        self.header.save_menu.addAction("Picture (PNG) …", self._ask_png)
        self.header.save_menu.addAction("Numbers (CSV) …", self._ask_csv)

        self.plot = ScopePlot(workspace.playback, self)
        self._empty = QLabel(self)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(40, 8, 40, 8)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.plot)
        self._note = QLabel(self)
        self._note.setProperty("role", "error")
        self._note.setWordWrap(True)
        self._note.setContentsMargins(12, 4, 12, 4)
        self._note.hide()
        self._lay_out()

        self._fade = QTimer(self)
        self._fade.setSingleShot(True)
        self._fade.setInterval(_FADE_AFTER)
        self._fade.timeout.connect(self._veil_now)
        self._connect()
        self.refresh()

    # What is shown

    @property
    def layer_id(self) -> str | None:
        """The layer whose scope is in front; None if there is none."""
        wanted = self.tabs.layer_in_front
        layer_id = self._followed if wanted == FOLLOWING else wanted
        return layer_id if layer_id and self._design.find(layer_id) is not None else None

    @property
    def message(self) -> str:
        """What stands in place of a picture; empty while there is one."""
        return self._empty.text() if self._stack.currentWidget() is self._empty else ""

    @property
    def first_stop(self) -> QWidget:
        """Where the keyboard goes on its way into the scopes: the plot, or the tabs while there is none."""
        return self.plot if self._stack.currentWidget() is self.plot else self.tabs

    def ensure_plots(self) -> None:
        """Import what drawing needs, once the window is on screen, so that the first trace shows at once."""
        import rnn_designer.ui.scopes.reading  # noqa: F401

        self.plot.prepare()

    def pin_current(self) -> None:
        """Give the layer in front a tab of its own."""
        layer_id = self.layer_id
        if layer_id is not None:
            self._workspace.playback.pin(layer_id)
            self.tabs.go_to(layer_id)

    def sort_by(self, order: str) -> None:
        """Sort the units: ``index``, ``variance`` or ``peak``."""
        self.sort_button.choose(order)

    def refresh(self, *_: object) -> None:
        """Draw what there is now, whatever signal asks; put off while the panel is hidden."""
        self._dirty = not self.isVisible()
        self._show_tabs()
        if self._dirty:
            return
        layer_id = self.layer_id
        layer = None if layer_id is None else self._design.find(layer_id)
        trace = self._workspace.live.trace
        picture = None
        if layer is not None and trace is not None and layer.id in trace.layers:
            picture = self._picture(layer, trace)
        self._show(layer, picture)
        self._veil()

    def save_png(self, path: Path) -> bool:
        """Save the picture that is on screen, at twice its size; a sentence says how it went."""
        from rnn_designer.ui.scopes.saving import save_png

        return self._save(path, lambda: save_png(self.plot.exported(), path))

    def save_csv(self, path: Path) -> bool:
        """Save the numbers of the signals on screen; a sentence says how it went."""
        from rnn_designer.ui.scopes.saving import save_csv

        picture = self.plot.picture
        return picture is not None and self._save(path, lambda: save_csv(picture, path))

    # Inside

    @property
    def _design(self) -> Design:
        return self._workspace.document.design

    def _view(self, layer_id: str) -> LayerView:
        return self._views.setdefault(layer_id, LayerView())

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.header)
        outer.addWidget(self._note)
        outer.addWidget(self._stack, 1)

    def _connect(self) -> None:
        workspace, playback = self._workspace, self._workspace.playback
        self.tabs.shown.connect(self.refresh)
        self.tabs.closed.connect(playback.unpin)
        self.add_button.clicked.connect(self.pin_current)
        self.chips.chosen.connect(self._chips_chosen)
        self.side_button.picked.connect(self._side_picked)
        self.sort_button.picked.connect(self._sort_picked)
        self.plot.unit_toggled.connect(self._toggle_unit)
        self.plot.unit_moved.connect(self._move_unit)
        workspace.live.traced.connect(self.refresh)
        workspace.live.cleared.connect(self.refresh)
        workspace.live.failed.connect(self._veil)
        workspace.live.stale_changed.connect(self._veil)
        workspace.live.status_changed.connect(self._veil)
        workspace.live.enabled_changed.connect(self._veil)
        workspace.engine.state_changed.connect(self._veil)
        workspace.checks.changed.connect(self._design_changed)
        self._selection.changed.connect(self._selection_changed)
        playback.sample_changed.connect(self.refresh)
        playback.extent_changed.connect(self.refresh)
        playback.units_changed.connect(self._units_changed)
        playback.pins_changed.connect(self.refresh)
        keeper().changed.connect(self._recolor)

    def _design_changed(self, *_: object) -> None:
        existing = {layer.id for layer in self._design.walk()}
        self._workspace.playback.keep(existing)
        self._show_tabs()
        if self.layer_id != (self.plot.picture.layer_id if self.plot.picture else None):
            self.refresh()
        else:
            self._veil()

    def _selection_changed(self) -> None:
        before = self.layer_id
        self._show_tabs()
        if self.layer_id != before or self._stack.currentWidget() is self._empty:
            self.refresh()

    def _show_tabs(self) -> None:
        design = self._design
        current = self._selection.current
        if current is not None and design.find(current) is not None:
            self._followed = current
        elif design.find(self._followed) is None:
            # Before anything is selected the first recurrent layer is what people came to see.
            recurrent = (
                layer for layer in design.layers if any(each.type.recurrent for each in layer.walk())
            )
            first = next(recurrent, next(iter(design.layers), None))
            self._followed = first.id if first is not None else ""
        pinned = [each for each in self._workspace.playback.pins if design.find(each) is not None]
        self.tabs.show_layers(self._followed, pinned, self._title)
        self.add_button.setEnabled(self.layer_id is not None and self.layer_id not in pinned)

    def _title(self, layer_id: str) -> str:
        layer = self._design.find(layer_id)
        if layer is None:
            return ""
        return f"{layer.name} ⇄" if layer.kind == "Bidirectional" else layer.name

    def _picture(self, layer: Layer, trace: Trace) -> Picture | None:
        from rnn_designer.ui.scopes.picture import liveliest, picture

        view = self._view(layer.id)
        recorded = trace.signals(layer.id)
        there = sides(recorded)
        if view.side not in there:
            view.side = usual_side(there)
        signals = shown(layer, recorded, view.side)
        self._show_choices(view, there, signals)
        playback = self._workspace.playback
        drawn = picture(
            trace,
            layer.id,
            layer.name,
            view.chosen(signals),
            sample=playback.sample,
            steps=playback.steps,
            order=self._order,
            series=self._series(layer, trace),
            masks=mask_path(view.side),
            recurrent=any(each.type.recurrent for each in layer.walk()),
            timed=self._timed(layer, trace),
        )
        if drawn is not None and (
            view.automatic is None or any(unit >= drawn.main.units for unit in view.automatic)
        ):
            view.automatic = liveliest(drawn.main.values, _AUTOMATIC_UNITS)
        return drawn

    def _series(self, layer: Layer, trace: Trace) -> Series | None:
        from rnn_designer.ui.scopes.picture import series_of

        if layer.kind == "Input":
            return None
        design = self._design
        seen, open_ids = set(), [design.top(layer.id).id]
        while open_ids:
            layer_id = open_ids.pop(0)
            if layer_id in seen:
                continue
            seen.add(layer_id)
            found = design.find(layer_id)
            array = trace.signal(layer_id, "input") if found is not None and found.kind == "Input" else None
            if found is not None and array is not None:
                return series_of(found.name, array, self._workspace.playback.sample)
            open_ids.extend(link.source for link in design.links if link.target == layer_id)
        return None

    def _timed(self, layer: Layer, trace: Trace) -> bool:
        """Whether a two-axis array of the layer is (batch, time), as token ids are, and not (batch, features)."""
        array = trace.signal(layer.id, "input")
        if array is not None:
            return array.dtype.kind in "iu"
        spec = self._workspace.checks.checked.shapes.get((layer.id, "output"))
        return spec is not None and spec.rank == 2 and (spec.axes[1] == "time" or spec.kind == "int")

    def _show_choices(self, view: LayerView, there: tuple[str, ...], signals: tuple[Shown, ...]) -> None:
        self.chips.show_signals(signals, view.chips(signals))
        self.side_button.show_choices({side: side_label(side) for side in there}, view.side or there[0])
        self.side_button.setVisible(len(there) > 1)
        self.header.fit()

    def _show(self, layer: Layer | None, picture: Picture | None) -> None:
        if picture is None or layer is None:
            self.plot.show_picture(None, {})
            for each in (self.chips, self.side_button):
                each.hide()
            self._empty.setText(instead_of_a_picture(self._workspace, layer))
            self._stack.setCurrentWidget(self._empty)
            self.header.fit()
        else:
            self.plot.show_picture(picture, self._colors(picture))
            self._stack.setCurrentWidget(self.plot)
            self.plot.setAccessibleName(f"Scope of {layer.name}")
            self.plot.setAccessibleDescription(
                f"{', '.join(band.shown.symbol for band in picture.bands)}: {picture.main.units} {picture.word}s over "
                f"{picture.main.steps} steps. Left and right move the cursor, up and down choose a unit."
            )
        self.sort_button.setVisible(picture is not None and not picture.flat and picture.main.units > 1)
        self.save_button.setEnabled(picture is not None)

    def _units(self, picture: Picture) -> tuple[int, ...]:
        chosen = (
            self._workspace.playback.units(picture.layer_id) or self._view(picture.layer_id).automatic or ()
        )
        return tuple(unit for unit in chosen if unit < picture.main.units)

    def _colors(self, picture: Picture) -> dict[int, QColor]:
        if picture.flat:
            return {}
        return self._view(picture.layer_id).colors(self._units(picture), theme())

    def _units_changed(self, layer_id: str) -> None:
        picture = self.plot.picture
        if picture is not None and picture.layer_id == layer_id:
            self.plot.show_units(self._colors(picture))

    def _toggle_unit(self, unit: int) -> None:
        picture = self.plot.picture
        if picture is None:
            return
        units = list(self._units(picture))
        if unit in units:
            units.remove(unit)
        else:
            units = [*units, unit]
            if len(units) > _MOST_UNITS:
                units.pop(0)
        self._workspace.playback.choose_units(picture.layer_id, units)
        if not units:
            self._units_changed(picture.layer_id)

    def _move_unit(self, rows: int, add: bool) -> None:
        picture = self.plot.picture
        if picture is None or picture.flat:
            return
        order = [int(each) for each in picture.order]
        units = list(self._units(picture))
        view = self._view(picture.layer_id)
        if not units:
            self._workspace.playback.choose_units(picture.layer_id, [order[0]])
            return
        last = max(units, key=lambda unit: view.slots.get(unit, 0))
        place = order.index(last) + rows
        while 0 <= place < len(order) and order[place] in units:
            place += rows
        if not 0 <= place < len(order):
            return
        if not add:
            units.remove(last)
            view.slots[order[place]] = view.slots.pop(last, 0)
        self._workspace.playback.choose_units(picture.layer_id, [*units, order[place]][-_MOST_UNITS:])

    def _chips_chosen(self, symbols: tuple[str, ...]) -> None:
        if self.layer_id is not None:
            self._view(self.layer_id).symbols = symbols
            self.refresh()

    def _side_picked(self, side: str) -> None:
        if self.layer_id is not None:
            self._view(self.layer_id).side = side
            self.refresh()

    def _sort_picked(self, order: str) -> None:
        self._order = order
        self.refresh()

    def _veil(self, *_: object) -> None:
        if self._stack.currentWidget() is self._empty:
            layer_id = self.layer_id
            layer = None if layer_id is None else self._design.find(layer_id)
            self._empty.setText(instead_of_a_picture(self._workspace, layer))
            return
        reason = over_the_picture(self._workspace)
        if reason or not self._workspace.live.stale:
            self._fade.stop()
            self._veil_now()
        elif not self._fade.isActive() and not self.plot.faded:
            self._fade.start()

    def _veil_now(self) -> None:
        reason = over_the_picture(self._workspace)
        self.plot.set_veil(self._workspace.live.stale or bool(reason), reason)

    def _recolor(self) -> None:
        if self.plot.picture is not None:
            self.plot.show_units(self._colors(self.plot.picture))

    def _save(self, path: Path, write: Callable[[], None]) -> bool:
        from rnn_designer.ui.scopes.saving import SaveError

        try:
            write()
        except SaveError as problem:
            self._note.setText(str(problem))
            self._note.show()
            self.noticed.emit(str(problem))
            return False
        self._note.hide()
        self.noticed.emit(f"Saved {path.name}.")
        return True

    def _ask_png(self) -> None:
        self._ask("Save the picture", "PNG (*.png)", ".png", self.save_png)

    def _ask_csv(self) -> None:
        self._ask("Save the numbers", "CSV (*.csv)", ".csv", self.save_csv)

    def _ask(self, title: str, kinds: str, suffix: str, save: Callable[[Path], bool]) -> None:
        picture = self.plot.picture
        if picture is None:
            return
        folder = self._workspace.document.path.parent if self._workspace.document.path else Path.home()
        name = f"{picture.name}-{picture.main.shown.symbol}{suffix}"
        chosen, _kind = QFileDialog.getSaveFileName(self, title, str(folder / name), kinds)
        if chosen:
            path = Path(chosen)
            save(path if path.suffix else path.with_suffix(suffix))

    # Qt's own

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        if self._dirty:
            self.refresh()
