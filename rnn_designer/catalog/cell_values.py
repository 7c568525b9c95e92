"""Works out what simple assignments of a cell's class come to, from its text alone: nothing is ever executed.

It follows assignments of whole numbers, texts and lists of them, ``if`` where its condition is known, and
properties; everything else is :data:`UNKNOWN`, and so is what is computed from it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

_DEEPEST = 40
"""How deeply an expression, or one property in another, may be nested before it is given up."""
_LONGEST_LIST = 4096
_GREATEST_NUMBER = 2**53

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Unknown:
    """The type of :data:`UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("What is unknown is neither true nor false.")


UNKNOWN: Final = Unknown()
"""What cannot be told without running the code."""


class _TooMuch(Exception):  # noqa: N818 - a way out of deep recursion, never seen outside
    pass


@dataclass
class Scope:
    """What is known where an expression stands.

    Attributes:
        names: module-level constants, arguments and local variables.
        attributes: what is known of ``self``.
        properties: the bodies of properties of the class and its bases in the same text.
        me: what the instance is called there, usually ``self``.
    """

    names: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Function] = field(default_factory=dict)
    me: str = "self"


def value_of(node: ast.expr, scope: Scope) -> Any:
    """The value of an expression, or :data:`UNKNOWN`."""
    try:
        return _value(node, scope, 0)
    except (_TooMuch, RecursionError):
        return UNKNOWN


def attribute_of(name: str, scope: Scope) -> Any:
    """The value of ``self.<name>``, properties included, or :data:`UNKNOWN`."""
    try:
        return _attribute(name, scope, 0)
    except (_TooMuch, RecursionError):
        return UNKNOWN


def run_assignments(body: Iterable[ast.stmt], scope: Scope, call: Callable[[ast.Call], None]) -> None:
    """Follow the assignments of a body; ``call`` is told of every call that stands as a line of its own."""
    try:
        _run(body, scope, call, 0)
    except (_TooMuch, RecursionError):
        scope.attributes.clear()


def literal(node: ast.expr) -> Any:
    """The value of an expression made of constants alone, or :data:`UNKNOWN`."""
    return value_of(node, Scope())


def own_nodes(function: ast.AST) -> Iterable[ast.AST]:
    """Every node below one, but not the insides of functions and classes defined in it."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _value(node: ast.expr, scope: Scope, depth: int) -> Any:
    if depth > _DEEPEST:
        raise _TooMuch
    deeper = depth + 1
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None as value):
            return _sane(value)
        case ast.Name(id=name):
            return scope.names.get(name, UNKNOWN)
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == scope.me:
            return _attribute(attribute, scope, deeper)
        case ast.List(elts=entries) | ast.Tuple(elts=entries):
            return _row([_value(each, scope, deeper) for each in entries])
        case ast.UnaryOp(op=operation, operand=operand):
            return _unary(operation, _value(operand, scope, deeper))
        case ast.BinOp(left=left, op=operation, right=right):
            return _binary(operation, _value(left, scope, deeper), _value(right, scope, deeper))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            answer = _truth(_value(test, scope, deeper))
            return UNKNOWN if answer is None else _value(body if answer else orelse, scope, deeper)
        case ast.Compare(left=left, ops=[operation], comparators=[right]):
            return _compare(operation, _value(left, scope, deeper), _value(right, scope, deeper))
        case ast.BoolOp():
            return _bool_op(node, scope, deeper)
        case ast.Subscript(value=row, slice=index):
            return _entry(_value(row, scope, deeper), _value(index, scope, deeper))
        case ast.Call(func=ast.Name(id=name), args=[*arguments], keywords=[]):
            return _call(name, [_value(each, scope, deeper) for each in arguments])
        case _:
            return UNKNOWN


def _attribute(name: str, scope: Scope, depth: int) -> Any:
    if depth > _DEEPEST:
        raise _TooMuch
    function = scope.properties.get(name)
    if function is None:
        return scope.attributes.get(name, UNKNOWN)
    me = function.args.args[0].arg if function.args.args else "self"
    inside = Scope(dict(scope.names), dict(scope.attributes), scope.properties, me)
    result = _run(function.body, inside, lambda call: None, depth + 1)
    return UNKNOWN if result is None else result[0]


def _run(
    body: Iterable[ast.stmt], scope: Scope, call: Callable[[ast.Call], None], depth: int
) -> tuple[Any] | None:
    """Follow a body; a tuple with the value that it returns, or None if it comes to its end."""
    if depth > _DEEPEST:
        raise _TooMuch
    for statement in body:
        match statement:
            case ast.Return(value=value):
                return (None if value is None else _value(value, scope, depth + 1),)
            case ast.Assign(targets=targets, value=value):
                result = _value(value, scope, depth + 1)
                for target in targets:
                    _assign(target, result, scope)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                _assign(target, _value(value, scope, depth + 1), scope)
            case ast.AugAssign(target=target, op=operation, value=value):
                before = _value(_reading(target), scope, depth + 1)
                _assign(target, _binary(operation, before, _value(value, scope, depth + 1)), scope)
            case ast.If(test=test, body=then, orelse=orelse):
                answer = _truth(_value(test, scope, depth + 1))
                if answer is None:
                    _forget(statement, scope)
                    if any(isinstance(each, ast.Return) for each in own_nodes(statement)):
                        return (UNKNOWN,)
                else:
                    returned = _run(then if answer else orelse, scope, call, depth + 1)
                    if returned is not None:
                        return returned
            case ast.Expr(value=ast.Call() as expression):
                call(expression)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                scope.names.pop(statement.name, None)
            case ast.Expr() | ast.Pass() | ast.Assert() | ast.Import() | ast.ImportFrom() | ast.Raise():
                pass
            case _:
                _forget(statement, scope)
                if any(isinstance(each, ast.Return) for each in own_nodes(statement)):
                    return (UNKNOWN,)
    return None


def _reading(target: ast.expr) -> ast.expr:
    """The expression that reads what an assignment writes."""
    match target:
        case ast.Name(id=name):
            return ast.Name(name, ast.Load())
        case ast.Attribute(value=value, attr=attribute):
            return ast.Attribute(value, attribute, ast.Load())
        case _:
            return ast.Constant(...)


def _assign(target: ast.expr, value: Any, scope: Scope) -> None:
    match target:
        case ast.Name(id=name):
            scope.names[name] = value
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == scope.me:
            scope.attributes[attribute] = value
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            row = value if isinstance(value, tuple | list) and len(value) == len(targets) else None
            for index, each in enumerate(targets):
                _assign(each, UNKNOWN if row is None else row[index], scope)
        case ast.Starred(value=inner):
            _assign(inner, UNKNOWN, scope)


def _forget(statement: ast.AST, scope: Scope) -> None:
    """What a statement that is not followed may write is unknown after it."""
    for node in own_nodes(statement):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            _assign(node, UNKNOWN, scope)


def _sane(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _GREATEST_NUMBER:
        return UNKNOWN
    return value


def _row(entries: list[Any]) -> Any:
    """A list or tuple; both become tuples, and one unknown entry leaves the others known."""
    return tuple(entries) if len(entries) <= _LONGEST_LIST else UNKNOWN


def _truth(value: Any) -> bool | None:
    if isinstance(value, Unknown):
        return None
    return bool(value)


def _number(value: Any) -> bool:
    return isinstance(value, int | float)


def _unary(operation: ast.unaryop, value: Any) -> Any:
    if isinstance(operation, ast.Not):
        answer = _truth(value)
        return UNKNOWN if answer is None else not answer
    if not _number(value):
        return UNKNOWN
    if isinstance(operation, ast.USub):
        return -value
    return +value if isinstance(operation, ast.UAdd) else UNKNOWN


def _binary(operation: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(operation, ast.Mult) and isinstance(right, tuple):
        left, right = right, left
    if isinstance(left, tuple):
        if isinstance(operation, ast.Add) and isinstance(right, tuple):
            return _row([*left, *right])
        if isinstance(operation, ast.Mult) and type(right) is int and len(left) * right <= _LONGEST_LIST:
            return left * right
        return UNKNOWN
    if not (_number(left) and _number(right)):
        return UNKNOWN
    try:
        match operation:
            case ast.Add():
                return _sane(left + right)
            case ast.Sub():
                return _sane(left - right)
            case ast.Mult():
                return _sane(left * right)
            case ast.FloorDiv():
                return _sane(left // right)
            case ast.Mod():
                return _sane(left % right)
            case ast.Div():
                return left / right
            case _:
                return UNKNOWN
    except ArithmeticError:
        return UNKNOWN


def _compare(operation: ast.cmpop, left: Any, right: Any) -> Any:
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return UNKNOWN
    try:
        match operation:
            case ast.Eq():
                return left == right
            case ast.NotEq():
                return left != right
            case ast.Is() if right is None or isinstance(right, bool):
                return left is right
            case ast.IsNot() if right is None or isinstance(right, bool):
                return left is not right
            case ast.Lt():
                return left < right
            case ast.LtE():
                return left <= right
            case ast.Gt():
                return left > right
            case ast.GtE():
                return left >= right
            case _:
                return UNKNOWN
    except TypeError:
        return UNKNOWN


def _bool_op(node: ast.BoolOp, scope: Scope, depth: int) -> Any:
    ends_at = isinstance(node.op, ast.Or)
    value: Any = UNKNOWN
    for each in node.values:
        value = _value(each, scope, depth)
        answer = _truth(value)
        if answer is None:
            return UNKNOWN
        if answer is ends_at:
            return value
    return value


def _entry(row: Any, index: Any) -> Any:
    if isinstance(row, tuple) and type(index) is int and -len(row) <= index < len(row):
        return row[index]
    return UNKNOWN


def _call(name: str, arguments: list[Any]) -> Any:
    """The few functions of Python with which sizes are computed."""
    if any(isinstance(each, Unknown) for each in arguments):
        return UNKNOWN
    try:
        match name, arguments:
            case "int", [int() | float() as number]:
                return _sane(int(number))
            case "len", [tuple() as row]:
                return len(row)
            case "sum", [tuple() as row]:
                return _sane(sum(row))
            case "max" | "min", [tuple() as row]:
                return (max if name == "max" else min)(row)
            case "max" | "min", [_, _, *_]:
                return (max if name == "max" else min)(arguments)
            case "list" | "tuple", [tuple() as row]:
                return row
            case _:
                return UNKNOWN
    except (TypeError, ValueError, ArithmeticError):
        return UNKNOWN
