"""Holding a unit, a gate or an initial state from a scope: the menu on a row, and the line that says what is held."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from rnn_designer.design import Design, Layer
from rnn_designer.session.holds import ALL_UNITS, INITIAL, Hold, can_be_held
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.icons import icon
from rnn_designer.ui.numbers import number
from rnn_designer.ui.scopes.signals import shown, side_label, sides
from rnn_designer.ui.theme import keeper
from rnn_designer.ui.widgets.flow import FlowLayout
from rnn_designer.ui.widgets.labels import ScrubLabel
from rnn_designer.ui.widgets.number_field import NumberField


def held_signal(layer: Layer, path: str) -> str | None:
    """What has to be held so that a shown signal is; None if nothing can be.

    Args:
        layer: whose signal it is.
        path: below the layer, as ``Trace.signal`` takes it. An output is held by holding ``h``, which it is.
    """
    possible = set(can_be_held(layer))
    if path in possible:
        return path
    before, _, last = path.rpartition("output")
    state = f"{before}state/h"
    return state if not last and "gate/" not in path and state in possible else None


def initial(signal: str) -> str | None:
    """The initial state that belongs to a state; None for gates."""
    before, found, name = signal.rpartition("state/")
    return f"{before}{INITIAL}/{name}" if found else None


def what(layer: Layer, signal: str, unit: int) -> str:
    """What is held, in words: "unit 5 of h", "all units of forget gate"."""
    first = f"{INITIAL}/" in signal
    path = signal.replace(f"{INITIAL}/", "state/") if first else signal
    side = next(iter(sides((path,))), "")
    names = [each.spoken for each in shown(layer, (path,), side) if each.path == path]
    name = names[0] if names else path
    units = "all units" if unit == ALL_UNITS else f"unit {unit}"
    place = f" {side_label(side, layer).lower()}" if side else ""
    return f"{units} of {'the initial ' if first else ''}{name}{place}"


def hold_menu(
    workspace: Workspace, layer: Layer, signal: str, unit: int, step: int, value: float, parent: QWidget
) -> QMenu:
    """What can be held where the mouse is.

    Args:
        workspace: whose live run holds it.
        layer: whose row it is.
        signal: which, as :func:`held_signal` gives it.
        unit: of the row.
        step: under the mouse.
        value: of the unit at that step.
        parent: of the menu.
    """
    holds = workspace.live.holds
    menu = QMenu(parent)
    one, every = what(layer, signal, unit), what(layer, signal, ALL_UNITS)

    def offer(words: str, hold: Hold) -> None:
        menu.addAction(words, partial(holds.hold, hold))

    offer(f"Hold {one} at 0 from step {step}", Hold(layer.id, signal, unit, 0.0, step))
    if number(value) not in ("0", "NaN", "∞", "−∞"):
        offer(
            f"Hold {one} at {number(value)} from step {step}",
            Hold(layer.id, signal, unit, float(value), step),
        )
    offer(f"Hold {every} at 0 from step {step}", Hold(layer.id, signal, ALL_UNITS, 0.0, step))
    before = initial(signal)
    if before is not None:
        offer(f"Hold {what(layer, before, unit)} at 0", Hold(layer.id, before, unit, 0.0, 0))
    there = [
        each for each in (holds.at(layer.id, signal, unit), holds.at(layer.id, signal, ALL_UNITS)) if each
    ]
    if holds.all:
        menu.addSeparator()
    for each in there:
        menu.addAction(f"Release {what(layer, signal, each.unit)}", partial(holds.release, each))
    if holds.all:
        menu.addAction("Release everything", holds.clear)
    return menu


_LINE = 30
"""How high a chip is, and what stands in a line with it."""


class _Chip(QFrame):
    """One hold: its words, its value to drag or type, its first step, and a button that releases it."""

    def __init__(self, workspace: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.hold: Hold | None = None
        self.setProperty("role", "held")
        self.setFixedHeight(_LINE)
        self.label = ScrubLabel("", scrubs=True, parent=self)
        self.label.setWordWrap(False)
        self.label.setToolTip("Drag sideways to change the value; with Ctrl in smaller steps")
        self.value = NumberField(whole=False, parent=self)
        self.value.setFixedWidth(74)
        self.from_label = QLabel("from step", self)
        self.from_label.setProperty("role", "muted")
        self.step = NumberField(whole=True, minimum=0, parent=self)
        self.step.setFixedWidth(54)
        self.close_button = QToolButton(self)
        self.close_button.setIconSize(QSize(12, 12))
        self.close_button.setAutoRaise(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 1, 3, 1)
        row.setSpacing(5)
        for each in (self.label, self.value, self.from_label, self.step, self.close_button):
            row.addWidget(each)
        self.label.scrubbed.connect(lambda pixels, fine: self.value.scrub(pixels, fine=fine))
        self.label.scrub_ended.connect(self.value.end_scrub)
        self.value.edited.connect(self._value_edited)
        self.step.edited.connect(self._step_edited)
        self.value.finished.connect(self._settle)
        self.step.finished.connect(self._settle)
        self.close_button.clicked.connect(self._release)

    def show_hold(self, hold: Hold, layer: Layer) -> None:
        """Show another hold, or the same with another value."""
        self.hold = hold
        words = what(layer, hold.signal, hold.unit)
        self.label.setText(f"{layer.name}: {words} =")
        with QSignalBlocker(self.value), QSignalBlocker(self.step):
            self.value.show_value(hold.value)
            self.step.show_value(hold.step)
        for each in (self.from_label, self.step):
            each.setVisible(not hold.initial)
        self.value.setAccessibleName(f"Value of {words}")
        self.step.setAccessibleName(f"First step at which {words} is held")
        self.close_button.setToolTip(f"Release {words}")
        self.close_button.setAccessibleName(f"Release {words}")
        self.close_button.setIcon(icon("close"))

    def _value_edited(self, value: object) -> None:
        if self.hold is not None and isinstance(value, int | float) and abs(value) < 1e30:
            self._workspace.live.holds.hold(replace(self.hold, value=float(value)))

    def _step_edited(self, value: object) -> None:
        if self.hold is not None and isinstance(value, int) and 0 <= value < 2**24:
            self._workspace.live.holds.hold(replace(self.hold, step=value))

    def _settle(self) -> None:
        if self.hold is not None:
            self.value.show_value(self.hold.value)
            self.step.show_value(self.hold.step)

    def _release(self) -> None:
        if self.hold is not None:
            self._workspace.live.holds.release(self.hold)


class HeldRow(QWidget):
    """Says what is held anywhere in the design; hidden while nothing is."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.title = QLabel("Held:", self)
        self.title.setToolTip("Held at a value to see what follows; the design itself is not changed")
        self.chips: list[_Chip] = []
        self.release_all = QPushButton("Release all", self)
        self.release_all.setProperty("role", "recent")
        self.release_all.setCursor(Qt.CursorShape.PointingHandCursor)
        self.release_all.clicked.connect(workspace.live.holds.clear)
        for each in (self.title, self.release_all):
            each.setFixedHeight(_LINE)
        self._flow = FlowLayout(self, spacing=6)
        self._flow.setContentsMargins(12, 2, 8, 2)
        self._flow.addWidget(self.title)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        workspace.live.holds.changed.connect(self.refresh)
        workspace.document.changed.connect(self.refresh)
        keeper().changed.connect(self.refresh)
        self.refresh()

    @property
    def texts(self) -> tuple[str, ...]:
        """What the chips say."""
        return tuple(chip.label.text() for chip in self.chips if not chip.isHidden())

    def refresh(self, *_: object) -> None:
        """Show what is held now."""
        design: Design = self._workspace.document.design
        holds = self._workspace.live.holds.acting(design)
        while len(self.chips) < len(holds):
            self._flow.removeWidget(self.release_all)
            self.chips.append(_Chip(self._workspace, self))
            self._flow.addWidget(self.chips[-1])
            self._flow.addWidget(self.release_all)
        for place, chip in enumerate(self.chips):
            layer = design.find(holds[place].layer) if place < len(holds) else None
            if layer is not None:
                chip.show_hold(holds[place], layer)
            chip.setVisible(layer is not None)
        self.release_all.setVisible(len(holds) > 1)
        self.setVisible(bool(holds))
        self._flow.invalidate()
        self.updateGeometry()
