"""The layers that make one tensor of several: side by side, number by number, or by a product of sums."""

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Flag, Integer, Integers
from rnn_designer.catalog.shared import BASE
from rnn_designer.catalog.tensors import Size, TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, Port, RuleError

_MANY = (Port("input", many=True),)


def _several(call: Call) -> tuple[TensorSpec, ...]:
    if len(call.inputs) < 2:
        got = "one" if call.inputs else "none"
        raise RuleError(
            "one_input",
            f"{call.type.kind} joins two or more inputs, got {got}. Draw another wire to it, or take it out.",
            got=len(call.inputs),
        )
    return call.inputs


def _two(call: Call) -> tuple[TensorSpec, TensorSpec]:
    inputs = _several(call)
    if len(inputs) > 2:
        raise RuleError(
            "two_inputs",
            f"{call.type.kind} takes exactly two inputs, got {len(inputs)}. Remove the wires that are too many.",
            got=len(inputs),
        )
    return inputs[0], inputs[1]


def _listed(inputs: tuple[TensorSpec, ...]) -> str:
    return ", ".join(str(spec) for spec in inputs[:-1]) + f" and {inputs[-1]}"


def _mismatch(call: Call, axis: int, sizes: tuple[Size, ...], what: str, advice: str) -> RuleError:
    return RuleError(
        "merge_mismatch",
        f"{call.type.kind} needs {what}, got {_listed(call.inputs)}. {advice}",
        axis=axis,
        sizes=sizes,
    )


def _check_batches(call: Call) -> Size:
    known = {spec.sizes[0] for spec in call.inputs} - {None}
    if len(known) > 1:
        sizes = tuple(spec.sizes[0] for spec in call.inputs)
        raise _mismatch(
            call,
            0,
            sizes,
            "the same batch size everywhere",
            "Set batch_size alike in the Inputs, or leave it empty.",
        )
    return next(iter(known), None)


def _concatenate_rule(call: Call) -> tuple[TensorSpec, ...]:
    """Sizes add up on one axis, all others must agree. Masked if any input is."""
    inputs = _several(call)
    first = inputs[0]
    if any(spec.rank != first.rank for spec in inputs):
        raise _mismatch(
            call,
            -1,
            tuple(spec.rank for spec in inputs),
            "inputs with equally many axes",
            "Set return_sequences alike in the layers before it, or use RepeatVector or a pooling layer.",
        )
    given = call.params["axis"]
    inside = -first.rank <= given < first.rank
    if not inside or given % first.rank == 0:
        raise RuleError(
            "batch_axis" if inside else "bad_axis",
            f"Concatenate joins along axis {given}, got {_listed(inputs)} with the axes 1 to "
            f"{first.rank - 1} after the batch. Set axis to -1, the features.",
            parameter="axis",
            rank=first.rank,
        )
    axis = given % first.rank
    _check_batches(call)
    for other in range(1, first.rank):
        sizes = tuple(spec.sizes[other] for spec in inputs)
        if other != axis and len({size for size in sizes if size is not None}) > 1:
            name = first.axes[other]
            raise _mismatch(
                call,
                other,
                sizes,
                f"the same size on every axis but {first.axes[axis]}",
                f"The sizes differ on the {name} axis; set them alike, or join along another axis.",
            )
    joined: Size = 0
    for spec in inputs:
        size = spec.sizes[axis]
        joined = None if joined is None or size is None else joined + size
    sizes = tuple(joined if each == axis else size for each, size in enumerate(first.sizes))
    whole = all(spec.kind == "int" for spec in inputs)
    masked = any(spec.masked for spec in inputs)
    return (TensorSpec(sizes, first.axes, "int" if whole else "float", masked),)


CONCATENATE = LayerType(
    kind="Concatenate",
    family=Family.MERGING,
    summary="Puts several inputs side by side.",
    explanation=(
        "Nothing is computed: the inputs are laid next to each other along one axis, whose sizes add up. "
        "All other axes must have the same size. Along the features, every step gets the features of all "
        "inputs.\n\n"
        "(batch, time, 3) and (batch, time, 5) → (batch, time, 8)"
    ),
    parameters=with_defaults(
        "Concatenate",
        (
            argument(
                "axis",
                Integer(minimum=-8, maximum=8),
                "Along which axis: -1 is the last, the features; 1 is time, so that one sequence follows "
                "the other.",
                formula="size = sum of the inputs' sizes",
            ),
            *BASE,
        ),
    ),
    rule=_concatenate_rule,
    words=lambda params: "along the features" if params["axis"] == -1 else f"along axis {params['axis']}",
    inputs=_MANY,
    keywords=("join", "merge", "side by side", "stack", "concat"),
)


def _one_by_one(left: tuple[Size, ...], right: tuple[Size, ...]) -> tuple[Size, ...] | int:
    """Two shapes laid over each other from the last axis on, or the number of the axis that does not fit.

    A size of 1 is repeated, and a shape with fewer axes is repeated along the missing ones: Keras' own rule.
    """
    if len(left) < len(right):
        left, right = right, left
    start = len(left) - len(right)
    sizes = list(left)
    for axis, size in enumerate(right, start):
        other = left[axis]
        if other is None or size is None:
            sizes[axis] = None
        elif other == 1:
            sizes[axis] = size
        elif size not in (1, other):
            return axis
    return tuple(sizes)


def _elementwise_rule(call: Call) -> tuple[TensorSpec, ...]:
    """Number by number over tensors of the same shape. Masked only if every input is."""
    inputs = _two(call) if call.type.kind == "Subtract" else _several(call)
    batch = _check_batches(call)
    sizes = inputs[0].sizes[1:]
    for spec in inputs[1:]:
        fitted = _one_by_one(sizes, spec.sizes[1:])
        if isinstance(fitted, int):
            largest = max(inputs, key=lambda each: each.rank)
            axis = fitted + 1
            name = largest.axes[axis]
            raise _mismatch(
                call,
                axis,
                tuple(
                    each.sizes[axis - largest.rank] if each.rank >= largest.rank - axis + 1 else None
                    for each in inputs
                ),
                "inputs of the same shape",
                f"The sizes differ on the {name} axis; set them alike, for instance with a Dense before the "
                "smaller one.",
            )
        sizes = fitted
    axes = max(inputs, key=lambda each: each.rank).axes
    whole = call.type.kind != "Average" and all(spec.kind == "int" for spec in inputs)
    masked = all(spec.masked for spec in inputs)
    return (TensorSpec((batch, *sizes), axes, "int" if whole else "float", masked),)


def _elementwise(kind: str, summary: str, explanation: str, *keywords: str) -> LayerType:
    return LayerType(
        kind=kind,
        family=Family.MERGING,
        summary=summary,
        explanation=explanation,
        parameters=with_defaults(kind, BASE),
        rule=_elementwise_rule,
        words=lambda _params: "number by number",
        inputs=_MANY,
        keywords=("merge", *keywords),
    )


ADD = _elementwise(
    "Add",
    "Adds several inputs, number by number.",
    "All inputs must have the same shape, and so has the sum. It lets a signal pass a layer by: adding a "
    "layer's input to its output is called a residual or skip connection.\n\n"
    "y = x₀ + x₁ + …",
    "sum",
    "plus",
    "residual",
    "skip connection",
)

MULTIPLY = _elementwise(
    "Multiply",
    "Multiplies several inputs, number by number.",
    "All inputs must have the same shape, and so has the product. With one input between 0 and 1, from a "
    "sigmoid or softmax, it works as a gate or as attention: how much of the other gets through.\n\n"
    "y = x₀ · x₁ · …",
    "product",
    "times",
    "gate",
    "attention",
)

AVERAGE = _elementwise(
    "Average",
    "The mean of several inputs, number by number.",
    "All inputs must have the same shape, and so has the mean. It lets several branches vote.\n\n"
    "y = (x₀ + x₁ + …) / number of inputs",
    "mean",
    "ensemble",
)

SUBTRACT = _elementwise(
    "Subtract",
    "Takes the second input away from the first, number by number.",
    "It takes exactly two inputs, of the same shape: the wire drawn first minus the one drawn second. It "
    "shows how far two signals are apart, such as a forecast and what really came.\n\n"
    "y = x₀ − x₁",
    "difference",
    "minus",
    "error",
)

MAXIMUM = _elementwise(
    "Maximum",
    "The largest of several inputs, number by number.",
    "All inputs must have the same shape. At every place the largest of the numbers there goes on, so that "
    "whichever branch is strongest decides.\n\n"
    "y = max(x₀, x₁, …)",
    "largest",
    "max",
)

MINIMUM = _elementwise(
    "Minimum",
    "The smallest of several inputs, number by number.",
    "All inputs must have the same shape. At every place the smallest of the numbers there goes on, so that "
    "a signal is strong only where all branches are.\n\n"
    "y = min(x₀, x₁, …)",
    "smallest",
    "min",
)


def _dot_axes(call: Call, first: TensorSpec, second: TensorSpec) -> tuple[int, int]:
    """The two axes to sum along, counted from 0 and checked."""
    given = call.params["axes"]
    pair = given if isinstance(given, tuple) else (given, given)
    for axis, spec in zip(pair, (first, second), strict=True):
        inside = -spec.rank <= axis < spec.rank
        if not inside or axis % spec.rank == 0:
            raise RuleError(
                "batch_axis" if inside else "bad_axis",
                f"Dot sums along axis {axis}, got {spec} with the axes 1 to {spec.rank - 1} after the batch. "
                "Set axes to -1, the features.",
                parameter="axes",
                rank=spec.rank,
            )
    return pair[0] % first.rank, pair[1] % second.rank


def _dot_rule(call: Call) -> tuple[TensorSpec, ...]:
    """Both inputs without the axes summed along, one after the other. The mask is lost."""
    first, second = _two(call)
    for spec in (first, second):
        if spec.kind == "int":
            raise RuleError(
                "tokens",
                f"Dot needs real numbers, got whole numbers (token ids) {spec}. Put an Embedding before it, "
                "which turns every id into a vector.",
                got=spec.rank,
            )
    left, right = _dot_axes(call, first, second)
    _check_batches(call)
    if first.sizes[left] != second.sizes[right]:
        raise _mismatch(
            call,
            left,
            (first.sizes[left], second.sizes[right]),
            "the same size on both axes that it sums along",
            "Set these sizes alike, for instance with a Dense, or choose other axes.",
        )
    kept = [axis for axis in range(first.rank) if axis != left]
    others = [axis for axis in range(1, second.rank) if axis != right]
    names = [first.axes[axis] for axis in kept]
    names += [f"other {name}" if name in names else name for name in (second.axes[axis] for axis in others)]
    sizes = [*(first.sizes[axis] for axis in kept), *(second.sizes[axis] for axis in others)]
    if len(sizes) == 1:
        sizes, names = [*sizes, 1], [*names, "features"]
    return (TensorSpec(tuple(sizes), tuple(names)),)


DOT = LayerType(
    kind="Dot",
    family=Family.MERGING,
    summary="Multiplies two inputs along one axis and sums up: how alike they are.",
    explanation=(
        "Takes exactly two inputs. The numbers along one axis of each are multiplied in pairs and added up; "
        "all other axes stay, those of the first input before those of the second. For two sequences, "
        "summed along the features, that gives a table of every step against every other: the scores of "
        "attention. The mask is lost.\n\n"
        "(batch, time, features) · (batch, other time, features) → (batch, time, other time)"
    ),
    parameters=with_defaults(
        "Dot",
        (
            argument(
                "axes",
                Integers(length=2, minimum=-8, single=True),
                "Along which axis of each input to sum: one number for both, or two numbers. -1 is the "
                "features, 1 is time. Both axes must have the same size, and both vanish.",
                formula="y = Σₖ x₀[…, k] · x₁[…, k]",
                initial=-1,
            ),
            argument(
                "normalize",
                Flag(),
                "Brings both inputs to length 1 along those axes first, so that the result is a likeness "
                "between −1 and 1, whatever their size: the cosine of the angle between them.",
            ),
            *BASE,
        ),
    ),
    rule=_dot_rule,
    words=lambda params: (
        ("over the features" if params["axes"] == -1 else f"over axes {params['axes']}")
        + (" · cosine" if params["normalize"] else "")
    ),
    inputs=_MANY,
    keywords=(
        "dot product",
        "scalar product",
        "similarity",
        "cosine",
        "attention",
        "matrix product",
        "merge",
    ),
)

MERGING = (CONCATENATE, ADD, SUBTRACT, MULTIPLY, AVERAGE, MAXIMUM, MINIMUM, DOT)
