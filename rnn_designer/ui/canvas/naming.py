"""What the undo menu calls the canvas' edits, and how a layer is called in a sentence."""

from collections.abc import Iterable

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
