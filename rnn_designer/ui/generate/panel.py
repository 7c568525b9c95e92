"""The Generate panel: on and off, how many steps, what stands in the way, and what the model has written so far."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from rnn_designer.design import Generation, edits
from rnn_designer.design.edits.generation import HIGHEST_TEMPERATURE, MOST_STEPS
from rnn_designer.design.generating import Feedback, feedback, outputs_to_feed_back
from rnn_designer.session import EngineState
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.data.rows import small_text
from rnn_designer.ui.generate.fields import SmallField, message_label
from rnn_designer.ui.generate.text import GeneratedText
from rnn_designer.ui.generate.words import about_feedback, about_result
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import interface_font
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.editing import try_edit
from rnn_designer.ui.widgets.flow import FlowLayout
from rnn_designer.ui.widgets.problem_lines import ProblemLines
from rnn_designer.ui.widgets.switch import Switch

if TYPE_CHECKING:
    from rnn_designer.messages import Trace

_ABOUT = (
    "Feed each prediction back as the next input, step after step: the model goes on by itself. The plots show what it "
    "makes up behind the samples it started from."
)
_SEEDS = 2**31
_READABLE = 120


class GeneratePanel(QWidget):
    """Switches generation on, sets it, and shows what stands in its way or what came of it."""

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
        self._last: Generation | None = None
        self.switch = Switch()
        self.switch.setAccessibleName("Generate")
        self.switch.setToolTip("Let the model continue its samples by itself")
        self.title = QLabel("Continue the samples")
        self.title.setFont(interface_font(10, bold=True))
        self.about = small_text(_ABOUT)
        self.again = QPushButton("Generate")
        self.again.setProperty("role", "fix")
        self.draw = QPushButton("New draw")
        self.draw.setToolTip("Draw other tokens: another seed")
        self.draw.setProperty("role", "fix")
        self.steps = SmallField("steps", "How many steps the model adds", most=MOST_STEPS)
        self.prefix = SmallField(
            "start from", "How many steps of each sample come first; empty for all of them", none="all"
        )
        self.temperature = SmallField(
            "temperature",
            "0 always takes the likeliest token, 1 draws by the model's own probabilities, more makes it daring",
            whole=False,
            least=0,
            most=HIGHEST_TEMPERATURE,
        )
        self.output = Combo()
        self.output.setAccessibleName("Output that is fed back")
        self.output.setToolTip("Which of the model's outputs is fed back")
        self.output.setFixedWidth(130)
        self.output.activated.connect(self._choose_output)
        self.message = message_label()
        self.problems = ProblemLines()
        self.result = small_text()
        self.text = GeneratedText()
        self._lay_out()
        self.switch.clicked.connect(self.set_on)
        self.again.clicked.connect(self._start_or_stop)
        self.draw.clicked.connect(self.draw_again)
        for name in ("steps", "prefix", "temperature"):
            field: SmallField = getattr(self, name)
            field.wanted.connect(lambda value, name=name: self._set(name, value))
            field.finished.connect(workspace.document.seal)
        self.problems.fixed.connect(lambda fix: workspace.document.apply(fix.edit, fix.label))
        self.problems.explained.connect(selection.ask_why)
        workspace.checks.changed.connect(self.refresh)
        workspace.samples.changed.connect(self.refresh)
        workspace.live.status_changed.connect(self._show_working)
        workspace.live.status_changed.connect(self._show_result)
        workspace.engine.state_changed.connect(self._show_working)
        workspace.live.traced.connect(self._show_result)
        workspace.live.cleared.connect(self._show_result)
        workspace.playback.sample_changed.connect(self._show_result)
        self.refresh()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.switch)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.draw)
        head.addWidget(self.again)
        self._settings = QWidget()
        flow = FlowLayout(self._settings, 8)
        flow.setContentsMargins(0, 0, 0, 0)
        for each in (self.steps, self.prefix, self.temperature):
            flow.addWidget(each)
        self._choice = QWidget()
        column = QVBoxLayout(self._choice)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        named = small_text("fed back")
        column.addWidget(named)
        column.addWidget(self.output)
        flow.addWidget(self._choice)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.about)
        for widget in (self._settings, self.message, self.problems, self.result):
            layout.addWidget(widget)
        layout.addWidget(self.text, 100)
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(content)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    # ---------------------------------------------------------------------------------- what the user asks for

    def set_on(self, on: bool) -> None:
        """Switch generation on, with the settings it had before, or off."""
        document = self._workspace.document
        if (document.design.generation is not None) == on:
            return
        settings = (self._last or self._first()) if on else None
        document.apply(edits.set_generation(settings), "Generate" if on else "Stop generating")

    def toggle(self) -> None:
        """Switch generation on or off."""
        self.set_on(self._workspace.document.design.generation is None)

    @property
    def can_draw(self) -> bool:
        """Whether there are tokens to be drawn."""
        return not self.draw.isHidden()

    def draw_again(self) -> None:
        """Draw other tokens."""
        settings = self._workspace.document.design.generation
        if settings is not None:
            seed = (settings.seed + 1) % _SEEDS
            self._workspace.document.apply(edits.set_generation(replace(settings, seed=seed)), "New draw")

    def _first(self) -> Generation:
        """Half of the samples' steps to start from, and the other half to be made up: so both can be compared.

        Of a text there is more to be made up: it is to be read.
        """
        inputs = [layer for layer in self._workspace.document.design.layers if layer.kind == "Input"]
        arrays = [self._workspace.samples.array(layer.id) for layer in inputs]
        lengths = [array.shape[1] for array in arrays if array is not None and array.ndim > 1]
        steps = min(lengths, default=0)
        if steps < 2:
            return Generation()
        checked = self._workspace.checks.checked
        found = feedback(checked.design, checked.shapes)
        text = isinstance(found, Feedback) and found.tokens is not None
        wanted = steps - steps // 2
        return Generation(min(max(wanted, _READABLE) if text else wanted, MOST_STEPS), steps // 2)

    def _set(self, name: str, value: Any) -> None:
        settings = self._workspace.document.design.generation
        if settings is None:
            return
        field: SmallField = getattr(self, name)
        fault = None
        if value is None and name != "prefix":
            fault = f"“{name}” needs a number. It stays {getattr(settings, name)}."
        elif isinstance(value, str) or (isinstance(value, float) and name != "temperature"):
            fault = f"Expected a {'' if name == 'temperature' else 'whole '}number, got “{value}”."
        else:
            value = float(value) if name == "temperature" and value is not None else value
            edit = edits.set_generation(replace(settings, **{name: value}))
            fault = try_edit(
                self._workspace.document, edit, f"Set {field.label.text()}", f"generation {name}"
            )
        field.mark(fault is not None)
        self.message.setText(fault or "")
        self.message.setVisible(fault is not None)

    def _choose_output(self, place: int) -> None:
        settings, chosen = self._workspace.document.design.generation, self.output.value_at(place)
        if settings is not None and isinstance(chosen, str):
            self._workspace.document.apply(
                edits.set_generation(replace(settings, output=chosen)), "Choose what is fed back"
            )

    def _start_or_stop(self) -> None:
        live = self._workspace.live
        if self._working():
            live.cancel()
        else:
            live.run_now()

    # ---------------------------------------------------------------------------------------- keeping what is shown

    def refresh(self, *_: object) -> None:
        """Show the settings, what is fed back, and what stands in the way."""
        checked = self._workspace.checks.checked
        design = checked.design
        settings = design.generation
        on = settings is not None
        self._last = settings or self._last
        with QSignalBlocker(self.switch):
            self.switch.show_value(on)
        found = feedback(design, checked.shapes)
        goes = isinstance(found, Feedback)
        tokens = isinstance(found, Feedback) and found.tokens is not None
        self._settings.setVisible(on and goes)
        self.again.setVisible(on and goes)
        self.draw.setVisible(on and tokens)
        self.temperature.setVisible(tokens)
        if settings is not None:
            self.steps.show_value(settings.steps)
            self.prefix.show_value(settings.prefix)
            self.temperature.show_value(settings.temperature)
            self._offer_outputs(settings, found)
        else:
            self.message.hide()
        if on and isinstance(found, Feedback):
            self.about.setText(about_feedback(design, found))
        else:
            self.about.setText(_ABOUT)
        # Before it is switched on nothing is wrong; there is just nothing to go on from.
        self.problems.show_problems(found if on and not isinstance(found, Feedback) else ())
        self._show_working()
        self._show_result()

    def _offer_outputs(self, settings: Generation, found: object) -> None:
        checked = self._workspace.checks.checked
        offered = outputs_to_feed_back(checked.design, checked.shapes)
        self._choice.setVisible(len(offered) > 1)
        self.output.offer([(layer.id, layer.name) for layer in offered])
        fed_back = found.output[0] if isinstance(found, Feedback) else settings.output
        self.output.show_value(fed_back)

    def _working(self) -> bool:
        """Whether there is something to stop; what waits for the engine to start is not under way."""
        return self._workspace.live.status.busy and self._workspace.engine.state is EngineState.BUSY

    def _show_working(self, *_: object) -> None:
        busy = self._working()
        self.again.setText("Stop" if busy else "Generate")
        self.again.setToolTip(
            "Keep what is there and stop" if busy else "Generate once more, from the samples"
        )

    def _show_result(self, *_: object) -> None:
        """Show what the last run made, if it made something."""
        live, design = self._workspace.live, self._workspace.document.design
        trace = live.trace
        found = feedback(design, self._workspace.checks.checked.shapes)
        made = (
            self._made(trace, found)
            if design.generation is not None and isinstance(found, Feedback)
            else None
        )
        self.result.setVisible(made is not None)
        if made is None or trace is None or trace.generated is None or not isinstance(found, Feedback):
            self.text.hide()
            return
        real = self._workspace.samples.array(found.input.id) if found.tokens is None else None
        stopped = not live.pending
        self.result.setText(about_result(made, trace.generated, trace.to_come, real, stopped=stopped))
        table = self._workspace.samples.table(found.input.id) if found.tokens is not None else None
        words = table.vocabulary if table is not None else ()
        self.text.setVisible(found.tokens is not None)
        if found.tokens is not None:
            unit = str(self._workspace.samples.source(found.input.id).options.get("unit", "characters"))
            sample = min(self._workspace.playback.sample, len(made) - 1)
            self.text.show_ids([int(each) for each in made[sample]], trace.generated, words, unit)

    @staticmethod
    def _made(trace: Trace | None, found: Feedback) -> Any:
        """The samples with what was generated behind them."""
        if trace is None or trace.generated is None:
            return None
        return trace.signal(found.input.id, "input")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
