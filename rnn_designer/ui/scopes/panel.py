"""One panel of scopes: tabs for layers, chips for signals, one plot, one time cursor shared with everything else."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QApplication, QLabel, QStackedWidget, QVBoxLayout, QWidget

from rnn_designer.design import Design, Layer
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.scopes.digests import NotReadyError
from rnn_designer.ui.scopes.dragging import InputDrags
from rnn_designer.ui.scopes.finding import FindRow
from rnn_designer.ui.scopes.following import followed, title
from rnn_designer.ui.scopes.header import ScopesHeader
from rnn_designer.ui.scopes.holding import HeldRow
from rnn_designer.ui.scopes.making import make_picture
from rnn_designer.ui.scopes.plot import ScopePlot
from rnn_designer.ui.scopes.reasons import instead_of_a_picture, over_the_picture
from rnn_designer.ui.scopes.save_menu import Saver
from rnn_designer.ui.scopes.signals import Shown, shown, side_label, sides
from rnn_designer.ui.scopes.state import MAPS, ONE, ORDERS, SAMPLES, LayerView, SharedChoices, usual_side
from rnn_designer.ui.scopes.tabs import FOLLOWING
from rnn_designer.ui.scopes.training_note import TrainingNote
from rnn_designer.ui.scopes.unit_actions import UnitActions
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import keeper, theme
from rnn_designer.ui.training.epoch_bar import EpochBar
from rnn_designer.ui.views import STATES, TITLES
from rnn_designer.ui.views.instruments import Instruments

if TYPE_CHECKING:
    from rnn_designer.messages import Trace
    from rnn_designer.ui.scopes.picture import Picture

_FADE_AFTER = 200
"""Milliseconds that an old picture stays at full strength: most runs are over by then, and nothing flickers."""
_GONE = (
    "This layer is not in the design any more. Undo brings it back; close this dock if you are done with it."
)


class Scopes(QWidget):
    """Plots what the selected or pinned layers computed in the last run, or always one layer in a dock of its own.

    Signals:
        noticed(sentence): something was saved, or could not be.
        dock_wanted(layer_id): the layer's scope is to be opened in a dock of its own.
    """

    noticed = Signal(str)
    dock_wanted = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        selection: Selection,
        parent: QWidget | None = None,
        *,
        shared: SharedChoices | None = None,
        only: str = "",
    ) -> None:
        """Make a panel.

        Args:
            workspace: whose values are shown.
            selection: what the first tab follows.
            parent: of the panel.
            shared: what all scopes of a window have in common; own choices if not given.
            only: the id of the one layer that is shown, without tabs; empty for all that are selected or pinned.
        """
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
        self.shared = shared if shared is not None else SharedChoices(self)
        self._only = only
        self._views: dict[str, LayerView] = {}
        self._samples = ONE
        self._followed = ""
        self._dirty = True
        self._waits = False

        self.header = ScopesHeader(self, tabs=not only)
        """Tabs, chips and buttons; it sits above the plot until a dock takes it as its title."""
        self.tabs, self.chips = self.header.tabs, self.header.chips
        self.add_button, self.side_button = self.header.add_button, self.header.side_button
        self.sort_button, self.save_button = self.header.sort_button, self.header.save_button
        self.samples_button = self.header.samples_button
        self.sort_button.show_choices(ORDERS, self.shared.order)
        self.samples_button.show_choices(SAMPLES, self._samples)
        self.common_option = self.samples_button.add_option(
            "Same colours for all samples", "Colours and lines then mean the same value in every sample."
        )

        self.plot = ScopePlot(workspace.playback, self)
        self.plot.show_window(self.shared.window)
        self._empty = QLabel(self)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(40, 8, 40, 8)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.plot)
        self.instruments = Instruments(workspace, self.shared, self._stack, self)
        """What is shown of the layer: its states, or another view."""
        self.header.view_button.show_choices(TITLES, STATES)
        self.saver = Saver(workspace, self.plot, self.instruments, self)
        self.saver.fill(self.header.save_menu)
        self._note = QLabel(self)
        self._note.setProperty("role", "error")
        self._note.setWordWrap(True)
        self._note.setContentsMargins(12, 4, 12, 4)
        self._note.hide()
        self._training = TrainingNote(workspace, self)
        self.held = HeldRow(workspace, self)
        self.finder = FindRow(self)
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
        if self._only:
            return self._only if self._design.find(self._only) is not None else None
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
        if self._stack.currentWidget() is self.plot:
            return self.plot
        return self.save_button if self._only else self.tabs

    def ensure_plots(self) -> None:
        """Import what drawing needs, once the window is on screen, so that the first trace shows at once."""
        # numpy.unique and others would import numpy.ma later, which takes 50 ms.
        import numpy.ma  # noqa: F401

        import rnn_designer.ui.scopes.reading  # noqa: F401

        self.plot.prepare()

    def pin_current(self) -> None:
        """Give the layer in front a tab of its own."""
        layer_id = self.layer_id
        if layer_id is not None:
            self._workspace.playback.pin(layer_id)
            self.tabs.go_to(layer_id)

    def sort_by(self, order: str) -> None:
        """Sort the units by a key of ``state.ORDERS``."""
        self.sort_button.choose(order)

    def show_samples(self, samples: str) -> None:
        """Show one sample or all, by a key of ``state.SAMPLES``."""
        self.samples_button.choose(samples)

    def show_view(self, name: str) -> None:
        """Show the layer in another way, by a key of ``views.TITLES``."""
        self.header.view_button.show_choices(TITLES, name)
        self.instruments.show_view(name)
        self.refresh()

    def show_next_view(self, places: int) -> None:
        """Go through the views in the order of their menu, in a circle; the keyboard stays in the scopes."""
        names, focused = list(TITLES), QApplication.focusWidget()
        here = focused is self.instruments or (focused is not None and self.instruments.isAncestorOf(focused))
        self.show_view(names[(names.index(self.instruments.name) + places) % len(names)])
        if here:
            # What had the focus is hidden now.
            (self.first_stop if self.instruments.view is None else self.instruments).setFocus()

    def look_inside(self, layer_id: str) -> None:
        """Show the inside of a layer, ready for the arrow keys."""
        self.tabs.go_to(layer_id if layer_id in self._workspace.playback.pins else FOLLOWING)
        self.show_view("cell")
        if self.instruments.view is not None:
            self.instruments.view.setFocus()

    def show_unit(self, layer_id: str, unit: int) -> None:
        """Show all about a unit of a layer."""
        self.tabs.go_to(layer_id if layer_id in self._workspace.playback.pins else FOLLOWING)
        self.unit_actions.show(unit, "")

    def open_in_a_dock(self) -> None:
        """Ask for a dock of its own for the layer in front."""
        if self.layer_id is not None:
            self.dock_wanted.emit(self.layer_id)

    def refresh(self, *_: object) -> None:
        """Draw what there is now, whatever signal asks; put off while the panel is hidden."""
        self._dirty = not self.isVisible()
        self._show_tabs()
        if self._dirty:
            return
        layer_id = self.layer_id
        self.instruments.show_layer(layer_id or "")
        layer = None if layer_id is None else self._design.find(layer_id)
        if self.instruments.view is not None:
            self._show_no_choices()
            return
        trace = self._workspace.live.trace
        picture = None
        if layer is not None and trace is not None and layer.id in trace.layers:
            try:
                picture = self._picture(layer, trace)
            except NotReadyError:
                self._wait(layer)
                return
        self.sort_button.show_choices(ORDERS, self.shared.order)
        self._show(layer, picture)
        self._veil()

    def _worked_up(self) -> None:
        if self._waits:
            self._waits = False
            self.refresh()

    def _wait(self, layer: Layer) -> None:
        """Leave what is there of the layer until its large tables are worked up."""
        self._waits = True
        if self.plot.picture is None or self.plot.picture.layer_id != layer.id:
            self.plot.show_picture(None, {})
            self._empty.setText("Making a picture of many steps …")
            self._stack.setCurrentWidget(self._empty)
        self.sort_button.show_choices(ORDERS, self.shared.order)
        self._veil()

    def save(self, path: Path) -> bool:
        """Save what is on screen as what the file's suffix says; a sentence says how it went."""
        return self.saver.save(path)

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
        outer.addWidget(self._training)
        outer.addWidget(self.held)
        outer.addWidget(EpochBar(self._workspace, self, compact=True))
        outer.addWidget(self.finder)
        outer.addWidget(self.instruments, 1)

    def _connect(self) -> None:
        workspace, playback = self._workspace, self._workspace.playback
        self.tabs.shown.connect(self.refresh)
        self.tabs.closed.connect(playback.unpin)
        self.tabs.pinned.connect(playback.pin)
        self.tabs.dock_wanted.connect(self._dock_wanted)
        self.add_button.clicked.connect(self.pin_current)
        self.chips.chosen.connect(self._chips_chosen)
        self.header.view_button.picked.connect(self.show_view)
        self.instruments.noticed.connect(self.noticed)
        self.side_button.picked.connect(self._side_picked)
        self.sort_button.picked.connect(self.shared.sort_by)
        self.samples_button.picked.connect(self._samples_picked)
        self.common_option.triggered.connect(self._common_picked)
        self.shared.changed.connect(self.refresh)
        self.shared.digests.ready.connect(self._worked_up)
        self.shared.window_changed.connect(self.plot.show_window)
        self.plot.window_changed.connect(self.shared.show_window)
        self.plot.samples_toggled.connect(self._toggle_samples)
        self.saver.saved.connect(self._saved)
        self.saver.failed.connect(self._not_saved)
        self.unit_actions = UnitActions(self, workspace, self.finder)
        self.input_drags = InputDrags(workspace, self.plot, self.noticed.emit)
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
        playback.units_changed.connect(self.recolor_units)
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
        if self._only:
            self.header.title.setText(title(design, self._only) or self.header.title.text())
            return
        self._followed = followed(design, self._selection.current, self._followed)
        pinned = [each for each in self._workspace.playback.pins if design.find(each) is not None]
        self.tabs.show_layers(self._followed, pinned, partial(title, design))
        self.add_button.setEnabled(self.layer_id is not None and self.layer_id not in pinned)

    def _picture(self, layer: Layer, trace: Trace) -> Picture | None:
        view = self._view(layer.id)
        recorded = trace.signals(layer.id)
        there = sides(recorded)
        if view.side not in there:
            view.side = usual_side(there)
        signals = shown(layer, recorded, view.side)
        self._show_choices(layer, view, there, signals)
        return make_picture(self._workspace, layer, trace, signals, view, self.shared, self._samples)

    def _show_choices(
        self, layer: Layer, view: LayerView, there: tuple[str, ...], signals: tuple[Shown, ...]
    ) -> None:
        self.chips.show_signals(signals, view.chips(signals))
        self.side_button.show_choices(
            {side: side_label(side, layer) for side in there}, view.side or there[0]
        )
        self.side_button.setVisible(len(there) > 1)
        self.header.fit()

    @property
    def training_note(self) -> str:
        """What is said about dropout and noise: whether they act on what is drawn; empty where there is none."""
        return self._training.text

    def _show(self, layer: Layer | None, picture: Picture | None) -> None:
        self._training.show_layer(None if picture is None else layer)
        if picture is None or layer is None:
            self.plot.show_picture(None, {})
            for each in (self.chips, self.side_button):
                each.hide()
            self._empty.setText(self._instead(layer))
            self._stack.setCurrentWidget(self._empty)
            self.header.fit()
        else:
            self.plot.show_picture(picture, self._colors(picture))
            self._stack.setCurrentWidget(self.plot)
            self.plot.setAccessibleName(f"Scope of {layer.name}")
            self.plot.setAccessibleDescription(
                f"{', '.join(band.shown.spoken for band in picture.bands)}: {picture.main.units} {picture.word}s over "
                f"{picture.main.steps} steps. Left and right move the cursor, up and down choose a unit, "
                "page up and page down a sample."
            )
        timed = picture is not None and not picture.flat
        self.sort_button.setVisible(picture is not None and timed and picture.main.units > 1)
        self.header.find_button.setVisible(timed and picture is not None and picture.main.units > 1)
        self.samples_button.setVisible(timed and self._workspace.playback.samples > 1)
        self.common_option.setChecked(self.shared.common(self._samples != ONE))
        self.save_button.setEnabled(picture is not None)
        self.header.fit()

    def _show_no_choices(self) -> None:
        """A view has its own choices; those of the heat maps would do nothing."""
        for each in (self.chips, self.side_button, self.sort_button, self.samples_button, self._training):
            each.hide()
        self.save_button.setEnabled(self.layer_id is not None)
        self.header.fit()

    def _instead(self, layer: Layer | None) -> str:
        return _GONE if self._only and layer is None else instead_of_a_picture(self._workspace, layer)

    def units_of(self, picture: Picture) -> tuple[int, ...]:
        """The units that are drawn as lines of a picture."""
        automatic = self.shared.units(picture.layer_id).automatic
        chosen = self._workspace.playback.units(picture.layer_id) or automatic or ()
        return tuple(unit for unit in chosen if unit < picture.main.units)

    def _colors(self, picture: Picture) -> dict[int, QColor]:
        if picture.flat:
            return {}
        return self.shared.units(picture.layer_id).colors(self.units_of(picture), theme())

    def recolor_units(self, layer_id: str) -> None:
        """Draw the lines of a layer's chosen units, if it is the one that is shown."""
        picture = self.plot.picture
        if picture is not None and picture.layer_id == layer_id:
            self.plot.show_units(self._colors(picture))

    def _chips_chosen(self, symbols: tuple[str, ...]) -> None:
        if self.layer_id is not None:
            self._view(self.layer_id).symbols = symbols
            self.refresh()

    def _side_picked(self, side: str) -> None:
        if self.layer_id is not None:
            self._view(self.layer_id).side = side
            self.refresh()

    def _samples_picked(self, samples: str) -> None:
        self._samples = samples
        self.refresh()

    def _toggle_samples(self) -> None:
        if self.samples_button.isVisible():
            self.samples_button.choose(MAPS if self._samples == ONE else ONE)

    def _common_picked(self, common: bool) -> None:
        self.shared.set_common(self._samples != ONE, common)

    def _dock_wanted(self, layer_id: str) -> None:
        self.dock_wanted.emit(layer_id if layer_id != FOLLOWING else self.layer_id or "")

    def _veil(self, *_: object) -> None:
        if self._stack.currentWidget() is self._empty:
            layer_id = self.layer_id
            layer = None if layer_id is None else self._design.find(layer_id)
            self._empty.setText(self._instead(layer))
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

    def _saved(self, sentence: str) -> None:
        self._note.hide()
        self.noticed.emit(sentence)

    def _not_saved(self, sentence: str) -> None:
        self._note.setText(sentence)
        self._note.show()
        self.noticed.emit(sentence)

    # Qt's own

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        if self._dirty:
            self.refresh()
