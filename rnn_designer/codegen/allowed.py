"""Which names generated code may call; the last word before a program leaves this package."""

import ast
from collections import Counter

from rnn_designer.catalog import CATALOG
from rnn_designer.catalog.parameters import Namespace
from rnn_designer.catalog.parts import parts
from rnn_designer.codegen.custom import sections, without_sections
from rnn_designer.codegen.generation import CALLED
from rnn_designer.codegen.names import CONSTANT_FRAMES, CONSTANT_STATE
from rnn_designer.codegen.training import training_calls

_OWN = frozenset(
    {
        "build_model",
        CONSTANT_FRAMES,
        CONSTANT_STATE,
        "len",
        "main",
        "print",
        "slice",
        "zip",
        "Path",
        "Path().with_name",
        "keras.Input",
        "keras.Model",
        "keras.Sequential",
        "keras.ops.array",
        "keras.ops.full_like",
        "keras.ops.tile",
        "keras.random.normal",
        "keras.random.randint",
        "layers.ActivityRegularization",
        "layers.Identity",
        "model.load_weights",
        "model.predict_on_batch",
        "model.summary",
    }
)


def allowed_names() -> frozenset[str]:
    """All that generated code may call: the catalog's constructors, the parts, a few of Keras' own."""
    modules: tuple[Namespace, ...] = ("initializers", "regularizers", "constraints")
    return (
        _OWN
        | CALLED
        | training_calls()
        | {kind.constructor for kind in CATALOG.values()}
        | {f"{module}.{part.kind}" for module in modules for part in parts(module)}
    )


def called_names(text: str) -> frozenset[str]:
    """The names that a program calls in its generated part, dotted as they stand there.

    A layer applied to a tensor, ``layers.LSTM(4)(x)``, counts once, and so does one that was put into a variable
    first; a method of a fresh object is written ``Path().with_name``. Anything else that is called shows as its
    own source, so that it is in no list. What stands between the marker lines of custom cells is their authors',
    and so are the classes of that name.
    """
    tree = ast.parse(without_sections(text))
    found = {
        _path(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and not isinstance(node.func, ast.Call)
    }
    return frozenset(found - _layers_in_variables(tree) - {section.name for section in sections(text)})


def _layers_in_variables(tree: ast.Module) -> set[str]:
    """Variables that hold a new layer and never anything else."""
    bound = Counter(
        node.id if isinstance(node, ast.Name) else node.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.arg) or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    )
    return {
        node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
        and _path(node.value.func).startswith("layers.")
        and bound[node.targets[0].id] == 1
    }


def _path(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            return f"{_path(value)}.{attribute}"
        case ast.Call(func=function):
            return f"{_path(function)}()"
        case _:
            return ast.unparse(node)
