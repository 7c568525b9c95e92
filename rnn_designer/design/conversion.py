"""Recurrent layers as cells and cells as layers: the same computation, written the way that a place needs it."""

from collections.abc import Callable
from dataclasses import replace

from rnn_designer.catalog import CATALOG, FrozenMap, LayerType
from rnn_designer.design.model import Layer, new_id
from rnn_designer.design.naming import free_name, snake_case
from rnn_designer.design.refusal import Refused

CELLS = {"SimpleRNN": "SimpleRNNCell", "LSTM": "LSTMCell", "GRU": "GRUCell"}
"""The cell inside each recurrent layer that has one of its own."""
LAYERS = {cell: layer for layer, cell in CELLS.items()}
"""The layer around each cell that has one of its own."""


def cell_kind(layer: Layer) -> str | None:
    """The kind of cell that does what a layer does at each step; None where there is none."""
    if layer.type.cell:
        return layer.kind
    if layer.kind == "RNN" and layer.children:
        return layer.children[0].kind
    return CELLS.get(layer.kind)


def layer_kind(layer: Layer) -> str | None:
    """The kind of layer that does what a cell does, for a whole sequence; None for what is no cell."""
    if layer.kind == "RNN" and len(layer.children) == 1:
        return LAYERS.get(layer.children[0].kind)
    return LAYERS.get(layer.kind, "RNN") if layer.type.cell else None


def as_cell(layer: Layer, taken: set[str] | None = None) -> Layer:
    """A recurrent layer as the cell that it is made of, with every setting that both know.

    What belongs to the walk along the sequence (``return_sequences``, ``go_backwards`` …) stays behind: the RNN around
    the cell has it. The id stays, and with it the weights.

    Args:
        layer: an LSTM, GRU, SimpleRNN, or an RNN with a cell inside. A cell is given back as it is.
        taken: names in use; a name that follows from the kind then becomes a free one that follows from the new kind.

    Raises:
        Refused: if there is no such cell.
    """
    kind = cell_kind(layer)
    if kind is None:
        raise Refused(
            f"{layer.kind} ‘{layer.name}’ is not made of a cell. Choose an LSTM, a GRU, a SimpleRNN or a cell."
        )
    if layer.kind == "RNN":
        return replace(layer.children[0], position=layer.position)
    return layer if layer.type.cell else as_kind(layer, kind, taken)


def as_layer(cell: Layer, taken: set[str] | None = None, fresh: Callable[[], str] = new_id) -> Layer:
    """A cell as the layer that runs it along a sequence: LSTMCell as LSTM, a cell without such a layer inside an RNN.

    Args:
        cell: a cell, or an RNN around an LSTMCell, GRUCell or SimpleRNNCell, which becomes that layer with the RNN's
            settings. A layer is given back as it is.
        taken: names in use, as for :func:`as_cell`.
        fresh: gives the id of the RNN where one is needed.
    """
    kind = layer_kind(cell)
    if kind is None:
        return cell
    if cell.kind == "RNN":
        inner = as_kind(cell.children[0], kind, taken)
        return replace(
            inner,
            params=_known(kind, {**inner.params, **cell.params}),
            position=cell.position,
            color=cell.color,
        )
    if kind != "RNN":
        return as_kind(cell, kind, taken)
    return around(cell, "RNN", taken, fresh)


def as_rnn(layer: Layer, taken: set[str] | None = None, fresh: Callable[[], str] = new_id) -> Layer:
    """A recurrent layer as an RNN around its cell: the same numbers, with a frame that takes other cells as well.

    Raises:
        Refused: if the layer is not made of a cell.
    """
    cell = as_cell(layer, taken)
    rnn = around(cell, "RNN", taken, fresh)
    return replace(rnn, params=_known("RNN", layer.params), position=layer.position, color=layer.color)


def around(
    layer: Layer, kind: str, taken: set[str] | None = None, fresh: Callable[[], str] = new_id
) -> Layer:
    """A new layer of the kind with the given one inside, standing where that one stood."""
    names = {layer.name} if taken is None else taken
    name = free_name(snake_case(kind), names)
    names.add(name)
    inner = replace(layer, position=(0.0, 0.0))
    return Layer(fresh(), kind, name, FrozenMap(CATALOG[kind].new_params()), layer.position, (inner,))


def as_kind(layer: Layer, kind: str, taken: set[str] | None) -> Layer:
    """The layer as one of another kind, with every setting that both know."""
    name = layer.name
    stem = snake_case(layer.kind)
    counted = name[len(stem) + 1 :]
    if taken is not None and (name == stem or (name.startswith(f"{stem}_") and counted.isdigit())):
        name = free_name(snake_case(kind), taken)
        taken.add(name)
    return replace(layer, kind=kind, name=name, params=_known(kind, layer.params))


def _known(kind: str, params: "FrozenMap | dict[str, object]") -> FrozenMap:
    entry: LayerType = CATALOG[kind]
    known = {name: value for name, value in params.items() if name in entry.by_name}
    return FrozenMap({**entry.new_params(), **known})
