"""The inside of a recurrent layer as a diagram, with the vectors that go through it at the cursor's step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QToolButton, QVBoxLayout

from rnn_designer.design import Layer
from rnn_designer.ui.scopes.chips import ChoiceButton
from rnn_designer.ui.theme import theme
from rnn_designer.ui.views.cell_diagram import CellDiagram, Seen
from rnn_designer.ui.views.cell_plans import Plan, plan_of, stack_plan
from rnn_designer.ui.views.insides import Inside, insides, local_step
from rnn_designer.ui.views.sides import drawn_units
from rnn_designer.ui.views.unit import no_cells
from rnn_designer.ui.views.unit_choice import UnitChoice
from rnn_designer.ui.views.unrolled import Row, Unrolled
from rnn_designer.ui.views.vectors import INPUT, Vectors
from rnn_designer.ui.views.view import View

if TYPE_CHECKING:
    from rnn_designer.messages import Array, Trace

_COLUMN = "column:"
"""Before the name of a direction, the choice of all of its cells at once."""
ONE_STEP, UNROLLED = "step", "unrolled"
_WAYS = {ONE_STEP: "One step", UNROLLED: "Unrolled over time"}


class CellView(View):
    """Gates, states and wires of one cell, sub-step by sub-step; or the cells of many steps beside each other."""

    explanation = (
        "The inside of the layer at the cursor's step. A strip has every unit: blue below zero, orange above, gates "
        "violet."
    )

    def build(self) -> None:
        """Choices and sub-steps on top, the diagram below."""
        self.choice = UnitChoice(self.workspace.playback, self.shared, self)
        self._insides: tuple[Inside, ...] = ()
        self._vectors: dict[str, Vectors] = {}
        self._chosen = ""
        self._way = ONE_STEP
        self._plan: Plan | None = None
        self._stage = -1
        """The sub-step that is looked at; -1 for the last, so that everything is seen."""
        self._unit = 0
        self.way_button = ChoiceButton("", self.body)
        self.way_button.setAccessibleName("One step or unrolled")
        self.way_button.setToolTip("One step in detail, or the cells of many steps beside each other")
        self.way_button.show_choices(_WAYS, self._way)
        self.way_button.picked.connect(self.show_way)
        self.side_button = ChoiceButton("Of", self.body)
        self.side_button.setToolTip("Which cell or direction")
        self.side_button.picked.connect(self._side_picked)
        self.back_button = self._button("‹", "One sub-step back (Up)", -1)
        self.on_button = self._button("›", "One sub-step on (Down)", 1)
        self.said = QLabel(self.body)
        self.said.setTextFormat(Qt.TextFormat.RichText)
        self.said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.said.setWordWrap(True)
        self.said.setMinimumWidth(60)
        self.diagram = CellDiagram(self.body)
        self.diagram.moved.connect(self._move)
        self.diagram.stepped.connect(self.step_on)
        self.diagram.unit_pressed.connect(self._choose)
        self.diagram.box_pressed.connect(self._open_box)
        self.unrolled = Unrolled(self.body)
        self.unrolled.moved.connect(self._move)
        self.unrolled.step_wanted.connect(self._go)
        self.unrolled.unit_pressed.connect(self._choose)
        for picture in (self.diagram, self.unrolled):
            self.offers.offer(picture, picture.unit_under, side=self._side_shown, chosen=lambda: self._unit)
        self._pages = QStackedWidget(self.body)
        self._pages.addWidget(self.diagram)
        self._pages.addWidget(self.unrolled)
        top = QHBoxLayout()
        top.setContentsMargins(12, 0, 12, 0)
        for each in (self.way_button, self.side_button, self.back_button, self.on_button):
            top.addWidget(each)
        top.addWidget(self.said, 1)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self._pages, 1)
        self.setFocusProxy(self.diagram)

    def _button(self, text: str, tip: str, stages: int) -> QToolButton:
        made = QToolButton(self.body)
        made.setText(text)
        made.setToolTip(tip)
        made.setAccessibleName(tip.partition(" (")[0])
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.clicked.connect(lambda: self.step_on(stages))
        return made

    # What is shown

    @property
    def stage(self) -> int:
        """The sub-step that is looked at, from 0."""
        stages = len(self._plan.stages) if self._plan is not None else 1
        return stages - 1 if self._stage < 0 else min(self._stage, stages - 1)

    @property
    def way(self) -> str:
        """Whether one step or many are seen."""
        return self._way

    def draw(self, layer: Layer, trace: Trace | None) -> str:
        """Show the inside as the last run left it."""
        assert trace is not None
        found = insides(self.workspace.document.design, layer, trace)
        if not found:
            return no_cells(layer)
        sample = self.workspace.playback.sample
        vectors = {each.path: Vectors(self.workspace, each, trace, sample) for each in found}
        for path, one in vectors.items():
            key = ("cell", layer.id, path, sample)
            one.take_limits(self.shared.digests.made(trace, key, one.measured, one.size))
        self._insides, self._vectors = found, vectors
        choices = self._choices()
        if self._chosen not in choices:
            self._chosen = next(iter(choices))
        self.side_button.show_choices(choices, self._chosen)
        self.side_button.setVisible(len(choices) > 1 and self._way == ONE_STEP)
        self._pages.setCurrentWidget(self.diagram if self._way == ONE_STEP else self.unrolled)
        for each in (self.back_button, self.on_button):
            each.setVisible(self._way == ONE_STEP)
        shown = self._shown()
        self._plan = self._plan_of(shown)
        self._unit = self.choice.unit(layer.id, self._units(shown[0]))
        return ""

    def move_cursor(self, step: int) -> None:
        """Follow the cursor."""
        if self._plan is None or not self._insides:
            return
        if self._way == UNROLLED:
            self._show_unrolled(step)
        else:
            self._show_step(step)

    def numbers(self) -> Mapping[str, Array]:
        """Every vector of the cursor's step by its name; unrolled, every state at every step."""
        if self._way == UNROLLED:
            found = {}
            for inside in self._insides:
                vectors = self._vectors[inside.path]
                for symbol in vectors.states:
                    values = vectors.recorded(symbol)
                    if values is not None:
                        found[f"{inside.label or inside.owner.name} {symbol}"] = values
            return found
        seen = self.diagram.seen
        return {} if seen is None else dict(seen.values)

    def _side_shown(self) -> str:
        """The cell of the diagram, or the first of its column, as its path below the layer."""
        trace = self.workspace.live.trace
        shown = self._shown()
        own = trace.layers.get(self._layer_id, "") if trace is not None else ""
        return shown[0].path.removeprefix(own).strip("/") if shown else ""

    def _choices(self) -> dict[str, str]:
        """Every cell; before the cells of a stack, all of them at once."""
        found: dict[str, str] = {}
        for each in self._insides:
            together = [one for one in self._insides if one.side == each.side]
            if len(together) > 1 and each is together[0]:
                first = each.label.partition(" · ")[0]
                found[_COLUMN + each.side] = f"{first} · all cells" if " · " in each.label else "All cells"
            found[each.path] = each.label or each.owner.name
        return found

    def _shown(self) -> tuple[Inside, ...]:
        """The cell of the diagram, or those of its column."""
        if self._chosen.startswith(_COLUMN):
            side = self._chosen.removeprefix(_COLUMN)
            return tuple(each for each in self._insides if each.side == side)
        return tuple(each for each in self._insides if each.path == self._chosen)

    def _units(self, inside: Inside) -> int:
        vectors = self._vectors[inside.path]
        values = vectors.recorded(vectors.states[0])
        return 1 if values is None else values.shape[1]

    def _colors(self) -> dict[int, QColor]:
        """The colours of the chosen units, of either direction, as the shown cell counts them."""
        count = max(1, self._units(self._shown()[0]))
        chosen = self.shared.units(self._layer_id).colors(drawn_units(self, self._layer_id), theme())
        return {unit % count: color for unit, color in chosen.items()}

    def _plan_of(self, shown: tuple[Inside, ...]) -> Plan:
        first = self._vectors[shown[0].path]
        if len(shown) > 1:
            cells = [(str(each.place), each.owner, self._vectors[each.path].states) for each in shown]
            return stack_plan(cells, backwards=shown[0].backwards)
        inside = shown[0]
        return plan_of(inside.formula, inside.owner, first.states, first.gates, backwards=inside.backwards)

    def _show_step(self, step: int) -> None:
        assert self._plan is not None
        shown = self._shown()
        first = self._vectors[shown[0].path]
        local = local_step(step, first.steps, self.workspace.playback.steps)
        values: dict[str, Array] = {}
        limits: dict[str, float] = {}
        for inside in shown:
            vectors = self._vectors[inside.path]
            before = f"{inside.place} " if len(shown) > 1 else ""
            for name, vector in vectors.at(local).items():
                values[before + name] = vector
                limits[before + name] = vectors.limit(name)
        if len(shown) > 1 and f"{shown[0].place} {INPUT}" in values:
            values[INPUT] = values[f"{shown[0].place} {INPUT}"]
        note = f"Step {local} is masked: the states are held." if first.held(local) else ""
        stage = self.stage
        self.diagram.show_seen(
            Seen(
                self._plan,
                values,
                limits,
                stage,
                self._unit,
                self._units(shown[0]),
                note,
                self._colors(),
            )
        )
        told = self._plan.stages[stage]
        reason = first.reason
        sentence = reason or told.sentence
        # Which unit the numbers are of, where a number can be of one.
        of = f" &nbsp; <span style='color:{theme().muted}'>Numbers: unit {self._unit}.</span>"
        of = of if self._units(shown[0]) > 1 and not reason else ""
        self.said.setText(
            f"<b>{stage + 1} of {len(self._plan.stages)} · {told.title}</b> &nbsp; {sentence}{of}"
        )
        self.said.setToolTip(sentence)

    def _show_unrolled(self, step: int) -> None:
        rows = []
        for place, each in enumerate(self._insides):
            later = self._insides[place + 1 :]
            rows.append(
                Row(each.label, self._vectors[each.path], any(one.side == each.side for one in later[:1]))
            )
        steps = rows[0].vectors.steps
        local = local_step(step, steps, self.workspace.playback.steps)
        self.unrolled.show_rows(rows, local, self._unit, self._colors())
        self.said.setText(
            f"Numbers: unit {self._unit}. Arrows carry the states from cell to cell; click a step to go there."
        )
        self.said.setToolTip("")

    # What the user does

    def show_way(self, way: str) -> None:
        """One step or many, by :data:`ONE_STEP` or :data:`UNROLLED`."""
        self._way = way
        self.way_button.show_choices(_WAYS, way)
        self.setFocusProxy(self.diagram if way == ONE_STEP else self.unrolled)
        self.refresh()

    def step_on(self, stages: int) -> None:
        """A sub-step on or back; beyond the last, to the first of the next time step, as this cell reads time."""
        if self._plan is None or self._way != ONE_STEP:
            return
        count = len(self._plan.stages)
        stage = self.stage + stages
        if 0 <= stage < count:
            self._stage = stage
            self.move_cursor(self.workspace.playback.step)
            return
        playback = self.workspace.playback
        on = stages * (-1 if self._shown()[0].backwards else 1)
        if 0 <= playback.step + on < playback.steps:
            self._stage = 0 if stages > 0 else count - 1
            playback.go_to(playback.step + on)

    def _side_picked(self, key: str) -> None:
        self._chosen = key
        self._stage = -1
        self.refresh()

    def _open_box(self, name: str) -> None:
        """The cell of a column that was double-clicked."""
        shown = self._shown()
        found = next((each for each in shown if each.owner.name == name), None)
        if found is not None and len(shown) > 1:
            self._side_picked(found.path)

    def _choose(self, unit: int) -> None:
        if self.layer is not None and self._insides:
            self.choice.choose(self.layer.id, unit, self._units(self._shown()[0]))

    def _move(self, steps: int) -> None:
        self.workspace.playback.go_to(self.workspace.playback.step + steps)

    def _go(self, local: int) -> None:
        """To a step of the layer, which may have fewer than the time axis."""
        playback = self.workspace.playback
        steps = self._vectors[self._insides[0].path].steps
        playback.go_to(local if steps == playback.steps else -(-local * playback.steps // steps))

    def minimumSizeHint(self) -> QSize:
        """The diagram shrinks."""
        return QSize(260, 150)
