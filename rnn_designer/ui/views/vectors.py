"""The vectors that go through a cell at one step, by the names that its diagram gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rnn_designer.pyramid import rows_of
from rnn_designer.session.analyses import Question
from rnn_designer.ui.scopes.bands import Work, spread
from rnn_designer.ui.views.insides import Inside

if TYPE_CHECKING:
    from rnn_designer.messages import Analysis, Array, Trace
    from rnn_designer.session.workspace import Workspace

_MOST_STEPS, _LEAST_STEPS, _NUMBERS = 256, 4, 400_000
INPUT, OUTPUT, SUM, SQUASHED, RESET = "x", "y", "sum", "tanh(c)", "r⊙h′"


class Vectors:
    """Looks the vectors of one cell up: in the trace, and in what the worker says about what goes in.

    Args:
        workspace: whose last run it is.
        inside: the cell.
        trace: the run.
        sample: of the batch.
    """

    def __init__(self, workspace: Workspace, inside: Inside, trace: Trace, sample: int) -> None:
        self._workspace = workspace
        self._trace = trace
        self.inside = inside
        self._signals = {each.symbol: each.path for each in inside.signals(trace)}
        self._recorded: dict[str, Array] = {}
        for symbol, path in (*self._signals.items(), (OUTPUT, "output")):
            if inside.has(trace, path):
                values = inside.values(trace, path)
                row = values[min(sample, len(values) - 1)]
                self._recorded[symbol] = row.reshape(len(row), -1)
        self._sample = min(sample, len(values) - 1)
        self.steps = len(row)
        held = inside.held(trace)
        self._held = None if held is None else held[min(sample, len(held) - 1)]
        self._limits: Mapping[str, float] = {}
        self._questions: dict[int, Question] = {}

    @property
    def states(self) -> tuple[str, ...]:
        """The symbols of the states."""
        return tuple(symbol for symbol, path in self._signals.items() if path.startswith("state/"))

    @property
    def gates(self) -> tuple[str, ...]:
        """The symbols of the gates."""
        return tuple(symbol for symbol, path in self._signals.items() if path.startswith("gate/"))

    def recorded(self, symbol: str) -> Array | None:
        """A state, a gate or the output at every step, ``(steps, units)``."""
        return self._recorded.get(symbol)

    def held(self, step: int) -> bool:
        """Whether a mask holds the states at this step."""
        return self._held is not None and bool(self._held[step])

    def before(self, step: int) -> int:
        """The step that the states come from; -1 or the number of steps where they are the first ones."""
        return step + 1 if self.inside.backwards else step - 1

    def at(self, step: int) -> dict[str, Array]:
        """Every vector that is known of a step, by its symbol: ``h`` and ``h′``, ``f``, ``x``."""
        found = {symbol: values[step] for symbol, values in self._recorded.items()}
        earlier = self.before(step)
        if 0 <= earlier < self.steps:
            found |= {f"{symbol}′": self._recorded[symbol][earlier] for symbol in self.states}
        answer = self._answer(step)
        place = step - int(answer.arrays["first"][0]) if answer is not None else -1
        if answer is None or not 0 <= place < len(answer.arrays["held"]):
            return self._without_gates(found, step)
        arrays = answer.arrays
        found[INPUT] = arrays["inputs"][place]
        for symbol in self.states:
            name = f"before/{self._signals[symbol].removeprefix('state/')}"
            if name in arrays:
                found[f"{symbol}′"] = arrays[name][place]
        if "sum/hidden" in arrays:
            found[SUM] = arrays["sum/hidden"][place]
        if "squashed" in arrays:
            found[SQUASHED] = arrays["squashed"][place]
        if self.inside.formula == "GRU" and "h′" in found:
            found[RESET] = found["r"] * found["h′"]
        return self._without_gates(found, step)

    @property
    def size(self) -> int:
        """How many numbers were recorded."""
        return sum(values.size for values in self._recorded.values())

    def measured(self) -> Work[dict[str, float]]:
        """The largest magnitude of every symbol over the whole sample, part by part; 1 where all is zero."""
        found: dict[str, float] = {}
        for symbol, values in self._recorded.items():
            most, every = 0.0, rows_of(values.shape[1])
            for start in range(0, len(values), every):
                least, largest = spread(values[start : start + every])
                most = max(most, -least, largest)
                yield
            found[symbol] = most or 1.0
        return found

    def take_limits(self, limits: Mapping[str, float]) -> None:
        """What :meth:`measured` found."""
        self._limits = limits

    def limit(self, symbol: str) -> float:
        """The magnitude of the strongest colour: the largest of the whole sample; 0 for what was not recorded."""
        symbol = {SQUASHED: "h", RESET: "h", OUTPUT: "h"}.get(symbol, symbol.removesuffix("′"))
        return self._limits.get(symbol, 0.0)

    @property
    def reason(self) -> str:
        """Why it is not known what goes into the cell, as a sentence; empty while it is on its way."""
        reasons = (self._workspace.analyses.reason(each) for each in self._questions.values())
        return next((each for each in reasons if each), "")

    def _without_gates(self, found: dict[str, Array], step: int) -> dict[str, Array]:
        """At a held step nothing was computed: what the trace repeats there is of an earlier step."""
        if self.held(step):
            computed = (*self.gates, SUM, SQUASHED, RESET)
            return {name: values for name, values in found.items() if name not in computed}
        return found

    def _answer(self, step: int) -> Analysis | None:
        units = sum(values.shape[1] for values in self._recorded.values())
        size = max(_LEAST_STEPS, min(_MOST_STEPS, _NUMBERS // max(1, units)))
        number = step // size
        if number not in self._questions:
            options: Mapping[str, float] = {
                "sample": self._sample,
                "first": number * size,
                "count": size,
                "backward": int(self.inside.mirrored),
            }
            self._questions[number] = Question("cell_steps", self.inside.owner.id, options)
        return self._workspace.analyses.answer(self._questions[number])
