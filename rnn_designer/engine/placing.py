"""Finds the layers of a plan in the Keras model that was made from its source, whatever holds them.

A layer that is called several times stands once in the source and once in the model; the plan has an entry for
every call, in the order of the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import keras

from rnn_designer.engine.cells import Leaf, leaves
from rnn_designer.engine.taps import Recurrent
from rnn_designer.messages import PlannedLayer

Calls = Mapping[int, list[list[Any]]]
"""By ``id(layer)``, the symbolic tensors that each of its calls gave, in the order of the source."""


@dataclass(frozen=True)
class Placed:
    """A layer or cell of the plan, found in the model.

    Attributes:
        planned: who it is.
        layer: the Keras layer.
        path: the first part of its names in a trace: ``memory``, ``bi/forward``, ``rnn/cell_0``. A layer's only
            cell has the path of its layer.
        prefix: the first part of its weights' keys: ``a1b2``, ``a1b2/backward``.
        copy: whether it is in the backward copy that Bidirectional makes of its one layer.
        call: which call of the layer it stands for, in the order of the source.
        outputs: what this call gives as symbolic tensors, flat; empty for inner layers.
        cells: the cells that compute in a recurrent layer; their paths are below the layer's own.
        cell: whether it is a cell, or a stack of cells.
    """

    planned: PlannedLayer
    layer: Any
    path: str
    prefix: str
    copy: bool = False
    call: int = 0
    outputs: tuple[Any, ...] = ()
    cells: tuple[Leaf, ...] = ()
    cell: bool = False

    @property
    def top(self) -> bool:
        """Whether it stands in the model itself, not in another layer."""
        return bool(self.outputs)

    @property
    def distributed(self) -> bool:
        """Whether it is inside a TimeDistributed, where a recurrent layer's loop runs once per outer step."""
        return "layer" in self.path.split("/")[1:]

    @property
    def recurrent(self) -> Recurrent | None:
        """What is to be recorded of it, if its steps are."""
        return None if self.distributed or not self.cells else Recurrent(self.layer, self.cells)


@contextmanager
def calls_noted() -> Iterator[dict[int, list[list[Any]]]]:
    """While this is open, what layers give for symbolic tensors is noted; yields it as ``Calls``."""
    calls: dict[int, list[list[Any]]] = {}
    original = keras.layers.Layer.__call__

    def __call__(self: Any, *positional: Any, **named: Any) -> Any:  # noqa: N807 - it stands in for that method
        returned = original(self, *positional, **named)
        tensors = keras.tree.flatten(returned)
        if tensors and all(isinstance(tensor, keras.KerasTensor) for tensor in tensors):
            calls.setdefault(id(self), []).append(tensors)
        return returned

    keras.layers.Layer.__call__ = __call__
    try:
        yield calls
    finally:
        keras.layers.Layer.__call__ = original


def placed_layers(model: Any, plan: tuple[PlannedLayer, ...], calls: Calls) -> tuple[Placed, ...]:
    """Every layer of the plan that holds or computes something, wrapped ones and cells after what holds them.

    A Sequential model does not list its Input among its layers; Inputs are left out here.
    """
    by_name = {layer.name: layer for layer in model.layers}
    owners = _owners(plan)
    made: dict[str, int] = {}
    found: list[Placed] = []
    for planned in plan:
        owner = planned.shares or planned.id
        layer = next((by_name[name] for name in owners[owner] if name in by_name), None)
        if planned.kind == "Input" or layer is None:
            continue
        number = made[owner] = made.get(owner, -1) + 1
        path = layer.name if number == 0 else f"{layer.name}#{number + 1}"
        each = list(_with_inner(planned, layer, path, _Way(call=number)))
        alone = len(owners[owner]) == 1
        outputs = keras.tree.flatten(layer.output) if alone else calls[id(layer)][number]
        found.append(replace(each[0], outputs=tuple(outputs)))
        found.extend(each[1:])
    return tuple(found)


def _owners(plan: tuple[PlannedLayer, ...]) -> dict[str, list[str]]:
    """By the id of each layer of its own, the names of the boxes that call it; its own name first."""
    owners: dict[str, list[str]] = {}
    for planned in plan:
        names = owners.setdefault(planned.shares or planned.id, [])
        names.insert(len(names) if planned.shares else 0, planned.name)
    return owners


@dataclass(frozen=True)
class _Way:
    """What inner layers have from the layers around them."""

    call: int = 0
    copy: bool = False

    def place(self, planned: PlannedLayer, layer: Any, path: str, **more: Any) -> Placed:
        prefix = (planned.shares or planned.id) + ("/backward" if self.copy else "")
        return Placed(planned, layer, path, prefix, self.copy, self.call, **more)


def _with_inner(planned: PlannedLayer, layer: Any, path: str, way: _Way) -> Iterator[Placed]:
    if isinstance(layer, keras.layers.RNN):
        cells = list(_cells(planned, layer.cell, path, way))
        inner = tuple(
            Leaf(each.layer, each.path[len(path) :].lstrip("/")) for each in cells if not _stack(each)
        )
        yield way.place(planned, layer, path, cells=inner or tuple(leaves(layer.cell)))
        yield from cells
        return
    yield way.place(planned, layer, path)
    if isinstance(layer, keras.layers.Bidirectional) and planned.children:
        forward, *own_backward = planned.children
        yield from _with_inner(forward, layer.forward_layer, f"{path}/forward", way)
        backward = own_backward[0] if own_backward else forward
        behind = way if own_backward else _Way(way.call, copy=True)
        yield from _with_inner(backward, layer.backward_layer, f"{path}/backward", behind)
    elif isinstance(layer, keras.layers.Wrapper) and planned.children:
        yield from _with_inner(planned.children[0], layer.layer, f"{path}/layer", way)


def _cells(planned: PlannedLayer, cell: Any, path: str, way: _Way) -> Iterator[Placed]:
    """The cells that the plan has for a recurrent layer or a stack, and what they are in the model."""
    if planned.kind == "StackedRNNCells" or len(planned.children) > 1:
        # A stack of one cell is that cell for Keras, where the source says so.
        inner = cell.cells if isinstance(cell, keras.layers.StackedRNNCells) else [cell]
        for number, (child, each) in enumerate(zip(planned.children, inner, strict=False)):
            yield from _cell(child, each, f"{path}/cell_{number}", way)
    elif planned.children:
        yield from _cell(planned.children[0], cell, path, way)


def _cell(planned: PlannedLayer, cell: Any, path: str, way: _Way) -> Iterator[Placed]:
    yield way.place(planned, cell, path, cell=True)
    yield from _cells(planned, cell, path, way)


def _stack(place: Placed) -> bool:
    return place.planned.kind == "StackedRNNCells"
