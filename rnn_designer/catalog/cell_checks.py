"""What would go wrong with a custom cell in Keras, found in its text before anything runs."""

from __future__ import annotations

import ast
import builtins
import symtable
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping

from rnn_designer.catalog.cell_classes import CellClass, CodeFault, ModuleNames, dotted
from rnn_designer.catalog.cell_values import Function, own_nodes

_MOST_LINES = 5000
_RESERVED = ("build_model", "main")
_SEVERAL = frozenset(
    (
        *(
            "split",
            "array_split",
            "unstack",
            "meshgrid",
            "top_k",
            "nonzero",
            "svd",
            "qr",
            "eig",
            "eigh",
            "lu",
        ),
        *("lu_factor", "slogdet", "moments", "while_loop", "cond", "switch", "scan", "associative_scan"),
        *("fori_loop", "map", "vectorized_map", "rnn", "custom_gradient", "divmod", "frexp", "modf", "shape"),
    )
)
"""Functions of keras.ops that may give more than one tensor."""


def check_text(code: str, longest: int) -> None:
    """Refuse a text by its size or its characters, before it is parsed.

    Raises:
        CodeFault: for more than ``longest`` bytes, and for characters that make code look other than it is.
    """
    size = len(code.encode("utf-8", errors="replace"))
    if size > longest:
        raise CodeFault(
            f"Expected code of at most {longest // 1024} KiB, got {size / 1024:.0f} KiB. Shorten it, or move parts "
            "into a package of your own and import that."
        )
    if not code.strip():
        raise CodeFault(
            "Expected the class of a cell, such as class MyCell(keras.layers.Layer), got no code. Start from a "
            "template."
        )
    lines = code.split("\n")
    if len(lines) > _MOST_LINES:
        raise CodeFault(f"Expected at most {_MOST_LINES} lines of code, got {len(lines)}. Shorten it.")
    for number, line in enumerate(lines, 1):
        for column, character in enumerate(line):
            if _deceives(character):
                name = unicodedata.name(character, "a control character").lower()
                raise CodeFault(
                    "Expected code that is what it looks like, got an invisible character "
                    f"(U+{ord(character):04X}, {name}). Take it out.",
                    number,
                    column,
                )


def _deceives(character: str) -> bool:
    """Whether it is unseen or turns the direction of writing: code with it may not be what a reader sees."""
    if " " <= character <= "~" or character == "\t":
        return False
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn") and character != "\f"


def check_body(
    cell: CellClass,
    module: ast.Module,
    arguments: tuple[str, ...],
    states: int,
    names: ModuleNames,
    provided: Mapping[str, str],
) -> None:
    """Refuse what Keras would only find when the cell is made, called, saved or loaded.

    Args:
        cell: the class.
        module: the whole text.
        arguments: the names of the constructor's own arguments.
        states: how many states it has.
        names: what the text's top level defines.
        provided: names that the program around it imports.

    Raises:
        CodeFault: for the first fault found.
    """
    _check_names(cell, names, provided)
    _check_constructor(cell, arguments)
    _check_call(cell, states)
    _check_config(cell, arguments)
    if not names.star:
        _check_known(module, {*names.defined, *provided}, cell)


def _check_names(cell: CellClass, names: ModuleNames, provided: Mapping[str, str]) -> None:
    for name in names.defined:
        wrong = name in _RESERVED or (name in provided and names.imports.get(name) != provided[name])
        if wrong:
            raise CodeFault(
                f"Expected names that the exported program does not use itself, got “{name}” defined here. Give "
                "it another name.",
                cell.node.lineno,
                cell.node.col_offset,
            )


def _check_constructor(cell: CellClass, arguments: tuple[str, ...]) -> None:
    constructor = cell.constructor
    if constructor is None:
        return
    at = (constructor.lineno, constructor.col_offset)
    calls = [node for node in own_nodes(constructor) if isinstance(node, ast.Call)]
    bases = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"]
    if not bases:
        raise CodeFault(
            "Expected __init__ to call super().__init__(**kwargs), got one that does not. Write that line at its "
            "beginning: Keras sets the layer up there.",
            *at,
        )
    extra = constructor.args.kwarg
    if extra is not None and not any(_uses(each, extra.arg) for each in bases):
        raise CodeFault(
            f"Expected super().__init__ to be given **{extra.arg}, got a call without: the layer's name and type "
            f"would be lost. Write super().__init__(**{extra.arg}).",
            bases[0].lineno,
            bases[0].col_offset,
        )
    stored = {
        node.id
        for statement in own_nodes(constructor)
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Call)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    for name in arguments:
        if name not in stored:
            place = next(a for a in [*constructor.args.args, *constructor.args.kwonlyargs] if a.arg == name)
            raise CodeFault(
                f"Expected __init__ to keep every argument, got “{name}” left unused. Write self.{name} = {name}, "
                "or take the argument out.",
                place.lineno,
                place.col_offset,
            )


def _uses(node: ast.AST, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node))


def _check_call(cell: CellClass, states: int) -> None:
    call = cell.method("call")
    assert call is not None  # Else the class would not have been taken for a cell.
    at = (call.lineno, call.col_offset)
    if isinstance(call, ast.AsyncFunctionDef):
        raise CodeFault("Expected call to be an ordinary method, got an async one. Write def call.", *at)
    signature = call.args
    listed = [*signature.posonlyargs, *signature.args]
    if len(listed) < 3 and signature.vararg is None:
        got = ", ".join(each.arg for each in listed) or "nothing"
        raise CodeFault(
            "Expected call(self, inputs, states): the inputs of one step and the list of states before it, got "
            f"call({got}). Add the missing argument.",
            *at,
        )
    required = listed[: len(listed) - len(signature.defaults)]
    further = [each for each in required[3:] if each.arg != "training"]
    if further:
        raise CodeFault(
            "Expected call(self, inputs, states), got a third argument without a default, "
            f"“{further[0].arg}”, which no RNN hands over. Give it a default, or make it an argument of __init__.",
            further[0].lineno,
            further[0].col_offset,
        )
    nodes = list(own_nodes(call))
    for node in nodes:
        if isinstance(node, ast.Yield | ast.YieldFrom):
            raise CodeFault(
                "Expected call to return its results, got a yield. Return the output and a list of the new states.",
                node.lineno,
                node.col_offset,
            )
    returns = sorted((each for each in nodes if isinstance(each, ast.Return)), key=lambda each: each.lineno)
    if not returns and not _only_raises(call):
        raise CodeFault(
            "Expected call to return the output and a list of the new states, got no return at all. End it with a "
            "line such as return h, [h].",
            *at,
        )
    for each in returns:
        _check_return(each, call, cell, states)


def _only_raises(function: Function) -> bool:
    return isinstance(function.body[-1], ast.Raise)


def _check_return(statement: ast.Return, call: Function, cell: CellClass, states: int) -> None:
    at = (statement.lineno, statement.col_offset)
    value = statement.value
    if isinstance(value, ast.Name):
        value = _only_value_of(value.id, call) or value
    if value is None or _is_single(value, cell):
        got = "nothing" if value is None else f"only {ast.unparse(value)[:60]}"
        raise CodeFault(
            f"Expected call to return two values, the output and a list of the new states, got {got}. Write, for "
            "example, return h, [h].",
            *at,
        )
    if not isinstance(value, ast.Tuple | ast.List) or any(
        isinstance(each, ast.Starred) for each in value.elts
    ):
        return
    if len(value.elts) != 2:
        raise CodeFault(
            "Expected call to return two values, the output and a list of the new states, got "
            f"{len(value.elts)}. Put the states into one list: return output, [h, c].",
            *at,
        )
    new = value.elts[1]
    if isinstance(new, ast.Name):
        new = _only_value_of(new.id, call) or new
    if isinstance(new, ast.List | ast.Tuple):
        if any(isinstance(each, ast.Starred) for each in new.elts):
            return
        if len(new.elts) != states:
            raise CodeFault(
                f"Expected a list of {states} new state{'s' if states > 1 else ''}, as state_size has, got one of "
                f"{len(new.elts)}. Return one tensor for each state.",
                *at,
            )
    elif states > 1 and _is_single(new, cell):
        raise CodeFault(
            f"Expected a list of {states} new states, as state_size has, got only {ast.unparse(new)[:60]}. Return "
            "one tensor for each state, in a list.",
            *at,
        )


def _only_value_of(name: str, function: Function) -> ast.expr | None:
    """What a local variable holds, if it is assigned just once."""
    values: list[ast.expr | None] = []
    for node in own_nodes(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                values.append(value)
            case ast.Name(id=target, ctx=ast.Store() | ast.Del()) if target == name:
                values.append(None)
    # The target of the assignment was met once more as a name.
    known = [each for each in values if each is not None]
    return known[0] if len(known) == 1 and len(values) == 2 else None


def _is_single(value: ast.expr, cell: CellClass) -> bool:
    """Whether it can only be one tensor."""
    match value:
        case ast.BinOp() | ast.UnaryOp() | ast.Compare() | ast.Constant():
            # A list plus a list is a list, and so is a list times a number.
            return not any(isinstance(each, ast.List | ast.Tuple) for each in ast.walk(value))
        case ast.Call(func=function):
            path = dotted(function, cell.aliases) or ""
            if path.startswith("keras.ops."):
                return path.rpartition(".")[2] not in _SEVERAL
            return path.startswith("keras.activations.") or path.endswith("activation")
        case _:
            return False


def _check_config(cell: CellClass, arguments: tuple[str, ...]) -> None:
    if not arguments:
        return
    config = cell.method("get_config")
    if config is None:
        entries = ", ".join(f'"{name}": self.{name}' for name in arguments)
        raise CodeFault(
            f"Expected a method get_config that gives {', '.join(arguments)} back, got none: a saved model with "
            "this cell could not be loaded. Add def get_config(self): return {**super().get_config(), "
            f"{entries}}}.",
            cell.node.lineno,
            cell.node.col_offset,
        )
    mentioned: set[str] = set()
    for node in ast.walk(config):
        match node:
            case ast.Constant(value=str(text)):
                mentioned.add(text)
            case ast.keyword(arg=str(name)):
                mentioned.add(name)
            case ast.For() | ast.While() | ast.comprehension() | ast.Name(id="vars" | "locals" | "getattr"):
                return
    # Those of a base in the same text may be handed on by its own get_config.
    bases = {each.arg for each in _arguments_of_bases(cell)}
    for name in arguments:
        if name not in mentioned and name not in bases:
            raise CodeFault(
                f"Expected get_config to give every argument back, got one without “{name}”: a loaded model would "
                f'start from its default. Add "{name}": self.{name}.',
                config.lineno,
                config.col_offset,
            )


def _arguments_of_bases(cell: CellClass) -> Iterator[ast.arg]:
    constructor = cell.constructor
    while constructor is not None and (constructor := cell.base_constructor(constructor)) is not None:
        yield from constructor.args.args
        yield from constructor.args.kwonlyargs


def _check_known(module: ast.Module, known: set[str], cell: CellClass) -> None:
    """Refuse names that nothing defines."""
    with warnings.catch_warnings():
        # An odd escape in a text is its author's business, and has been parsed already.
        warnings.simplefilter("ignore")
        table = symtable.symtable(cell.code, "<cell>", "exec")
    wanted = set(_globals_read(table))
    unknown = wanted - known - set(dir(builtins)) - {"__name__", "__file__", "__doc__", "__class__"}
    if not unknown:
        return
    places = [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.Name) and node.id in unknown and isinstance(node.ctx, ast.Load)
    ]
    if not places:
        return
    first = min(places, key=lambda each: (each.lineno, each.col_offset))
    raise CodeFault(
        f"Expected names that are imported or defined here, got “{first.id}”, which is neither. {_advice(first.id)}",
        first.lineno,
        first.col_offset,
    )


def _globals_read(table: symtable.SymbolTable) -> Iterable[str]:
    waiting = [table]
    while waiting:
        each = waiting.pop()
        top = each.get_type() == "module"
        for symbol in each.get_symbols():
            if symbol.is_referenced() and (symbol.is_global() or (top and not symbol.is_assigned())):
                yield symbol.get_name()
        waiting.extend(each.get_children())


def _advice(name: str) -> str:
    known = {
        "ops": "Write from keras import ops at the top.",
        "activations": "Write from keras import activations at the top.",
        "initializers": "Write from keras import initializers at the top.",
        "regularizers": "Write from keras import regularizers at the top.",
        "constraints": "Write from keras import constraints at the top.",
        "np": "Write import numpy as np at the top.",
        "tf": "Write from keras import ops at the top and use ops in place of tf.",
        "math": "Write import math at the top.",
        "Layer": "Write keras.layers.Layer.",
    }
    return known.get(name, "Mend the spelling, or define or import it.")
