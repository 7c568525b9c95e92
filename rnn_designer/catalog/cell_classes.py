"""Finds the cell's class in the text of a custom cell, and in it what Keras will look for."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rnn_designer.catalog.cell_values import UNKNOWN, Function, Scope, own_nodes, run_assignments

_LAYER = frozenset({"keras.layers.Layer", "keras.Layer"})
_REGISTRATIONS = frozenset(
    {
        "keras.saving.register_keras_serializable",
        "keras.utils.register_keras_serializable",
    }
)


class CodeFault(ValueError):  # noqa: N818 - callers show its sentence as it is
    """A custom cell's text cannot be used.

    Attributes:
        sentence: what was received, what is expected, what to do.
        line: where, from 1.
        column: how many characters stand before the place in its line.
    """

    def __init__(self, sentence: str, line: int = 1, column: int = 0) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.line = line
        self.column = column


class Place(NamedTuple):
    """Where something stands in the text, and the text itself, shortened."""

    line: int
    column: int
    shown: str


@dataclass(frozen=True)
class ModuleNames:
    """What the top level of the text defines.

    Attributes:
        imports: name to the dotted path that it stands for.
        defined: all names, in order.
        star: whether it imports everything from somewhere.
        constants: the values of simple assignments.
    """

    imports: Mapping[str, str]
    defined: tuple[str, ...]
    star: bool
    constants: Mapping[str, Any]


@dataclass(frozen=True)
class CellClass:
    """The cell's class with its bases in the same text, nearest first.

    Attributes:
        node: the class statement.
        chain: the class and its bases in the text.
        aliases: name to dotted path, from the imports.
        constants: the values of the text's module-level constants.
        class_values: the values of class attributes.
        properties: the properties' functions by name.
    """

    node: ast.ClassDef
    chain: tuple[ast.ClassDef, ...]
    aliases: Mapping[str, str]
    constants: Mapping[str, Any]
    class_values: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Function] = field(default_factory=dict)
    code: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """The class's name."""
        return self.node.name

    @property
    def constructor(self) -> Function | None:
        """The nearest ``__init__``."""
        return self.method("__init__")

    def method(self, name: str) -> Function | None:
        """The nearest method of that name, in the class or a base in the same text."""
        return next((found for each in self.chain if (found := method_of(each, name)) is not None), None)

    def base_constructor(self, constructor: Function) -> Function | None:
        """The ``__init__`` that ``super().__init__`` means in this one, if it is in the text."""
        inits = [found for each in self.chain if (found := method_of(each, "__init__")) is not None]
        after = inits.index(constructor) + 1 if constructor in inits else len(inits)
        return inits[after] if after < len(inits) else None

    @property
    def registered(self) -> bool:
        """Whether a decorator registers the class with Keras."""
        for each in self.node.decorator_list:
            function = each.func if isinstance(each, ast.Call) else each
            if dotted(function, self.aliases) in _REGISTRATIONS:
                return True
        return False

    def sources_of(self, name: str) -> Iterator[ast.AST]:
        """Every node of the expressions from which an attribute is made."""
        for statement in self._makers(name):
            inside: Iterable[ast.AST]
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                inside = own_nodes(statement)
            else:
                inside = ast.walk(statement.value) if statement.value is not None else ()
            yield from inside

    def place_of(self, name: str) -> Place | None:
        """Where an attribute is set last, in ``__init__`` or by a property or in the class; None if nowhere."""
        makers = list(self._makers(name))
        if not makers:
            return None
        maker = makers[-1]
        shown: ast.stmt = maker
        if isinstance(maker, ast.FunctionDef | ast.AsyncFunctionDef):
            returns = [each for each in own_nodes(maker) if isinstance(each, ast.Return) and each.value]
            shown = returns[0] if returns else maker
        text = ast.get_source_segment(self.code, shown) or name
        text = " ".join(text.split())
        return Place(
            getattr(shown, "lineno", maker.lineno),
            getattr(shown, "col_offset", maker.col_offset),
            text if len(text) <= 80 else text[:79] + "…",
        )

    def _makers(self, name: str) -> Iterator[Function | ast.Assign | ast.AnnAssign | ast.AugAssign]:
        for definition in reversed(self.chain):
            for statement in definition.body:
                match statement:
                    case ast.Assign(targets=targets) if any(_is_name(each, name) for each in targets):
                        yield statement
                    case ast.AnnAssign(target=target, value=ast.expr()) if _is_name(target, name):
                        yield statement
        for definition in reversed(self.chain):
            constructor = method_of(definition, "__init__")
            if constructor is not None:
                yield from _settings(constructor, name)
        if name in self.properties:
            yield self.properties[name]


def parse(code: str) -> ast.Module:
    """The text as a tree; raises :class:`CodeFault` where it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
            # Finds what the grammar lets pass, such as a return outside a function. Nothing is run.
            compile(tree, "<cell>", "exec", dont_inherit=True)
    except SyntaxError as error:
        reason = (error.msg or "invalid syntax").rstrip(".")
        raise CodeFault(
            f"Expected Python code, got something that Python cannot read: {reason}. Mend this line or the one "
            "before it.",
            max(1, error.lineno or 1),
            max(0, (error.offset or 1) - 1),
        ) from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise CodeFault(
            f"Expected Python code of ordinary size, got something that Python cannot read: {error or 'too deep'}. "
            "Shorten it."
        ) from None
    return tree


def module_names(module: ast.Module) -> ModuleNames:
    """What the top level defines and imports."""
    imports: dict[str, str] = {}
    defined: dict[str, None] = {}
    star = False
    for statement in _in_order(module):
        match statement:
            case ast.Import(names=names):
                for each in names:
                    bound = each.asname or each.name.split(".")[0]
                    imports[bound] = each.name if each.asname else bound
                    defined[bound] = None
            case ast.ImportFrom(module=path, names=names):
                for each in names:
                    if each.name == "*":
                        star = True
                        continue
                    bound = each.asname or each.name
                    imports[bound] = f"{path or ''}.{each.name}"
                    defined[bound] = None
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                defined[name] = None
            case ast.Name(id=name, ctx=ast.Store()):
                defined[name] = None
            case ast.ExceptHandler(name=str(name)):
                defined[name] = None
    scope = Scope(me="")
    run_assignments(module.body, scope, lambda call: None)
    constants = {name: value for name, value in scope.names.items() if value is not UNKNOWN}
    return ModuleNames(imports, tuple(defined), star, constants)


def _in_order(module: ast.Module) -> list[ast.AST]:
    """The nodes of the module's own level, in the order of the text."""
    found = [(getattr(each, "lineno", 0), getattr(each, "col_offset", 0), each) for each in own_nodes(module)]
    return [each for *_, each in sorted(found, key=lambda entry: entry[:2])]


def find_cell(module: ast.Module, code: str, aliases: Mapping[str, str]) -> CellClass:
    """The last top-level class that is a Keras layer with a ``call``.

    Raises:
        CodeFault: if there is none, or if it is built on what Keras 3 does not have.
    """
    classes = {each.name: each for each in module.body if isinstance(each, ast.ClassDef)}
    _refuse_old_keras(module)
    if not classes:
        raise CodeFault(
            "Expected the class of a cell, such as class MyCell(keras.layers.Layer), got no class at all. Start "
            "from a template."
        )
    cells = [each for each in classes.values() if _is_cell(each, classes, aliases)]
    if not cells:
        raise _no_cell(list(classes.values())[-1], aliases)
    node = cells[-1]
    if not node.name.isascii():
        raise CodeFault(
            f"Expected a class name of letters a to z, digits and _, got “{node.name}”. Rename the class.",
            node.lineno,
            node.col_offset,
        )
    names = module_names(module)
    chain = _chain(node, classes)
    properties: dict[str, Function] = {}
    scope = Scope(dict(names.constants), me="")
    for each in reversed(chain):
        assignments = [s for s in each.body if isinstance(s, ast.Assign | ast.AnnAssign | ast.AugAssign)]
        run_assignments(assignments, scope, lambda call: None)
        for statement in each.body:
            if isinstance(statement, ast.FunctionDef):
                if any(
                    dotted(d, aliases) in ("property", "functools.cached_property")
                    for d in statement.decorator_list
                ):
                    properties[statement.name] = statement
                else:
                    properties.pop(statement.name, None)
    class_names = {target for each in chain for target in _class_targets(each)}
    values = {name: value for name, value in scope.names.items() if name in class_names}
    return CellClass(node, chain, aliases, names.constants, values, properties, code)


def _class_targets(definition: ast.ClassDef) -> Iterator[str]:
    for statement in definition.body:
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
            targets = [statement.target]
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                yield target.id


def _is_cell(
    definition: ast.ClassDef, classes: Mapping[str, ast.ClassDef], aliases: Mapping[str, str]
) -> bool:
    chain = _chain(definition, classes)
    derives = any(dotted(base, aliases) in _LAYER for each in chain for base in each.bases)
    return derives and any(method_of(each, "call") for each in chain)


def _chain(definition: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> tuple[ast.ClassDef, ...]:
    """The class and its bases in the text, nearest first, each once."""
    found: dict[str, ast.ClassDef] = {definition.name: definition}
    waiting = [definition]
    while waiting:
        each = waiting.pop(0)
        for base in each.bases:
            if isinstance(base, ast.Name) and base.id in classes and base.id not in found:
                found[base.id] = classes[base.id]
                waiting.append(classes[base.id])
    return tuple(found.values())


def _no_cell(definition: ast.ClassDef, aliases: Mapping[str, str]) -> CodeFault:
    """Why the last class is none."""
    bases = [dotted(base, aliases) or "?" for base in definition.bases]
    at = (definition.lineno, definition.col_offset)
    old = next((each for each in bases if each.endswith("AbstractRNNCell")), None)
    if old is not None:
        return CodeFault(
            f"Expected a class derived from keras.layers.Layer, got one derived from {old}, which Keras 3 does "
            f"not have. Write class {definition.name}(keras.layers.Layer); set self.state_size and "
            "self.output_size in __init__, and take states as a list.",
            *at,
        )
    known = next((each for each in bases if each.startswith("keras.layers.") and each not in _LAYER), None)
    if known is not None:
        return CodeFault(
            f"Expected a class derived from keras.layers.Layer, got one derived from {known}, whose states "
            f"cannot be read from this text. Derive it from keras.layers.Layer, and keep a {known} in an "
            "attribute if you want to use it.",
            *at,
        )
    if not any(each in _LAYER for each in bases):
        got = f"one derived from {', '.join(bases)}" if bases else "one derived from nothing"
        return CodeFault(
            f"Expected a class derived from keras.layers.Layer, got {got}. Write class "
            f"{definition.name}(keras.layers.Layer).",
            *at,
        )
    return CodeFault(
        f"Expected a cell with a method call(self, inputs, states) that computes one step, got the class "
        f"“{definition.name}” without one. Add it; it returns the output and a list of the new states.",
        *at,
    )


def _refuse_old_keras(module: ast.Module) -> None:
    for node in ast.walk(module):
        old = None
        match node:
            case ast.Import(names=names):
                old = next((each.name for each in names if _is_old(each.name)), None)
            case ast.ImportFrom(module=str(path), names=names):
                if _is_old(path) or (path == "tensorflow" and any(each.name == "keras" for each in names)):
                    old = path if _is_old(path) else "tensorflow.keras"
                if path == "__future__":
                    raise CodeFault(
                        "Expected code that can stand in the middle of a program, got an import from __future__, "
                        "which only works at its very beginning. Take the line out.",
                        node.lineno,
                        node.col_offset,
                    )
            case ast.Attribute(value=ast.Name(id="tf" | "tensorflow"), attr="keras"):
                old = "tf.keras"
        if old is not None:
            place: Any = node
            raise CodeFault(
                f"Expected Keras 3, got {old}. Write import keras, and keras.layers.Layer in place of "
                "tf.keras.layers.Layer; functions such as tanh and matmul are in keras.ops.",
                place.lineno,
                place.col_offset,
            )


def _is_old(path: str) -> bool:
    return path == "tensorflow.keras" or path.startswith(
        ("tensorflow.keras.", "tensorflow.python.keras", "tf_keras")
    )


def dotted(node: ast.expr, aliases: Mapping[str, str]) -> str | None:
    """The full path that a name stands for: ``layers.Layer`` is ``keras.layers.Layer``; None for others."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([aliases.get(node.id, node.id), *reversed(parts)])


def method_of(definition: ast.ClassDef, name: str) -> Function | None:
    """The method of that name in the class's own body; the last one counts."""
    found = [
        each
        for each in definition.body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name == name
    ]
    return found[-1] if found else None


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _settings(function: Function, name: str) -> Iterator[ast.Assign | ast.AnnAssign | ast.AugAssign]:
    """The statements that set ``self.<name>``."""
    me = function.args.args[0].arg if function.args.args else "self"
    found: list[ast.Assign | ast.AnnAssign | ast.AugAssign] = []
    for node in own_nodes(function):
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            targets = [node.target]
        else:
            continue
        for target in targets:
            for each in ast.walk(target):
                if isinstance(each, ast.Attribute) and each.attr == name and _is_name(each.value, me):
                    found.append(node)
                    break
    yield from sorted(found, key=lambda each: each.lineno)
