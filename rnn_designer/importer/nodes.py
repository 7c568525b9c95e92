"""The calls of a Functional model, in the form of Keras 3 or of Keras 2: who is called with what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from rnn_designer.importer.tree import Tree, listing, mapping, text

_TENSOR = "__keras_tensor__"
MASKS = ("mask", "query_mask", "value_mask", "key_mask", "attention_mask")
"""Arguments of a call by which Keras hands masks on; it works them out again by itself."""


@dataclass(frozen=True)
class Ref:
    """An output of a call: the layer's name in the file, which of its calls, which of its outputs."""

    layer: str
    node: int
    tensor: int


@dataclass(frozen=True)
class Constant:
    """Numbers that stand where a tensor might."""

    value: Any


Argument: TypeAlias = "Ref | Constant | list[Argument]"


@dataclass
class Node:
    """One call of a layer.

    Attributes:
        args: what it is called with by position.
        named: what it is called with by name: tensors, lists of them, or plain values.
    """

    args: list[Any] = field(default_factory=list)
    named: dict[str, Any] = field(default_factory=dict)

    def refs(self) -> Iterator[Ref]:
        """Every tensor that the call computes with; masks are none of these."""
        yield from _refs(self.args)
        for name, value in self.named.items():
            if name not in MASKS:
                yield from _refs(value)


def _refs(value: Any) -> Iterator[Ref]:
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _refs(each)


def flat(value: Any) -> list[Ref | Constant]:
    """The tensors and numbers in nested lists, in order."""
    if isinstance(value, Ref | Constant):
        return [value]
    return [each for part in value for each in flat(part)] if isinstance(value, list) else []


def nodes_of(tree: Tree) -> list[Node]:
    """The calls of a described layer."""
    return [_node(each) for each in listing(tree.get("inbound_nodes"))]


def _node(described: Any) -> Node:
    if isinstance(described, dict):
        named = {str(key): _argument(value) for key, value in mapping(described.get("kwargs")).items()}
        return Node([_argument(each) for each in listing(described.get("args"))], named)
    node = Node()
    for each in listing(described):  # Keras 2: [name, call, output, {named arguments}] for each tensor.
        ref = old_ref(each)
        if ref is not None:
            node.args.append(ref)
            if len(each) > 3:
                node.named.update({str(key): _old(value) for key, value in mapping(each[3]).items()})
    if len(node.args) > 1:
        node.args = [node.args]
    return node


def _argument(value: Any) -> Any:
    if isinstance(value, list):
        return [_argument(each) for each in value]
    if isinstance(value, dict):
        config = mapping(value.get("config"))
        if value.get("class_name") == _TENSOR:
            history = listing(config.get("keras_history"))
            return old_ref(history) or Constant(None)
        if value.get("class_name") in ("__tensor__", "__numpy__"):
            return Constant(config.get("value"))
    return value


def _old(value: Any) -> Any:
    ref = old_ref(value)
    if ref is not None:
        return ref
    return [_old(each) for each in value] if isinstance(value, list) else value


def old_ref(value: Any) -> Ref | None:
    """The tensor that ``[name, call, output, …]`` stands for; None if the value is none."""
    if not isinstance(value, list) or len(value) not in (3, 4) or not text(value[0]):
        return None
    call, output = value[1], value[2]
    whole = all(isinstance(each, int) and not isinstance(each, bool) and each >= 0 for each in (call, output))
    return Ref(value[0], call, output) if whole else None


def ends(value: Any) -> list[Ref]:
    """The tensors that a model names as its inputs or outputs, however they are nested."""
    ref = old_ref(value)
    if ref is not None:
        return [ref]
    if isinstance(value, dict):
        value = list(value.values())
    return [each for part in listing(value) for each in ends(part)]
