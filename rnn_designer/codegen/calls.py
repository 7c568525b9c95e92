"""A layer as the constructor call that a practised Keras user would write: only what is no default."""

import ast
from collections.abc import Mapping
from typing import Any

from rnn_designer.catalog import REQUIRED, LayerType, Part, PartOf, PartType
from rnn_designer.catalog.cells import STACK
from rnn_designer.catalog.parameters import Namespace
from rnn_designer.catalog.parts import part_type
from rnn_designer.codegen.custom import CUSTOM_CELL, custom_call
from rnn_designer.codegen.errors import NotExportable
from rnn_designer.codegen.names import AutomaticNames, snake_case
from rnn_designer.codegen.tree import Notes, call, list_of, literal, literals
from rnn_designer.design.model import Layer

_BOTH_DIRECTIONS = "Both directions side by side: twice the features of one."
_NO_CUDNN = "Without cuDNN, masked steps give the same on every device."
_DROPPED_INSIDE = "Keras drops the activity_regularizer of a wrapped SimpleRNN: it adds no loss."
_SEED_DROPPED = "Bidirectional copies the layer, and the copy of a SimpleRNN loses its seed."
_BY_NAME = ("MultiHeadAttention",)
"""Layers whose sizes nobody tells apart without their names."""
_NO_NAME = ("constant",)
"""Parts that Keras knows by this name but cannot make from it: Constant misses its value."""


class LayerCalls:
    """Makes constructor calls in source order, keeping Keras' name counters and the modules that are used.

    Attributes:
        modules: which of ``initializers``, ``regularizers`` and ``constraints`` the calls refer to.
    """

    def __init__(
        self, names: Mapping[str, str], notes: Notes, always_named: frozenset[str] = frozenset()
    ) -> None:
        self._names = names
        self._notes = notes
        self._always_named = always_named
        self._automatic = AutomaticNames()
        self.modules: set[str] = set()

    def constructor(self, layer: Layer, *, without: frozenset[str] = frozenset()) -> ast.Call:
        """The call that makes the layer, wrapped layers inside it.

        Args:
            layer: the layer; its parameters hold values that its type accepts.
            without: parameters to leave at their defaults.

        Raises:
            NotExportable: if it has a parameter that its type does not know, or a child too many.
        """
        if layer.kind == STACK and len(layer.children) == 1:
            # Keras loses the nesting of a lone cell's states as soon as there is a mask. Without the stack around it
            # the cell computes the same.
            return self.constructor(layer.children[0])
        if layer.kind == CUSTOM_CELL:
            class_name, arguments = custom_call(layer)
            return self._made(layer, class_name, [], arguments)
        positional, keywords = self._inner(layer)
        leading = len(positional)
        kind = layer.type
        for parameter, value in changed_values(layer).items():
            if parameter in without:
                continue
            node = self._value(kind, parameter, value)
            if not keywords and _positional(kind, parameter, len(positional) - leading):
                positional.append(node)
            else:
                keywords[parameter] = node
        return self._made(layer, kind.constructor, positional, keywords)

    def _inner(self, layer: Layer) -> tuple[list[ast.expr], dict[str, ast.expr]]:
        """The layers inside, the first by its position, as the arguments that a wrapper or stack takes."""
        kind = layer.type
        filled: dict[str, list[ast.expr]] = {}
        for index, child in enumerate(layer.children):
            slot = kind.slot(index)
            if slot is None:
                raise NotExportable(
                    f"“{layer.name}” holds {len(layer.children)} layers, but {kind.kind} takes "
                    f"{len(kind.slots)}. Remove the others.",
                    layer.id,
                )
            inner = self.constructor(child)
            self._comment_wrapped(layer, child, inner)
            filled.setdefault(slot.name, []).append(inner)
        keywords = {
            slot.name: list_of(filled[slot.name]) if slot.many else filled[slot.name][0]
            for slot in kind.slots
            if slot.name in filled
        }
        first = kind.slots[0].name if kind.slots else ""
        return ([keywords.pop(first)] if first in keywords else []), keywords

    def _made(
        self, layer: Layer, constructor: str, positional: list[ast.expr], keywords: dict[str, ast.expr]
    ) -> ast.Call:
        name = self._names[layer.id]
        if layer.type.cell:
            named = self._automatic.needs_cell_name(name, constructor.rpartition(".")[2], layer.kind)
        else:
            named = layer.kind in self._always_named or self._automatic.needs_name(layer.kind, name)
        if named:
            keywords["name"] = literal(name)
        node = call(constructor, positional, keywords)
        self._notes.owner[node] = layer.id
        self._comment(layer, node)
        return node

    def part(self, namespace: Namespace, part: Part) -> ast.expr:
        """An initializer, regularizer or constraint: a name if it has no arguments, a call otherwise."""
        found = _part_type(namespace, part)
        given = part_arguments(namespace, part)
        alias = snake_case(found.kind)
        if (
            not given
            and alias in found.aliases
            and found.namespace != "regularizers"
            and alias not in _NO_NAME
        ):
            return literal(alias)
        self.modules.add(found.namespace)
        nodes = literals(given)
        if len(nodes) == 1 and len(found.parameters) == 1:
            return call(f"{found.namespace}.{found.kind}", nodes.values())
        return call(f"{found.namespace}.{found.kind}", (), nodes)

    def _value(self, kind: LayerType, parameter: str, value: Any) -> ast.expr:
        if isinstance(value, Part):
            declared = kind.by_name[parameter].type
            if not isinstance(declared, PartOf):
                raise NotExportable(
                    f"“{parameter}” of {kind.kind} takes {declared.expected}, got {value.kind}."
                )
            return self.part(declared.namespace, value)
        return literal(value)

    def _comment(self, layer: Layer, node: ast.Call) -> None:
        if layer.kind == "Bidirectional" and layer.value("merge_mode") == "concat":
            self._notes.comment[node] = _BOTH_DIRECTIONS
        elif layer.params.get("use_cudnn") is False:
            self._notes.comment[node] = _NO_CUDNN

    def _comment_wrapped(self, wrapper: Layer, child: Layer, node: ast.Call) -> None:
        if child.kind != "SimpleRNN":
            return
        if child.params.get("activity_regularizer") is not None:
            self._notes.comment[node] = _DROPPED_INSIDE
        elif child.params.get("seed") is not None and wrapper.kind == "Bidirectional":
            self._notes.comment[node] = _SEED_DROPPED


def changed_values(layer: Layer) -> dict[str, Any]:
    """The constructor's arguments to be written out, in Keras' own order: required ones, those not at default.

    Raises:
        NotExportable: if the layer has a parameter that its type does not know.
    """
    kind = layer.type
    slots = {slot.name for slot in kind.slots}
    for given in layer.params:
        if given not in kind.by_name and given not in slots:
            raise NotExportable(
                f"“{layer.name}” has a parameter “{given}”, which {layer.kind} does not take. Remove it.",
                layer.id,
            )
    values: dict[str, Any] = {}
    for parameter in kind.parameters:
        if parameter.at_call or parameter.name in slots or parameter.name == "name":
            continue
        value = layer.value(parameter.name)
        wanted = parameter.default is REQUIRED or (kind.kind == "Input" and parameter.name == "shape")
        if wanted or not _same(value, parameter.default):
            values[parameter.name] = value
    return values


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)


def _positional(kind: LayerType, parameter: str, position: int) -> bool:
    """Whether a value comes without its name: required, and in the place where Keras expects it."""
    declared = [each for each in kind.parameters if each.name not in {slot.name for slot in kind.slots}]
    if position >= len(declared) or declared[position].name != parameter or kind.kind in _BY_NAME:
        return False
    return declared[position].default is REQUIRED or (kind.kind == "Input" and parameter == "shape")


def _part_type(namespace: Namespace, part: Part) -> PartType:
    found = part_type(namespace, part.kind)
    if found is None:
        raise NotExportable(f"Keras has no {namespace[:-1]} called “{part.kind}”. Choose another.")
    return found


def part_arguments(namespace: Namespace, part: Part) -> dict[str, Any]:
    """Arguments that differ from their defaults; of a regularizer, every factor, to say how strong it is."""
    found = _part_type(namespace, part)
    given: dict[str, Any] = {}
    for parameter in found.parameters:
        value = part.params.get(
            parameter.name, parameter.initial if parameter.default is REQUIRED else parameter.default
        )
        factor = found.namespace == "regularizers" and type(value) is float
        always = factor or snake_case(found.kind) in _NO_NAME
        if parameter.default is REQUIRED or always or not _same(value, parameter.default):
            given[parameter.name] = value
    return given
