"""The sum behind one step of one unit in words and numbers: the formula in the layer's own symbols, then worked out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnn_designer.design import Layer

if TYPE_CHECKING:
    from rnn_designer.messages import Array

GATES = {"SimpleRNN": ("h",), "LSTM": ("i", "f", "g", "o"), "GRU": ("z", "r", "h̃")}
"""The symbols of the gates of each formula, in the order of the kernel's columns; SimpleRNN's one sum is its state."""


@dataclass(frozen=True)
class Line:
    """One quantity worked out.

    Attributes:
        symbol: what it is called: ``f``, ``c``.
        formula: the right side in symbols.
        numbers: the right side in numbers, in steps that follow each other by "=".
        value: what the cell goes on with: what comes out, or the value at which someone holds it.
        gate: whether it is a gate; otherwise it is a state.
        held: whether someone holds it.
    """

    symbol: str
    formula: str
    numbers: tuple[str, ...]
    value: float
    gate: bool = True
    held: bool = False

    @property
    def text(self) -> str:
        """All of it in one line."""
        worked = " = ".join((self.symbol, self.formula, *self.numbers))
        return f"{worked}, but held at {short(self.value)}" if self.held else worked


def short(value: float) -> str:
    """A number in a sum: two decimals, more for small ones, a real minus sign."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size == 0 or 0.1 <= size < 1000:
        text = f"{value:.2f}"
    elif 0.001 <= size < 0.1:
        text = f"{value:.3f}"
    else:
        text = f"{value:.1e}"
    return text.replace("-", "−")


def added(values: Sequence[float]) -> str:
    """Numbers with plus and minus between them."""
    words = short(values[0])
    for value in values[1:]:
        words += f" − {short(-value)}" if value < 0 else f" + {short(value)}"
    return words


def times(*values: float) -> str:
    """Numbers multiplied; negative ones after the first in brackets."""
    first, *others = values
    return "·".join([short(first), *(f"({short(each)})" if each < 0 else short(each) for each in others)])


def function(name: object) -> str:
    """What an activation is called in a formula."""
    known = {"sigmoid": "σ", None: "linear"}
    return known.get(name, str(name)) if isinstance(name, str | None) else str(name)


def worked_out(kind: str, owner: Layer, arrays: Mapping[str, Array], place: int) -> tuple[Line, ...]:
    """Every gate and every state of one step.

    Args:
        kind: ``SimpleRNN``, ``LSTM`` or ``GRU``.
        owner: the layer or cell with the parameters.
        arrays: of the analysis ``unit_sum``.
        place: which of its steps.
    """
    terms, sums = arrays["terms"][place].tolist(), arrays["sums"][place].tolist()
    made, gates = arrays["made"][place].tolist(), arrays["gates"][place].tolist()
    before, after = arrays["before"][place].tolist(), arrays["after"][place].tolist()
    computed = arrays["computed"][place].tolist()
    clamped, clamped_states = arrays["clamped"][place].tolist(), arrays["clamped_states"][place].tolist()
    bias = bool(owner.value("use_bias"))
    plain = function(owner.value("activation"))

    def gate(number: int, symbol: str, index: str, activation: str, second: bool = False) -> Line:
        line = _gate(symbol, index, activation, terms[number], sums[number], made[number], bias, second)
        return _held(line, gates[number], clamped[number])

    def state(number: int, symbol: str, formula: str, *numbers: str) -> Line:
        line = Line(symbol, formula, (*numbers, short(computed[number])), computed[number], gate=False)
        return _held(line, after[number], clamped_states[number])

    if kind == "SimpleRNN":
        return (gate(0, "h", "", plain),)
    open_and_shut = function(owner.value("recurrent_activation"))
    if kind == "LSTM":
        i, f, g, o = gates
        squashed = float(arrays["squashed"][place])
        return (
            *(
                gate(number, symbol, symbol, plain if symbol == "g" else open_and_shut)
                for number, symbol in enumerate(GATES[kind])
            ),
            state(1, "c", "f·c′ + i·g", f"{times(f, before[1])} + {times(i, g)}"),
            state(0, "h", f"o·{plain}(c)", f"{short(o)}·{plain}({short(after[1])})", times(o, squashed)),
        )
    after_product = bool(owner.value("reset_after"))
    z, r, candidate = gates
    inner = _candidate(plain, terms[2], sums[2], made[2], r, bias, after_product)
    return (
        gate(0, "z", "z", open_and_shut, after_product),
        gate(1, "r", "r", open_and_shut, after_product),
        _held(inner, candidate, clamped[2]),
        state(0, "h", "z·h′ + (1 − z)·h̃", f"{times(z, before[0])} + {times(1 - z, candidate)}"),
    )


def _held(line: Line, value: float, held: float) -> Line:
    """The line with what the cell went on with."""
    return replace(line, value=value, held=bool(held))


def _gate(
    symbol: str,
    index: str,
    activation: str,
    terms: list[float],
    total: float,
    value: float,
    bias: bool,
    second: bool,
) -> Line:
    """One gate: activation of the sum of its terms."""
    below = f"_{index}" if index else ""
    words, numbers = [f"x·W{below}", f"h′·U{below}"], terms[:2]
    if bias:
        words.append(f"b{below}")
        numbers = terms[:3]
    if bias and second:
        words.append(f"b′{below}")
        numbers = terms
    return Line(
        symbol,
        f"{activation}({' + '.join(words)})",
        (f"{activation}({added(numbers)})", f"{activation}({short(total)})", short(value)),
        value,
        gate=bool(index),
    )


def _candidate(
    activation: str, terms: list[float], total: float, value: float, reset: float, bias: bool, after: bool
) -> Line:
    """The candidate of a GRU, whose reset gate acts after or before the product with U."""
    given, carried, first, second = terms
    if not after:
        words = "x·W_h + (r ⊙ h′)·U_h" + (" + b_h" if bias else "")
        shown = added([given, carried, first] if bias else [given, carried])
    elif bias:
        words = "x·W_h + b_h + r·(h′·U_h + b′_h)"
        shown = f"{added([given, first])} + {short(reset)}·({added([carried, second])})"
    else:
        words = "x·W_h + r·(h′·U_h)"
        shown = f"{short(given)} + {times(reset, carried)}"
    numbers = (f"{activation}({shown})", f"{activation}({short(total)})", short(value))
    return Line("h̃", f"{activation}({words})", numbers, value)
