"""Edits of wrappers and of frames for cells: what is inside, in which order, and how a layer gets in and out."""

from collections.abc import Callable
from dataclasses import replace

from rnn_designer.catalog import CATALOG, LayerType
from rnn_designer.design.conversion import around, as_cell, as_layer, as_rnn, cell_kind, layer_kind
from rnn_designer.design.edits.layers import checked_new, deciding, put, remove
from rnn_designer.design.model import Design, Layer, Position, new_id
from rnn_designer.design.naming import names
from rnn_designer.design.ports import with_new_ports
from rnn_designer.design.refusal import Edit, Offer, Refused
from rnn_designer.design.sharing import aligned, original_id, own, sharers

_START = "initial_state"
"""The parameter that gives numbers to start from, which a wrapper takes over from the layer inside it."""


def set_child(wrapper_id: str, index: int, layer: Layer | None) -> Edit:
    """Put a layer into a place of a wrapper or frame, instead of what is there, or empty the place.

    Args:
        wrapper_id: the wrapper.
        index: which place, from 0; in a stack of cells the place after the last one adds to it.
        layer: a new layer; or one of the design, which moves in, its wires on the canvas drawn past it; None to empty
            the place.
    """

    def edit(design: Design) -> Design:
        wrapper = deciding(design, wrapper_id)
        _require_place(wrapper, index)
        if layer is None:
            return put(design, wrapper, replace(wrapper, children=_without_at(wrapper.children, index)))
        _require_filled(wrapper, index)
        _require_other(wrapper, layer)
        offer = _offer(wrapper.kind, index, layer, lambda other: set_child(wrapper_id, index, other))
        _require_fit(wrapper.kind, index, layer, offer)
        kept = wrapper.children[index].id if index < len(wrapper.children) else None
        rest, now = _without_moved(design, wrapper, layer)
        at = next((place for place, each in enumerate(now.children) if each.id == kept), None)
        if at is None:  # The place is a new one, or the layer was in it itself.
            return _put_in(rest, now, layer, now.children[:index], now.children[index:])
        return _put_in(rest, now, layer, now.children[:at], now.children[at + 1 :])

    return edit


def insert_child(holder_id: str, index: int, layer: Layer) -> Edit:
    """Put a layer before another one in a frame; those from there on move up.

    Args:
        holder_id: the frame.
        index: the place that the layer gets, counted before it is taken from elsewhere in the same frame.
        layer: a new layer; or one of the design, which leaves the canvas or the frame where it is.
    """

    def edit(design: Design) -> Design:
        holder = deciding(design, holder_id)
        moved = original_id(design, layer.id)
        place = next((each for each, child in enumerate(holder.children) if child.id == moved), None)
        if place is not None:
            return move_child(holder.id, place, index - (index > place))(design)
        _require_place(holder, index)
        _require_filled(holder, index)
        _require_other(holder, layer)
        offer = _offer(holder.kind, index, layer, lambda other: insert_child(holder_id, index, other))
        _require_fit(holder.kind, index, layer, offer)
        if holder.type.most_children is not None and len(holder.children) >= holder.type.most_children:
            raise Refused(
                f"{holder.kind} ‘{holder.name}’ is full: it holds up to {holder.type.most_children} "
                f"{'layer' if holder.type.most_children == 1 else 'layers'}. Take one out first."
            )
        _require_row(holder, (*holder.children[:index], layer, *holder.children[index:]))
        rest, now = _without_moved(design, holder, layer)
        return _put_in(rest, now, layer, now.children[:index], now.children[index:])

    return edit


def move_child(holder_id: str, from_index: int, to_index: int) -> Edit:
    """Change the order of what is in a frame: a layer goes from one place to another, and its wires with it."""

    def edit(design: Design) -> Design:
        holder = deciding(design, holder_id)
        count = len(holder.children)
        for index in (from_index, to_index):
            if not 0 <= index < count:
                raise Refused(
                    f"‘{holder.name}’ holds {count} layers, counted from 0; there is no place {index}."
                )
        children = list(holder.children)
        children.insert(to_index, children.pop(from_index))
        _require_row(holder, tuple(children))
        return put(design, holder, replace(holder, children=tuple(children)))

    return edit


def take_out(child_id: str, position: Position) -> Edit:
    """Make an inner layer a box on the canvas, without wires; its place in the frame closes up."""

    def edit(design: Design) -> Design:
        child = deciding(design, child_id)
        owner = design.owner(child.id)
        if owner is None:
            raise Refused(f"‘{child.name}’ is in no frame, so there is nothing to take it out of.")
        rest = tuple(each for each in owner.children if each.id != child.id)
        _require_row(owner, rest)
        emptied = put(design, owner, replace(owner, children=rest))
        x, y = float(position[0]), float(position[1])
        return replace(emptied, layers=(*emptied.layers, replace(own(child), position=(x, y))))

    return edit


def put_as_cell(holder_id: str, index: int, layer: Layer) -> Edit:
    """Put the cell that a recurrent layer is made of into a frame for cells, with the layer's settings."""

    def edit(design: Design) -> Design:
        return _into(design, holder_id, index, layer, as_cell(layer, names(design)))

    return edit


def put_as_layer(holder_id: str, index: int, cell: Layer) -> Edit:
    """Put the layer that runs a cell along a sequence into a wrapper, with the cell's settings."""
    fresh = new_id()

    def edit(design: Design) -> Design:
        return _into(design, holder_id, index, cell, as_layer(cell, names(design), lambda: fresh))

    return edit


def convert_child(layer_id: str) -> Edit:
    """Turn a layer into its cell where a cell belongs, and a cell into its layer everywhere else.

    Wires and weights stay. An RNN around a cell that has a layer of its own becomes that layer.
    """
    ids = _Ids()

    def edit(design: Design) -> Design:
        layer = deciding(design, layer_id)
        owner = design.owner(layer.id)
        taken = names(design)
        if owner is not None:
            index = next(place for place, each in enumerate(owner.children) if each.id == layer.id)
            slot = owner.type.slot(index)
            cell = cell_kind(layer)
            if slot is not None and cell is not None and slot.accepts(CATALOG[cell]) and cell != layer.kind:
                return _exchanged_all(design, layer, lambda each: as_cell(each, taken))
        if layer_kind(layer) is None:
            raise Refused(
                f"{layer.kind} ‘{layer.name}’ is neither a cell nor made of one, so there is nothing to turn it into."
            )
        return _exchanged_all(design, layer, lambda each: as_layer(each, taken, ids.of(each.id)))

    return edit


def wrap(layer_id: str, wrapper_kind: str) -> Edit:
    """Put a wrapper around a layer, or a frame around a cell; it takes over its place and its wires.

    Boxes that share the layer are wrapped with it.
    """
    ids = _Ids()

    def edit(design: Design) -> Design:
        layer = deciding(design, layer_id)
        kind = CATALOG.get(wrapper_kind)
        if kind is None or not kind.slots:
            raise Refused(
                f"{wrapper_kind} does not hold other layers. Choose a wrapper such as Bidirectional."
            )
        _require_fit(wrapper_kind, 0, layer, _wrapping_offer(layer, wrapper_kind))
        taken = names(design)

        def made(each: Layer) -> Layer:
            wrapper = around(each, wrapper_kind, taken, ids.of(each.id))
            return _started_outside(wrapper)

        return _exchanged_all(design, layer, made)

    return edit


def turn_into_rnn(layer_id: str) -> Edit:
    """Turn an LSTM, GRU or SimpleRNN into an RNN around its cell: the same numbers, with room for other cells."""
    ids = _Ids()

    def edit(design: Design) -> Design:
        layer = deciding(design, layer_id)
        taken = names(design)
        return _exchanged_all(design, layer, lambda each: as_rnn(each, taken, ids.of(each.id)))

    return edit


def unwrap(wrapper_id: str) -> Edit:
    """Put the first inner layer in its wrapper's place, with its wires; other inner layers go with the wrapper."""

    def edit(design: Design) -> Design:
        wrapper = deciding(design, wrapper_id)
        if not wrapper.type.slots:
            raise Refused(f"{wrapper.kind} ‘{wrapper.name}’ is no wrapper, so there is nothing to take out.")
        if not wrapper.children:
            raise Refused(f"{wrapper.kind} ‘{wrapper.name}’ is empty, so there is nothing to take out.")

        def made(each: Layer) -> Layer:
            return replace(_started_inside(each), position=each.position)

        return _exchanged_all(design, wrapper, made)

    return edit


class _Ids:
    """Ids for what an edit makes around several layers, the same ones each time it is applied."""

    def __init__(self) -> None:
        self._made: dict[str, str] = {}

    def of(self, layer_id: str) -> Callable[[], str]:
        """What gives the id of the new layer around that one."""
        return lambda: self._made.setdefault(layer_id, new_id())


def _into(design: Design, holder_id: str, index: int, layer: Layer, made: Layer) -> Design:
    slot = deciding(design, holder_id).type.slot(index)
    many = slot is not None and slot.many
    return (insert_child if many else set_child)(holder_id, index, made)(_without_rest(design, layer, made))


def _without_rest(design: Design, layer: Layer, made: Layer) -> Design:
    """The design without a frame whose cell goes elsewhere, or without a cell that goes in a new frame."""
    return design if made.id == layer.id or design.find(layer.id) is None else remove([layer.id])(design)


def _exchanged_all(design: Design, old: Layer, make: Callable[[Layer], Layer]) -> Design:
    """The design with another layer in the place of a layer, and of each box that shares it."""
    first = make(old)
    boxes = [(each, make(each)) for each in sharers(design, old.id)]
    design = _exchanged(design, old, first)
    for each, new in boxes:
        design = _exchanged(design, each, replace(new, shares=first.id))
    return aligned(design)


def _exchanged(design: Design, old: Layer, new: Layer) -> Design:
    """The design with one layer in the place of another."""
    owner = design.owner(old.id)
    if owner is None:
        return with_new_ports(design, old, new)
    index = next(place for place, child in enumerate(owner.children) if child.id == old.id)
    _require_fit(owner.kind, index, new)
    children = tuple(new if child.id == old.id else child for child in owner.children)
    return put(design, owner, replace(owner, children=children))


def _started_outside(wrapper: Layer) -> Layer:
    """A new wrapper with the initial state that the layer inside had: the call is the wrapper's now."""
    inner = wrapper.children[0]
    start = inner.params.get(_START)
    if start is None:
        return wrapper
    bare = replace(wrapper, children=(replace(inner, params=inner.params.without(_START)),))
    if _START not in wrapper.type.by_name or not isinstance(start, tuple):
        return bare
    both = start * 2 if wrapper.kind == "Bidirectional" else start
    return replace(bare, params=bare.params.having(**{_START: both}))


def _started_inside(wrapper: Layer) -> Layer:
    """The first inner layer with the initial state that its wrapper had."""
    inner = wrapper.children[0]
    start = wrapper.params.get(_START)
    if not isinstance(start, tuple) or _START not in inner.type.by_name:
        return inner
    half = start[: len(start) // 2] if wrapper.kind == "Bidirectional" else start
    return replace(inner, params=inner.params.having(**{_START: half})) if half else inner


def _without_moved(design: Design, holder: Layer, layer: Layer) -> tuple[Design, Layer]:
    """The design without the layer that is to go into a holder, and the holder as it is then."""
    moved = original_id(design, layer.id)
    before = design.find(moved)
    if before is None:
        return design, holder
    _require_other(holder, before)
    owner = design.owner(moved)
    # What is shown inside a shared box is decided in its original.
    rest = remove([layer.id if owner is None else moved])(design)
    return rest, deciding(rest, holder.id)


def _put_in(
    design: Design, holder: Layer, layer: Layer, before: tuple[Layer, ...], after: tuple[Layer, ...]
) -> Design:
    """The design with a layer inside a holder between others; what was between them is gone."""
    bare = design.replacing(replace(holder, children=(*before, *after)))
    child = checked_new(bare, own(layer))
    child = replace(child, position=(0.0, 0.0), params=child.params.without(_START))
    return put(design, holder, replace(holder, children=(*before, child, *after)))


def _require_place(holder: Layer, index: int) -> None:
    kind = holder.type
    if index < 0 or kind.slot(index) is None:
        places = len(kind.slots)
        raise Refused(
            f"{holder.kind} has {places} {'place' if places == 1 else 'places'} for layers; there is no place {index}."
        )


def _require_filled(holder: Layer, index: int) -> None:
    if index > len(holder.children):
        slot = holder.type.slot(len(holder.children))
        raise Refused(f"Fill “{slot.name if slot else 'layer'}” of ‘{holder.name}’ first.")


def _require_other(holder: Layer, layer: Layer) -> None:
    if any(each.id == holder.id for each in layer.walk()):
        raise Refused(f"‘{holder.name}’ cannot hold itself.")


def _require_row(holder: Layer, children: tuple[Layer, ...]) -> None:
    """Each of the layers may be where it would be."""
    for index, child in enumerate(children):
        _require_fit(holder.kind, index, child)


def _require_fit(wrapper_kind: str, index: int, layer: Layer, offer: Offer | None = None) -> None:
    slot = CATALOG[wrapper_kind].slot(index)
    kind: LayerType | None = CATALOG.get(layer.kind)
    if slot is None:
        raise Refused(
            f"{wrapper_kind} holds up to {CATALOG[wrapper_kind].most_children} layers. Take one out first."
        )
    if kind is not None and slot.accepts(kind):
        return
    advice = "Choose another layer."
    if kind is not None and not kind.cell and offer is not None and _takes_cells(wrapper_kind, index):
        advice = (
            f"{_article(layer.kind).capitalize()} {layer.kind} walks along a whole sequence by itself; a cell computes "
            f"one step, and the RNN around it does the walking. {offer[0]}."
        )
    elif kind is not None and kind.cell:
        advice = "A cell computes one step only. " + (
            f"{offer[0]}." if offer else "Put an RNN around it first."
        )
    raise Refused(f"{wrapper_kind} holds {slot.expected}, got {layer.kind}. {advice}", offer)


def _takes_cells(kind: str, index: int) -> bool:
    slot = CATALOG[kind].slot(index)
    return slot is not None and any(slot.accepts(each) for each in CATALOG.values() if each.cell)


def _offer(kind: str, index: int, layer: Layer, put_it: Callable[[Layer], Edit]) -> Offer | None:
    """The same layer as the cell, or the cell as the layer, that the place takes."""
    slot = CATALOG[kind].slot(index)
    if slot is None or layer.kind not in CATALOG or slot.accepts(layer.type):
        return None
    fresh = new_id()
    for wanted, make in (
        (cell_kind(layer), lambda taken: as_cell(layer, taken)),
        (layer_kind(layer), lambda taken: as_layer(layer, taken, lambda: fresh)),
    ):
        if wanted is not None and wanted != layer.kind and slot.accepts(CATALOG[wanted]):
            return f"{_instead(wanted)} with the same settings instead", _later(layer, make, put_it)
    return None


def _later(layer: Layer, make: Callable[[set[str]], Layer], put_it: Callable[[Layer], Edit]) -> Edit:
    def edit(design: Design) -> Design:
        made = make(names(design))
        return put_it(made)(_without_rest(design, layer, made))

    return edit


def _wrapping_offer(layer: Layer, wrapper_kind: str) -> Offer | None:
    """What wraps a layer after all: a cell becomes its layer first, a layer an RNN around its cell."""
    slot = CATALOG[wrapper_kind].slot(0)
    if slot is None or slot.accepts(layer.type):
        return None
    if wrapper_kind == "RNN" and not layer.type.cell and cell_kind(layer) is not None:
        return f"Use an RNN with {_an(cell_kind(layer) or '')} of the same settings", turn_into_rnn(layer.id)
    wanted = layer_kind(layer) if layer.type.cell else None
    if wanted is None or not slot.accepts(CATALOG[wanted]):
        return None
    converted, ids = convert_child(layer.id), _Ids()

    def edit(design: Design) -> Design:
        changed = converted(design)
        owner = changed.owner(layer.id)
        inner = changed.layer(layer.id) if owner is None else owner
        taken = names(changed)
        return _exchanged_all(changed, inner, lambda each: around(each, wrapper_kind, taken, ids.of(each.id)))

    return f"{_instead(wanted)} with the same settings, wrapped in {wrapper_kind}", edit


def _instead(kind: str) -> str:
    return f"Use {_an(kind)}"


def _an(kind: str) -> str:
    return f"{_article(kind)} {kind}"


def _article(kind: str) -> str:
    return "an" if kind[:1] in "AEIOU" or kind.startswith(("LSTM", "RNN")) else "a"


def _without_at(children: tuple[Layer, ...], index: int) -> tuple[Layer, ...]:
    return children[:index] + children[index + 1 :]
