"""Answers what views ask of the worker about the trace of ``layout_states.give_trace``, without a worker.

The numbers are made up, but of the form, the size and the names that the worker's are: enough to draw everything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rnn_designer.messages import Analysis
from rnn_designer.session.analyses import Question
from rnn_designer.session.weights_book import WeightsBook
from rnn_designer.ui.main_window import MainWindow

GATES = {"LSTM": ("input", "forget", "candidate", "output"), "GRU": ("update", "reset", "candidate")}


class Answers:
    """Takes the place of ``Analyses.answer`` in a window."""

    def __init__(self, window: MainWindow) -> None:
        self._workspace = window.workspace
        self._known: dict[tuple[object, ...], Analysis] = {}
        self._kinds: dict[str, Callable[[Question], dict[str, Any]]] = {
            "gradients": self._gradients,
            "saturation": self._saturation,
            "trajectory": self._trajectory,
            "fixed_points": self._fixed_points,
            "match": self._match,
            "recurrent_weights": self._recurrent_weights,
            "cell_steps": self._cell_steps,
            "unit_sum": self._unit_sum,
        }

    def __call__(self, question: Question) -> Analysis:
        """The same answer to the same question."""
        key = (question.kind, question.layer, tuple(sorted(question.options.items())))
        if key not in self._known:
            arrays = self._kinds[question.kind](question)
            facts = {
                "method": "exact",
                "target": "state/h",
                "rows": "8",
                "starts": "48",
                "lost": "3",
                "numbers": "16",
            }
            self._known[key] = Analysis(1, question.kind, question.layer, arrays, facts, 0.01)
        return self._known[key]

    def _signal(self, question: Question, name: str) -> Any:
        trace = self._workspace.live.trace
        assert trace is not None
        path = trace.layers[question.layer]
        if question.options.get("backward"):
            path = path.replace("forward", "backward")
        return trace.arrays.get(f"{path}/{name}")

    def _states(self, question: Question) -> dict[str, Any]:
        every = {name: self._signal(question, f"state/{name}") for name in ("h", "c")}
        return {name: values for name, values in every.items() if values is not None}

    def _gates(self, question: Question) -> tuple[str, ...]:
        layer = self._workspace.document.design.layer(question.layer)
        return GATES.get(layer.kind, ())

    def _gradients(self, question: Question) -> dict[str, Any]:
        states = self._states(question)
        _samples, steps, units = states["h"].shape
        step = int(question.options["step"]) % steps
        away = (step - np.arange(steps)).astype(float)
        norms = np.where(away >= 0, 0.93**away, np.nan)
        arrays: dict[str, Any] = {
            "input": norms[:, None],
            "norm/input": norms / 4,
            "step": np.float32(step),
            "backwards": np.float32(0),
            "signed": np.float32(question.options["unit"] >= 0),
        }
        for number, name in enumerate(states):
            arrays[f"state/{name}"] = norms[:, None] * np.arange(1, units + 1)
            arrays[f"norm/{name}"] = norms * (2 + number)
            arrays[f"fit/{name}"] = np.array([np.log(2 + number), np.log(0.93)])
        return arrays

    def _saturation(self, question: Question) -> dict[str, Any]:
        states = self._states(question)
        samples, steps, units = states["h"].shape
        share = np.linspace(0, 0.8, units, dtype=np.float32)
        arrays: dict[str, Any] = {"count": np.array([samples, steps], np.float32)}
        for number, gate in enumerate(self._gates(question)):
            arrays[f"left/gate/{gate}"] = share if number % 2 else share[::-1] / 3
            arrays[f"right/gate/{gate}"] = share[::-1] / (1 + number)
            ends = [-0.8, 0.8] if gate == "candidate" else [0.1, 0.9]
            arrays[f"ends/gate/{gate}"] = np.array(ends, np.float32)
        for name in states:
            arrays[f"off/state/{name}"] = share[::-1] / 8
            arrays[f"saturated/state/{name}"] = share
            for kind, value in (("still", 0), ("dead", 0), ("nan", -1), ("inf", -1)):
                arrays[f"{kind}/state/{name}"] = np.full(units, value, np.float32)
        return arrays

    def _rows(self, question: Question) -> Any:
        named = [name.removeprefix("signal/") for name in question.options if name.startswith("signal/")]
        return np.concatenate([self._signal(question, name) for name in named], axis=-1)

    def _trajectory(self, question: Question) -> dict[str, Any]:
        states = self._rows(question)
        rows = states.reshape(-1, states.shape[-1])
        # Signs of directions are free; pictures need the same ones everywhere.
        components = np.linalg.qr(np.vander(np.linspace(-1, 1, rows.shape[1]), 3))[0].T.astype(np.float32)
        components *= np.sign(components[:, :1])
        return {
            "places": ((states - rows.mean(axis=0)) @ components.T).astype(np.float32),
            "components": components,
            "mean": rows.mean(axis=0),
            "shares": np.array([0.55, 0.3, 0.1], np.float32),
            "left_out": np.int32(0),
        }

    def _fixed_points(self, question: Question) -> dict[str, Any]:
        states = self._rows(question)[0]
        return {
            "state": states[[5, 30]],
            "speed": np.array([1e-14, 3e-13], np.float32),
            "largest": np.array([0.85, 1.25], np.float32),
            "unstable": np.array([0, 2], np.int32),
            "eigenvalues": np.zeros((2, 4, 2), np.float32),
            "input": np.zeros(1, np.float32),
        }

    def _match(self, _question: Question) -> dict[str, Any]:
        count = 12
        return {
            "on": np.array([1, 2, 5], np.int32),
            "sample": np.arange(count, dtype=np.int32),
            "first": np.arange(count, dtype=np.int32) * 7 + 3,
            "shared": np.full(count, 3, np.int32) - np.arange(count, dtype=np.int32) // 4,
            "either": np.full(count, 3, np.int32),
            "distance": np.linspace(0.05, 0.6, count, dtype=np.float32),
            "looked_at": np.int32(3000),
        }

    def _recurrent_weights(self, question: Question) -> dict[str, Any]:
        kernel = self._workspace.live.weights[f"{question.layer}/recurrent_kernel"]
        units, gates = kernel.shape[0], kernel.shape[1] // kernel.shape[0]
        angles = np.linspace(0, 2 * np.pi, units, endpoint=False)
        rings = np.stack([np.cos(angles), np.sin(angles)], axis=-1) * np.linspace(0.2, 1.3, units)[:, None]
        scales = np.linspace(0.7, 1.2, gates)
        return {
            "eigenvalues": (rings[None] * scales[:, None, None]).astype(np.float32),
            "radius": (1.3 * scales).astype(np.float32),
            "norm": (1.9 * scales).astype(np.float32),
            "frobenius": (3.1 * scales).astype(np.float32),
        }

    def _part(self, question: Question) -> tuple[slice, dict[str, Any], Any, int]:
        """The steps that are asked for, each state in them, the hidden state before each, the number of steps."""
        sample, first = int(question.options["sample"]), int(question.options["first"])
        states = {name: values[sample] for name, values in self._states(question).items()}
        steps = len(states["h"])
        part = slice(first, min(steps, first + int(question.options["count"])))
        before = {
            name: np.concatenate([values[:1] * 0, values[:-1]])[part] for name, values in states.items()
        }
        return part, {name: values[part] for name, values in states.items()}, before, part.stop - part.start

    def _cell_steps(self, question: Question) -> dict[str, Any]:
        part, after, before, steps = self._part(question)
        arrays: dict[str, Any] = {
            "first": np.array([part.start], np.int32),
            "held": np.zeros(steps, bool),
            "inputs": np.linspace(-1, 1, steps, dtype=np.float32)[:, None],
            "squashed": np.tanh(after.get("c", after["h"])),
        }
        for name in after:
            arrays[f"before/{name}"], arrays[f"after/{name}"] = before[name], after[name]
        for gate in self._gates(question):
            values = self._signal(question, f"gate/{gate}")[int(question.options["sample"])][part]
            arrays[f"sum/{gate}"], arrays[f"gate/{gate}"] = 2 * values, values
        return arrays

    def _unit_sum(self, question: Question) -> dict[str, Any]:
        part, after, before, steps = self._part(question)
        unit, gates = int(question.options["unit"]), len(self._gates(question))
        made = np.tile(np.linspace(0.2, 0.8, gates, dtype=np.float32), (steps, 1))
        states = np.stack([values[:, unit] for values in after.values()], axis=1)
        return {
            "first": np.array([part.start], np.int32),
            "held": np.zeros(steps, bool),
            "terms": np.tile(np.array([0.31, -0.12, 0.5, 0.07], np.float32), (steps, gates, 1)),
            "sums": made - 0.5,
            "made": made,
            "gates": made,
            "clamped": np.zeros((steps, gates), np.float32),
            "before": np.stack([values[:, unit] for values in before.values()], axis=1),
            "after": states,
            "computed": states,
            "clamped_states": np.zeros(states.shape, np.float32),
            "squashed": np.tanh(states[:, -1]),
            "inputs": np.linspace(-1, 1, steps, dtype=np.float32)[:, None],
            "hidden": before["h"],
        }


def weights_for(window: MainWindow, units: int = 8) -> dict[str, Any]:
    """Weights for every LSTM and GRU whose trace has so many units; the same everywhere."""
    found = {}
    for layer in window.workspace.document.design.walk():
        gates = len(GATES.get(layer.kind, ()))
        if gates:
            for name, rows in (("kernel", 1), ("recurrent_kernel", units), ("bias", 1)):
                numbers = np.arange(rows * gates * units, dtype=np.float32)
                found[f"{layer.id}/{name}"] = np.sin(0.7 * numbers).reshape(rows, -1) / (2 if rows > 1 else 1)
            found[f"{layer.id}/bias"] = found[f"{layer.id}/bias"][0]
    return found


def answer_views(window: MainWindow) -> None:
    """Have the views of a traced window answered."""
    live: Any = window.workspace.live
    analyses: Any = window.workspace.analyses
    analyses.answer = Answers(window)
    live._book = WeightsBook()
    live._book.carry(weights_for(window))
