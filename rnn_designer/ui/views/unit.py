"""One unit: its states and gates over time, the weights that come into it, and the sum behind the cursor's step."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.design import Layer
from rnn_designer.session.analyses import Question
from rnn_designer.ui.scopes.chips import ChoiceButton
from rnn_designer.ui.scopes.frame import Window
from rnn_designer.ui.theme import Theme, code_font, theme
from rnn_designer.ui.views.insides import Inside, insides, local_step
from rnn_designer.ui.views.terms import GATES, Line, short, worked_out
from rnn_designer.ui.views.time_lines import Curve, TimeLines
from rnn_designer.ui.views.unit_choice import UnitChoice
from rnn_designer.ui.views.view import View
from rnn_designer.ui.views.weight_bars import Column, WeightBars
from rnn_designer.wording import counted

if TYPE_CHECKING:
    from rnn_designer.messages import Analysis, Array, Trace

_WIDE = 640
"""From this width on the sum stands beside the lines; below them where there is less room."""
_MOST_STEPS, _LEAST_STEPS, _NUMBERS = 512, 8, 1_000_000
_WEIGHTS, _PRODUCTS = "weights", "products"
_BARS = {_WEIGHTS: "Weights", _PRODUCTS: "Weight × value at the cursor"}


def block(units: int, gates: int) -> int:
    """How many steps are asked for at once, so that no answer is large."""
    return max(_LEAST_STEPS, min(_MOST_STEPS, _NUMBERS // max(1, units * gates)))


class _Room(QScrollArea):
    """Two widgets beside each other where there is room, else one below the other; it scrolls when it must."""

    def __init__(self, first: QWidget, second: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        inner = QWidget(self)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, inner)
        self._line.setContentsMargins(4, 0, 8, 4)
        self._line.setSpacing(10)
        self._line.addWidget(first, 1)
        self._line.addWidget(second, 1)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn where the width says so."""
        wide = self.width() >= _WIDE
        self._line.setDirection(
            QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        )
        super().resizeEvent(event)


class UnitView(View):
    """Everything about one unit of a recurrent layer or cell."""

    explanation = (
        "One unit: its states and gates over time, its incoming weights, and the sum behind the cursor's step, taken "
        "apart."
    )

    def build(self) -> None:
        """Choices on top; lines and bars on the left, the sum on the right."""
        self.choice = UnitChoice(self.workspace.playback, self.shared, self)
        self._inside: Inside | None = None
        self._path = ""
        self._unit = self._count = 0
        self._bars = _WEIGHTS
        self._lines: tuple[Line, ...] = ()
        self._question: Question | None = None
        self.unit_box = QSpinBox(self.body)
        self.unit_box.setPrefix("unit ")
        self.unit_box.setKeyboardTracking(False)
        self.unit_box.setWrapping(True)
        self.unit_box.setMinimumWidth(96)
        self.unit_box.setAccessibleName("Unit")
        self.unit_box.setToolTip("Which unit is shown. A click on a unit in any plot chooses it, too.")
        self.unit_box.valueChanged.connect(self._unit_picked)
        self.side_button = ChoiceButton("Of", self.body)
        self.side_button.setToolTip("Which cell or direction")
        self.side_button.picked.connect(self._side_picked)
        self.bars_button = ChoiceButton("Bars", self.body)
        self.bars_button.setToolTip("What the bars show")
        self.bars_button.show_choices(_BARS, self._bars)
        self.bars_button.picked.connect(self._bars_picked)
        self.facts = QLabel(self.body)
        self.facts.setProperty("role", "muted")
        self.facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.lines = TimeLines(self.body)
        self.lines.step_wanted.connect(self._go)
        self.lines.moved.connect(lambda steps: self._go(self.workspace.playback.step + steps))
        self.bars = WeightBars(self.body)
        self.bars.unit_pressed.connect(self._choose)
        self.sum = QLabel(self.body)
        self.sum.setTextFormat(Qt.TextFormat.RichText)
        self.sum.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.sum.setWordWrap(True)
        self.sum.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.sum.setAccessibleName("The sum behind the step")
        self.sum.setMinimumWidth(200)
        around = QScrollArea(self.body)
        around.setWidget(self.sum)
        around.setWidgetResizable(True)
        around.setFrameShape(QScrollArea.Shape.NoFrame)
        around.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        around.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        around.setMinimumHeight(96)
        left = QWidget(self.body)
        below = QVBoxLayout(left)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(2)
        below.addWidget(self.lines, 3)
        below.addWidget(self.bars, 2)
        top = QHBoxLayout()
        top.setContentsMargins(12, 0, 12, 0)
        for each in (self.unit_box, self.side_button, self.bars_button):
            top.addWidget(each)
        top.addWidget(self.facts, 1)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(_Room(left, around, self.body), 1)
        self.shared.window_changed.connect(self._window_changed)

    # What is drawn

    @property
    def unit(self) -> int:
        """The unit that is shown."""
        return self._unit

    @property
    def worked_out(self) -> tuple[Line, ...]:
        """The sum that is shown, line by line; empty while there is none."""
        return self._lines

    def show_unit(self, unit: int, side: str = "") -> None:
        """Show a unit.

        Args:
            unit: counted through both directions where a Bidirectional puts them side by side.
            side: the direction or cell that is meant, as its path below the layer; empty if only the unit tells.
        """
        layer, trace = self.layer, self.workspace.live.trace
        if layer is None or trace is None or layer.id not in trace.layers:
            return
        found = insides(self.workspace.document.design, layer, trace)
        path = f"{trace.layers[layer.id]}/{side}"
        wanted = [each for each in found if side and f"{each.path}/".startswith(f"{path}/")]
        if not wanted and found:
            ends = np.cumsum([self._units_of(each, trace) for each in found])
            joined = layer.kind == "Bidirectional" and len(found) == 2 and unit < ends[-1]
            wanted = [found[int(np.searchsorted(ends, unit, side="right"))] if joined else found[0]]
            unit = unit if joined else unit % max(1, self._units_of(found[0], trace))
        if wanted:
            self._path = wanted[0].path
            self.choice.show(layer.id, unit)
            self.refresh()

    @staticmethod
    def _units_of(inside: Inside, trace: Trace) -> int:
        return int(np.prod(inside.values(trace, inside.signals(trace)[0].path).shape[2:]))

    def draw(self, layer: Layer, trace: Trace | None) -> str:
        """Show the unit as the last run left it."""
        assert trace is not None
        found = insides(self.workspace.document.design, layer, trace)
        if not found:
            return no_cells(layer)
        self._inside = next((each for each in found if each.path == self._path), found[0])
        self._path = self._inside.path
        self.side_button.show_choices(
            {each.path: each.label or each.owner.name for each in found}, self._path
        )
        self.side_button.setVisible(len(found) > 1)
        signals = self._inside.signals(trace)
        state = self._inside.values(trace, signals[0].path)
        self._count = int(np.prod(state.shape[2:]))
        self._unit = self.choice.unit(layer.id, self._count)
        with QSignalBlocker(self.unit_box):
            self.unit_box.setRange(0, self._count - 1)
            self.unit_box.setValue(self._unit)
            frames = state.ndim > 3
            self.unit_box.setPrefix("place " if frames else "unit ")
            self.unit_box.setSuffix(f" of {self._count}")
        self._show_lines(layer, trace)
        self._question = self._asked()
        return ""

    def move_cursor(self, step: int) -> None:
        """Follow the cursor: lines, products and the sum."""
        self.lines.show_step(step)
        trace = self.workspace.live.trace
        if self._inside is None or trace is None:
            return
        answer, place = self._answer(trace, step)
        self._show_weights(trace, answer, place)
        self._show_sum(trace, answer, place, step)

    def numbers(self) -> Mapping[str, Array]:
        """Every line by its symbol, the bars by kind, and the terms of the sum."""
        found: dict[str, Array] = {each.symbol: np.asarray(each.values) for each in self.lines.curves}
        for column in self.bars.columns:
            found[column.title] = column.weights
        trace = self.workspace.live.trace
        if trace is not None and self._inside is not None:
            answer, place = self._answer(trace, self.workspace.playback.step)
            if answer is not None:
                found["terms at the cursor"] = answer.arrays["terms"][place]
        return found

    def _show_lines(self, layer: Layer, trace: Trace) -> None:
        assert self._inside is not None
        sample = self.workspace.playback.sample
        look = theme()
        own = self.shared.units(layer.id).colors(
            tuple(dict.fromkeys((*self.workspace.playback.units(layer.id), self._unit))), look
        )[self._unit]
        others = [QColor(each) for each in look.series if QColor(each) != own]
        curves: list[Curve] = []
        for place, each in enumerate(self._inside.signals(trace)):
            values = self._inside.values(trace, each.path)
            values = values.reshape(*values.shape[:2], -1)
            if self._unit >= values.shape[-1] or sample >= len(values):
                continue
            gate = each.path.startswith("gate/") and not each.path.endswith("candidate")
            color = own if place == 0 else others[(place - 1) % len(others)]
            curves.append(Curve(each.symbol, values[sample, :, self._unit], color, gate))
        if self._inside.has(trace, "output"):
            values = self._inside.values(trace, "output")
            values = values.reshape(*values.shape[:2], -1)
            there = self._unit < values.shape[-1] and sample < len(values)
            line = values[sample, :, self._unit] if there else None
            if line is not None and not (curves and np.array_equal(line, curves[0].values, equal_nan=True)):
                curves.insert(0, Curve("y", line, QColor(look.muted)))
        held = self._inside.held(trace)
        self.lines.show_curves(
            curves, self._window(), None if held is None else held[min(sample, len(held) - 1)]
        )

    # The sum

    def _asked(self) -> Question | None:
        """What the worker is asked about the block of steps that the cursor is in."""
        inside, trace = self._inside, self.workspace.live.trace
        if inside is None or trace is None or not inside.formula:
            return None
        steps = inside.values(trace, "state/h").shape[1]
        local = local_step(self.workspace.playback.step, steps, self.workspace.playback.steps)
        size = block(self._count, len(GATES[inside.formula]))
        options = {
            "unit": self._unit,
            "sample": self.workspace.playback.sample,
            "first": local // size * size,
            "count": size,
            "backward": int(inside.mirrored),
        }
        if self._question is not None and (self._question.layer, self._question.options) == (
            inside.owner.id,
            options,
        ):
            return self._question
        return Question("unit_sum", inside.owner.id, options)

    def _answer(self, trace: Trace, step: int) -> tuple[Analysis | None, int]:
        """The answer for the cursor's block, if it is there, and which of its steps is the cursor's."""
        self._question = self._asked()
        if self._question is None or self._inside is None:
            return None, 0
        answer = self.workspace.analyses.answer(self._question)
        if answer is None:
            return None, 0
        steps = self._inside.values(trace, "state/h").shape[1]
        local = local_step(step, steps, self.workspace.playback.steps)
        place = local - int(answer.arrays["first"][0])
        return (answer, place) if 0 <= place < len(answer.arrays["held"]) else (None, 0)

    def _show_sum(self, trace: Trace, answer: Analysis | None, place: int, step: int) -> None:
        inside = self._inside
        assert inside is not None
        self._lines = ()
        held = inside.held(trace)
        sample = self.workspace.playback.sample
        if held is not None and sample < len(held):
            local = local_step(step, held.shape[1], self.workspace.playback.steps)
            if held[sample, local]:
                self._say(
                    f"Step {local} is masked: nothing is computed, and the states are held as they were."
                )
                return
        if not inside.formula:
            before = f"{inside.weights}/"
            weighs = any(name.startswith(before) for name in self.workspace.live.weights)
            self._say(no_formula(inside.owner, weighs=weighs))
            return
        if answer is None:
            reason = self.workspace.analyses.reason(self._question) if self._question is not None else ""
            self._say(reason or "Taking the sum apart …")
            return
        self._lines = worked_out(inside.formula, inside.owner, answer.arrays, place)
        local = place + int(answer.arrays["first"][0])
        self.sum.setText(_as_html(self._lines, self._colors(), theme(), self._given(answer)))
        self.sum.setAccessibleDescription(". ".join(each.text for each in self._lines))
        self.facts.setText(f"{inside.owner.name} · sample {sample} · step {local}")

    def _given(self, answer: Analysis) -> str:
        """What the short symbols of the formula stand for."""
        inside = self._inside
        assert inside is not None
        before = "after" if inside.backwards else "before"
        states = "h′ and c′ are" if inside.formula == "LSTM" else "h′ is"
        way = " (this direction reads backwards)" if inside.backwards else ""
        return (
            f"x: {counted(answer.arrays['inputs'].shape[-1], 'number')} of the input. {states} from the step "
            f"{before}{way}, h′ over {counted(self._count, 'unit')}."
        )

    def _colors(self) -> dict[str, str]:
        return {each.symbol: each.color.name() for each in self.lines.curves}

    def _say(self, sentence: str) -> None:
        self.sum.setText(f"<p style='color:{theme().muted}'>{escape(sentence)}</p>")
        self.sum.setAccessibleDescription(sentence)
        inside = self._inside
        self.facts.setText(inside.owner.name if inside is not None else "")

    # The weights

    def _show_weights(self, trace: Trace, answer: Analysis | None, place: int) -> None:
        inside = self._inside
        assert inside is not None
        weights = self.workspace.live.weights
        kernel = weights.get(f"{inside.weights}/kernel")
        recurrent = weights.get(f"{inside.weights}/recurrent_kernel")
        gates = GATES.get(inside.formula, ())
        wide = len(gates) * self._count
        known = bool(gates) and kernel is not None and recurrent is not None
        known = known and all(each is not None and each.shape[-1] == wide for each in (kernel, recurrent))
        self.bars.setVisible(known)
        self.bars_button.setVisible(known)
        if not known or kernel is None or recurrent is None:
            self.bars.show_columns((), ())
            return
        columns = np.arange(len(gates)) * self._count + self._unit
        given = state = None
        if answer is not None:
            given, state = answer.arrays["inputs"][place], answer.arrays["hidden"][place]
            state = np.tile(state, (len(gates), 1))
            if inside.formula == "GRU" and not inside.owner.value("reset_after"):
                step = place + int(answer.arrays["first"][0])
                state[2] *= inside.values(trace, "gate/reset")[self.workspace.playback.sample, step]
        bias = weights.get(f"{inside.weights}/bias")
        parts = [
            ("input · W", "input", kernel[:, columns].T, given),
            ("units before · U", "unit", recurrent[:, columns].T, state),
        ]
        if bias is not None:
            parts.append(("b, b′" if bias.ndim > 1 else "b", "", np.atleast_2d(bias)[:, columns].T, None))
        products = self._bars == _PRODUCTS
        self.bars.show_columns(
            gates,
            [
                Column(title, word, each * times if products and times is not None else each, each, times)
                for title, word, each, times in parts
            ],
        )

    # What the user does

    def _window(self) -> Window:
        return self.shared.window.fitted(self.workspace.playback.steps)

    def _window_changed(self, *_: object) -> None:
        self.lines.show_window(self._window())

    def _go(self, step: int) -> None:
        self.workspace.playback.go_to(step)

    def _choose(self, unit: int) -> None:
        if self.layer is not None:
            self.choice.choose(self.layer.id, unit, self._count)

    def _unit_picked(self, unit: int) -> None:
        self._choose(unit)

    def _side_picked(self, path: str) -> None:
        self._path = path
        self.refresh()

    def _bars_picked(self, kind: str) -> None:
        self._bars = kind
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        """It scrolls where there is less room."""
        return QSize(240, 120)


def no_cells(layer: Layer) -> str:
    """Why there is nothing inside a layer to look at, and what to do."""
    inner = [each for each in layer.walk() if each.type.recurrent or each.type.cell]
    if not inner:
        return (
            f"“{layer.name}” is a {layer.kind}: it has no states and takes no steps. Select a recurrent layer, such as "
            "SimpleRNN, LSTM or GRU."
        )
    return (
        f"The steps inside “{layer.name}” are not recorded one by one. Put the {inner[-1].kind} outside of the "
        f"{layer.kind} to see it unit by unit."
    )


def no_formula(owner: Layer, *, weighs: bool) -> str:
    """Why the sums of a cell are not taken apart; ``weighs`` says whether it has weights."""
    if owner.kind.startswith("ConvLSTM"):
        return (
            "A ConvLSTM sums over a neighbourhood of each place of a frame, which is more than a line of numbers can "
            "show. Its states and gates are drawn here; its kernels are in the view Weights."
        )
    drawn = (
        "Its states are drawn here, its weights in the view Weights."
        if weighs
        else "Its states are drawn here."
    )
    return f"The formula of “{owner.name}” stands in its own code, so its sums are not taken apart. {drawn}"


def _as_html(lines: tuple[Line, ...], colors: dict[str, str], look: Theme, given: str) -> str:
    font = code_font(9)
    rows = []
    for line in lines:
        color = colors.get(line.symbol, look.text)
        *steps, last = line.numbers
        worked = " = ".join(escape(each) for each in steps)
        held = ""
        if line.held:
            held = f" <span style='color:{look.warning}'>· but held at {short(line.value)}</span>"
        rows.append(
            f"<tr><td style='padding-right:6px'><b style='color:{color}'>{escape(line.symbol)}</b></td>"
            f"<td><span style='color:{look.muted}'>= {escape(line.formula)}</span><br>"
            f"= {worked} = <b>{escape(last)}</b>{held}</td></tr>"
        )
    return (
        f"<table cellspacing='0' cellpadding='1' style='font-family:{font.family()}; font-size:9pt'>"
        f"{''.join(rows)}</table><p style='color:{look.muted}; font-size:8.5pt'>{escape(given)}</p>"
    )
