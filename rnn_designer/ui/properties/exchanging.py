"""What stands in a place of a wrapper, turned into something else with all that both have in common."""

from dataclasses import replace

from rnn_designer.catalog import BadValue, FrozenMap, layer_type
from rnn_designer.design import Design, Edit, Layer, edits, new_ids, new_layer
from rnn_designer.design.conversion import CELLS, layer_kind
from rnn_designer.design.naming import free_name, names


def exchanged(design: Design, old: Layer, kind: str) -> Layer:
    """A new layer of another kind that keeps the old one's name and every setting that both kinds know."""
    fresh = new_layer(design, kind)
    entry = layer_type(kind)
    kept: dict[str, object] = {}
    for name, value in old.params.items():
        parameter = entry.by_name.get(name)
        if parameter is None or not parameter.editable:
            continue
        try:
            kept[name] = parameter.type.accept(value)
        except BadValue:
            continue
    automatic = new_layer(Design(), old.kind).name
    custom = old.name != automatic and not old.name.startswith(f"{automatic}_")
    return replace(fresh, params=fresh.params.having(**kept), name=old.name if custom else fresh.name)


def converted(old: Layer, kind: str) -> Edit | None:
    """The edit that makes a layer the other kind and keeps all that it is, weights too; None where there is none.

    An LSTM becomes an RNN around its cell and back, a cell goes into a stack and comes out of it.
    """
    if old.kind == kind:
        return None
    if kind == "RNN" and old.kind in CELLS:
        return edits.turn_into_rnn(old.id)
    if old.kind == "RNN" and layer_kind(old) == kind:
        return edits.convert_child(old.id)
    if kind == "StackedRNNCells" and old.type.cell:
        return edits.wrap(old.id, kind)
    if old.kind == "StackedRNNCells" and old.children and old.children[0].kind == kind:
        return edits.unwrap(old.id)
    return None


def mirrored(design: Design, forward: Layer) -> Layer:
    """A backward layer of its own with the forward layer's settings, reading the other way."""
    backwards = bool(forward.value("go_backwards"))
    params = forward.params.without("go_backwards")
    if not backwards:
        params = params.having(go_backwards=True)
    taken = names(design)
    copy = _renamed(new_ids(forward), taken, f"{forward.name}_backward")
    return replace(copy, params=FrozenMap(params))


def _renamed(layer: Layer, taken: set[str], wanted: str) -> Layer:
    """The layer, and every one inside it, under a name that is free."""
    name = free_name(wanted, taken)
    taken.add(name)
    children = tuple(_renamed(child, taken, child.name) for child in layer.children)
    return replace(layer, name=name, children=children)
