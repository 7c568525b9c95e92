"""Checks of what a recurrence gets and gives: a single step, states that nobody uses, a start that explodes."""

from collections.abc import Iterator
from math import sqrt

from rnn_designer.catalog import Part
from rnn_designer.design.checking.context import (
    Context,
    called,
    error,
    information,
    setting,
    turned_on,
    warning,
)
from rnn_designer.design.edits.cell_code import set_code
from rnn_designer.design.edits.layers import reset_parameter
from rnn_designer.design.model import Layer
from rnn_designer.design.ports import INITIAL, output_ports
from rnn_designer.design.problems import Fix, Problem

_EXPLODES, _FADES = 1.5, 0.5
"""Between these factors per step the start of a recurrent kernel is an ordinary one; Orthogonal and Glorot give 1."""
_SHARE_LEFT = 0.88
"""What cutting off the tails at two deviations leaves of a normal distribution's own deviation."""


def single_steps(context: Context) -> Iterator[Problem]:
    """A recurrent layer over one step: there is nothing to remember."""
    for layer in context.design.layers:
        arriving = context.arriving(layer)
        inside = [each for each in layer.walk() if each.type.recurrent]
        if (
            not inside
            or layer.kind == "TimeDistributed"
            or not arriving
            or context.design.generation is not None
        ):
            continue
        wired = any(link.target_port.startswith(INITIAL) for link in context.graph.entering[layer.id])
        if arriving[0].rank < 3 or arriving[0].sizes[1] != 1 or wired:
            continue
        if any(each.values().get("stateful") or each.values().get("initial_state") for each in layer.walk()):
            continue
        source = context.graph.feeder(layer.id)
        shape = source.value("shape") if source is not None and source.kind == "Input" else None
        fixes: list[Fix] = []
        if source is not None and isinstance(shape, tuple) and len(shape) == 2:
            if shape[1] is not None and shape[1] > 1:
                swapped = (shape[1], 1)
                fixes.append(setting(f"Make it {shape[1]} steps of 1 feature", source, "shape", swapped))
            fixes.append(setting("Leave the number of steps open", source, "shape", (None, shape[1])))
        yield warning(
            "one_step_only",
            layer,
            f"{called(layer)} gets one time step per sample, {arriving[0]}, so there is nothing to remember. Let the "
            "series run along the time axis.",
            *fixes,
            why="A recurrent layer reads (batch, time, features). Often a series of n numbers is brought to the shape "
            "(1, n): one step with n features. The layer then works as an ordinary Dense with gates, and its recurrent "
            "weights meet only zeros. As (n, 1) it reads one number after another.",
        )


def unused_states(context: Context) -> Iterator[Problem]:
    """States that are given out, and that no wire takes further."""
    for layer in context.design.layers:
        if layer.id in context.flow.unconnected or not any(each.type.recurrent for each in layer.walk()):
            continue
        states = [port.name for port in output_ports(layer) if port.state]
        used = {link.source_port for link in context.graph.leaving[layer.id]}
        if not states or used & set(states):
            continue
        yield information(
            "unused_states",
            layer,
            f"{called(layer)} gives out its last states, and no wire takes them further. Connect them to a layer that "
            "starts from them, or turn off return state.",
            Fix("Turn off return state", turned_on(layer, "return_state", False)),
            parameter="return_state" if "return_state" in layer.type.by_name else None,
            why="With return state Keras gives back a list: the output, then the states after the last step. At the "
            "end of a model they count as outputs of their own, for which fit then wants targets. The scopes show the "
            "states of every step without it.",
        )


def kernels(context: Context) -> Iterator[Problem]:
    """Starts of a recurrent kernel that make a state explode or fade from step to step."""
    for layer in context.layers:
        if "recurrent_initializer" not in layer.type.by_name or "units" not in layer.type.by_name:
            continue
        factor = _factor(layer.value("recurrent_initializer"), layer.value("units"))
        if factor is None or _FADES <= factor <= _EXPLODES:
            continue
        does = "multiplies" if factor > 1 else "shrinks"
        yield information(
            "recurrent_scale",
            layer,
            f"{called(layer)} starts with a recurrent kernel that {does} its state by about {factor:.2g} per step. Use "
            "Orthogonal, which keeps its size.",
            Fix("Use Keras’ own, Orthogonal", reset_parameter(layer.id, "recurrent_initializer")),
            parameter="recurrent_initializer",
            why="At every step the state goes through the recurrent kernel. The largest factor by which that stretches "
            "it, the spectral radius, counts to the power of the number of steps: well above 1 the state is driven to "
            "its limits, well below 1 it is forgotten, and so are the gradients. An orthogonal kernel has exactly 1.",
        )


def _factor(initializer: object, units: int) -> float | None:
    """The spectral radius to expect of a square kernel that is drawn so; None where it is an ordinary one."""
    if not isinstance(initializer, Part):
        return None
    values = {**_PARTS.get(initializer.kind, {}), **initializer.params}
    match initializer.kind:
        case "RandomNormal":
            return _number(values, "stddev") * sqrt(units) + abs(_number(values, "mean")) * units
        case "TruncatedNormal":
            return (
                _SHARE_LEFT * _number(values, "stddev") * sqrt(units) + abs(_number(values, "mean")) * units
            )
        case "RandomUniform":
            low, high = _number(values, "minval"), _number(values, "maxval")
            return (high - low) / sqrt(12) * sqrt(units) + abs(high + low) / 2 * units
        case "Constant":
            return abs(_number(values, "value")) * units
        case "Ones":
            return float(units)
        case "Zeros":
            return 0.0
        case "Orthogonal" | "Identity":
            return abs(_number(values, "gain"))
    return None


_PARTS: dict[str, dict[str, float]] = {
    "RandomNormal": {"mean": 0.0, "stddev": 0.05},
    "TruncatedNormal": {"mean": 0.0, "stddev": 0.05},
    "RandomUniform": {"minval": -0.05, "maxval": 0.05},
    "Constant": {"value": 0.0},
    "Orthogonal": {"gain": 1.0},
    "Identity": {"gain": 1.0},
}
"""Keras' own values of what the factor depends on."""


def _number(values: dict[str, object], name: str) -> float:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def masked_kernels(context: Context) -> Iterator[Problem]:
    """Masked sequences, which the fast code for graphics cards treats in another way."""
    for layer in context.layers:
        values = layer.values()
        if values.get("use_cudnn") != "auto" or layer.id in context.graph.owners:
            continue
        arriving = context.arriving(layer)
        plain = (
            values["activation"] == "tanh"
            and values["recurrent_activation"] == "sigmoid"
            and values["use_bias"]
        )
        fast = (
            plain
            and not values["recurrent_dropout"]
            and not values["unroll"]
            and values.get("reset_after", True)
        )
        if not arriving or not arriving[0].masked or not fast or not values["return_sequences"]:
            continue
        if values["zero_output_for_mask"]:
            continue
        yield information(
            "masked_kernel",
            layer,
            f"{called(layer)} reads a masked sequence, and gives 0 at masked steps on a graphics card, but repeats the "
            "output before on the processor. Set use cudnn to no for the same numbers everywhere.",
            setting("Set use cudnn to no", layer, "use_cudnn", False),
            setting("Give 0 at masked steps everywhere", layer, "zero_output_for_mask", True),
            parameter="use_cudnn",
            why="cuDNN, the code for NVIDIA's graphics cards, fills masked steps of the output with zeros, and fails "
            "where they are not all at the end. Keras' own loop repeats the last output there. A loss with a mask, and "
            "layers that know the mask, do not see the difference; all others do.",
        )


def cell_classes(context: Context) -> Iterator[Problem]:
    """Two custom cells whose classes have one name and different texts: a file holds only one of them."""
    from rnn_designer.catalog.cell_code import class_name

    texts: dict[str, tuple[Layer, str]] = {}
    for layer in context.layers:
        if layer.kind != "CustomCell" or layer.shares is not None:
            continue
        code = layer.value("code")
        name = class_name(code)
        if name is None:
            continue
        first, text = texts.setdefault(name, (layer, code))
        if text == code:
            continue
        yield error(
            "cell_class_twice",
            layer,
            f"{called(layer)} and ‘{first.name}’ both define a class {name}, with different code. Rename one of the "
            "classes, or use the same code in both.",
            Fix(f"Use the code of ‘{first.name}’", set_code(layer.id, text)),
            Fix(f"Use the code of ‘{layer.name}’", set_code(first.id, code)),
            parameter="code",
            why="Each class stands once in the exported file, and every box with that class makes a cell of it. Python "
            "keeps only the later one of two classes with the same name, so the other box would get the wrong cell.",
        )


RULES = (single_steps, unused_states, kernels, masked_kernels, cell_classes)
