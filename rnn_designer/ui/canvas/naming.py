"""What the undo menu calls the canvas' edits, and how a layer is called in a sentence."""

from collections.abc import Iterable, Sequence

from rnn_designer.design import Design, Layer


def labelled(verb: str, design: Design, ids: Iterable[str]) -> str:
    """An undo label: "Move LSTM", "Delete 3 layers"."""
    found = [layer for layer in (design.find(each) for each in ids) if layer is not None]
    if len(found) == 1:
        return f"{verb} {found[0].kind}"
    return f"{verb} {len(found)} layers"


def called(layer: Layer) -> str:
    """A layer in a sentence: "LSTM ‘memory’"."""
    return f"{layer.kind} ‘{layer.name}’"


def spoken(design: Design, ids: Sequence[str], fault: str) -> str:
    """What is selected, in words, with the worst fault of a single layer."""
    found = [layer for layer in (design.find(each) for each in ids) if layer is not None]
    if len(found) == 1:
        layer = found[0]
        words = f"{called(layer)} selected, {layer.type.words(layer.values())}"
        return f"{words}. {fault}" if fault else words
    if found:
        return f"{len(found)} layers selected: " + ", ".join(layer.name for layer in found)
    count = len(design.layers)
    return f"{count} layer{'s' * (count != 1)}, none selected. Tab goes through them in order."
