"""What the undo menu calls the canvas' edits, and how a layer is called in a sentence."""

from collections.abc import Iterable, Sequence

from rnn_designer.design import Design, Layer


def labelled(verb: str, design: Design, ids: Iterable[str]) -> str:
    """An undo label: "Move LSTM", "Delete 3 layers", "Move note", "Delete 4 items"."""
    wanted = tuple(ids)
    found = [layer for layer in (design.find(each) for each in wanted) if layer is not None]
    notes = sum(1 for each in wanted if design.note(each) is not None)
    groups = sum(1 for each in wanted if design.group(each) is not None)
    for count, one, several in (
        (len(found), found[0].kind if found else "", "layers"),
        (notes, "note", "notes"),
        (groups, "group", "groups"),
    ):
        if count == len(found) + notes + groups:
            return f"{verb} {one}" if count == 1 else f"{verb} {count} {several}"
    return f"{verb} {len(found) + notes + groups} items"


def called(layer: Layer) -> str:
    """A layer in a sentence: "LSTM ‘memory’"."""
    return f"{layer.kind} ‘{layer.name}’"


def marked(design: Design, mark_id: str) -> str:
    """A note or group in words, as screen readers say it."""
    note, group = design.note(mark_id), design.group(mark_id)
    color = note.color if note is not None else group.color if group is not None else None
    paint = f", {color}" if color else ""
    if note is not None:
        return f"Note{paint}: {note.text or 'empty'}"
    if group is not None:
        state = "collapsed" if group.collapsed else "open"
        return f"Group ‘{group.name}’{paint}, {state}, {len(group.members)} members"
    return ""


def spoken(design: Design, ids: Sequence[str], fault: str, marks: Sequence[str] = ()) -> str:
    """What is selected, in words, with the worst fault of a single layer."""
    if marks:
        layers = f"{len(ids)} layers and " if ids else ""
        return f"{layers}{', '.join(marked(design, each) for each in marks)} selected"
    found = [layer for layer in (design.find(each) for each in ids) if layer is not None]
    if len(found) == 1:
        layer = found[0]
        words = f"{called(layer)} selected, {layer.type.words(layer.values())}"
        return f"{words}. {fault}" if fault else words
    if found:
        return f"{len(found)} layers selected: " + ", ".join(layer.name for layer in found)
    count = len(design.layers)
    return f"{count} layer{'s' * (count != 1)}, none selected. Tab goes through them in order."


_SIZES = ("units", "filters", "size")


def inner_words(layer: Layer) -> str:
    """What a wrapper or stack holds, down to the last cell: "LSTMCell 64 · GRUCell 32"."""
    words = [_sized(each) for child in layer.children for each in child.walk() if not each.type.slots]
    return " · ".join(words) if words else "empty"


def _sized(layer: Layer) -> str:
    values = layer.values()
    size = next((values[each] for each in _SIZES if isinstance(values.get(each), int)), None)
    return layer.kind if size is None else f"{layer.kind} {size}"
