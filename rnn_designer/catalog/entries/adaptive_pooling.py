"""Pooling to a size that is asked for, whatever the length of what arrives."""

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Integers
from rnn_designer.catalog.rules import expect_rank, per_axis, real_numbers, spatial_axes
from rnn_designer.catalog.shared import BASE, data_format
from rnn_designer.catalog.tensors import Size, TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType

_PLACES = {1: "time", 2: "rows, columns", 3: "depth, rows, columns"}
_WHAT = {1: "sequence", 2: "picture", 3: "volume"}


def _rank(call: Call) -> int:
    return int(call.type.kind[-2])


def _rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, …, features) to (batch, output_size, features). The mask is lost."""
    spec, rank = call.inputs[0], _rank(call)
    if call.type.kind.startswith("AdaptiveAverage"):
        real_numbers(call)
    expect_rank(
        call,
        spec,
        rank + 2,
        f"a {_WHAT[rank]} (batch, {_PLACES[rank]}, features)",
        "Set return_sequences in the layer before it, or add the missing axis with Reshape."
        if rank == 1
        else "For a sequence of frames, wrap the layer in TimeDistributed.",
    )
    places, _ = spatial_axes(call.params, rank)
    sizes: list[Size] = list(spec.sizes)
    for axis, size in zip(places, per_axis(call.params["output_size"], rank), strict=True):
        sizes[axis] = size
    return (TensorSpec(tuple(sizes), spec.axes, spec.kind),)


def _adaptive(name: str, rank: int) -> LayerType:
    kind, largest = f"Adaptive{name}Pooling{rank}D", name == "Max"
    what, one = ("largest number", "max") if largest else ("mean", "mean")
    places, whole = _PLACES[rank], _WHAT[rank]
    steps = "steps" if rank == 1 else "places"
    wrapped = "" if rank == 1 else " For sequences of frames, put it into a TimeDistributed."
    return LayerType(
        kind=kind,
        family=Family.POOLING,
        summary=f"The {what} of each feature in as many parts of a {whole} as you ask for.",
        explanation=(
            f"The {whole} is cut along {places} into as many parts as output_size says, as equal as they can be, and "
            f"of every feature only the {what} of each part stays. So a {whole} of any size becomes one of a fixed "
            f"size, which Flatten and Dense can follow. There are no weights.{wrapped} The mask is lost.\n\n"
            f"y[p, k] = {one} of x[⌊p · size / output_size⌋ … ⌈(p + 1) · size / output_size⌉ − 1, k]"
        ),
        parameters=with_defaults(
            kind,
            (
                argument(
                    "output_size",
                    Integers(length=rank, minimum=1, single=True),
                    f"How many {steps} come out along {places}."
                    + ("" if rank == 1 else " One number for all axes, or one for each."),
                    formula=f"(batch, {', '.join(['output_size'] * rank)}, features)",
                    initial=4,
                ),
                data_format(f"(batch, {places}, features)", f"(batch, features, {places})"),
                *BASE,
            ),
        ),
        rule=_rule,
        words=lambda params: f"to {'×'.join(map(str, per_axis(params['output_size'], rank)))} {steps}",
        keywords=("maximum" if largest else "average", "fixed length", "downsample", "resize", whole),
    )


ADAPTIVE_POOLING = tuple(_adaptive(name, rank) for rank in (1, 2, 3) for name in ("Max", "Average"))
