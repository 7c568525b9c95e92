"""The configurations of recurrent layers: what is nested in what, read how, masked how, begun from what."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from standing_models import FEATURES, MASKED, planned

from rnn_designer.messages import PlannedLayer

BATCH, STEPS, OUTER = 3, 5, 2
WIDTHS = (2, 3, 4)
MASKS = ("none", "right", "left", "random", "all")
DIRECTIONS = ("forward", "backwards", "concat", "sum", "mul", "ave", "None")
STARTS = ("zeros", "wired", "constant")

# A cell with two states of different widths, neither of them its output's.
TWO_STATES = '''
# ---- Custom cell TwoStates: written by hand, kept as it is ----
@keras.saving.register_keras_serializable(package="rnn_designer")
class TwoStates(layers.Layer):
    """A fast trace of the input and a slow trace of the fast one."""

    state_names = ("fast", "slow")

    def __init__(self, units, slow=3, **kwargs):
        super().__init__(**kwargs)
        self.units, self.slow = units, slow
        self.state_size = [units, slow]
        self.output_size = 2

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")
        self.across = self.add_weight(shape=(self.units, self.slow), name="across")
        self.out = self.add_weight(shape=(self.slow, 2), name="out")

    def call(self, inputs, states):
        fast = 0.5 * states[0] + keras.ops.matmul(inputs, self.kernel)
        slow = 0.9 * states[1] + keras.ops.tanh(keras.ops.matmul(fast, self.across))
        return keras.ops.matmul(slow, self.out), [fast, slow]

    def get_config(self):
        return {**super().get_config(), "units": self.units, "slow": self.slow}
# ---- End of TwoStates ----
'''


@dataclass(frozen=True)
class Structure:
    """What is inside a recurrent layer.

    Attributes:
        name: how it is called here.
        nesting: plain, cell, stack or nested.
        kind: Keras class of the layer.
        cells: the widths of the states of each cell, in order.
        inner: the source of its first argument, with ``{n}`` where names are numbered.
        plan: what the plan has inside it: kinds, nested as the source.
    """

    name: str
    nesting: str
    kind: str
    cells: tuple[tuple[int, ...], ...]
    inner: str
    plan: tuple[Any, ...] = ()


STRUCTURES = (
    Structure("SimpleRNN", "plain", "SimpleRNN", ((4,),), "4"),
    Structure("LSTM", "plain", "LSTM", ((4, 4),), "4"),
    Structure("GRU", "plain", "GRU", ((4,),), "4"),
    Structure(
        "SimpleRNNCell", "cell", "RNN", ((3,),), "layers.SimpleRNNCell(3, name='a{n}')", ("SimpleRNNCell",)
    ),
    Structure("LSTMCell", "cell", "RNN", ((3, 3),), "layers.LSTMCell(3, name='a{n}')", ("LSTMCell",)),
    Structure("GRUCell", "cell", "RNN", ((3,),), "layers.GRUCell(3, name='a{n}')", ("GRUCell",)),
    Structure("TwoStates", "cell", "RNN", ((4, 3),), "TwoStates(4, name='a{n}')", ("CustomCell",)),
    Structure(
        "stack",
        "stack",
        "RNN",
        ((4, 4), (3,)),
        "layers.StackedRNNCells([layers.LSTMCell(4, name='a{n}'), layers.GRUCell(3, name='b{n}')], name='s{n}')",
        (("LSTMCell", "GRUCell"),),
    ),
    Structure(
        "custom in a stack",
        "stack",
        "RNN",
        ((4, 3), (4, 4)),
        "layers.StackedRNNCells([TwoStates(4, name='a{n}'), layers.LSTMCell(4, name='b{n}')], name='s{n}')",
        (("CustomCell", "LSTMCell"),),
    ),
    Structure(
        "nested stacks",
        "nested",
        "RNN",
        ((4, 4), (3,), (2,)),
        "layers.StackedRNNCells([layers.StackedRNNCells([layers.LSTMCell(4, name='a{n}'), "
        "layers.GRUCell(3, name='b{n}')], name='t{n}'), layers.SimpleRNNCell(2, name='c{n}')], name='s{n}')",
        ((("LSTMCell", "GRUCell"), "SimpleRNNCell"),),
    ),
)


@dataclass(frozen=True)
class Variant:
    """A recurrent layer in a model, but for the mask that its input brings."""

    structure: Structure
    direction: str
    start: str
    sequences: bool
    state: bool
    distributed: bool = False

    @property
    def name(self) -> str:
        parts = [self.structure.name, self.direction, self.start]
        flags = [flag for flag, on in (("sequences", self.sequences), ("state", self.state)) if on]
        return " ".join([*parts, *flags, *(["in TimeDistributed"] if self.distributed else [])])

    @property
    def both(self) -> bool:
        """Whether it reads in both directions."""
        return self.direction not in ("forward", "backwards")

    def source(self, n: int, *, masked: bool) -> str:
        """The expression that makes the layer and calls it."""
        flags = f"return_sequences={self.sequences}, return_state={self.state}"
        if self.direction == "backwards":
            flags += ", go_backwards=True"
        name = f"in{n}" if self.both or self.distributed else f"l{n}"
        layer = f"layers.{self.structure.kind}({self.structure.inner.format(n=n)}, {flags}, name={name!r})"
        if self.both:
            merge = self.direction if self.direction == "None" else repr(self.direction)
            wrapper = f"bi{n}" if self.distributed else f"l{n}"
            layer = f"layers.Bidirectional({layer}, merge_mode={merge}, name={wrapper!r})"
        if self.distributed:
            layer = f"layers.TimeDistributed({layer}, name='l{n}')"
        # Keras loses the mask of a sequence that comes with initial states: it has to be handed over.
        mask = ", mask=mask" if masked and self.start != "zeros" else ""
        return f"{layer}(x{self._initial()}{mask})"

    def _initial(self) -> str:
        if self.start == "zeros":
            return ""
        halves = [self._states("ab"), *([self._states("ba")] if self.both else [])]
        return f", initial_state=[{', '.join(halves)}]"

    def _states(self, names: str) -> str:
        """One state per width; stacks take a list for each cell, nested as they are."""
        texts = []
        for number, widths in enumerate(self.structure.cells):
            if self.start == "wired":
                each = [f"{name}{width}" for name, width in zip(names, widths, strict=False)]
            else:
                values = [[round(0.1 * (n + 1 + number) * (1 - 2 * n), 2)] * w for n, w in enumerate(widths)]
                each = [f"keras.ops.zeros_like(x[:, 0, :1]) + keras.ops.array([{v}])" for v in values]
            alone = self.structure.nesting in ("plain", "cell")
            texts.append(", ".join(each) if alone else f"[{', '.join(each)}]")
        if self.structure.nesting == "nested":
            texts = [f"[{texts[0]}, {texts[1]}]", texts[2]]
        return ", ".join(texts)

    def states(self, batch: int, given: dict[str, Any], direction: str) -> list[Any] | None:
        """The states before the first step, flat, in NumPy; None for zeros."""
        if self.start == "zeros":
            return None
        names = "ba" if direction == "backward" else "ab"
        states = []
        for number, widths in enumerate(self.structure.cells):
            for n, width in enumerate(widths):
                if self.start == "wired":
                    states.append(given[f"{names[n]}{width}"])
                else:
                    value = round(0.1 * (n + 1 + number) * (1 - 2 * n), 2)
                    states.append(numpy.full((batch, width), value, "float32"))
        return states

    def plan(self, n: int) -> PlannedLayer:
        name = f"in{n}" if self.both or self.distributed else f"l{n}"
        letters = iter("abc")
        layer = planned(
            name, self.structure.kind, *(_plan(each, n, letters, "s") for each in self.structure.plan)
        )
        if self.both:
            layer = planned(f"bi{n}" if self.distributed else f"l{n}", "Bidirectional", layer)
        return planned(f"l{n}", "TimeDistributed", layer) if self.distributed else layer


def _plan(inner: Any, n: int, letters: Any, stack: str) -> PlannedLayer:
    if isinstance(inner, tuple):
        return planned(f"{stack}{n}", "StackedRNNCells", *(_plan(each, n, letters, "t") for each in inner))
    return planned(f"{next(letters)}{n}", inner)


@dataclass(frozen=True)
class Configuration:
    """One comparison: a variant and the mask that its input brings."""

    variant: Variant
    mask: str


def _variants() -> list[Variant]:
    flags = itertools.cycle(((True, True), (False, False), (True, False), (False, True), (False, True)))
    found = []
    for structure, direction, start in itertools.product(STRUCTURES, DIRECTIONS, STARTS):
        sequences, state = next(flags)
        # Keras cannot tell the shapes of the states of stacks within stacks.
        state = state and structure.nesting != "nested"
        found.append(Variant(structure, direction, start, sequences, state))
    for structure, direction in itertools.product(STRUCTURES, ("forward", "backwards", "concat", "mul")):
        found.append(Variant(structure, direction, "zeros", False, False, distributed=True))
    return found


VARIANTS = tuple(_variants())
EVERY = tuple(Configuration(variant, mask) for variant in VARIANTS for mask in MASKS)
SPREAD_STEP = 11
SPREAD = tuple(each for each in EVERY if VARIANTS.index(each.variant) % SPREAD_STEP == 4)
"""A part of them in which every value of every dimension occurs."""


def series(mask: str, distributed: bool) -> Any:
    """Samples ``(batch, time, features)``, or ``(batch, outer, time, features)``, masked in this way."""
    random = numpy.random.default_rng(7)
    lead = (BATCH, OUTER) if distributed else (BATCH,)
    values = random.normal(scale=0.7, size=(*lead, STEPS, FEATURES)).astype("float32")
    shown = numpy.ones((*lead, STEPS), bool)
    lengths = random.integers(1, STEPS, size=lead)[..., None]
    steps = numpy.arange(STEPS)
    if mask == "right":
        shown = steps < lengths
    elif mask == "left":
        shown = steps >= lengths
    elif mask == "random":
        shown = random.random((*lead, STEPS)) < 0.5
    elif mask == "all":
        shown[:] = False
    values[~shown] = MASKED
    return values, (None if mask == "none" else shown)


def starts() -> dict[str, Any]:
    """What is fed to the Inputs that initial states are wired from."""
    random = numpy.random.default_rng(11)
    return {
        f"{name}{width}": random.normal(scale=0.4, size=(BATCH, width)).astype("float32")
        for name in "ab"
        for width in WIDTHS
    }


def model_of(
    variants: Sequence[Variant], *, masked: bool, distributed: bool
) -> tuple[str, tuple[PlannedLayer, ...]]:
    """A model in which all variants read the same Input."""
    wired = sorted(starts()) if any(variant.start == "wired" for variant in variants) else []
    shape = (OUTER, STEPS, FEATURES) if distributed else (None, FEATURES)
    lines = [f"series = keras.Input({shape}, name='series')"]
    lines += [f"{name} = keras.Input(({name[1:]},), name={name!r})" for name in wired]
    if masked:
        lines.append(f"masking = layers.Masking({MASKED}, name='masking')")
        lines.append("x, mask = masking(series), masking.compute_mask(series)")
    else:
        lines.append("x = series")
    for n, variant in enumerate(variants):
        lines.append(f"outputs.append({variant.source(n, masked=masked)})")
    lines.append(f"return keras.Model([{', '.join(['series', *wired])}], outputs)")
    body = "".join(f"    {line}\n" for line in ["outputs = []", *lines])
    plan: list[PlannedLayer] = [planned(name, "Input") for name in ("series", *wired)]
    if masked:
        plan.append(planned("masking", "Masking"))
    plan += [variant.plan(n) for n, variant in enumerate(variants)]
    head = "import keras\nfrom keras import layers\n"
    return f"{head}{TWO_STATES}\n\ndef build_model():\n{body}", tuple(plan)


def groups(configurations: Iterable[Configuration], size: int = 24) -> list[tuple[Configuration, ...]]:
    """Those that can share one model and one run: the same mask, the same rank of the input."""
    found = []
    keys = sorted({(each.variant.distributed, each.mask) for each in configurations})
    for key in keys:
        same = [each for each in configurations if (each.variant.distributed, each.mask) == key]
        found += [tuple(same[start : start + size]) for start in range(0, len(same), size)]
    return found
