"""The layers that only rearrange: Flatten, Reshape, Permute and RepeatVector."""

from collections.abc import Mapping
from math import prod
from typing import Any

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Integer, Integers
from rnn_designer.catalog.rules import expect_rank
from rnn_designer.catalog.shared import BASE, data_format
from rnn_designer.catalog.tensors import FLATTENED, Size, TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, RuleError

MOST_REPEATS = 1_000_000


def _flatten_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, time, features) to (batch, time · features). The mask is lost."""
    spec = call.inputs[0]
    known = [size for size in spec.sizes[1:] if size is not None]
    size: Size = prod(known) if len(known) == spec.rank - 1 else None
    # An open size keeps a name of its own, so that a layer after it can say where it comes from.
    axes = ("batch", "features" if size is not None else FLATTENED)
    return (TensorSpec((spec.sizes[0], size), axes, spec.kind),)


FLATTEN = LayerType(
    kind="Flatten",
    family=Family.SHAPING,
    summary="Lays all steps side by side in one long vector.",
    explanation=(
        "All axes but the batch become one. Nothing is computed. A Dense after it has weights of its own "
        "for every step, so the number of steps must be fixed; for sequences of any length use a global "
        "pooling instead.\n\n"
        "(batch, time, features) → (batch, time · features)"
    ),
    parameters=with_defaults("Flatten", (data_format(), *BASE)),
    rule=_flatten_rule,
    words=lambda _params: "all axes in one",
    keywords=("vector", "unroll", "reshape"),
)


def _sizes(target: tuple[int, ...]) -> str:
    return "×".join("rest" if size == -1 else str(size) for size in target) or "one number"


def _reshape_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, …) to (batch, *target_shape). The mask is lost."""
    spec = call.inputs[0]
    target: tuple[int, ...] = call.params["target_shape"]
    axes = ("batch", "time") if spec.kind == "int" and len(target) == 1 else ()
    if None in spec.sizes[1:]:
        sizes: tuple[Size, ...] = tuple(None if size == -1 else size for size in target)
        return (TensorSpec((spec.sizes[0], *sizes), axes, spec.kind),)
    numbers = prod(size for size in spec.sizes[1:] if size is not None)
    wanted = prod(size for size in target if size != -1)
    if (-1 in target and numbers % wanted) or (-1 not in target and numbers != wanted):
        raise RuleError(
            "bad_target",
            f"Reshape can only arrange the {numbers} numbers of a sample anew, got the target "
            f"{_sizes(target)} for {spec}"
            + (
                f", and {numbers} cannot be divided by {wanted}. "
                if -1 in target
                else f", which holds {wanted}. "
            )
            + f"Choose sizes whose product is {numbers}, or put -1 for one of them.",
            parameter="target_shape",
            numbers=numbers,
        )
    full = tuple(numbers // wanted if size == -1 else size for size in target)
    return (TensorSpec((spec.sizes[0], *full), axes, spec.kind),)


RESHAPE = LayerType(
    kind="Reshape",
    family=Family.SHAPING,
    summary="Arranges the numbers of each sample into another shape.",
    explanation=(
        "The numbers keep their order, and only the sizes of the axes change. It adds a features axis to a "
        "series of plain numbers, or cuts a long vector into steps.\n\n"
        "(batch, 12) with target (-1, 3) → (batch, 4, 3)"
    ),
    parameters=with_defaults(
        "Reshape",
        (
            argument(
                "target_shape",
                Integers(minimum=1, wildcard=True),
                "The new sizes, without the batch axis. One of them may be -1: whatever is left over.",
                formula="product of the new sizes = product of the old ones",
                initial=(-1, 1),
            ),
            *BASE,
        ),
    ),
    rule=_reshape_rule,
    words=lambda params: f"to {_sizes(params['target_shape'])}",
    keywords=("shape", "axis", "dimension", "view"),
)


def _permute_rule(call: Call) -> tuple[TensorSpec, ...]:
    """The axes after the batch in another order, with their names. The mask is lost."""
    spec = call.inputs[0]
    dims: tuple[int, ...] = call.params["dims"]
    if sorted(dims) != list(range(1, len(dims) + 1)):
        raise RuleError(
            "bad_axis",
            f"Permute needs each axis from 1 to {len(dims)} once, got {dims}. Write, for instance, 2, 1 to "
            "swap time and features.",
            parameter="dims",
            rank=spec.rank,
        )
    if spec.rank != len(dims) + 1:
        raise RuleError(
            "bad_axis",
            f"Permute was given an order for {len(dims)} axes after the batch, got {spec} with "
            f"{spec.rank - 1}. Give dims {spec.rank - 1} numbers.",
            parameter="dims",
            rank=spec.rank,
        )
    order = (0, *dims)
    return (
        TensorSpec(
            tuple(spec.sizes[axis] for axis in order), tuple(spec.axes[axis] for axis in order), spec.kind
        ),
    )


def _permute_words(params: Mapping[str, Any]) -> str:
    dims = params["dims"]
    return "swap time and features" if dims == (2, 1) else "axes " + ", ".join(str(axis) for axis in dims)


PERMUTE = LayerType(
    kind="Permute",
    family=Family.SHAPING,
    summary="Puts the axes into another order, such as time and features swapped.",
    explanation=(
        "Nothing is computed; the axes change places and take their sizes along. The batch axis stays in "
        "front and is not counted: axis 1 is the first one after it.\n\n"
        "dims (2, 1): y[k, t] = x[t, k]"
    ),
    parameters=with_defaults(
        "Permute",
        (
            argument(
                "dims",
                Integers(minimum=1),
                "Which old axis comes first, second and so on, counted from 1 after the batch. (2, 1) "
                "swaps time and features.",
                initial=(2, 1),
            ),
            *BASE,
        ),
    ),
    rule=_permute_rule,
    words=_permute_words,
    keywords=("transpose", "swap", "axes", "order"),
)


def _repeat_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, features) to (batch, n, features). The mask is lost."""
    spec = call.inputs[0]
    expect_rank(
        call,
        spec,
        2,
        "one vector per sample (batch, features)",
        "Switch return_sequences off in the layer before it, or use a pooling layer or Flatten first.",
    )
    batch, size = spec.sizes
    return (TensorSpec((batch, call.params["n"], size), kind=spec.kind),)


REPEAT_VECTOR = LayerType(
    kind="RepeatVector",
    family=Family.SHAPING,
    summary="Repeats a vector as every step of a sequence.",
    explanation=(
        "The same vector becomes n equal steps. It stands between an encoder, which sums a sequence up in "
        "one vector, and a decoder, which needs a sequence to start from.\n\n"
        "y[t] = x  for t = 0 … n − 1"
    ),
    parameters=with_defaults(
        "RepeatVector",
        (
            argument(
                "n",
                Integer(minimum=1, maximum=MOST_REPEATS),
                "How many steps come out.",
                formula="(batch, features) → (batch, n, features)",
                initial=10,
            ),
            *BASE,
        ),
    ),
    rule=_repeat_rule,
    words=lambda params: f"{params['n']} times",
    keywords=("repeat", "copy", "decoder", "vector to sequence", "autoencoder"),
)

SHAPING = (FLATTEN, RESHAPE, PERMUTE, REPEAT_VECTOR)
