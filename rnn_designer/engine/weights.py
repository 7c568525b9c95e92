"""Gives every weight of a model its value: the session's array, or a draw that depends on nothing else.

Keras draws weights while it builds, from one stream of random numbers, so that a layer's weights depend on
every layer before it. Here initializers are held back while the model is built; afterwards each weight gets
the array that the session keeps for it, or is drawn with the very initializer that Keras would have used,
from a seed made of the design's seed, the layer's id and the weight's name. An edit elsewhere changes
nothing, and a large orthogonal draw (seconds) is not made for a weight that is given.

Keys: ``<layer id>/<weight>``, a wrapped layer's and a cell's by its own id; ``<id>/backward/<weight>`` for the
backward copy inside a Bidirectional, the other layer's own id if the design has a backward layer of its own. A
layer that is called several times has its weights once, by the id of the box that it belongs to.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import keras
import numpy

from rnn_designer.engine.placing import Placed
from rnn_designer.messages import Array

if TYPE_CHECKING:
    Variable: TypeAlias = Any
else:
    Variable = keras.Variable

CARRIED_TYPES = ("float32", "int32", "int64", "bool", "uint8")


@dataclass(frozen=True)
class HeldBack:
    """A weight that exists but has not been drawn.

    Attributes:
        variable: the Keras variable, zeros until it is filled.
        initializer: what the layer asked Keras to draw it with: a Keras initializer, a function or None.
        owner: the Keras layer that asked.
    """

    variable: Variable
    initializer: Any
    owner: Any


@contextmanager
def initializers_held_back() -> Iterator[dict[int, HeldBack]]:
    """While this is open, weights are created as zeros; yields them by ``id(variable)`` as they come."""
    held: dict[int, HeldBack] = {}
    original = keras.layers.Layer.add_weight

    def add_weight(self: Any, *positional: Any, **named: Any) -> Any:
        positions = ("shape", "initializer")
        named.update(zip(positions, positional[: len(positions)], strict=False))
        asked = named.get("initializer")
        named["initializer"] = "zeros"
        variable = original(self, *positional[len(positions) :], **named)
        held[id(variable)] = HeldBack(variable, asked, self)
        return variable

    keras.layers.Layer.add_weight = add_weight
    try:
        yield held
    finally:
        keras.layers.Layer.add_weight = original


def keyed_weights(placed: tuple[Placed, ...]) -> dict[str, Variable]:
    """Every weight of the model by its key, in the layers' order; a layer called twice has its weights once."""
    owners: dict[int, Placed] = {}
    # Wrapped layers and cells come after what holds them, so that they are the owners in the end.
    for place in placed:
        if place.call == 0:
            owners.update({id(variable): place for variable in place.layer.weights})
    keys: dict[str, Variable] = {}
    for place in placed:
        for variable in place.layer.weights:
            if owners.get(id(variable)) is place:
                keys[_unused(f"{place.prefix}/{_name_in(variable, place)}", keys)] = variable
    return keys


def _name_in(variable: Variable, place: Placed) -> str:
    """A weight's name within its layer; the cell of a recurrent layer is not an own level."""
    layer = place.layer
    parts = variable.path.split("/")
    # A model may have its layer's name: the layer's own path tells which of the two in the weight's is the layer.
    whole = layer.path.split("/") if layer.path else []
    if whole and whole[-1] == layer.name and parts[: len(whole)] == whole and len(parts) > len(whole):
        parts = parts[len(whole) :]
    elif layer.name in parts:
        parts = parts[parts.index(layer.name) + 1 :] or [variable.name]
    cell = getattr(layer, "cell", None)
    if cell is not None and len(parts) > 1 and parts[0] == cell.name:
        parts = parts[1:]
    if place.cell:
        # Layers inside a custom cell are numbered by what else the program made; their order tells them apart.
        parts = [*(re.sub(r"_\d+$", "", part) for part in parts[:-1]), parts[-1]]
    return "/".join(parts)


def _unused(key: str, taken: Mapping[str, Any]) -> str:
    number, candidate = 1, key
    while candidate in taken:
        candidate, number = f"{key}_{number}", number + 1
    return candidate


def fill(
    keys: Mapping[str, Variable],
    held: Mapping[int, HeldBack],
    given: Mapping[str, Array],
    seed: int,
    checkpoint: Callable[[], None] = lambda: None,
) -> None:
    """Assign every weight: the given array if its shape fits, else a draw of the weight's own.

    Args:
        keys: the model's weights.
        held: what each was to be drawn with.
        given: arrays by key.
        seed: the design's seed.
        checkpoint: called before every draw; it may raise to stop.
    """
    for key, variable in keys.items():
        array = given.get(key)
        if array is not None and tuple(array.shape) == tuple(variable.shape):
            variable.assign(array)
        elif id(variable) in held:
            checkpoint()
            drawn = _draw(held[id(variable)], weight_seed(seed, key))
            # Weights travel as float32; one of a wider type is rounded now, so that every build has the same.
            variable.assign(drawn if str(variable.dtype) != "float64" else numpy.float32(drawn))


def weight_seed(seed: int, key: str) -> int:
    """A 31-bit seed that only the design's seed and the weight's key decide, the same on every machine."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{key}".encode(), digest_size=4).digest(), "big") >> 1


def carried(variable: Variable) -> Array:
    """A weight's value in a type that messages carry."""
    value = numpy.asarray(keras.ops.convert_to_numpy(variable))
    return value if value.dtype.name in CARRIED_TYPES else value.astype("float32")


def _draw(held: HeldBack, seed: int) -> Any:
    variable, initializer = held.variable, held.initializer
    if initializer is None:
        initializer = "glorot_uniform" if keras.backend.is_float_dtype(variable.dtype) else "zeros"
    if isinstance(initializer, str | dict):
        initializer = keras.initializers.get(initializer)
    if isinstance(initializer, keras.initializers.Initializer):
        initializer = _seeded(initializer, seed)
    elif callable(initializer):
        # A function that uses the layer's own initializers, as LSTM's bias with ones for the forget gate
        # does.
        own = {n: v for n, v in vars(held.owner).items() if isinstance(v, keras.initializers.Initializer)}
        try:
            for name, value in own.items():
                setattr(held.owner, name, _seeded(value, seed))
            return initializer(tuple(variable.shape), dtype=variable.dtype)
        finally:
            for name, value in own.items():
                setattr(held.owner, name, value)
    else:
        return initializer
    return initializer(tuple(variable.shape), dtype=variable.dtype)


def _seeded(initializer: Any, seed: int) -> Any:
    """The initializer with this seed, unless the user gave it one or it draws nothing."""
    configuration = initializer.get_config()
    if "seed" not in configuration or configuration["seed"] is not None:
        return initializer
    return type(initializer).from_config({**configuration, "seed": seed})
