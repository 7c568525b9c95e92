"""A syntax tree as readable text without any formatter, and the map from its lines back to layers.

Each layer starts on a line of its own, so that a line has one owner. The text is checked to be the tree
again: what is laid out here is white space and comments, nothing else.
"""

import ast
import re
from collections.abc import Iterable, Iterator

from rnn_designer.codegen.tree import Notes

_STEP = "    "


def render(module: ast.Module, notes: Notes) -> str:
    """The module's text, four spaces per level, comments above their nodes."""
    return _Renderer(notes).module(module)


class _Renderer:
    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def module(self, module: ast.Module) -> str:
        lines: list[str] = []
        before: ast.stmt | None = None
        for statement in module.body:
            verbatim = self._notes.verbatim.get(statement)
            if verbatim is not None:
                lines += ["", "", *verbatim.split("\n")] if verbatim else []
                before = statement
                continue
            if isinstance(statement, ast.FunctionDef | ast.ClassDef) or self._ends_a_block(before):
                lines += ["", ""]
            elif before is not None and (_is_docstring(before) or not _same_import_block(before, statement)):
                lines.append("")
            lines += self.statement(statement)
            before = statement
        return "\n".join(lines) + "\n"

    def _ends_a_block(self, node: ast.stmt | None) -> bool:
        return isinstance(node, ast.FunctionDef | ast.ClassDef) or node in self._notes.verbatim

    def statement(self, node: ast.stmt) -> list[str]:
        match node:
            case ast.FunctionDef(body=body) | ast.If(body=body):
                inner = [line for statement in body for line in self.statement(statement)]
                return [self._head(node), *_indented(inner)]
            case ast.ClassDef(body=body, decorator_list=decorators, bases=bases):
                opening = [*(f"@{ast.unparse(each)}" for each in decorators)]
                opening.append(f"class {node.name}({', '.join(map(ast.unparse, bases))}):")
                inner = []
                for statement in body:
                    inner += [*([""] if inner else []), *self.statement(statement)]
                return [*opening, *_indented(inner)]
            case ast.For(body=body):
                head = f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}:"
                inner = [line for statement in body for line in self.statement(statement)]
                return [head, *_indented(inner)]
            case ast.Expr(value=ast.Constant(value=str())):
                # As one piece: further lines of a docstring bring their indentation with them.
                return [ast.unparse(ast.Module([node], []))]
            case ast.Assign(targets=[target], value=value):
                return self._commented(
                    value, self._with_prefix(f"{_target(target)} = ", self.expression(value))
                )
            case ast.Expr(value=ast.Call() as value) if value in self._notes.comment:
                return self._commented(value, [ast.unparse(value)])
            case ast.Return(value=ast.expr() as value):
                return self._with_prefix("return ", self.expression(value))
            case _:
                return ast.unparse(node).split("\n")

    def expression(self, node: ast.expr) -> list[str]:
        if not self._holds_layers(node):
            return [ast.unparse(node)]
        match node:
            case ast.List(elts=elements):
                lines = ["["]
                for element in elements:
                    lines += self._element("", element)
                return [*lines, "]"]
            case ast.Call(func=ast.Call() as applied, args=arguments, keywords=keywords):
                given = [*map(ast.unparse, arguments), *map(ast.unparse, keywords)]
                *lines, last = self.expression(applied)
                return [*lines, f"{last}({', '.join(given)})"]
            case ast.Call(func=called, args=arguments, keywords=keywords):
                lines = [f"{ast.unparse(called)}("]
                for argument in arguments:
                    lines += self._element("", argument)
                for keyword in keywords:
                    lines += self._element(f"{keyword.arg}=", keyword.value)
                # No comma after the last argument: a formatter may then join what fits on a line.
                return [*lines[:-1], lines[-1].removesuffix(","), ")"]
            case _:
                return [ast.unparse(node)]

    def _element(self, prefix: str, node: ast.expr) -> list[str]:
        *lines, last = self._with_prefix(prefix, self.expression(node))
        return _indented(self._commented(node, [*lines, f"{last},"]))

    def _commented(self, node: ast.expr, lines: list[str]) -> list[str]:
        about = (node.func, node) if isinstance(node, ast.Call) else (node,)
        comments = [self._notes.comment[each] for each in about if each in self._notes.comment]
        return [*(f"# {comment}" for comment in comments), *lines]

    def _holds_layers(self, node: ast.expr) -> bool:
        """Whether a layer of its own starts inside the node, after its beginning."""
        own = {node, node.func} if isinstance(node, ast.Call) else {node}
        return any(inner in self._notes.owner and inner not in own for inner in ast.walk(node))

    @staticmethod
    def _with_prefix(prefix: str, lines: list[str]) -> list[str]:
        return [prefix + lines[0], *lines[1:]]

    @staticmethod
    def _head(node: ast.FunctionDef | ast.If) -> str:
        if isinstance(node, ast.If):
            return f"if {ast.unparse(node.test)}:"
        returns = "" if node.returns is None else f" -> {ast.unparse(node.returns)}"
        return f"def {node.name}({ast.unparse(node.args)}){returns}:"


def _target(node: ast.expr) -> str:
    if isinstance(node, ast.Tuple):
        return ", ".join(map(ast.unparse, node.elts))
    return ast.unparse(node)


def _indented(lines: Iterable[str]) -> list[str]:
    return [_STEP + line if line else line for line in lines]


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _same_import_block(before: ast.stmt, after: ast.stmt) -> bool:
    """Whether both import from the standard library, or both from elsewhere."""
    return _from_standard_library(before) == _from_standard_library(after)


def _from_standard_library(node: ast.stmt) -> bool | None:
    return node.module == "pathlib" if isinstance(node, ast.ImportFrom) else False


def owned_lines(text: str, owned: Iterable[tuple[ast.AST, str]]) -> dict[int, str]:
    """Which layer each line belongs to.

    Args:
        text: the program.
        owned: nodes of the tree parsed from ``text`` with their layers, outer nodes before those inside them.

    Returns:
        Line number, from 1, to layer id. A line on which several layers stand belongs to the outermost that
        starts it; comments belong to the line below them.
    """
    lines = text.split("\n")
    owners: dict[int, str] = {}
    for node, owner in owned:
        first, last, column = _extent(node)
        before = lines[first - 1].encode()[:column].decode().strip()
        starts_the_line = not before or re.fullmatch(r"\w+=", before) is not None
        for line in range(first if starts_the_line or first not in owners else first + 1, last + 1):
            owners[line] = owner
    for line in range(len(lines) - 1, 0, -1):
        if lines[line - 1].lstrip().startswith("#") and line + 1 in owners:
            owners[line] = owners[line + 1]
    return dict(sorted(owners.items()))


def _extent(node: ast.AST) -> tuple[int, int, int]:
    assert isinstance(node, ast.expr | ast.stmt)
    return node.lineno, node.end_lineno or node.lineno, node.col_offset


def paired(one: ast.AST, other: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """The nodes of two equal trees side by side, outer nodes first."""
    return zip(ast.walk(one), ast.walk(other), strict=True)
