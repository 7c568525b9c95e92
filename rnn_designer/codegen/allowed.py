"""Which names generated code may call; the last word before a program leaves this package."""

import ast

from rnn_designer.catalog import CATALOG
from rnn_designer.catalog.parameters import Namespace
from rnn_designer.catalog.parts import parts

_OWN = frozenset(
    {
        "build_model",
        "main",
        "print",
        "zip",
        "Path",
        "Path().with_name",
        "keras.Input",
        "keras.Model",
        "keras.Sequential",
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
        | {kind.constructor for kind in CATALOG.values()}
        | {f"{module}.{part.kind}" for module in modules for part in parts(module)}
    )


def called_names(text: str) -> frozenset[str]:
    """The names that a program calls, dotted as they stand there.

    A layer applied to a tensor, ``layers.LSTM(4)(x)``, counts once; a method of a fresh object is written
    ``Path().with_name``. Anything else that is called shows as its own source, so that it is in no list.
    """
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and not isinstance(node.func, ast.Call):
            found.add(_path(node.func))
    return frozenset(found)


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
