"""Names in the exported program: variables that read well, and the layer names that Keras would give."""

import builtins
import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable

from rnn_designer.design.model import Design, Layer

CONSTANT_STATE = "constant_state"
CONSTANT_FRAMES = "constant_frames"
"""The exported functions that make initial states: of units, and of frames."""

MODULE_NAMES = frozenset(
    {
        "keras",
        "layers",
        "initializers",
        "regularizers",
        "constraints",
        "Path",
        "build_model",
        "build_step_model",
        "draw",
        "generate",
        "main",
        CONSTANT_STATE,
        CONSTANT_FRAMES,
    }
)
"""Names that an exported program may define or import at its top level."""
TAKEN = MODULE_NAMES | {"model", "x"}
"""Names with a meaning of their own in every exported program."""

_SCOPE = re.compile(r"[A-Za-z0-9._-]+")


def snake_case(kind: str) -> str:
    """A class name as Keras turns it into a layer name: ``SimpleRNN`` to ``simple_rnn``."""
    kind = re.sub(r"\W+", "", kind)
    kind = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", kind).lower()


def slug(text: str, otherwise: str) -> str:
    """A plain ASCII identifier made from any text, in snake case; ``otherwise`` if nothing is left of it."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in letters if not unicodedata.combining(each))
    plain = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60].rstrip("_")
    if not plain:
        return otherwise
    return plain if plain[0].isalpha() else f"{otherwise}_{plain}"


def keras_names(design: Design) -> dict[str, str]:
    """The Keras name of every layer by id, wrapped layers included.

    It is the layer's own name wherever TensorFlow can run a layer of that name. Its scope names know only
    ASCII letters, digits, ``_``, ``.`` and ``-``: any other name ("my layer", "Größe") becomes such a one.
    So does a name that Keras gives to operations of its own: those that join masks or make initial states.
    """
    layers = tuple(design.walk())
    joined, operation = _taken_by_masks(layers), _taken_by_operations(layers)
    names = {
        layer.id: layer.name
        for layer in layers
        if _SCOPE.fullmatch(layer.name) and layer.name not in joined and not operation(layer.name)
    }
    used = {*names.values(), *joined}
    for layer in layers:
        if layer.id in names:
            continue
        base = "joined" if layer.name in joined else slug(layer.name, snake_case(layer.kind))
        base = f"{base}_layer" if operation(base) else base
        free, number = base, 1
        while free in used:
            free = f"{base}_{number}"
            number += 1
        names[layer.id] = free
        used.add(free)
    return names


def _taken_by_masks(layers: Iterable[Layer]) -> frozenset[str]:
    """Names that Keras gives to its own joining of masks, and then refuses to see twice in a model.

    A single Concatenate escapes that by being made without a name, see ``codegen.body``.
    """
    layers = tuple(layers)
    joining = sum(layer.kind == "Concatenate" for layer in layers)
    if joining < 2 or not _masking(layers):
        return frozenset()
    return frozenset({"concatenate", *(f"concatenate_{number}" for number in range(1, joining))})


def _taken_by_operations(layers: Iterable[Layer]) -> Callable[[str], bool]:
    """Whether Keras may give a name to one of the operations that make constant initial states, or work on masks."""
    layers = tuple(layers)
    operations: list[str] = []
    if any(layer.params.get("initial_state") is not None for layer in layers):
        operations += ["get_item", "tile", "full_like"]
    if _masking(layers):
        operations += ["not_equal", "any", "logical_or", "expand_dims", "zeros_like", "convert_to_tensor"]
    pattern = re.compile(rf"({'|'.join(operations)})(_\d+)?")
    return lambda name: bool(operations) and pattern.fullmatch(name) is not None


def _masking(layers: Iterable[Layer]) -> bool:
    return any(layer.kind == "Masking" or layer.params.get("mask_zero") for layer in layers)


class Variables:
    """Hands out variable names, each of them once, and none of those that are taken from the beginning."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._used: set[str] = set(taken)

    def name(self, wanted: str, otherwise: str) -> str:
        """A free variable name close to ``wanted``; no keyword, builtin or name of a module."""
        base = slug(wanted, otherwise)
        if keyword.iskeyword(base) or keyword.issoftkeyword(base) or hasattr(builtins, base) or base in TAKEN:
            base += "_"
        free, number = base, 1
        while free in self._used:
            free = f"{base.rstrip('_')}_{number}"
            number += 1
        self._used.add(free)
        return free


class AutomaticNames:
    """Keras' own counters in a fresh session: the name a layer gets when it is made without one.

    Only layers that are made without a name count. The rule is that of ``keras.src.utils.naming``.
    """

    def __init__(self) -> None:
        self._made: Counter[str] = Counter()

    def needs_name(self, kind: str, name: str) -> bool:
        """Whether ``name=`` has to be written out; if not, the layer counts as made without one."""
        prefix = "input_layer" if kind == "Input" else snake_case(kind)
        made = self._made[prefix]
        if name != (f"{prefix}_{made}" if made else prefix):
            return True
        self._made[prefix] += 1
        return False

    def needs_cell_name(self, name: str, *kinds: str) -> bool:
        """Whether ``name=`` has to be written out for a cell: only if the user chose the name.

        Cells of different layers may have the same name, and no weight is found by it, so that a number that only
        tells cells of the design apart is left to Keras.
        """
        if not any(re.fullmatch(rf"{snake_case(kind)}(_\d+)?", name) for kind in kinds):
            return True
        self._made[snake_case(kinds[0])] += 1
        return False


def one_line(text: str, limit: int = 70) -> str:
    """Any text as part of a docstring line: printable, without quotes, backslashes or line breaks."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    shown = " ".join(shown.replace("\\", " ").replace('"', "'").split())
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"
