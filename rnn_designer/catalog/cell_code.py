"""Reads the class of a custom cell from its text: arguments, states and output size. It never executes any of it.

The text is a Python module: imports, helper functions and classes, and the cell itself, which is its last class
derived from ``keras.layers.Layer`` that has a ``call``. What the exported program imports anyway,
:data:`PROVIDED`, it may use without importing it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from rnn_designer.catalog.cell_arguments import BASE_ARGUMENTS, CellArgument, arguments_of
from rnn_designer.catalog.cell_checks import check_body, check_text
from rnn_designer.catalog.cell_classes import CellClass, CodeFault, find_cell, module_names, parse
from rnn_designer.catalog.cell_values import (
    UNKNOWN,
    Function,
    Scope,
    attribute_of,
    literal,
    run_assignments,
    value_of,
)
from rnn_designer.catalog.parameters import REQUIRED
from rnn_designer.catalog.values import BadValue, FrozenMap, Part, Value

__all__ = [
    "BASE_ARGUMENTS",
    "LONGEST_CODE",
    "PROVIDED",
    "CellArgument",
    "CellCode",
    "CodeFault",
    "class_name",
    "read_cell",
]

LONGEST_CODE: Final = 64 * 1024
"""The most bytes a cell's text may have in UTF-8."""
PROVIDED: Final[Mapping[str, str]] = {"keras": "keras", "layers": "keras.layers"}
"""Names that the exported program imports before the cell's text, with what they stand for."""
_MOST_STATES = 64
_LARGEST_STATE = 2**31 - 1
_PORTS = ("input", "output", "forward", "backward")
"""Names that other ports of the RNN around a cell have."""


@dataclass(frozen=True)
class CellCode:
    """What the text of a custom cell says about it.

    Attributes:
        class_name: the name of the cell's class.
        arguments: the constructor's arguments that can be set, in its order; those that every Keras layer has
            (:data:`BASE_ARGUMENTS`) are left out.
        fixed: arguments whose default is an object that only running the code makes; they keep it.
        doc: the class's docstring, indentation removed; may be empty.
        line: where the class begins, from 1, decorators included.
        class_line: the line with the word ``class``.
        end_line: its last line.
        registered: whether the author registers it with Keras, so that a saved model can be loaded.
        defined: every name that the text defines or imports at its top level, in order.
        single: whether ``state_size`` is a lone number and not a list.
    """

    class_name: str
    arguments: tuple[CellArgument, ...]
    fixed: tuple[str, ...]
    doc: str
    line: int
    class_line: int
    end_line: int
    registered: bool
    defined: tuple[str, ...]
    single: bool
    _cell: CellClass = field(repr=False, compare=False)

    def argument(self, name: str) -> CellArgument | None:
        """The argument of that name, or None."""
        return next((each for each in self.arguments if each.name == name), None)

    def starting(self) -> dict[str, Value]:
        """A value for every argument: its default, or one to start from where it has none."""
        return {
            each.name: each.initial if each.default is REQUIRED else each.default  # type: ignore[misc]
            for each in self.arguments
        }

    def complete(self, arguments: Mapping[str, Any]) -> dict[str, Value]:
        """The arguments in the constructor's order, what is missing filled in; foreign ones are left out."""
        given = self.starting()
        return {name: arguments.get(name, value) for name, value in given.items()}

    def fitted(self, arguments: Part) -> Part:
        """The arguments carried over to this class, as after its code has changed.

        Those that it does not have, or that no longer fit their type, are left out; those without a default are
        filled in.
        """
        kept: dict[str, Value] = {}
        for each in self.arguments:
            try:
                if each.name in arguments.params:
                    kept[each.name] = each.type.accept(arguments.params[each.name])
            except BadValue:
                pass
            if each.default is REQUIRED:
                kept.setdefault(each.name, each.initial)
        return Part(self.class_name, FrozenMap(kept))

    def states(self, arguments: Mapping[str, Any] | None = None) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Name and sizes (without the batch) of every state, in the order in which Keras holds them.

        Names come from the class attribute ``state_names``; without it they are ``0``, ``1`` …

        Raises:
            CodeFault: if the sizes come out wrong with these arguments.
        """
        sizes = _state_sizes(self._cell, self.complete(arguments or {}))
        names = _state_names(self._cell, len(sizes))
        return tuple((name, (size,)) for name, size in zip(names, sizes, strict=True))

    def output_size(self, arguments: Mapping[str, Any] | None = None) -> int:
        """The number of features that the cell puts out per step; without ``output_size``, its first state's.

        Raises:
            CodeFault: if it comes out wrong with these arguments.
        """
        return _output_size(self._cell, self.complete(arguments or {}))


def read_cell(code: str) -> CellCode:
    """What a custom cell's text says about it.

    Raises:
        CodeFault: if it is no cell that Keras could use; with the place and what to do about it.
    """
    result = _read(code)
    if isinstance(result, CodeFault):
        # A new one each time: a raised exception holds on to its traceback, and the cache to the exception.
        raise CodeFault(result.sentence, result.line, result.column)
    return result


@lru_cache(maxsize=1024)
def class_name(code: str) -> str | None:
    """The name of a custom cell's class; None if its text is faulty."""
    try:
        return read_cell(code).class_name
    except CodeFault:
        return None


@lru_cache(maxsize=64)
def _read(code: str) -> CellCode | CodeFault:
    try:
        check_text(code, LONGEST_CODE)
        module = parse(code)
    except CodeFault as fault:
        return CodeFault(fault.sentence, fault.line, fault.column)
    try:
        return _cell_code(code, module)
    except CodeFault as fault:
        return CodeFault(fault.sentence, fault.line, _characters(code, fault.line, fault.column))
    except (RecursionError, MemoryError):
        return CodeFault(
            "Expected a class of ordinary size, got code nested too deeply to be read. Split long expressions."
        )


def _characters(code: str, line: int, column: int) -> int:
    """The tree counts columns in bytes of UTF-8; editors count characters."""
    lines = code.split("\n")  # A form feed ends no line for Python.
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    return len(text.encode()[:column].decode(errors="ignore"))


def _cell_code(code: str, module: ast.Module) -> CellCode:
    names = module_names(module)
    cell = find_cell(module, code, {**PROVIDED, **names.imports})
    sizing = {
        node.id if isinstance(node, ast.Name) else node.attr
        for name in ("state_size", "output_size")
        for node in cell.sources_of(name)
        if isinstance(node, ast.Name | ast.Attribute)
    }
    arguments, fixed = arguments_of(cell, sizing)
    start = {each.name: each.initial if each.default is REQUIRED else each.default for each in arguments}
    sizes = _state_sizes(cell, start)
    _state_names(cell, len(sizes))
    _output_size(cell, start)
    check_body(cell, module, tuple(each.name for each in arguments), len(sizes), names, PROVIDED)
    definition = cell.node
    first = min([definition.lineno, *(each.lineno for each in definition.decorator_list)])
    return CellCode(
        definition.name,
        arguments,
        fixed,
        ast.get_docstring(definition) or "",
        first,
        definition.lineno,
        definition.end_lineno or definition.lineno,
        cell.registered,
        names.defined,
        not isinstance(_attribute(cell, start, "state_size"), tuple),
        cell,
    )


def _attribute(cell: CellClass, arguments: Mapping[str, Any], name: str) -> Any:
    """The value of ``self.<name>`` after construction with these arguments, or :data:`UNKNOWN`."""
    attributes = dict(cell.class_values)
    constructor = cell.constructor
    if constructor is not None:
        _construct(cell, constructor, arguments, attributes, 0)
    return attribute_of(name, Scope(dict(cell.constants), attributes, cell.properties))


def _construct(
    cell: CellClass,
    constructor: Function,
    arguments: Mapping[str, Any],
    attributes: dict[str, Any],
    depth: int,
) -> None:
    """Follow a constructor; it fills ``attributes``. Constructors of bases in the same text are followed too."""
    signature = constructor.args
    listed = [*signature.posonlyargs, *signature.args]
    me = listed[0].arg if listed else "self"
    names: dict[str, Any] = dict(cell.constants)
    positional = listed[1:]
    paired = zip(reversed(positional), reversed(signature.defaults), strict=False)
    defaults = {argument.arg: literal(default) for argument, default in paired}
    for argument, keyword_default in zip(signature.kwonlyargs, signature.kw_defaults, strict=True):
        if keyword_default is not None:
            defaults[argument.arg] = literal(keyword_default)
    for argument in (*positional, *signature.kwonlyargs):
        names[argument.arg] = arguments.get(argument.arg, defaults.get(argument.arg, UNKNOWN))
    for extra in (signature.vararg, signature.kwarg):
        if extra is not None:
            names[extra.arg] = UNKNOWN
    scope = Scope(names, attributes, cell.properties, me)

    def called(call: ast.Call) -> None:
        base = cell.base_constructor(constructor)
        if base is None or depth > 8 or not _is_super_init(call):
            return
        wanted = [each.arg for each in (*base.args.posonlyargs, *base.args.args)][1:]
        handed = dict(zip(wanted, (value_of(each, scope) for each in call.args), strict=False))
        handed |= {each.arg: value_of(each.value, scope) for each in call.keywords if each.arg is not None}
        _construct(cell, base, handed, attributes, depth + 1)

    run_assignments(constructor.body, scope, called)


def _is_super_init(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
            return True
        case _:
            return False


def _state_sizes(cell: CellClass, arguments: Mapping[str, Any]) -> tuple[int, ...]:
    place = cell.place_of("state_size")
    if place is None:
        raise CodeFault(
            f"The cell “{cell.name}” has no state_size: the RNN around it has to know how large its states are. "
            "Set it in __init__, such as self.state_size = units, or self.state_size = [units, units] for two "
            "states.",
            cell.node.lineno,
            cell.node.col_offset,
        )
    value = _attribute(cell, arguments, "state_size")
    rows = value if isinstance(value, tuple) else (value,)
    if value is UNKNOWN or any(each is UNKNOWN for each in rows):
        raise CodeFault(
            f"Expected a state_size that can be read from the text, got “{place.shown}”. Write it with whole "
            "numbers, arguments, attributes, lists and + - * //, such as [self.units, self.units].",
            place.line,
            place.column,
        )
    if not rows or len(rows) > _MOST_STATES:
        raise CodeFault(
            f"Expected one to {_MOST_STATES} states, got {len(rows)} in state_size. List a size for each.",
            place.line,
            place.column,
        )
    if any(not _is_size(each) for each in rows):
        raise CodeFault(
            "Expected a positive whole number of units for each state, or a list of such numbers, got "
            f"state_size {_shown(value)}{_with(arguments)}. Change the arguments or the expression.",
            place.line,
            place.column,
        )
    return tuple(rows)


def _output_size(cell: CellClass, arguments: Mapping[str, Any]) -> int:
    place = cell.place_of("output_size")
    if place is None:
        return _state_sizes(cell, arguments)[0]
    value = _attribute(cell, arguments, "output_size")
    if value is None:
        return _state_sizes(cell, arguments)[0]
    if value is UNKNOWN:
        raise CodeFault(
            f"Expected an output_size that can be read from the text, got “{place.shown}”. Write it with whole "
            "numbers, arguments, attributes and + - * //, such as self.units.",
            place.line,
            place.column,
        )
    if not _is_size(value):
        raise CodeFault(
            "Expected a positive whole number of features, got output_size "
            f"{_shown(value)}{_with(arguments)}. Change the arguments or the expression.",
            place.line,
            place.column,
        )
    return int(value)


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 < value <= _LARGEST_STATE


def _shown(value: Any) -> str:
    text = repr(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= 80 else text[:79] + "…"


def _with(arguments: Mapping[str, Any]) -> str:
    listed = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return f" with {listed}" if listed and len(listed) <= 200 else ""


def _state_names(cell: CellClass, count: int) -> tuple[str, ...]:
    place = cell.place_of("state_names")
    if place is None:
        return tuple(map(str, range(count)))
    names = cell.class_values.get("state_names", UNKNOWN)
    good = (
        isinstance(names, tuple)
        and all(isinstance(each, str) and each.isascii() and each.isidentifier() for each in names)
        and all(len(each) <= 40 and each not in _PORTS for each in names)
        and len(set(names)) == len(names)
    )
    if not good:
        raise CodeFault(
            "Expected state_names as a class attribute with a different short name for each state, such as "
            f'state_names = ("h", "c"), got “{place.shown}”. Use letters, digits and _; not {", ".join(_PORTS)}.',
            place.line,
            place.column,
        )
    if len(names) != count:
        raise CodeFault(
            f"Expected a name for each of the {count} states in state_size, got {len(names)} in state_names. "
            "Make both equally long.",
            place.line,
            place.column,
        )
    return tuple(names)
