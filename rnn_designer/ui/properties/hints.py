"""What the form says about the parameter in hand: its explanation, and its formula with the numbers filled in."""

import ast
import re
from collections.abc import Mapping
from html import escape

from rnn_designer.catalog import Parameter
from rnn_designer.design import Checked, Layer
from rnn_designer.ui.theme import code_font

_LONGEST_LINE = 35
"""How many characters of a formula fit between the edges of the narrowest card."""

_OPERATORS = {"·": "*", "×": "*", "−": "-"}


def facts_of(layer: Layer, checked: Checked) -> dict[str, str]:
    """The numbers and names that formulas speak of: parameters, and the sizes of what arrives."""
    facts: dict[str, str] = {}
    for name, value in layer.values().items():
        if isinstance(value, bool):
            continue
        if isinstance(value, int | float):
            facts[name] = f"{value:g}" if isinstance(value, float) else str(value)
        elif isinstance(value, str) and name.endswith("activation"):
            facts[name] = value
    if layer.children:
        # The formulas of wrappers speak of the units of the layer inside.
        for name, value in layer.children[0].values().items():
            if isinstance(value, int) and not isinstance(value, bool):
                facts.setdefault(name, str(value))
    arriving = checked.inputs.get(layer.id, ())
    if arriving:
        for name, size in zip(arriving[0].axes[1:], arriving[0].sizes[1:], strict=True):
            if size is not None:
                facts.setdefault(name, str(size))
    return facts


def filled(formula: str, facts: Mapping[str, str]) -> str | None:
    """The formula with every name that has a number replaced by it; None if nothing was there to replace.

    An arithmetic formula gets its result: ``4 · (1 + 64 + 1)`` becomes ``4 · (1 + 64 + 1) = 264``.
    """
    if not facts:
        return None
    names = "|".join(sorted(map(re.escape, facts), key=len, reverse=True))
    replaced = re.sub(rf"(?<![\w.])({names})(?!\w)", lambda match: facts[match[1]], formula)
    if replaced == formula:
        return None
    result = calculated(replaced)
    return replaced if result is None else f"{replaced} = {result:,}"


def calculated(text: str) -> int | float | None:
    """The value of a sum or product in plain numbers; None for anything else."""
    for sign, operator in _OPERATORS.items():
        text = text.replace(sign, operator)
    try:
        return _value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError):
        return None


def _value(node: ast.expr) -> int | float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _value(left) + _value(right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _value(left) - _value(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _value(left) * _value(right)
    raise ValueError("not a sum or product of numbers")


def formula_html(formula: str, layer: Layer | None, checked: Checked | None) -> str:
    """The formula, and below it the same with this layer's numbers."""
    parts: list[str] = []
    for line in formula.splitlines():
        label, colon, expression = line.partition(": ")
        if not colon or len(label) > 14 or ": " in expression:
            # One line for each case: "yes: (batch, time, units); no: (batch, units)".
            label, expression = "", line.replace("; ", ";\n")
        text = _code(expression)
        if layer is not None and checked is not None:
            done = filled(expression, facts_of(layer, checked))
            if done is not None and _agrees(label, done, layer, checked):
                start, equals, result = done.rpartition(" = ")
                if equals and _number(result):
                    text = f"{text}<br>= {_code(start)} = <b>{escape(result)}</b>"
                else:
                    text = f"{text}<br>here: {_code(_worked_out(done))}"
        parts.append(f"{escape(label)}: {text}" if label else text)
    return "<br>".join(parts)


def _worked_out(text: str) -> str:
    """The text with every product or sum of plain numbers replaced by its value: "adds 4 · 32 weights"."""

    def result(match: re.Match[str]) -> str:
        value = calculated(match[0])
        return match[0] if value is None else f"{value:,}"

    return re.sub(r"\d[\d.]*(?: [·×+−] \d[\d.]*)+", result, text)


def _number(text: str) -> bool:
    return bool(re.fullmatch(r"-?[\d,.]+", text))


def _agrees(label: str, done: str, layer: Layer, checked: Checked) -> bool:
    """A count of weights is only shown where it is this layer's: without a bias the formula is another."""
    result = done.rpartition(" = ")[2]
    if label not in ("weights", "parameters") or not _number(result):
        return True
    count = checked.counts.get(layer.id)
    return count is None or f"{count:,}" == result


def _code(text: str) -> str:
    style = f"font-family:'{code_font().family()}'; font-size:9pt"
    lines = "<br>".join(_unbroken(line) for line in text.strip().splitlines())
    return f'<span style="{style}">{lines}</span>'


def _unbroken(line: str) -> str:
    """A short formula stays on one line, which is below its label where both have no room side by side."""
    return escape(line if len(line) > _LONGEST_LINE else line.replace(" ", "\N{NO-BREAK SPACE}"))


def hint_html(parameter: Parameter, layer: Layer | None, checked: Checked | None) -> str:
    """The hint card of a parameter."""
    text = escape(parameter.explanation)
    if parameter.formula:
        text += f"<br>{formula_html(parameter.formula, layer, checked)}"
    return text
