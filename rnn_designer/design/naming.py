"""Names of layers: which ones Keras takes, which are free, and how a new layer is called."""

import re
from dataclasses import replace

from rnn_designer.catalog import CATALOG, FrozenMap
from rnn_designer.design.model import Design, Layer, Position, new_id
from rnn_designer.design.refusal import Refused

LONGEST_NAME = 200

FIRST_CHILD: dict[str, tuple[str, ...]] = {
    "Bidirectional": ("LSTM",),
    "TimeDistributed": ("Dense",),
    "RNN": ("LSTMCell",),
    "StackedRNNCells": ("LSTMCell", "LSTMCell"),
}
"""What a newly placed wrapper, or frame for cells, holds, so that it is whole from the start."""


def snake_case(kind: str) -> str:
    """A class name the way Keras names layers after it: ``SimpleRNN`` → ``simple_rnn``, ``Conv1D`` → ``conv1d``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_", kind).lower()


def name_fault(name: object) -> str | None:
    """Why Keras or the design file cannot take the name, as a sentence; None if they can."""
    if not isinstance(name, str) or not name.strip():
        return "A layer needs a name. Type one, such as “memory”."
    if "/" in name:
        return f"A layer's name may not contain “/”, got “{name}”. Use “_” instead."
    if len(name) > LONGEST_NAME:
        return f"A layer's name may have up to {LONGEST_NAME} characters, got {len(name)}. Shorten it."
    if text_fault(name):
        return f"A layer's name may hold only printable characters, got {name!r}. Type it again."
    return None


def text_fault(text: str) -> bool:
    """Whether a line of text has control characters or halves of characters, which no file can hold."""
    return any(ord(each) < 32 or ord(each) == 127 or 0xD800 <= ord(each) <= 0xDFFF for each in text)


def names(design: Design) -> set[str]:
    """The names in use, wrapped layers included."""
    return {layer.name for layer in design.walk()}


def free_name(wanted: str, taken: set[str]) -> str:
    """``wanted``, or ``wanted_1``, ``wanted_2`` … where it is taken; a number at the end counts on."""
    if wanted not in taken:
        return wanted
    stem, number = wanted, 0
    counted = re.fullmatch(r"(.+)_(\d{1,6})", wanted)
    if counted:
        stem, number = counted[1], int(counted[2])
    number += 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def unique_name(design: Design, wanted: str) -> str:
    """A name like ``wanted`` that no layer of the design has; characters that Keras refuses are replaced."""
    usable = "".join("_" if each == "/" or text_fault(each) else each for each in wanted).strip()
    return free_name(usable[: LONGEST_NAME - 8] or "layer", names(design))


def new_layer(design: Design, kind: str, position: Position = (0.0, 0.0)) -> Layer:
    """A layer of the kind with Keras' defaults, a new id and a free name, not yet in the design.

    Wrappers and frames for cells come with layers inside (:data:`FIRST_CHILD`): a Bidirectional with an LSTM, an RNN
    with an LSTMCell.

    Raises:
        Refused: if the catalog has no such kind.
    """
    layer = _fresh(kind, names(design))
    return replace(layer, position=(float(position[0]), float(position[1])))


def _fresh(kind: str, taken: set[str]) -> Layer:
    if kind not in CATALOG:
        raise Refused(f"There is no layer type called “{kind}”. Choose one from the palette.")
    name = free_name(snake_case(kind), taken)
    taken.add(name)
    children = tuple(_fresh(inner, taken) for inner in FIRST_CHILD.get(kind, ()))
    return Layer(new_id(), kind, name, FrozenMap(CATALOG[kind].new_params()), children=children)


def new_ids(layer: Layer) -> Layer:
    """The layer with a new id for itself and for every layer inside it, and with weights of its own."""
    children = tuple(new_ids(child) for child in layer.children)
    return replace(layer, id=new_id(), children=children, shares=None)
