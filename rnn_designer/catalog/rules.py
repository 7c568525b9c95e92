"""What shape rules share: refusals with their sentence, and the arithmetic of axes."""

from collections.abc import Mapping
from typing import Any

from rnn_designer.catalog.tensors import FLATTENED, Size, TensorSpec
from rnn_designer.catalog.types import Call, RuleError
from rnn_designer.catalog.values import Part


def expect_rank(
    call: Call, spec: TensorSpec, rank: int, expected: str, advice: str, code: str = "rank"
) -> None:
    """Refuse a tensor whose number of axes is not ``rank``."""
    if spec.rank != rank:
        raise RuleError(
            code,
            f"{call.type.kind} needs {expected}, got {spec}. {advice}",
            expected=rank,
            got=spec.rank,
        )


def expect_least_rank(call: Call, spec: TensorSpec, rank: int, expected: str, advice: str) -> None:
    """Refuse a tensor with fewer axes than ``rank``."""
    if spec.rank < rank:
        raise RuleError(
            "rank", f"{call.type.kind} needs {expected}, got {spec}. {advice}", expected=rank, got=spec.rank
        )


def known_features(call: Call, spec: TensorSpec, axis: int = -1) -> int:
    """The size of the axis that a weight is made for; it has to be fixed."""
    size = spec.sizes[axis]
    if size is None:
        name = spec.axes[axis]
        if name == FLATTENED:
            raise RuleError(
                "time_open",
                f"{call.type.kind} makes a weight for every number that comes in, so their count must be "
                f"fixed, got {spec}, all steps laid side by side, where the number of steps is open. Set "
                "the number of steps in the Input, or use GlobalAveragePooling1D in place of Flatten.",
                axis=axis % spec.rank,
            )
        raise RuleError(
            "time_open" if name == "time" else "features_open",
            f"{call.type.kind} makes a weight for every entry of the {name} axis, so its size must be "
            f"fixed, got {spec} where it is open. Set that size in the Input.",
            axis=axis % spec.rank,
        )
    return size


def real_numbers(call: Call) -> TensorSpec:
    """The one input, refused if it holds token ids."""
    spec = call.inputs[0]
    if spec.kind == "int":
        raise RuleError(
            "tokens",
            f"{call.type.kind} needs real numbers, got whole numbers (token ids) {spec}. Put an Embedding "
            "before it, which turns every id into a vector.",
            got=spec.rank,
        )
    return spec


def check_weights(call: Call) -> None:
    """Refuse what Keras or TensorFlow finds out only when it makes the layer's weights."""
    if call.params["dtype"] == "bfloat16":
        for name, value in call.params.items():
            if isinstance(value, Part) and value.kind == "Orthogonal" and name.endswith("_initializer"):
                raise RuleError(
                    "dtype",
                    f"{call.type.kind} cannot start from Orthogonal weights in bfloat16: TensorFlow has no "
                    "such computation. Set dtype to mixed_bfloat16, or choose another initializer.",
                    parameter="dtype",
                )
    if call.params.get("lora_rank"):
        for name in ("kernel_constraint", "embeddings_constraint"):
            if call.params.get(name) is not None:
                raise RuleError(
                    "lora_constraint",
                    f"{call.type.kind} takes either lora_rank or {name}, got both: LoRA trains other "
                    "matrices than the one the rule is for. Set one of them to none.",
                    parameter=name,
                )


def time_and_features(params: Mapping[str, Any]) -> tuple[int, int]:
    """The numbers of the time axis and of the features axis, by ``data_format``."""
    return (2, 1) if params["data_format"] == "channels_first" else (1, 2)


def with_axis(spec: TensorSpec, axis: int, size: Size, masked: bool | None = None) -> TensorSpec:
    """The same tensor of real numbers with another size on one axis."""
    sizes = list(spec.sizes)
    sizes[axis] = size
    return TensorSpec(tuple(sizes), spec.axes, "float", spec.masked if masked is None else masked)


def as_float(spec: TensorSpec) -> TensorSpec:
    """The same shape and mask with real numbers in it."""
    return TensorSpec(spec.sizes, spec.axes, "float", spec.masked)


def unchanged(call: Call) -> tuple[TensorSpec, ...]:
    """The rule of a layer that keeps shape, type and mask."""
    return (call.inputs[0],)


def window_output(size: Size, window: int, stride: int, padding: str, dilation: int = 1) -> Size:
    """How many places a sliding window has: the formula of every convolution and pooling layer.

    ``valid``: ⌊(size − dilation · (window − 1) − 1) / stride⌋ + 1; ``same`` and ``causal``: ⌈size / stride⌉.
    """
    if size is None:
        return None
    if padding == "valid":
        return (size - dilation * (window - 1) - 1) // stride + 1
    return -(-size // stride)


def check_window(
    call: Call, spec: TensorSpec, axis: int, window: int, padding: str, parameter: str, dilation: int = 1
) -> None:
    """Refuse a window that is longer than the series under it."""
    size = spec.sizes[axis]
    reach = dilation * (window - 1) + 1
    if padding == "valid" and size is not None and size < reach:
        name = spec.axes[axis]
        unit, whole = ("steps", "a series of") if name in ("time", "features") else (name, "a frame of")
        got = unit.removesuffix("s") if size == 1 else unit
        raise RuleError(
            "window_too_long",
            f"{call.type.kind} slides a window of {reach} {unit}, got {whole} {size} {got}. Make the "
            f"window at most {size} long, lengthen the {whole.split()[1]}, or set padding to same.",
            parameter=parameter,
            window=reach,
            size=size,
        )


def single(value: int | tuple[int, ...]) -> int:
    """The one number of a size that Keras takes as a number or a tuple of one."""
    return value[0] if isinstance(value, tuple) else value


def joined(*words: str | None) -> str:
    """The words that are there, with dots between."""
    return " · ".join(word for word in words if word)


def counted_axes(call: Call, *, batch: bool = True) -> tuple[int, ...]:
    """The axes that the parameter ``axis`` names, counted from 0 and checked against the input.

    Args:
        call: a use of a layer whose ``axis`` is a number or a tuple of numbers.
        batch: whether the batch axis may be among them; a layer that joins samples of a batch has no use here.
    """
    spec, kind = call.inputs[0], call.type.kind
    given = call.params["axis"]
    axes = given if isinstance(given, tuple) else (given,)
    for axis in axes:
        if not -spec.rank <= axis < spec.rank:
            raise RuleError(
                "bad_axis",
                f"{kind} works along axis {axis}, got {spec} with the axes 0 to {spec.rank - 1}. "
                "Set axis to -1, the features.",
                parameter="axis",
                rank=spec.rank,
            )
    found = tuple(axis % spec.rank for axis in axes)
    if not found or len(set(found)) != len(found):
        raise RuleError(
            "axis_twice",
            f"{kind} needs every axis once, got {given}. Set axis to -1, the features.",
            parameter="axis",
            rank=spec.rank,
        )
    if not batch and 0 in found:
        raise RuleError(
            "batch_axis",
            f"{kind} would mix the samples of a batch along axis 0, got axis {given} for {spec}. Set axis "
            "to -1, the features.",
            parameter="axis",
            rank=spec.rank,
        )
    return found


def per_axis(value: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    """One number for each of ``rank`` axes, of a size that Keras takes as a number or a tuple."""
    return value if isinstance(value, tuple) else (value,) * rank


def spatial_axes(params: Mapping[str, Any], rank: int, first: int = 1) -> tuple[tuple[int, ...], int]:
    """The numbers of the axes that a window slides along, and that of the features, by ``data_format``.

    Args:
        params: the layer's parameters.
        rank: along how many axes the window slides.
        first: the first axis of a frame: 1, or 2 after a time axis.
    """
    if params["data_format"] == "channels_first":
        return tuple(range(first + 1, first + 1 + rank)), first
    return tuple(range(first, first + rank)), first + rank


def check_groups(call: Call, channels: int) -> None:
    """Refuse groups that do not divide the features and the filters evenly."""
    params = call.params
    groups = params["groups"]
    for size, what, parameter in (
        (channels, "features come in", "groups"),
        (params["filters"], "filters", "filters"),
    ):
        if size % groups:
            raise RuleError(
                "groups",
                f"{call.type.kind} splits features and filters into {groups} groups of equal size, got {size} {what}. "
                f"Choose groups so that {size} can be divided by it.",
                parameter=parameter,
                size=size,
                groups=groups,
            )
