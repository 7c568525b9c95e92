"""What a layer is called with in the file, put at the ports that the catalog gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rnn_designer.catalog import BadValue
from rnn_designer.design.edits.layers import equals_default
from rnn_designer.design.model import Layer, new_id
from rnn_designer.design.ports import input_ports
from rnn_designer.importer.made import Canvas, Tensor
from rnn_designer.importer.nodes import Constant, Node
from rnn_designer.importer.settings import Unfit

_IGNORED = ("training",)
_STATE = "initial_state"


def with_call(
    layer: Layer, node: Node, tensors: list[Tensor], remark: Callable[[str], None]
) -> tuple[Layer, list[tuple[Tensor, str]]]:
    """The layer with what is said at the call itself, and which tensor goes to which of its ports.

    Args:
        layer: the box.
        node: the call; numbers in it are places in ``tensors``.
        tensors: what it is called with.
        remark: takes a sentence about what did not come.

    Raises:
        Unfit: the call is one that the box has no ports for.
    """
    given = [each for each in _entries(node.args) if each is not None]
    named = dict(node.named)
    states: list[Any] = _entries([named.pop(_STATE)]) if named.get(_STATE) is not None else []
    params: dict[str, Any] = {}
    by_port: list[tuple[Tensor, str]] = []
    for name, value in list(named.items()):
        parameter = layer.type.by_name.get(name)
        if parameter is not None and parameter.at_call and isinstance(value, Constant):
            params[name] = value.value
            del named[name]
    layer = _with_params(layer, params)
    ports = input_ports(layer)
    starting = [port.name for port in ports if port.state]
    plain = [port for port in ports if not port.state]
    for name, value in named.items():
        if isinstance(value, int) and not isinstance(value, bool):
            target = next((port.name for port in plain if port.name == name), None)
            if target is None and len(plain) == 1 and not given:
                target = plain[0].name
            if target is None:
                raise Unfit(f"it is called with “{name[:80]}”, which has no place here.")
            by_port.append((tensors[value], target))
        elif name == "training" and isinstance(value, Constant) and value.value is True:
            remark(f"“{layer.name}” is called as in training; here it runs as in use.")
        elif name not in _IGNORED and isinstance(value, Constant) and value.value not in (None, False):
            raise Unfit(f"it is called with “{name[:80]}”, which is not known here.")
    if plain and plain[0].many:
        by_port += [(tensors[each], plain[0].name) for each in given if isinstance(each, int)]
    else:
        free = [port for port in plain if port.name not in {target for _tensor, target in by_port}]
        if starting and len(given) > len(free):
            states = [*given[len(free) :], *states]
            given = given[: len(free)]
        if len(given) > len(free):
            raise Unfit(f"it is called with {len(given)} tensors, and takes {len(plain)}.")
        for each, port in zip(given, free, strict=False):
            if not isinstance(each, int):
                raise Unfit("it is called with numbers in place of a layer's output.")
            by_port.append((tensors[each], port.name))
    return _begun(layer, states, starting, tensors, by_port)


def _begun(
    layer: Layer,
    states: list[Any],
    starting: list[str],
    tensors: list[Tensor],
    by_port: list[tuple[Tensor, str]],
) -> tuple[Layer, list[tuple[Tensor, str]]]:
    """The initial states, as wires or as constants."""
    states = [each for each in states if each is not None]
    if not states:
        return layer, by_port
    if len(states) != len(starting):
        raise Unfit(f"it begins with {len(states)} states, and has {len(starting)}.")
    if all(isinstance(each, Constant) for each in states):
        values = tuple(tuple(each.value) if isinstance(each.value, list) else each.value for each in states)
        return _with_params(layer, {_STATE: values}), by_port
    if not all(isinstance(each, int) for each in states):
        raise Unfit("some of its states begin with constants and others with another layer's.")
    return layer, [*by_port, *((tensors[each], port) for each, port in zip(states, starting, strict=True))]


def _with_params(layer: Layer, params: dict[str, Any]) -> Layer:
    for name, value in params.items():
        parameter = layer.type.by_name[name]
        try:
            accepted = parameter.type.accept(value)
        except BadValue as bad:
            raise Unfit(f"it is called with a “{name}” that does not fit: {str(bad)[:400]}") from None
        if not equals_default(parameter, accepted):
            layer = replace(layer, params=layer.params.having(**{name: accepted}))
    return layer


def _entries(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [each for part in value for each in _entries(part)]
    return [value]


def connect(canvas: Canvas, layer: Layer, wires: list[tuple[Tensor, str]]) -> None:
    """Draw the wires of a call; where one tensor comes twice, the second time by way of an Identity."""
    drawn: set[tuple[Tensor, str]] = set()
    for tensor, port in wires:
        if (tensor, port) in drawn:
            between = Layer(new_id(), "Identity", canvas.name(f"{layer.name}_again"))
            canvas.wire(tensor, between.id)
            canvas.add(between)
            canvas.remark(
                f"“{layer.name}” takes the same tensor twice: the second wire goes by way of “{between.name}”, which "
                "changes nothing."
            )
            tensor = (between.id, "output")
        drawn.add((tensor, port))
        canvas.wire(tensor, layer.id, port)
