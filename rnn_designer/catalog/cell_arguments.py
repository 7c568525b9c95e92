"""The constructor arguments of a custom cell: their types, from annotations, defaults and names."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from rnn_designer.catalog.activations import canonical_activation
from rnn_designer.catalog.cell_classes import CellClass, CodeFault, dotted
from rnn_designer.catalog.cell_values import UNKNOWN, Scope, value_of
from rnn_designer.catalog.code_parameters import Plain, Text
from rnn_designer.catalog.parameters import (
    REQUIRED,
    Activation,
    Choice,
    Flag,
    Integer,
    Number,
    ParameterType,
    Required,
)
from rnn_designer.catalog.values import BadValue, Value

BASE_ARGUMENTS: Final = ("name", "dtype", "trainable", "autocast", "activity_regularizer")
"""Arguments that every Keras layer has; a cell may name them, but they are none of its own."""
_MOST_ARGUMENTS = 64
_SIZES = ("units", "size", "width", "filters", "features")
_RATES = ("rate", "dropout", "recurrent_dropout", "leak", "momentum", "decay", "epsilon", "temperature")


@dataclass(frozen=True)
class CellArgument:
    """One constructor argument of a custom cell.

    Attributes:
        name: as the code spells it.
        type: the values it takes.
        default: the code's default; :data:`REQUIRED` where it has none.
        annotation: the type as the code writes it; empty without one.
        explanation: what the class's docstring says about it under ``Args:``; may be empty.
        initial: the value to start from where there is no default.
        line: where it stands.
    """

    name: str
    type: ParameterType
    default: Value | Required
    annotation: str = ""
    explanation: str = ""
    initial: Value = None
    line: int = 1

    @property
    def label(self) -> str:
        """The name in words: "leak rate"."""
        return self.name.replace("_", " ")


def arguments_of(
    cell: CellClass, sizing: Collection[str]
) -> tuple[tuple[CellArgument, ...], tuple[str, ...]]:
    """The arguments of the nearest ``__init__``, and the names of those that only the code can fill.

    Args:
        cell: the class.
        sizing: names from which sizes are computed; whole numbers among them have to be positive.

    Raises:
        CodeFault: if Keras could not construct the cell by them.
    """
    constructor = cell.constructor
    if constructor is None:
        return (), ()
    signature = constructor.args
    listed = [*signature.posonlyargs, *signature.args]
    at = (constructor.lineno, constructor.col_offset)
    if not listed:
        raise CodeFault(
            "Expected __init__(self, …), got one without arguments. Write self as its first argument.", *at
        )
    if signature.posonlyargs[1:] or signature.vararg is not None:
        raise CodeFault(
            "Expected arguments that can be given by name, got “/” or “*” arguments in __init__. List each "
            "argument by its name: Keras hands them over so when it loads a model.",
            *at,
        )
    if signature.kwarg is None:
        raise CodeFault(
            "Expected __init__ to take **kwargs, got one without: Keras hands a layer its name and type by it. "
            "Write def __init__(self, …, **kwargs) and super().__init__(**kwargs).",
            *at,
        )
    if len(listed) + len(signature.kwonlyargs) > _MOST_ARGUMENTS:
        raise CodeFault(f"Expected at most {_MOST_ARGUMENTS} arguments in __init__, got more.", *at)
    positional = listed[1:]
    missing: list[ast.expr | None] = [None] * (len(positional) - len(signature.defaults))
    pairs = [
        *zip(
            positional, [*missing, *signature.defaults][-len(positional) :] if positional else [], strict=True
        ),
        *zip(signature.kwonlyargs, signature.kw_defaults, strict=True),
    ]
    explained = _explanations(ast.get_docstring(cell.node) or ast.get_docstring(constructor) or "")
    found: list[CellArgument] = []
    fixed: list[str] = []
    for argument, default in pairs:
        if argument.arg in BASE_ARGUMENTS:
            continue
        made = _argument(cell, argument, default, explained.get(argument.arg, ""), argument.arg in sizing)
        if made is None:
            fixed.append(argument.arg)
        else:
            found.append(made)
    return tuple(found), tuple(fixed)


def _argument(
    cell: CellClass, argument: ast.arg, default: ast.expr | None, explanation: str, sizes: bool
) -> CellArgument | None:
    """The argument; None if its default is an object that only the code can make."""
    value: Any = REQUIRED
    if default is not None:
        value = value_of(default, Scope(dict(cell.constants), me=""))
        if value is UNKNOWN or not _plain(value):
            return None
    annotation = "" if argument.annotation is None else ast.unparse(argument.annotation)
    of_annotation = _by_annotation(argument.annotation, argument.arg, cell, sizes)
    form = of_annotation or _by_default(value, argument.arg, sizes)
    if value is not REQUIRED:
        try:
            value = form.accept(value)
        except BadValue as bad:
            if of_annotation is not None:
                raise CodeFault(
                    f"The default of “{argument.arg}” does not fit its type {annotation}: {bad} Change one of them.",
                    argument.lineno,
                    argument.col_offset,
                ) from None
            form = Plain()
            value = form.accept(value)
    return CellArgument(
        argument.arg,
        form,
        value,
        annotation,
        explanation,
        _initial(form, argument.arg) if value is REQUIRED else None,
        argument.lineno,
    )


def _plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return len(value) <= 64 and all(_plain(each) for each in value)
    return value is None or isinstance(value, bool | int | float | str)


def _by_annotation(node: ast.expr | None, name: str, cell: CellClass, sizes: bool) -> ParameterType | None:
    """The type that an annotation names; None where it says nothing that a form could use."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except (SyntaxError, ValueError):
            return None
    if node is None:
        return None
    options = _union(node, cell)
    optional = any(isinstance(each, ast.Constant) and each.value is None for each in options)
    kinds = [each for each in options if not (isinstance(each, ast.Constant) and each.value is None)]
    if len(kinds) != 1:
        return None
    match kinds[0]:
        case ast.Name(id="int"):
            return Integer(minimum=1 if sizes else None, optional=optional)
        case ast.Name(id="float"):
            return Number(optional=optional)
        case ast.Name(id="bool"):
            return Choice((True, False, None)) if optional else Flag()
        case ast.Name(id="str"):
            return (
                Activation(optional=optional, recurrent=True)
                if _is_activation(name)
                else Text(optional=optional)
            )
        case ast.Subscript(value=ast.Name(id="Literal") | ast.Attribute(attr="Literal"), slice=inner):
            values = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            texts = [each.value for each in values if isinstance(each, ast.Constant)]
            good = [each for each in texts if each is None or isinstance(each, str | bool | int)]
            return (
                Choice((*good, *((None,) if optional else ()))) if good and len(good) == len(values) else None
            )
        case _:
            return None


def _union(node: ast.expr, cell: CellClass) -> list[ast.expr]:
    """The alternatives of ``int | None``, ``Optional[int]`` and ``Union[int, None]``."""
    found: list[ast.expr] = []
    waiting = [node]
    while waiting and len(found) < 16:
        each = waiting.pop()
        match each:
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                waiting += [right, left]
            case ast.Subscript(value=value, slice=inner) if (dotted(value, cell.aliases) or "").endswith(
                "Optional"
            ):
                waiting += [ast.Constant(None), inner]
            case ast.Subscript(value=value, slice=ast.Tuple(elts=entries)) if (
                dotted(value, cell.aliases) or ""
            ).endswith("Union"):
                waiting += reversed(entries)
            case _:
                found.append(each)
    return found


def _is_activation(name: str) -> bool:
    return name == "activation" or name.endswith("_activation")


def _by_default(value: Any, name: str, sizes: bool) -> ParameterType:
    """The type that a default, or else the name, speaks for."""
    if isinstance(value, bool):
        return Flag()
    if isinstance(value, int):
        return Integer(minimum=1 if sizes else None)
    if isinstance(value, float):
        return Number()
    if isinstance(value, str):
        known = _is_activation(name) and canonical_activation(value) is not None
        return Activation(recurrent=True, optional=False) if known else Text()
    if value is None and _is_activation(name):
        return Activation(recurrent=True)
    if value is REQUIRED:
        if sizes or name in _SIZES or name.endswith(("_units", "_size")):
            return Integer(minimum=1)
        if name in _RATES or name.endswith("_rate"):
            return Number()
        if _is_activation(name):
            return Activation(recurrent=True)
        if name.startswith("use_"):
            return Flag()
    return Plain()


def _initial(form: ParameterType, name: str) -> Value:
    """A value to start from where the code has no default."""
    match form:
        case Integer(minimum=minimum, optional=False):
            return 8 if "units" in name else max(1, minimum or 1)
        case Number(optional=False):
            return 0.5
        case Flag():
            return True
        case Activation():
            return "tanh"
        case Choice(options=options):
            return options[0]
        case Text(optional=False):
            return ""
        case _:
            return None if not isinstance(form, Plain) else 1


_ENTRY = re.compile(r"^(\s*)\*{0,2}(\w{1,60})\s*(?:\([^)\n]{0,80}\))?:\s*(\S.*)$")
_HEADING = re.compile(r"^\s*(?:Args|Arguments|Parameters)\s*:\s*$")


def _explanations(doc: str) -> dict[str, str]:
    """What a Google-style docstring says about each argument."""
    lines = iter(doc.splitlines())
    for line in lines:
        if _HEADING.match(line):
            break
    found: dict[str, str] = {}
    current, indent = "", -1
    for line in lines:
        if not line.strip():
            if found:
                break
            continue
        depth = len(line) - len(line.lstrip())
        if depth == 0:
            break
        entry = _ENTRY.match(line)
        if entry is not None and (indent < 0 or depth <= indent):
            current, indent = entry[2], depth
            found[current] = entry[3].strip()
        elif current:
            found[current] += " " + line.strip()
    return found
