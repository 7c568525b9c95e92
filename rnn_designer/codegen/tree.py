"""Small makers of ``ast`` nodes, and the notes that tie a node to its layer and its comment.

Every value of a design enters the program through :func:`literal`; nothing is ever pasted into text.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Notes:
    """What a syntax tree does not hold.

    Attributes:
        owner: which layer a node belongs to.
        comment: the comment above a node.
        verbatim: the text that stands for a statement and those after it, which have empty texts.
        sections: which layer the hand-written class of that name belongs to.
    """

    owner: dict[ast.AST, str] = field(default_factory=dict)
    comment: dict[ast.AST, str] = field(default_factory=dict)
    verbatim: dict[ast.AST, str] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)


def literal(value: Any) -> ast.expr:
    """None, a bool, number, text, or tuples of them, as the node that Python reads from its ``repr``.

    Raises:
        TypeError: for any other value.
    """
    if not _plain(value):
        raise TypeError(f"Expected a plain value for the exported source, got {type(value).__name__}.")
    return ast.parse(repr(value), mode="eval").body


def literals(values: Mapping[str, Any]) -> dict[str, ast.expr]:
    """Plain values by name, as nodes."""
    return {argument: literal(value) for argument, value in values.items()}


def _plain(value: Any) -> bool:
    if type(value) is tuple:
        return all(_plain(entry) for entry in value)
    if type(value) is float:
        return value - value == 0  # Neither infinite nor NaN: their repr is no literal.
    return value is None or type(value) in (bool, int, str)


def name(identifier: str) -> ast.Name:
    """A variable that is read."""
    return ast.Name(identifier, ast.Load())


def dotted(path: str) -> ast.expr:
    """``keras.random.normal`` as nested attributes."""
    first, *rest = path.split(".")
    node: ast.expr = name(first)
    for attribute in rest:
        node = ast.Attribute(node, attribute, ast.Load())
    return node


def call(
    function: ast.expr | str,
    arguments: Iterable[ast.expr] = (),
    keywords: Mapping[str, ast.expr] | None = None,
) -> ast.Call:
    """A call with positional and keyword arguments."""
    return ast.Call(
        dotted(function) if isinstance(function, str) else function,
        list(arguments),
        [ast.keyword(argument, value) for argument, value in (keywords or {}).items()],
    )


def list_of(elements: Iterable[ast.expr]) -> ast.List:
    """A list display."""
    return ast.List(list(elements), ast.Load())


def assign(targets: Iterable[str], value: ast.expr) -> ast.Assign:
    """``a = value`` or, for several targets, ``a, b = value``."""
    stored: list[ast.expr] = [ast.Name(target, ast.Store()) for target in targets]
    return bind(stored[0] if len(stored) == 1 else ast.Tuple(stored, ast.Store()), value)


def bind(target: ast.expr, value: ast.expr) -> ast.Assign:
    """``target = value``, the target being a name or names in nested tuples."""
    return ast.Assign([target], value, lineno=0)


def docstring(text: str) -> ast.Expr:
    """A docstring statement."""
    return ast.Expr(ast.Constant(text))


def function(
    identifier: str,
    returns: ast.expr,
    body: list[ast.stmt],
    arguments: Mapping[str, str] | None = None,
) -> ast.FunctionDef:
    """A function; its arguments come with their annotations, which are the program's own and no user's."""
    listed = [
        ast.arg(argument, ast.parse(annotation, mode="eval").body)
        for argument, annotation in (arguments or {}).items()
    ]
    signature = ast.arguments(
        posonlyargs=[], args=listed, vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[]
    )
    # Python 3.12 added type_params; 3.11 would warn about it.
    more: dict[str, Any] = {"type_params": []} if "type_params" in ast.FunctionDef._fields else {}
    return ast.FunctionDef(identifier, signature, body, [], returns, lineno=0, **more)
