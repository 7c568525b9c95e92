"""Recurrent layers worked out in NumPy: traces whose numbers belong together, and answers about what went in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from view_workspace import HandWorkspace

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link
from rnn_designer.messages import Analysis, Trace
from rnn_designer.session.analyses import Question
from rnn_designer.session.checks import Checks
from rnn_designer.session.document import Document

STEPS, SAMPLES, UNITS, FEATURES = 9, 2, 5, 3
ROWS = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}
GATES = {
    "SimpleRNN": ("hidden",),
    "LSTM": ("input", "forget", "candidate", "output"),
    "GRU": ("update", "reset", "candidate"),
}


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


@dataclass
class Cell:
    """One cell over a whole batch: what it has, and what it did at every step."""

    kind: str
    x: Any
    seed: int
    after: bool = True
    backwards: bool = False
    held: Any = None

    def __post_init__(self) -> None:
        random = np.random.default_rng(self.seed)
        wide = ROWS[self.kind] * UNITS
        self.kernel = random.normal(size=(self.x.shape[-1], wide)) * 0.7
        self.recurrent = random.normal(size=(UNITS, wide)) * 0.5
        self.bias = random.normal(size=(2, wide) if self.kind == "GRU" and self.after else wide) * 0.3
        steps, batch = self.x.shape[1], len(self.x)
        self.gates = np.full((batch, steps, ROWS[self.kind], UNITS), np.nan)
        self.sums = self.gates.copy()
        self.terms = np.zeros((*self.gates.shape, 4))
        self.states = np.zeros((batch, steps, 2 if self.kind == "LSTM" else 1, UNITS))
        self.before = self.states.copy()
        now = np.zeros((batch, self.states.shape[2], UNITS))
        for step in reversed(range(steps)) if self.backwards else range(steps):
            self.before[:, step] = now
            if self.held is None or not self.held[0, step]:
                now = self._step(step, now)
            self.states[:, step] = now

    def _step(self, step: int, now: Any) -> Any:
        h = now[:, 0]
        given, carried = self.x[:, step] @ self.kernel, h @ self.recurrent
        first, second = self.bias if self.bias.ndim == 2 else (self.bias, 0 * self.bias)
        for row in range(ROWS[self.kind]):
            part = slice(row * UNITS, (row + 1) * UNITS)
            reset, by_state = 1.0, carried[:, part]
            if self.kind == "GRU" and row == 2:
                r = self.gates[:, step, 1]
                reset, by_state = (r, by_state) if self.after else (1.0, (r * h) @ self.recurrent[:, part])
            total = given[:, part] + first[part] + reset * (by_state + second[part])
            plain = GATES[self.kind][row] in ("candidate", "hidden")
            self.sums[:, step, row] = total
            self.gates[:, step, row] = np.tanh(total) if plain else sigmoid(total)
            every = np.broadcast_arrays(given[:, part], by_state, first[part], second[part])
            self.terms[:, step, row] = np.stack(every, axis=-1)
        gates = self.gates[:, step]
        if self.kind == "SimpleRNN":
            return gates
        if self.kind == "GRU":
            z, _, candidate = gates.transpose(1, 0, 2)
            return (z * h + (1 - z) * candidate)[:, None]
        i, f, g, o = gates.transpose(1, 0, 2)
        c = f * now[:, 1] + i * g
        return np.stack([o * np.tanh(c), c], axis=1)

    def arrays(self, path: str) -> dict[str, Any]:
        found = {f"{path}/output": self.states[:, :, 0], f"{path}/state/h": self.states[:, :, 0]}
        if self.kind == "LSTM":
            found[f"{path}/state/c"] = self.states[:, :, 1]
        if self.kind != "SimpleRNN":
            for row, gate in enumerate(GATES[self.kind]):
                found[f"{path}/gate/{gate}"] = np.nan_to_num(self.gates[:, :, row])
        if self.held is not None:
            found[f"{path}/mask"] = ~self.held
        return {
            name: np.asarray(each, bool if name.endswith("mask") else np.float32)
            for name, each in found.items()
        }

    def answer(self, question: Question) -> Analysis:
        options = question.options
        sample, first = int(options["sample"]), int(options["first"])
        part = slice(first, first + int(options["count"]))
        held = np.zeros(self.x.shape[1]) if self.held is None else self.held[sample]
        arrays: dict[str, Any] = {
            "first": np.array([first], np.int32),
            "held": held[part],
            "inputs": self.x[sample, part],
        }
        if question.kind == "unit_sum":
            unit = int(options["unit"])
            arrays |= {
                "terms": self.terms[sample, part, :, unit],
                "sums": self.sums[sample, part, :, unit],
                "made": self.gates[sample, part, :, unit],
                "gates": self.gates[sample, part, :, unit].copy(),
                "clamped": np.zeros(self.gates[sample, part, :, unit].shape),
                "computed": self.states[sample, part, :, unit],
                "clamped_states": np.zeros(self.states[sample, part, :, unit].shape),
                "before": self.before[sample, part, :, unit],
                "after": self.states[sample, part, :, unit],
                "hidden": self.before[sample, part, 0],
            }
            if self.kind == "LSTM":
                arrays["squashed"] = np.tanh(self.states[sample, part, 1, unit])
        else:
            for place, name in enumerate("hc"[: self.states.shape[2]]):
                arrays[f"before/{name}"] = self.before[sample, part, place]
                arrays[f"after/{name}"] = self.states[sample, part, place]
            for row, gate in enumerate(GATES[self.kind]):
                arrays[f"sum/{gate}"] = self.sums[sample, part, row]
                arrays[f"gate/{gate}"] = self.gates[sample, part, row]
            if self.kind == "LSTM":
                arrays["squashed"] = np.tanh(self.states[sample, part, 1])
        return Analysis(2, question.kind, question.layer, arrays, {"kind": self.kind}, 0.01)


def design() -> Design:
    units = FrozenMap({"units": UNITS})
    layers = (
        Layer("in", "Input", "series", FrozenMap({"shape": (None, FEATURES)})),
        Layer("plain", "SimpleRNN", "plain", units),
        Layer("mem", "LSTM", "memory", units),
        Layer("late", "GRU", "late", units),
        Layer("early", "GRU", "early", FrozenMap({"units": UNITS, "reset_after": False})),
        Layer("bi", "Bidirectional", "both", children=(Layer("inner", "GRU", "inner", units),)),
        Layer(
            "rnn",
            "RNN",
            "stack",
            children=(
                Layer(
                    "cells",
                    "StackedRNNCells",
                    "cells",
                    children=(
                        Layer("low", "LSTMCell", "low", units),
                        Layer("high", "GRUCell", "high", units),
                    ),
                ),
            ),
        ),
        Layer("own", "RNN", "own", children=(Layer("sum", "CustomCell", "adder"),)),
        Layer("each", "TimeDistributed", "each", children=(Layer("hid", "LSTM", "hidden", units),)),
        Layer("den", "Dense", "out", FrozenMap({"units": 2})),
    )
    return Design("cells", layers, tuple(Link("in", each.id) for each in layers[1:]))


class CellWorkspace(HandWorkspace):
    """A workspace whose last run was worked out in NumPy; what views ask of the worker is answered from there."""

    def __init__(self) -> None:
        super().__init__()
        self.document = Document(design())
        self.checks = Checks(self.document, self)
        x = np.random.default_rng(4).normal(size=(SAMPLES, STEPS, FEATURES))
        held = np.zeros((SAMPLES, STEPS), bool)
        held[:, 4] = True
        low = Cell("LSTM", x, 6)
        self.cells = {
            ("plain", 0): ("plain", Cell("SimpleRNN", x, 1)),
            ("mem", 0): ("memory", Cell("LSTM", x, 2, held=held)),
            ("late", 0): ("late", Cell("GRU", x, 3)),
            ("early", 0): ("early", Cell("GRU", x, 4, after=False)),
            ("inner", 0): ("both/forward", Cell("GRU", x, 5)),
            ("inner", 1): ("both/backward", Cell("GRU", x, 15, backwards=True)),
            ("low", 0): ("stack/cell_0", low),
            ("high", 0): ("stack/cell_1", Cell("GRU", low.states[:, :, 0], 7)),
        }
        arrays: dict[str, Any] = {"series/input": x.astype(np.float32)}
        for (layer, mirrored), (path, cell) in self.cells.items():
            arrays |= cell.arrays(path)
            key = f"{layer}/backward" if mirrored else layer
            self.live.weights |= {
                f"{key}/kernel": cell.kernel,
                f"{key}/recurrent_kernel": cell.recurrent,
                f"{key}/bias": cell.bias,
            }
        arrays["own/output"] = arrays["own/state/total"] = np.cumsum(x, axis=1).astype(np.float32)
        arrays["each/result"] = np.zeros((SAMPLES, STEPS, UNITS), np.float32)
        arrays["out/result"] = np.zeros((SAMPLES, STEPS, 2), np.float32)
        names = {each.id: each.name for each in design().layers} | {"in": "series", "inner": "both/forward"}
        names |= {
            "cells": "stack",
            "low": "stack/cell_0",
            "high": "stack/cell_1",
            "sum": "own",
            "hid": "each/layer",
        }
        self.trace = Trace(1, arrays, names, 0.01)
        self.analyses.know = self.knows

    def cell(self, layer: str, mirrored: int = 0) -> Cell:
        return self.cells[layer, mirrored][1]

    def knows(self, question: Question) -> Analysis | None:
        found = self.cells.get((question.layer, int(question.options["backward"])))
        return None if found is None else found[1].answer(question)

    def run(self) -> None:
        self.live.trace = self.trace
        self.playback.set_extent(STEPS, SAMPLES)
        self.live.traced.emit(self.trace)
