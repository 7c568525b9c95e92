"""What all views have in common: when they draw, what they say when there is nothing, how they are saved."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from rnn_designer.design import Layer
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.scopes.digests import NotReadyError
from rnn_designer.ui.scopes.reasons import instead_of_a_picture, over_the_picture
from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.theme import keeper
from rnn_designer.ui.views.unit_offers import UnitOffers

if TYPE_CHECKING:
    from rnn_designer.messages import Array, Trace


class View(QWidget):
    """Shows one layer of the design in one way, always that of the last run, with the cursor all scopes share.

    A view builds its widgets into :attr:`body` and overrides :meth:`draw`; it is asked to draw only while it can be
    seen, after every run, and whenever the layer, the sample, the chosen units or the theme change. What takes longer
    than a frame is asked of ``workspace.analyses``, whose answer makes it draw again.

    Attributes:
        explanation: one line on what is seen here, always on screen.
        needs_trace: whether it can show anything before the first run.

    Signals:
        noticed(sentence): something that the user should read.
        unit_wanted(unit, side): all about a unit is wanted, which was double-clicked or chosen in a menu.
    """

    explanation: ClassVar[str] = ""
    needs_trace: ClassVar[bool] = True

    noticed = Signal(str)
    unit_wanted = Signal(int, str)

    def __init__(self, workspace: Workspace, shared: SharedChoices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.shared = shared
        self._layer_id = ""
        self._drawn_id = ""
        self._dirty = True
        self._waits = False
        self.body = QWidget(self)
        self._said = QLabel(self.explanation, self)
        self._said.setProperty("role", "muted")
        self._said.setWordWrap(True)
        self._said.setContentsMargins(12, 4, 12, 2)
        self._empty = QLabel(self)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(40, 8, 40, 8)
        self._veil = QLabel(self)
        self._veil.setProperty("role", "warning")
        self._veil.setWordWrap(True)
        self._veil.setContentsMargins(12, 2, 12, 2)
        self._veil.hide()
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._said)
        column.addWidget(self._veil)
        column.addWidget(self._stack, 1)
        self.offers = UnitOffers(self, self._steps_in_time)
        self.offers.wanted.connect(self.unit_wanted)
        self.build()
        live, playback = workspace.live, workspace.playback
        for signal in (
            # Answers of the run before are forgotten by then: who knows them was told first.
            live.traced,
            live.cleared,
            live.built,
            live.stale_changed,
            live.status_changed,
            workspace.checks.changed,
            playback.sample_changed,
            playback.extent_changed,
            shared.changed,
            keeper().changed,
        ):
            signal.connect(self.refresh)
        workspace.analyses.answered.connect(self._answered)
        shared.digests.ready.connect(self._worked_up)
        playback.units_changed.connect(self._units_changed)
        playback.step_changed.connect(self._step_changed)

    # For the view itself

    def build(self) -> None:
        """Make the widgets in :attr:`body`; called once."""

    @abstractmethod
    def draw(self, layer: Layer, trace: Trace | None) -> str:
        """Show the layer as the last run left it.

        Args:
            layer: of the present design.
            trace: of the last run; None only where :attr:`needs_trace` is False.

        Returns:
            Empty, or the sentence that stands in place of the picture: why there is none, and what to do.

        Raises:
            NotReadyError: large tables are being worked up by ``shared.digests``; it draws again once they are.
        """

    def move_cursor(self, step: int) -> None:
        """Follow the time cursor; called often, so it should only repaint what changes."""

    def numbers(self) -> Mapping[str, Array]:
        """What is shown, for CSV and NPZ: arrays by name; tables have one row per step or unit."""
        return {}

    def chosen_unit(self) -> int | None:
        """The unit that the menu key is about: the last that is drawn of those chosen; None without one."""
        chosen = self.workspace.playback.units(self._layer_id)
        return (chosen or self.shared.units(self._layer_id).automatic or (None,))[-1]

    # For who shows it

    @property
    def layer(self) -> Layer | None:
        """The layer that is shown, while the design has it."""
        return self.workspace.document.design.find(self._layer_id) if self._layer_id else None

    @property
    def message(self) -> str:
        """What stands in place of a picture; empty while there is one."""
        return self._empty.text() if self._stack.currentWidget() is self._empty else ""

    def show_layer(self, layer_id: str) -> None:
        """Show another layer; empty for none."""
        if layer_id != self._layer_id:
            self._layer_id = layer_id
            self.refresh()

    def refresh(self, *_: object) -> None:
        """Draw what there is now; put off while the view is hidden."""
        self._dirty = not self.isVisible()
        if self._dirty:
            return
        layer, trace = self.layer, self.workspace.live.trace
        sentence = ""
        there = layer is not None and (
            not self.needs_trace or (trace is not None and layer.id in trace.layers)
        )
        if not there or layer is None:
            sentence = instead_of_a_picture(self.workspace, layer)
        else:
            sentence = self._drawn(layer, trace)
        self._empty.setText(sentence)
        self._stack.setCurrentWidget(self._empty if sentence else self.body)
        over = "" if sentence else over_the_picture(self.workspace)
        self._veil.setText(over)
        self._veil.setVisible(bool(over))

    def _drawn(self, layer: Layer, trace: Trace | None) -> str:
        """Draw, or leave what is there of the layer until its large tables are worked up."""
        self._waits = False
        try:
            sentence = self.draw(layer, trace)
        except NotReadyError:
            self._waits = True
            return "" if self._drawn_id == layer.id else "Making a picture of many steps …"
        self._drawn_id = "" if sentence else layer.id
        # What a view knows of the layer before is not of this trace, where there is nothing to show of this one.
        if not sentence:
            self.move_cursor(self.workspace.playback.step)
        return sentence

    def _worked_up(self) -> None:
        if self._waits:
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while it was hidden."""
        super().showEvent(event)
        if self._dirty:
            self.refresh()

    def minimumSizeHint(self) -> QSize:
        """It may become small: scroll areas and paintings inside adapt."""
        return QSize(160, 80)

    def _steps_in_time(self) -> bool:
        """Whether the layer, or one in it, carries states from step to step, so that its units can be looked at."""
        layer = self.layer
        return layer is not None and any(each.type.recurrent or each.type.cell for each in layer.walk())

    def _answered(self, _kind: str, _layer_id: str) -> None:
        # The question may have been about a layer inside the one that is shown.
        self.refresh()

    def _units_changed(self, layer_id: str) -> None:
        if layer_id == self._layer_id:
            self.refresh()

    def _step_changed(self, step: int) -> None:
        if self.isVisible() and self._stack.currentWidget() is self.body:
            self.move_cursor(step)
