"""The layers that change the edges or the size of pictures and volumes, without weights."""

from collections.abc import Callable, Mapping
from typing import Any

from rnn_designer.catalog.entries.planes import PLACES, frame_of, plane_window, rank_of, times
from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice, Integers
from rnn_designer.catalog.rules import joined, per_axis
from rnn_designer.catalog.shared import BASE, data_format
from rnn_designer.catalog.tensors import Size, TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, RuleError

_FRAME = {2: "picture", 3: "volume"}


def _edges(given: Any, rank: int) -> tuple[tuple[int, int], ...]:
    """What is done at both ends of each axis."""
    each_axis: tuple[Any, ...] = per_axis(given, rank)
    return tuple(each if isinstance(each, tuple) else (each, each) for each in each_axis)


def _changed(call: Call, change: Callable[[int, int, str], int]) -> tuple[TensorSpec, ...]:
    """The frame with other sizes; ``change`` gets the place of an axis, its size and its name. The mask is lost."""
    spec, places, _ = frame_of(call)
    sizes: list[Size] = list(spec.sizes)
    for place, axis in enumerate(places):
        size = sizes[axis]
        sizes[axis] = None if size is None else change(place, size, spec.axes[axis])
    return (TensorSpec(tuple(sizes), spec.axes, spec.kind),)


def _padded(call: Call) -> tuple[TensorSpec, ...]:
    edges = _edges(call.params["padding"], rank_of(call))
    return _changed(call, lambda place, size, _name: size + sum(edges[place]))


def _cropped(call: Call) -> tuple[TensorSpec, ...]:
    edges = _edges(call.params["cropping"], rank_of(call))

    def rest(place: int, size: int, name: str) -> int:
        before, behind = edges[place]
        if size <= before + behind:
            raise RuleError(
                "crop_too_long",
                f"{call.type.kind} cuts {before} off one end of the {name} and {behind} off the other and needs more "
                f"than {before + behind}, got {size}. Crop less, or use larger frames.",
                parameter="cropping",
                size=size,
            )
        return size - before - behind

    return _changed(call, rest)


def _enlarged(call: Call) -> tuple[TensorSpec, ...]:
    factors = per_axis(call.params["size"], rank_of(call))
    ((spec),) = _changed(call, lambda place, size, _name: size * factors[place])
    # A colour between two whole numbers is none.
    smooth = call.params.get("interpolation", "nearest") != "nearest"
    return (TensorSpec(spec.sizes, spec.axes, "float" if smooth else spec.kind),)


def _edge_words(name: str, rank: int) -> Callable[[Mapping[str, Any]], str]:
    def words(params: Mapping[str, Any]) -> str:
        ends = [
            str(before) if before == behind else f"{before}+{behind}"
            for before, behind in _edges(params[name], rank)
        ]
        return f"{'×'.join(ends)} at each edge"

    return words


def _edge_parameter(name: str, rank: int, text: str, formula: str) -> Any:
    each = "two" if rank == 2 else "three"
    return argument(
        name,
        Integers(length=rank, minimum=0, single=True, pairs=True),
        f"{text}: one number for all edges, {each} numbers for {PLACES[rank]}, or {2 * rank} where the two ends of an "
        "axis differ.",
        formula=formula,
    )


def _formats(rank: int) -> tuple[str, str]:
    return f"(batch, {PLACES[rank]}, features)", f"(batch, features, {PLACES[rank]})"


def _zero_padding(rank: int) -> LayerType:
    kind, frame = f"ZeroPadding{rank}D", _FRAME[rank]
    return LayerType(
        kind=kind,
        family=Family.SHAPING,
        summary=f"Adds an edge of zeros around a {frame}.",
        explanation=(
            f"Places in which every feature is 0 are put around the {frame}, so that a window reaches its rim or "
            "that two sizes come to match. For sequences of frames, put it into a TimeDistributed. The mask is "
            "lost.\n\n"
            "size → before + size + behind, along each axis"
        ),
        parameters=with_defaults(
            kind,
            (
                _edge_parameter(
                    "padding", rank, "How many places of zeros are added", "size + before + behind"
                ),
                data_format(*_formats(rank)),
                *BASE,
            ),
        ),
        rule=_padded,
        words=_edge_words("padding", rank),
        keywords=("pad", "zeros", "edge", "enlarge", frame),
    )


def _cropping(rank: int) -> LayerType:
    kind, frame = f"Cropping{rank}D", _FRAME[rank]
    return LayerType(
        kind=kind,
        family=Family.SHAPING,
        summary=f"Cuts the edges off a {frame}.",
        explanation=(
            f"The outermost places of the {frame} are dropped, as many as you say: what padding has added, or an edge "
            "where nothing happens. For sequences of frames, put it into a TimeDistributed. The mask is lost.\n\n"
            "size → size − before − behind, along each axis"
        ),
        parameters=with_defaults(
            kind,
            (
                _edge_parameter(
                    "cropping", rank, "How many places are cut off; one must remain", "size − before − behind"
                ),
                data_format(*_formats(rank)),
                *BASE,
            ),
        ),
        rule=_cropped,
        words=_edge_words("cropping", rank),
        keywords=("crop", "cut", "trim", "edge", frame),
    )


def _up_sampling(rank: int) -> LayerType:
    kind, frame = f"UpSampling{rank}D", _FRAME[rank]
    smooth = (
        argument(
            "interpolation",
            Choice(("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")),
            "What the new pixels are: nearest repeats the pixel beside them, the others mix several around them, "
            "smoother from left to right.",
        ),
    )
    return LayerType(
        kind=kind,
        family=Family.SHAPING,
        summary=f"Enlarges a {frame} by whole factors.",
        explanation=(
            f"Each place is repeated along every axis of the {frame}: the way back after a pooling layer. Nothing is "
            f"learned; Conv{rank}DTranspose does the same with learned weights. For sequences of frames, put it into a "
            "TimeDistributed. The mask is lost.\n\n"
            "y[r, c] = x[⌊r / size⌋, ⌊c / size⌋], and so on for further axes"
        ),
        parameters=with_defaults(
            kind,
            (
                plane_window(
                    rank, "size", f"How many times as large it gets along {PLACES[rank]}.", "size · factor"
                ),
                *(smooth if rank == 2 else ()),
                data_format(*_formats(rank)),
                *BASE,
            ),
        ),
        rule=_enlarged,
        words=lambda params: joined(
            f"{times(params['size'], rank)} times as large",
            params["interpolation"] if params.get("interpolation", "nearest") != "nearest" else None,
        ),
        keywords=("repeat", "enlarge", "upsample", "zoom", "decoder", frame),
    )


PLANE_RESIZING = tuple(make(rank) for rank in (2, 3) for make in (_zero_padding, _cropping, _up_sampling))
