"""Computations between layers in a Functional model (``x + y``): those that a layer can stand for, and constants."""

from __future__ import annotations

from typing import Any

from rnn_designer.importer.nodes import Constant, Node, Ref
from rnn_designer.importer.settings import is_operation
from rnn_designer.importer.tree import Tree, mapping, text

_MERGES = ("Add", "Subtract", "Multiply", "Maximum", "Minimum")
_FUNCTIONS = {
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softplus": "softplus",
    "Silu": "silu",
    "Exp": "exponential",
}


def constant_of(tree: Tree, node: Node) -> Constant | None:
    """The numbers that a computation gives whatever it is fed; None if it is no such one."""
    if not is_operation(tree):
        return None
    name = text(tree.get("class_name"))
    if name == "ZerosLike":
        return Constant(0.0)
    if name == "OnesLike":
        return Constant(1.0)
    if name != "FullLike":
        return None
    value: Any = node.args[1] if len(node.args) > 1 else node.named.get("fill_value")
    if isinstance(value, Constant):
        value = value.value
    number = isinstance(value, int | float) and not isinstance(value, bool)
    row = isinstance(value, list) and all(isinstance(each, int | float) for each in value)
    return Constant(value) if number or row else None


def stand_in(tree: Tree, node: Node) -> tuple[Tree, str] | None:
    """A layer that computes the same, described as in a file, and the sentence that tells so; None if there is none."""
    name, called = text(tree.get("class_name")), text(tree.get("name"))
    config = mapping(tree.get("config"))
    refs = list(node.refs())
    args = node.args
    if name in _MERGES and len(args) == 2 and all(isinstance(each, Ref) for each in args):
        described: Tree = {"class_name": name, "config": {"name": called}, "name": called}
    elif name == "Concatenate" and len(refs) > 1 and isinstance(config.get("axis", -1), int):
        described = {
            "class_name": name,
            "config": {"name": called, "axis": config.get("axis", -1)},
            "name": called,
        }
    elif name in _FUNCTIONS and len(refs) == 1:
        settings = {"name": called, "activation": _FUNCTIONS[name]}
        described = {"class_name": "Activation", "config": settings, "name": called}
    else:
        return None
    kind = described["class_name"]
    return described, f"“{called}” is a computation between layers: a layer of type {kind} stands for it."
