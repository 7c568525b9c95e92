"""A described model, Sequential or Functional, with the models nested in it, as boxes and wires on one canvas."""

from __future__ import annotations

import heapq
from typing import Any

from rnn_designer.catalog import FrozenMap
from rnn_designer.design.model import Group, Layer, new_id
from rnn_designer.design.naming import snake_case
from rnn_designer.design.ports import output_ports
from rnn_designer.design.sharing import mirrored
from rnn_designer.importer.boxes import box
from rnn_designer.importer.calls import connect, with_call
from rnn_designer.importer.made import Canvas, Container, Member, Tensor
from rnn_designer.importer.nodes import MASKS, Constant, Node, Ref, ends, flat, nodes_of
from rnn_designer.importer.operations import constant_of, stand_in
from rnn_designer.importer.settings import Unfit, is_operation, kind_of
from rnn_designer.importer.tree import Tree, listing, mapping, text

_DEEPEST = 12
_MOST_CALLS = 3_000
"""Of layers, all in all: a model that is nested and called many times over is no model but a bomb."""


class _Model:
    """A described model; it can be called more than once, its layers being shared then."""

    def __init__(self, tree: Tree, canvas: Canvas, prefix: str, depth: int) -> None:
        self.kind = kind_of(tree)
        self.config = mapping(tree.get("config"))
        self.canvas = canvas
        self.prefix = prefix
        self.depth = depth
        layers = tree.get("config") if isinstance(tree.get("config"), list) else self.config.get("layers")
        self.members = [Member(each) for each in listing(layers) if isinstance(each, dict)]
        self.container = Container([each for each in self.members if not is_operation(each.tree)])
        self._models: dict[Member, _Model] = {}
        if depth > _DEEPEST:
            raise Unfit("models are nested too deep in it.")

    def call(self, given: list[Tensor] | None) -> list[Tensor]:
        """Put the layers on the canvas, or call them once more; the outputs.

        Args:
            given: what it is called with; None for the whole model of the file, which gets Inputs.
        """
        return self._row(given) if self.kind == "Sequential" else _Graph(self).call(given)

    # Sequential.

    def _row(self, given: list[Tensor] | None) -> list[Tensor]:
        tensors = list(given) if given is not None else self._start()
        for member in self.members:
            if kind_or_none(member.tree) == "Input":
                continue
            tensors = self.apply(member, Node([list(range(len(tensors)))]), tensors)
        return tensors

    def _start(self) -> list[Tensor]:
        """The Input of a Sequential model, by its InputLayer, its first layer's settings, or its own."""
        first = next(iter(self.members), None)
        if first is None:
            raise Unfit("it has no layers.")
        config = mapping(first.tree.get("config"))
        if kind_or_none(first.tree) == "Input":
            return self.apply(first, Node(), [])
        shape = (
            config.get("batch_input_shape")
            or config.get("batch_shape")
            or self.config.get("build_input_shape")
        )
        if not isinstance(shape, list):
            self.canvas.remark(
                "The file does not say which samples the model takes, since it was saved before it was built: place "
                "an Input, set its shape and draw a wire to the first layer."
            )
            return []
        tokens = {"dtype": "int32"} if first.tree.get("class_name") == "Embedding" else {}
        tree = {"class_name": "InputLayer", "config": {"batch_shape": shape, "name": "input_layer", **tokens}}
        return self.apply(Member(tree), Node(), [])

    # Both.

    def apply(self, member: Member, node: Node, tensors: list[Tensor]) -> list[Tensor]:
        """Call a layer of this model with tensors, to which the places in ``node`` refer.

        In ``node`` stand numbers of entries of ``tensors``, or constants, where tensors are.
        """
        if len(self.canvas.layers) > _MOST_CALLS:
            raise Unfit(f"it calls more than {_MOST_CALLS:,} layers.")
        if member.reason:
            return self._inert(member, member.reason, tensors)
        try:
            if member.made is None:
                self._make(member)
            if member in self._models:
                return self._nested(member, self._models[member], node, tensors)
            return self._box(member, node, tensors)
        except Unfit as unfit:
            member.reason = str(unfit)
            return self._inert(member, member.reason, tensors)

    def _make(self, member: Member) -> None:
        """Read what the member is, at its first call."""
        kind = kind_of(member.tree)
        if kind in ("Sequential", "Functional"):
            prefix = f"{self.prefix}{member.name or kind.lower()}_"
            model = self._models[member] = _Model(member.tree, self.canvas, prefix, self.depth + 1)
            member.made = model.container
            return
        called = self.prefix + (member.name or snake_case(text(member.tree.get("class_name"))))
        taken = set(self.canvas.taken)
        try:
            member.made = box(member.tree, called, self.canvas.name)
        except Unfit:
            self.canvas.taken = taken
            raise

    def _nested(self, member: Member, model: _Model, node: Node, tensors: list[Tensor]) -> list[Tensor]:
        before = len(self.canvas.layers)
        fed = [tensors[each] for each in _places(node)]
        result = model.call(fed)
        inside = tuple(layer.id for layer in self.canvas.layers[before:])
        if self.depth == 0 and inside:
            self.canvas.groups.append(Group(new_id(), member.name or "model", inside))
        return result

    def _box(self, member: Member, node: Node, tensors: list[Tensor]) -> list[Tensor]:
        made = member.made
        if not isinstance(made, Layer):
            raise Unfit("it could not be read.")
        known = made.id in self.canvas.placed
        if known:
            again = Layer(new_id(), made.kind, self.canvas.name(made.name))
            layer = mirrored(made, again, self.canvas.taken)
        else:
            layer = made
        layer, wires = with_call(layer, node, tensors, self.canvas.remark)
        if not known:
            member.made = layer
        self.canvas.add(layer)
        connect(self.canvas, layer, wires)
        return [(layer.id, port.name) for port in output_ports(layer)]

    def _inert(self, member: Member, reason: str, tensors: list[Tensor]) -> list[Tensor]:
        layer = self.canvas.unknown(member.tree, reason, self.prefix, member.outputs)
        for tensor in tensors:
            self.canvas.wire(tensor, layer.id)
        return [(layer.id, port.name) for port in output_ports(layer)]


def _places(node: Node) -> list[int]:
    found: list[int] = []
    waiting: list[Any] = [node.args, *node.named.values()]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, list):
            waiting[:0] = each
        elif isinstance(each, int) and not isinstance(each, bool):
            found.append(each)
    return found


def kind_or_none(tree: Tree) -> str | None:
    """The kind of a described layer, or None for one that the catalog does not know."""
    try:
        return kind_of(tree)
    except Unfit:
        return None


class _Graph:
    """One call of a Functional model."""

    def __init__(self, model: _Model) -> None:
        self._model = model
        self._canvas = model.canvas
        self._members = {member.name: member for member in model.members}
        self._nodes = {member.name: nodes_of(member.tree) for member in model.members}
        self._inputs = ends(model.config.get("input_layers"))
        self._outputs = ends(model.config.get("output_layers"))
        self._done: dict[tuple[str, int], list[Tensor]] = {}

    def call(self, given: list[Tensor] | None) -> list[Tensor]:
        """The outputs, with everything that they need on the canvas."""
        if not self._outputs:
            raise Unfit("it does not say which of its layers are its outputs.")
        needed = self._needed()
        self._place_inputs(given)
        self._walk(needed)
        # What is not reached only makes masks, which Keras makes again by itself.
        return [tensor for ref in self._outputs if (tensor := self._tensor(ref)) is not None]

    def _place_inputs(self, given: list[Tensor] | None) -> None:
        for place, ref in enumerate(self._inputs):
            member = self._members.get(ref.layer)
            if member is None:
                raise Unfit(f"its input “{ref.layer[:80]}” is not described.")
            if given is None:
                self._done[ref.layer, ref.node] = self._model.apply(member, Node(), [])
            elif place < len(given):
                self._done[ref.layer, ref.node] = [given[place]]

    def _needed(self) -> dict[tuple[str, int], Node]:
        """The calls that the outputs follow from; what only leads to masks is none."""
        found: dict[tuple[str, int], Node] = {}
        waiting = [(ref.layer, ref.node) for ref in self._outputs]
        starts = {(ref.layer, ref.node) for ref in self._inputs}
        while waiting:
            key = waiting.pop()
            if key in found or key in starts:
                continue
            calls = self._nodes.get(key[0])
            if calls is None or (key[1] >= len(calls) and not (key[1] == 0 and not calls)):
                raise Unfit(f"its wires lead to “{key[0][:80]}”, which is not described.")
            node = found[key] = calls[key[1]] if calls else Node()
            self._settle_constants(node)
            waiting += [(ref.layer, ref.node) for ref in node.refs()]
        return found

    def _settle_constants(self, node: Node) -> None:
        """Put the numbers themselves where a call makes a constant state out of a tensor's shape."""
        if "initial_state" in node.named:
            node.named["initial_state"] = self._settled(node.named["initial_state"])
        node.args = [self._settled(each) if index else each for index, each in enumerate(node.args)]

    def _settled(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._settled(each) for each in value]
        if isinstance(value, Ref):
            member, calls = self._members.get(value.layer), self._nodes.get(value.layer, [])
            if member is not None and value.node < len(calls):
                constant = constant_of(member.tree, calls[value.node])
                return value if constant is None else constant
        return value

    def _walk(self, needed: dict[tuple[str, int], Node]) -> None:
        """Call what is needed, each call after those that it needs, else in the file's order."""
        rank = {name: index for index, name in enumerate(self._members)}
        after: dict[tuple[str, int], list[tuple[str, int]]] = {}
        missing: dict[tuple[str, int], int] = {}
        used: dict[str, int] = {}
        for key, node in needed.items():
            before = {(ref.layer, ref.node) for ref in node.refs()}
            missing[key] = sum(each not in self._done for each in before)
            for each in before:
                after.setdefault(each, []).append(key)
            for ref in node.refs():
                used[ref.layer] = max(used.get(ref.layer, 1), ref.tensor + 1)
        for ref in self._outputs:
            used[ref.layer] = max(used.get(ref.layer, 1), ref.tensor + 1)
        ready = [(rank[key[0]], key[1], key) for key, count in missing.items() if count == 0]
        heapq.heapify(ready)
        count = 0
        while ready:
            *_, key = heapq.heappop(ready)
            count += 1
            self._done[key] = self._apply(key[0], needed[key], used.get(key[0], 1))
            for each in after.get(key, []):
                missing[each] -= 1
                if missing[each] == 0:
                    heapq.heappush(ready, (rank[each[0]], each[1], each))
        if count < len(needed):
            left = next(name for (name, _call), number in missing.items() if number > 0)
            raise Unfit(f"its wires go round in a circle at “{left[:80]}”.")

    def _apply(self, name: str, node: Node, outputs: int) -> list[Tensor]:
        member = self._members[name]
        member.outputs = outputs
        for mask in MASKS:
            self._tell_mask(member, node.named.get(mask))
        tensors: list[Tensor] = []

        def placed(value: Any) -> Any:
            if isinstance(value, list):
                return [placed(each) for each in value]
            if isinstance(value, Ref):
                tensor = self._tensor(value)
                if tensor is None:
                    return None
                tensors.append(tensor)
                return len(tensors) - 1
            return value if isinstance(value, Constant) or value is None else Constant(value)

        named = {key: placed(value) for key, value in node.named.items() if key not in MASKS}
        args = [placed(each) for each in node.args]
        if is_operation(member.tree):
            other = stand_in(member.tree, node)
            if other is not None:
                tree, note = other
                self._canvas.remark(note)
                return self._model.apply(Member(tree), Node([list(range(len(tensors)))]), tensors)
        return self._model.apply(member, Node(args, named), tensors)

    def _tell_mask(self, member: Member, value: Any) -> None:
        """Say so where a mask comes from a layer and not from Keras' own computation."""
        for ref in flat(value):
            source = self._members.get(ref.layer) if isinstance(ref, Ref) else None
            if source is not None and not is_operation(source.tree):
                self._canvas.remark(
                    f"“{member.name}” takes a mask from “{source.name}”. Masks cannot be drawn as wires: it is left "
                    "out."
                )

    def _tensor(self, ref: Ref) -> Tensor | None:
        tensors = self._done.get((ref.layer, ref.node))
        if not tensors:
            return None
        return tensors[ref.tensor] if ref.tensor < len(tensors) else tensors[0]


def read_model_tree(tree: Tree, canvas: Canvas) -> tuple[Container, list[Tensor]]:
    """Put a described model on the canvas.

    Returns:
        Where its layers are in the file, and its outputs in their order.

    Raises:
        Unfit: it is no model, or its wires lead nowhere.
    """
    if kind_of(tree) not in ("Sequential", "Functional"):
        raise Unfit(f"it describes a single layer, “{text(tree.get('class_name'))[:80]}”, and no model.")
    model = _Model(tree, canvas, "", 0)
    outputs = model.call(None)
    return model.container, outputs


def finish(canvas: Canvas, outputs: list[Tensor]) -> None:
    """See to it that the model's outputs are those of the boxes that nothing follows, in the same order.

    A box that also feeds others, or of which only some outputs count, gets an Identity behind it.
    """
    followed = {link.source for link in canvas.links}
    by_id = {layer.id: layer for layer in canvas.layers}
    whole: dict[str, list[str]] = {}
    for layer_id, port in outputs:
        whole.setdefault(layer_id, []).append(port)
    last: list[Layer] = []
    for tensor in outputs:
        layer = by_id[tensor[0]]
        ports = [port.name for port in output_ports(layer)]
        in_row = (
            [each for each in outputs if each[0] == layer.id]
            == outputs[outputs.index((layer.id, ports[0])) : outputs.index((layer.id, ports[0])) + len(ports)]
            if (layer.id, ports[0]) in outputs
            else False
        )
        if layer.id not in followed and whole[layer.id] == ports and in_row:
            if layer not in last:
                last.append(layer)
            continue
        end = Layer(new_id(), "Identity", canvas.name(f"{layer.name}_output"), FrozenMap())
        canvas.wire(tensor, end.id)
        canvas.add(end)
        last.append(end)
        canvas.remark(
            f"“{layer.name}” is an output of the model and more besides: “{end.name}”, which changes nothing, stands "
            "for the output."
        )
    ending = {layer.id for layer in last}
    canvas.layers[:] = [*(each for each in canvas.layers if each.id not in ending), *last]


__all__ = ["finish", "kind_or_none", "read_model_tree"]
